"""Contracts that the mock rejects, with JSON pointer and reason; ``rejected_contracts.yaml`` lists them."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from playbook3d_mock import ContractError
from support.mock_requests import GET, JSON, minimal

PREFIXES = {"GET": GET, "JSON": JSON, "SCHEMES": "#/components/securitySchemes", "PARAMETER": f"{GET}/parameters/1"}
GROUPS: Any = YAML(typ="safe").load(Path(__file__).with_name("rejected_contracts.yaml"))
CASES = {f"{group}: {name}": case for group, cases in GROUPS.items() for name, case in cases.items()}
QUERY_PARAMETER = {"name": "q", "in": "query", "schema": {"type": "string"}}


def full_pointer(text: str) -> str:
    prefix, slash, rest = text.partition("/")
    return PREFIXES.get(prefix, prefix) + slash + rest


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_refusal_has_pointer_and_reason(name: str, case: Any) -> None:
    changes = {full_pointer(pointer): value for pointer, value in case.get("change", {}).items()}
    if "parameter" in case:
        parameter = {**QUERY_PARAMETER, **case["parameter"]}
        changes[PREFIXES["PARAMETER"]] = {key: value for key, value in parameter.items() if value is not None}
    with pytest.raises(ContractError) as raised:
        minimal(changes, strict=name.startswith("strict"))
    assert raised.value.pointer == full_pointer(case["at"])
    assert case["message"] in raised.value.message
    assert str(raised.value) == f"{raised.value.pointer}: {raised.value.message}"
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"x": 1, 7: 1, "7": 1}, "#/info: has the duplicate key '7'"),
        ({None: 1}, "#/info: the key None must be a string"),
        ({"x": {1, 2}}, "#/info/x: {1, 2} is not a JSON value"),
        ({"x": float("nan")}, "#/info/x: nan is not a JSON value"),
        ({"x": "\ud800"}, "#/info/x: has an unpaired surrogate"),
    ],
)
def test_mapping_that_is_not_json_is_rejected(value: Any, message: str) -> None:
    with pytest.raises(ContractError) as raised:
        minimal({"#/info": value})
    assert str(raised.value) == message


def test_deeply_nested_contract_is_rejected_with_its_pointer() -> None:
    schema: Any = {}
    for _ in range(200):
        schema = {"items": schema}
    with pytest.raises(ContractError, match="is nested too deeply: the mock reads 200 levels") as raised:
        minimal({f"{JSON}/schema": schema})
    assert raised.value.pointer.startswith(f"{JSON}/schema/items/items/")


def test_long_chain_of_references_is_rejected() -> None:
    schemas: Any = {f"S{index}": {"$ref": f"#/components/schemas/S{index + 1}"} for index in range(1500)}
    schemas["S1500"] = {}
    with pytest.raises(ContractError, match="has a chain of references that is too long"):
        minimal({"#/components/schemas": schemas, f"{JSON}/schema": {"allOf": [schemas["S0"]]}})
