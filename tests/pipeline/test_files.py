"""Strings with the format binary are files in multipart forms, and text in JSON and in urlencoded forms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.generated_package import generated_package
from support.small_contract import NO_CONTENT, contract, operation

JSON, URLENCODED, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


def reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


BINARY = {"type": "string", "format": "binary"}
SCHEMAS = {
    "Upload": {"type": "object", "properties": {"front": BINARY, "pages": {"type": "array", "items": BINARY}}},
    "Message": {"type": "object", "properties": {"uploads": {"type": "array", "items": reference("Upload")}}},
}


def exchanging(media_types: Mapping[str, str]) -> dict[str, Any]:
    """A contract with an operation for each of these components, which takes it in a media type, and returns JSON."""
    paths = {}
    for name, media_type in media_types.items():
        content = {"content": {media_type: {"schema": reference(name)}}}
        is_json = media_type == JSON
        responses = {"200": {"description": "The same.", **content}} if is_json else NO_CONTENT
        paths[f"/{name}"] = {"post": operation(name, requestBody={"required": True, **content}, responses=responses)}
    return contract(paths, components={"schemas": SCHEMAS})


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=request.read())


def test_json_carries_text(tmp_path: Path) -> None:
    with generated_package(tmp_path, exchanging({"Message": JSON})) as package:
        models = package.module("models")
        message = models.Message(uploads=[models.Upload(front="aGk=", pages=["aGk="])])
        result = package.client(echo).things.message(body=message)
        assert result.to_dict() == {"uploads": [{"front": "aGk=", "pages": ["aGk="]}]}


@pytest.mark.parametrize(
    ("media_types", "type_name"),
    [
        ({"Upload": MULTIPART}, "File"),
        ({"Upload": URLENCODED}, "str"),
        ({"Upload": MULTIPART, "Message": JSON}, "str"),  # which shares the component
    ],
)
def test_form_has_files_unless_they_are_text_elsewhere(
    media_types: Mapping[str, str], type_name: str, tmp_path: Path
) -> None:
    with generated_package(tmp_path, exchanging(media_types)) as package:
        types = package.module("models").Upload.__init__.__annotations__
        assert (types["front"], types["pages"]) == (f"{type_name} | Unset", f"list[{type_name}] | Unset")
