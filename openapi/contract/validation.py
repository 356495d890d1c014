"""Rejects contracts that are not valid OpenAPI 3.1 documents."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import UnknownType  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from contract.errors import PipelineError
from contract.pointers import dereference, is_array, is_object, pointer


def validate(name: str, document: Any) -> None:
    """Reject a plain document that is not valid OpenAPI 3.1, with every error and its JSON pointer."""
    version = document.get("openapi")
    if not isinstance(version, str) or not re.fullmatch(r"3\.1\.\d+", version):
        declared = f"swagger {document['swagger']}" if "swagger" in document else f"openapi: {version!r}"
        raise PipelineError(f"{name}: not an OpenAPI 3.1 document ({declared}).")
    # In this order: each step relies on the one before.
    for errors in (_structure_errors, _reference_errors, _rule_errors):
        if messages := list(dict.fromkeys(errors(document))):
            raise PipelineError(f"{name}: not a valid OpenAPI 3.1 document:\n  " + "\n  ".join(messages))


def _structure_errors(document: Any) -> Iterator[str]:
    for error in OpenAPIV31SpecValidator.schema_validator.iter_errors(document):
        yield f"{pointer(error.absolute_path)}: {_first_line(error.message)}"


def _rule_errors(document: Any) -> Iterator[str]:
    try:
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            yield f"{pointer(error.absolute_path)}: {_first_line(error.message)}"
    except UnknownType as error:
        yield f"#: {error.type!r} is not a type in JSON Schema"
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        # What the validator raises for a malformed schema, or a reference to another type of object.
        reason = _first_line(f"{type(error).__name__}: {error}")
        yield f"#: a schema, or the target of a reference, is malformed ({reason})"


def _first_line(message: str) -> str:
    line = message.split("\n", 1)[0]
    return line if len(line) <= 200 else line[:200] + "…"


def _reference_errors(document: Any) -> Iterator[str]:
    for location, parent in _iterate_references(document, ()):
        reference = parent["$ref"]
        if not isinstance(reference, str):
            yield f"{pointer(location)}: must be a string, not {_first_line(repr(reference))}"
        elif not reference.startswith("#"):
            yield (
                f"{pointer(location)} refers to {_first_line(reference)}, outside the document: copy the target into "
                "the contract, which is one file and read without a network"
            )
        else:
            try:
                dereference(document, parent)
            except (LookupError, TypeError):
                yield f"{pointer(location)} refers to {_first_line(reference)}, which does not exist"


def _iterate_references(node: Any, location: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], dict[str, Any]]]:
    """Every object with a reference, and the location of the reference; a property may be called $ref, too."""
    if is_object(node):
        if not isinstance(node.get("$ref", {}), (dict, bool)):
            yield (*location, "$ref"), node
        for key, value in node.items():
            yield from _iterate_references(value, (*location, key))
    elif is_array(node):
        for index, value in enumerate(node):
            yield from _iterate_references(value, (*location, index))
