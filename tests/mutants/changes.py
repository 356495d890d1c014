"""How a mutant changes a copy of the project: by structure, wherever in a file a thing stands."""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


class StaleError(Exception):
    """A change finds nothing to be made to, or more than one thing: the mutant has to be written anew."""


@dataclass(frozen=True)
class Code:
    """Within a function or class of a module (``""``: all of it), an expression or statements become others.

    ``old`` is found by its syntax tree: layout and comments do not count. It must be there exactly once.
    """

    path: str
    within: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Make the change in the copy at ``root``; raises ``StaleError``."""
        file = root / self.path
        source = file.read_bytes()
        scope: ast.AST = ast.parse(source)
        for name in filter(None, self.within.split(".")):
            scope = self._one([node for node in ast.walk(scope) if getattr(node, "name", None) == name], name)
        start, end = self._one(list(self._places(scope)), self.old)
        lines = source.splitlines(keepends=True)
        before = b"".join(lines[: start.lineno - 1]) + lines[start.lineno - 1][: start.col_offset]
        after = lines[(end.end_lineno or 0) - 1][end.end_col_offset :] + b"".join(lines[end.end_lineno :])
        new = textwrap.indent(self.new, " " * start.col_offset).lstrip() if isinstance(start, ast.stmt) else self.new
        ast.parse(changed := before + new.encode() + after)  # a mutant is a bug, and not a typing error
        file.write_bytes(changed)

    def _places(self, scope: ast.AST) -> Iterator[tuple[Any, Any]]:
        """The first and the last node of each place that reads as ``old`` does."""
        pattern = ast.parse(textwrap.dedent(self.old)).body
        expression = pattern[0].value if len(pattern) == 1 and isinstance(pattern[0], ast.Expr) else None
        wanted = [ast.dump(node) for node in pattern]
        for node in ast.walk(scope):
            if expression is not None:
                if isinstance(node, ast.expr) and ast.dump(node) == ast.dump(expression):
                    yield node, node
                continue
            for block in [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]:
                if not isinstance(block, list):
                    continue
                for index in range(len(block)):
                    found = block[index : index + len(wanted)]
                    if [ast.dump(one) for one in found] == wanted:
                        yield found[0], found[-1]

    def _one(self, found: list[Any], what: str) -> Any:
        if len(found) != 1:
            raise StaleError(f"{self.path}: {what!r} is there {len(found)} times in {self.within or 'the module'}")
        return found[0]


@dataclass(frozen=True)
class Having:
    """The item of a list whose member ``key`` contains ``text``."""

    key: str
    text: str


class REMOVED:
    """In place of a value: there is to be none."""


@dataclass(frozen=True)
class Document:
    """In a YAML document what stands at the end of ``steps`` becomes another value, or is ``REMOVED``."""

    path: str
    steps: tuple[str | Having, ...]
    new: Any

    def apply(self, root: Path) -> None:
        """Make the change in the copy at ``root``; raises ``StaleError``."""
        yaml = YAML()
        yaml.width = 1000
        file = root / self.path
        document = yaml.load(file.read_text(encoding="utf-8"))
        node = document
        for step in self.steps[:-1]:
            node = node[self._key(node, step)]
        key = self._key(node, self.steps[-1])
        if self.new is REMOVED:
            del node[key]
        else:
            node[key] = self.new
        with file.open("w", encoding="utf-8") as out:
            yaml.dump(document, out)

    def _key(self, node: Any, step: str | Having) -> Any:
        if isinstance(step, str):
            if step not in node:
                raise StaleError(f"{self.path}: there is no {step!r}")
            return step
        found = [index for index, item in enumerate(node) if step.text in str(item.get(step.key, ""))]
        if len(found) != 1:
            raise StaleError(f"{self.path}: {step} is there {len(found)} times")
        return found[0]
