"""An independent JSON Schema validator, in pure Python: the mock validates with jsonschema-rs."""

import importlib
from typing import Any

_jsonschema: Any = importlib.import_module("jsonschema")


def validate(value: Any, schema: Any, contract: Any) -> None:
    """Raise unless ``value`` is valid by a schema of the contract."""
    _jsonschema.validate(value, {**schema, "components": contract["components"]})
