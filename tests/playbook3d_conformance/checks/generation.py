"""What Schemathesis draws, corrected: UUIDs, cookies, bodies.

The UUIDs follow from ``CONFORMANCE_UUID_NAMESPACE``, a UUID; with a fresh one, nobody has drawn them before. Those of
Hypothesis are the same for everyone, so on a server that others have tested they could exist.
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
    from schemathesis import HookContext

    from playbook3d_conformance.openapi import AnyCase

_NAMESPACE = UUID(os.environ.get("CONFORMANCE_UUID_NAMESPACE") or "7d1c1f6e-6a0e-4b9c-9a3b-0c6d2f5b8e41")

_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")


def random_uuid(name: str) -> UUID:
    """A UUID that follows from the namespace and a name."""
    return uuid5(_NAMESPACE, name)


def uuid_forms(uuid: UUID) -> list[str]:
    """A UUID in lower and in upper case, which readers must accept (RFC 9562 §4), and the nil UUID (§5.9)."""
    return [str(uuid), str(uuid).upper(), str(UUID(int=0))]


def _uuid_text(drawn: UUID) -> str:
    uuid = random_uuid(drawn.hex)
    lower, upper, nil = uuid_forms(uuid)
    return nil if uuid.int % 16 == 0 else (upper if uuid.int % 2 else lower)


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
