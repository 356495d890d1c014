"""Leaves to each body the media types that the client sends and reads."""

from collections.abc import Iterator
from typing import Any

from contract.json_types import is_json
from contract.nodes import Node, iterate_nodes
from contract.pointers import Location, dereference, is_object
from contract.prepared import is_bytes


def remove_unused_media_types(contract: Any, *documents: Any) -> Iterator[tuple[Location, str]]:
    """Remove the others from a plain contract and from other readings of it; yields location and reason of each.

    Of a response the client reads the first media type that is JSON, else the first one. Of a request it sends any; but
    an object as XML or the like only where it can be sent in no other way.
    """
    for node in [node for node in iterate_nodes(contract) if is_object(node.value.get("content"))]:
        content: dict[str, Any] = node.value["content"]
        if "responses" in node.location[-2:-1]:
            used = [next(filter(is_json, content), next(iter(content), ""))]
            verb = "reads"
        elif _is_request_body(node):
            used = [name for name, media in content.items() if not _is_opaque_object(contract, name, media)]
            verb = "sends"
        else:
            continue
        for name in [name for name in content if used and name not in used]:
            for document in (contract, *documents):
                _remove(document, (*node.location, "content", name))
            yield (*node.location, "content", name), f"the client {verb} {' or '.join(used)}."


def _is_request_body(node: Node) -> bool:
    return node.location[-1] == "requestBody" or "requestBodies" in node.location[-2:-1]


def _is_opaque_object(contract: Any, name: str, media_type: Any) -> bool:
    """Whether a media type has an object of which the client would send bytes."""
    schema = dereference(contract, media_type.get("schema", {}))
    return is_bytes(name) and is_object(schema) and bool({"properties", "allOf", "items", "anyOf", "oneOf"} & {*schema})


def _remove(document: Any, location: Location) -> None:
    *parents, name = location
    for part in parents:
        document = document[part]
    del document[name]
