"""Names of operations, as people write them: an operationId in any style, or method and path."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playbook3d_mock._operations import Operation

_SEPARATORS = re.compile("[^a-z0-9]")


class OperationNames:
    """Finds operations by their names."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        by_id = {each.operation_id: each for each in operations if each.operation_id}
        self._by_name = {each.name: each for each in operations} | by_id

    def find(self, name: str) -> Operation:
        """The operation with a name; raises ``ValueError`` with similar names if there is none."""
        if operation := self._by_name.get(name):
            return operation
        alike = [each for each in self._operations if _simplify(each.operation_id or "") == _simplify(name)]
        if _simplify(name) and len(alike) == 1 and name.isidentifier():
            return alike[0]
        names = [operation.label for operation in self._operations]
        near = difflib.get_close_matches(name, names, cutoff=0.5) or names[:10]
        raise ValueError(f"no operation of the contract is named {name!r}; there are: {', '.join(near)}")


def _simplify(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())
