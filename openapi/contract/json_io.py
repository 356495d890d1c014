"""Reads JSON documents, and where their values are."""

# ruamel.yaml declares few of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from contract.errors import PipelineError

#: Far beyond any contract, and within what the tools can follow.
MAX_DEPTH = 64
_TOKEN = re.compile(r'\n|"(?:[^"\\]|\\.)*"|[\[{]|[^\s\[\]{}:,"]+')


class _Token(NamedTuple):
    """The first token of a key or a value, and its place, counted from 0."""

    text: str
    line: int
    column: int


def parse(text: str, name: str) -> CommentedMap:
    """The object in ``text``, with its key order and positions; messages call it ``name``.

    Raises ``PipelineError`` if the text is not JSON, or is JSON that parsers disagree on.
    """
    try:
        document = json.loads(text, object_pairs_hook=tuple)  # a dict would hide duplicate keys
    except json.JSONDecodeError as error:
        problem = re.sub(r" \(.*| at$|: $", "", error.msg)
        raise PipelineError(f"{name}, line {error.lineno}, column {error.colno}: not JSON: {problem}.") from error
    except RecursionError as error:
        raise PipelineError(f"{name}: nested too deeply to be read.") from error
    except ValueError as error:
        raise PipelineError(f"{name}: an integer has too many digits.") from error
    if not isinstance(document, tuple):
        raise PipelineError(f"{name}: not an object.")
    positioned: CommentedMap = _Positions(text, name).add(document)
    return positioned


class _Positions:
    """Adds their positions to the values of a valid JSON text."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._tokens = self._iterate_tokens(text)

    def _iterate_tokens(self, text: str) -> Iterator[_Token]:
        line = start = 0
        for match in _TOKEN.finditer(text):
            if match[0] == "\n":
                line, start = line + 1, match.end()
                continue
            yield _Token(match[0], line, match.start() - start)

    def add(self, value: Any, depth: int = 0) -> Any:
        """The value with its position, and with those inside it; objects come as tuples of keys and values."""
        token = next(self._tokens)
        if depth > MAX_DEPTH:
            raise self._rejection(token, f"nested more than {MAX_DEPTH} levels deep")
        if not isinstance(value, (tuple, list)):
            return self._scalar(value, token)
        node = CommentedMap() if isinstance(value, tuple) else CommentedSeq()
        node.lc.line, node.lc.col = token.line, token.column
        if isinstance(node, CommentedSeq):
            node.extend([self.add(item, depth + 1) for item in value])
            return node
        for name, member in value:
            token = next(self._tokens)
            key = self._scalar(name, token)
            if key in node:
                raise self._rejection(token, f"duplicate key {token.text[:40]}")
            node.lc.add_kv_line_col(key, (token.line, token.column))
            node[key] = self.add(member, depth + 1)
        return node

    def _scalar(self, value: Any, token: _Token) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            raise self._rejection(token, f"{token.text[:40]} is not a number in JSON")
        if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
            raise self._rejection(token, "an unpaired surrogate")
        return value

    def _rejection(self, token: _Token, problem: str) -> PipelineError:
        return PipelineError(f"{self._name}, line {token.line + 1}, column {token.column + 1}: {problem}.")
