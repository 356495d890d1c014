"""What Schemathesis draws, corrected: UUIDs, cookies, queries, bodies.

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
from requests import Request
from schemathesis.core import NotSet

from playbook3d_conformance.forms import form_value, is_form, read_fields
from playbook3d_conformance.references import dereference
from playbook3d_conformance.schemas import is_json, plain_json, validator

if TYPE_CHECKING:
    from schemathesis import HookContext

    from playbook3d_conformance.openapi import AnyCase

_NAMESPACE = UUID(os.environ.get("CONFORMANCE_UUID_NAMESPACE") or "7d1c1f6e-6a0e-4b9c-9a3b-0c6d2f5b8e41")

_FIELD_NAME = re.compile(r"[ !#$&-\[\]-~]+")
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
    """Leave out queries and bodies that are drawn as valid or invalid, and are not.

    Schemathesis draws an empty string for a date that may also be null: a server may reject it.
    """
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if is_positive and _has_empty_array(case):
        return False
    if case.meta is None or isinstance(case.body, NotSet):
        return True
    media_type = case.media_type or ""
    if is_form(media_type):
        return _is_sendable(case.body) if is_positive else not (_spoils_only_body(case) and _is_valid_form(case))
    return (
        not is_positive
        or not is_json(media_type)
        or validator(_body_schema(case), case.operation.schema.raw_schema, "request").is_valid(plain_json(case.body))
    )


def _has_empty_array(case: AnyCase) -> bool:
    """Whether an array of the query is sent as an empty text, and its items cannot be one.

    An empty array has no text: it is left out (RFC 6570 §2.3).
    """
    empty = [parameter for parameter in case.operation.query if case.query.get(parameter.name) == ""]
    schemas = (parameter.definition.get("schema", True) for parameter in empty)
    validators = (validator(schema, case.operation.schema.raw_schema, "request") for schema in schemas)
    return any(not each.is_valid("") and not each.is_valid([""]) for each in validators)


def _is_sendable(form: Any) -> bool:
    """Whether a form can carry a value: it has no field for null and for an empty array, and none means no body.

    Names with other characters are written in several ways (RFC 7578 §4.2).
    """
    if not isinstance(form, dict):
        return True
    fields = [value if isinstance(value, list) else [value] for value in form.values()]
    return (
        bool(form) and all(map(_FIELD_NAME.fullmatch, form)) and all(values and None not in values for values in fields)
    )


def _spoils_only_body(case: AnyCase) -> bool:
    """Whether the body of a case is all that is invalid in it."""
    components = case.meta.components.items() if case.meta else ()
    return {location.value for location, component in components if component.mode.is_negative} == {"body"}


def _is_valid_form(case: AnyCase) -> bool:
    """Whether a form is valid as it is sent: a text for an array is an array of one text there."""
    sent = Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    body: Any = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    fields = read_fields(str(sent.headers.get("content-type")), body)
    return form_value(fields, _body_schema(case), case.operation.schema.raw_schema) is not None


def _body_schema(case: AnyCase) -> Any:
    document = case.operation.schema.raw_schema
    content = dereference(document, case.operation.definition.raw["requestBody"])["content"]
    return content[case.media_type].get("schema", True)
