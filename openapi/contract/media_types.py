"""Leaves to each response the one media type that the client reads."""

from collections.abc import Iterator
from typing import Any

from contract.json_types import is_json
from contract.nodes import iterate_nodes
from contract.pointers import Location


def remove_unread_media_types(contract: Any, *documents: Any) -> Iterator[tuple[Location, str]]:
    """Remove them from a plain contract and from other readings of it; yields the location and the reason of each.

    Of several the client reads the first one that is JSON, else the first one.
    """
    responses = [node for node in iterate_nodes(contract) if not node.is_schema and "responses" in node.location[-2:-1]]
    for response in responses:
        names: list[str] = [*response.value.get("content", ())]
        read = next(filter(is_json, names), next(iter(names), None))
        for name in names:
            if name != read:
                for document in (contract, *documents):
                    _remove(document, (*response.location, "content", name))
                yield (*response.location, "content", name), f"the client reads {read}."


def _remove(document: Any, location: Location) -> None:
    *parents, name = location
    for part in parents:
        document = document[part]
    del document[name]
