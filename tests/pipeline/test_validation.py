"""Whatever damages a contract, the result is valid or is reported as a ``PipelineError``."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract import yaml_io
from contract.errors import PipelineError
from contract.operations import METHODS, normalize_path
from contract.operations_source import render_operations
from contract.validation import validate
from support import fixture_client

FIXTURE: Any = yaml_io.to_plain(yaml_io.read(Path(fixture_client.__file__).parent / "fixture" / "contract.yaml"))
FIXTURE["components"]["parameters"] = {"Page": {"name": "page", "in": "query", "schema": {"type": "integer"}}}
FIXTURE["components"]["schemas"]["More"] = {
    "allOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "object"}],
    "properties": {"inner": {"oneOf": [{"$ref": "#/components/schemas/Error"}, {"type": "null"}]}},
}
FIXTURE["paths"]["/things"]["get"]["parameters"].append({"$ref": "#/components/parameters/Page"})
FIXTURE["paths"]["/things"]["servers"] = [{"url": "https://{h}.example", "variables": {"h": {"default": "a"}}}]

VALUES = json.loads(r"""[
    null, true, 0, -1, 1.5, "", "x", "{", "}", "{x}", "#", "#/", "#/info", "'''\"\"\"\\", "class", "\n", "\u0000", "é",
    "http://[::1", "object", "path", "header", "$ref", "integer", [], {}, [[]], [null], {"": null}, {"$ref": 5},
    {"$ref": "#/info"}, {"$ref": "#/components/schemas/More"}, {"type": "text"}, {"allOf": [{}]},
    {"enum": [1, "a", null]}
]""")


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """The holder and the key of every value in a document."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from places(node[key])


INDEXES = st.integers(0, len(list(places(FIXTURE))) - 1)
EDITS = st.lists(
    st.tuples(INDEXES, st.none() | st.sampled_from(VALUES).map(lambda value: [value])), min_size=1, max_size=3
)


@given(EDITS)
def test_damaged_contract_is_valid_or_an_error(edits: list[tuple[int, list[Any] | None]]) -> None:
    document = deepcopy(FIXTURE)
    for index, value in edits:
        if not (remaining := list(places(document))):
            break
        holder, key = remaining[index % len(remaining)]
        if value is None:
            del holder[key]
        else:
            holder[key] = deepcopy(value[0])
    try:
        validate("damaged", document)
        paths = document.get("paths", {})
        operations = [(method, normalize_path(path)) for path in paths for method in METHODS if method in paths[path]]
        result = render_operations(document, dict.fromkeys(operations, ("tag", "name")))
    except PipelineError as problem:
        result = str(problem)
    assert "#" in result or "CONTRACT" in result or "OpenAPI 3.1" in result
