"""Operations, tags and models that would get the same Python name are rejected."""

from pathlib import Path
from typing import Any

import pytest

from contract.errors import PipelineError
from contract.output import generate
from support.small_contract import contract, operation, sources


def with_runs(operation_id: str, tag: str) -> dict[str, Any]:
    return contract({"/runs": {"get": operation(operation_id, tags=[tag])}})


def with_schema(name: str) -> dict[str, Any]:
    return contract(components={"schemas": {name: {"type": "object"}}})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            with_runs("listThings", "things"),
            "#/paths/~1runs/get: GET /things, with the tag things, has the name list_things, too",
        ),
        (
            with_runs("list_runs", "async things"),
            "the tag things and the tag async_things both get a class AsyncThingsApi",
        ),
        (with_schema("Operations"), "a model cannot have the name Operations: give its schema another title"),
        (with_schema("AsyncOperations"), "a model cannot have the name AsyncOperations"),
        (with_schema("ThingsApi"), "a model ThingsApi and the tag things both get a class ThingsApi: rename one"),
    ],
)
def test_name_clash_is_rejected(document: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        generate(sources(tmp_path, document), tmp_path / "generated")
    assert message in str(error.value)
