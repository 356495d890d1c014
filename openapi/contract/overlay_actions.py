"""Builds overlay actions, and writes them as YAML ready to paste."""

import json
import re
from typing import Any

from contract import yaml_io
from contract.pointers import Location

Action = dict[str, Any]


def update(target: str, description: str, value: Any) -> Action:
    """An overlay action that merges ``value`` into its targets."""
    return {"target": target, "description": description, "update": value}


def remove(target: str, description: str) -> Action:
    """An overlay action that removes its targets."""
    return {"target": target, "description": description, "remove": True}


def to_overlay(actions: list[Action]) -> dict[str, Any]:
    """An overlay of these actions."""
    return {"overlay": "1.1.0", "info": {"title": "Suggested actions", "version": "1"}, "actions": actions}


def render(document: dict[str, Any]) -> str:
    """An overlay as YAML, its actions indented as those of ours."""
    head, actions, items = yaml_io.render(document).partition("actions:\n")
    return head + actions + re.sub("^(?=.)", "  ", items, flags=re.MULTILINE)


def render_actions(actions: list[Action]) -> str:
    """Actions as YAML, to be pasted into an overlay."""
    return render({"actions": actions}).partition("\n")[2].rstrip()


def quote(text: str) -> str:
    """A JSONPath string literal in single quotes (RFC 9535 §2.3.1.1)."""
    return "'" + json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def path_to(location: Location) -> str:
    """The JSONPath of one location."""
    parts = (f"[{part}]" if isinstance(part, int) else _member(part) for part in location)
    return "$" + "".join(parts)


def _member(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"[{quote(name)}]"
