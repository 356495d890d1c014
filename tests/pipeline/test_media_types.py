"""Bodies keep the media types that the client uses, and the others are named."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from support.generated_package import generated_package
from support.small_contract import RunGenerate, contract, operation, sources

TEXT: dict[str, Any] = {"schema": {"type": "string"}}
LOCATION = "$.paths['/a'].get.responses['200'].content"


def with_contents(*media_types: str) -> Any:
    """A contract with an operation that answers in several media types."""
    responses = {"200": {"description": "A text.", "content": dict.fromkeys(media_types, TEXT)}}
    return contract({"/a": {"get": operation("a", responses=responses)}})


@pytest.mark.parametrize(
    ("media_types", "read"),
    [
        (["application/xml", "application/json"], "application/json"),
        (["text/plain", "application/json", "text/json"], "application/json"),
        (["application/xml", "text/html"], "application/xml"),
        (["application/xml", "application/problem+json"], "application/problem+json"),
    ],
)
def test_json_or_else_the_first_media_type_is_read(
    media_types: list[str], read: str, tmp_path: Path, run: RunGenerate
) -> None:
    output = tmp_path / "generated"
    status, _, err = run(sources(tmp_path, with_contents(*media_types)), output)
    lines = [f"{LOCATION}['{name}']: the client reads {read}." for name in media_types if name != read]
    assert (status, err.splitlines()) == (0, [f"omitted: {line}" for line in lines])
    text = (output / "openapi.yaml").read_text(encoding="utf-8")
    assert [line for line in lines if f"#     {line}\n" in text] == lines
    content = YAML(typ="safe").load(text)["paths"]["/a"]["get"]["responses"]["200"]["content"]
    assert list(content) == [read]


def test_client_reads_json_though_another_media_type_comes_first(tmp_path: Path) -> None:
    with generated_package(tmp_path, with_contents("application/xml", "application/json")) as package:
        assert package.client(lambda _: httpx.Response(200, json="x")).things.a() == "x"


def test_object_is_sent_as_json_rather_than_as_bytes(tmp_path: Path, run: RunGenerate) -> None:
    media_type = {"schema": {"type": "object", "properties": {"a": TEXT["schema"]}}}
    content = dict.fromkeys(["application/xml", "application/json", "application/x-www-form-urlencoded"], media_type)
    content["image/png"] = {"schema": {"type": "string", "format": "binary"}}
    document = contract({"/a": {"post": operation("a", requestBody={"content": content})}})
    status, _, err = run(sources(tmp_path, document), tmp_path / "generated")
    sent = "application/json or application/x-www-form-urlencoded or image/png"
    location = "$.paths['/a'].post.requestBody.content['application/xml']"
    assert (status, err) == (0, f"omitted: {location}: the client sends {sent}.\n")
