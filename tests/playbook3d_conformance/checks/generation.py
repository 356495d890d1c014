"""What Schemathesis draws, corrected: UUIDs, cookies, bodies.

The UUIDs follow from ``CONFORMANCE_UUID_NAMESPACE``, a UUID; with a fresh one, nobody has drawn them before. Those of
Hypothesis are the same for everyone, so on a server that others have tested they could exist.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import schemathesis
from hypothesis import strategies as st
from schemathesis.core import NotSet

from playbook3d_conformance.references import dereference
from playbook3d_conformance.schemas import is_json, validator

if TYPE_CHECKING:
    from schemathesis import HookContext

    from playbook3d_conformance.openapi import AnyCase

_NAMESPACE = UUID(os.environ.get("CONFORMANCE_UUID_NAMESPACE") or "7d1c1f6e-6a0e-4b9c-9a3b-0c6d2f5b8e41")

_COOKIE_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]*")


NIL, MAX = str(UUID(int=0)), str(UUID(int=2**128 - 1))


def random_uuid(name: str, namespace: UUID = _NAMESPACE) -> UUID:
    """A UUID of any version (RFC 9562 §4.2) that follows from a namespace and a name."""
    digest = sha256(namespace.bytes + name.encode()).digest()
    bits = int.from_bytes(digest[:16], "big") & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=bits | (digest[16] % 8 + 1) << 76 | 0x2 << 62)


def uuid_examples(name: str, namespace: UUID) -> list[str]:
    """UUIDs with each last digit in lower and in upper case, which readers must accept (§4); one in both; nil; max."""
    examples: list[str] = []
    for digit in "0123456789abcdef":
        uuid = str(random_uuid(name + digit, namespace))[:-1] + digit
        examples += [uuid, uuid.upper()]
    return [*examples, _mixed(str(random_uuid(name, namespace))), NIL, MAX]


def _mixed(uuid: str) -> str:
    return "".join(character.upper() if index % 2 else character for index, character in enumerate(uuid))


def _uuid_text(drawn: UUID) -> str:
    """A UUID in some form, which does not depend on its digits."""
    uuid, form = str(random_uuid(drawn.hex)), sha256(drawn.bytes).digest()[0]
    if form < 16:
        return NIL
    return (uuid, uuid.upper(), _mixed(uuid))[form % 3]


# Schemathesis draws them in lower case and of versions 1 to 5 only, and not the nil UUID.
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
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return True
    if isinstance(case.body, NotSet) or not is_json(case.media_type or ""):
        return True
    document = case.operation.schema.raw_schema
    media = dereference(document, case.operation.definition.raw["requestBody"])["content"][case.media_type]
    return validator(media.get("schema", True), document, "request").is_valid(case.body)
