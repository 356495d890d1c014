"""The examples of a contract, which must name nothing that exists: Schemathesis sends them."""

from typing import Any
from uuid import UUID

from playbook3d_conformance.checks.generation import uuid_examples

# Objects whose keys are names that an author chose, not keywords.
_NAMED_MEMBERS = {
    "properties", "patternProperties", "$defs",
    "schemas", "responses", "parameters", "headers", "requestBodies", "securitySchemes", "paths",
}  # fmt: skip


def without_examples(contract: Any, namespace: UUID, location: str = "#", *, keys_are_names: bool = False) -> Any:
    """A contract whose examples and defaults name nothing that exists.

    Those of its author are removed. Each UUID gets examples in every form, so that each form is sent for certain; they
    follow from ``namespace``.
    """
    if isinstance(contract, list):
        return [without_examples(item, namespace, f"{location}/{index}") for index, item in enumerate(contract)]
    if not isinstance(contract, dict):
        return contract
    copy = {
        key: without_examples(
            value, namespace, f"{location}/{key}", keys_are_names=not keys_are_names and key in _NAMED_MEMBERS
        )
        for key, value in contract.items()
        if keys_are_names or key not in ("example", "examples", "default")
    }
    if not keys_are_names and copy.get("format") == "uuid":
        copy["examples"] = uuid_examples(location, namespace)
    return copy
