"""What Schemathesis draws and sends, corrected: UUIDs, cookies, bodies, and requests that must not be repeated.

Two variables of the environment configure it:

- ``CONFORMANCE_UUID_NAMESPACE``: a UUID. The UUIDs that are drawn follow from it; with a fresh one, nobody has drawn
  them before. Those of Hypothesis are the same for everyone, so on a server that others have tested they could exist.
- ``CONFORMANCE_SEND_ONCE``: sends no more than one request to each operation. Hypothesis repeats what failed, and after
  a lost response the server may have acted.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import schemathesis
from hypothesis import strategies as st

from playbook3d_conformance.schemas import dereference, is_json, validator

if TYPE_CHECKING:
    from schemathesis import HookContext, Response
    from schemathesis.core.failures import Failure

    from playbook3d_conformance.openapi import AnyCase

_NAMESPACE = UUID(os.environ.get("CONFORMANCE_UUID_NAMESPACE") or "7d1c1f6e-6a0e-4b9c-9a3b-0c6d2f5b8e41")

_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")


def uuid_forms(uuid: UUID) -> list[str]:
    """A UUID in lower and in upper case, which readers must accept (RFC 9562 §4), and the nil UUID (§5.9)."""
    return [str(uuid), str(uuid).upper(), str(UUID(int=0))]


def _uuid_text(drawn: UUID) -> str:
    forms = uuid_forms(uuid5(_NAMESPACE, drawn.hex))
    return forms[drawn.int % len(forms)]


# Schemathesis draws them in lower case only, and not the nil UUID.
schemathesis.openapi.format("uuid", st.uuids().map(_uuid_text))


@schemathesis.hook
def filter_cookies(context: HookContext, cookies: dict[str, Any] | None) -> bool:
    """Leave out invalid values of cookies: they would arrive as others, which may be valid (RFC 6265 §4.1.1)."""
    return all(_COOKIE_VALUE.fullmatch(str(value)) for value in (cookies or {}).values())


@schemathesis.hook
def filter_case(context: HookContext, case: AnyCase) -> bool:
    """Leave out bodies that break their schema although they are drawn as valid: a server may reject them.

    Schemathesis draws an empty string for a date that may also be null.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive or not is_json(case.media_type or ""):
        return True
    document = case.operation.schema.raw_schema
    media = dereference(document, case.operation.definition.raw["requestBody"])["content"][case.media_type]
    return validator(media.get("schema", True), document).is_valid(case.body)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
    """Ignore failures of requests with an empty path segment, which are requests to another path.

    Schemathesis puts values of earlier responses into paths, also empty ones.
    """
    return "" not in case.path_parameters.values()


_sent: set[str] = set()


def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Refuse a second request to an operation."""
    label = case.operation.label
    if label in _sent:
        raise AssertionError(f"{label} was sent once, and is not sent again.")
    _sent.add(label)


if os.environ.get("CONFORMANCE_SEND_ONCE"):
    schemathesis.hook(before_call)
