"""Reads Python packages without importing them: their definitions, and what documents each."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

Node = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign | ast.AnnAssign


class Definition(NamedTuple):
    """A class, a function or a constant, in the module that defines it."""

    module: str
    node: Node

    @property
    def name(self) -> str:
        """Its name in the module."""
        if isinstance(self.node, ast.Assign):
            return ast.unparse(self.node.targets[0])
        return ast.unparse(self.node.target) if isinstance(self.node, ast.AnnAssign) else self.node.name

    @property
    def header(self) -> str:
        """Its first line, without keyword and colon: a class with its bases, a function with its signature."""
        if isinstance(self.node, ast.ClassDef):
            bases = ", ".join(ast.unparse(base) for base in self.node.bases)
            return f"{self.node.name}({bases})" if bases else self.node.name
        if isinstance(self.node, ast.Assign | ast.AnnAssign):
            return ast.unparse(self.node)
        if any(ast.unparse(decorator) == "property" for decorator in self.node.decorator_list):
            return self.node.name
        return f"{self.node.name}{signature(self.node)}"

    @property
    def documentation(self) -> str:
        """Its docstring; a constant has none."""
        return "" if isinstance(self.node, ast.Assign | ast.AnnAssign) else (ast.get_docstring(self.node) or "").strip()

    @property
    def values(self) -> list[str]:
        """The assignments of an enumeration."""
        if isinstance(self.node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in self.node.bases):
            return [ast.unparse(each) for each in self.node.body if isinstance(each, ast.Assign)]
        return []


def signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Arguments and result of a function; of a method, without ``self``."""
    arguments = ast.unparse(function.args).removeprefix("self").removeprefix(", ")
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return f"({arguments}){returned}"


class Packages:
    """Packages, by the folders that hold them: what they define, and import from one another."""

    def __init__(self, *folders: Path) -> None:
        self._folders = {folder.name: folder for folder in folders}
        self.module = cache(self._module)

    def _module(self, name: str) -> ast.Module:
        """The source of a module; raises ``OSError`` if there is none."""
        return ast.parse(self._path(name).read_text(encoding="utf-8"))

    def _path(self, module: str) -> Path:
        package, *rest = module.split(".")
        path = self._folders[package].joinpath(*rest)
        return path.with_suffix(".py") if rest and not path.is_dir() else path / "__init__.py"

    def exports(self, module: str) -> list[Definition]:
        """What ``__all__`` of a module names, but for modules and dunder names."""
        values = [
            node.value
            for node in self.module(module).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ]
        public = [name for value in values for name in ast.literal_eval(value) if not name.startswith("_")]
        return [definition for name in public if (definition := self.find(module, name))]

    def definitions(self, module: str) -> Iterator[Definition]:
        """What a module defines, in its order."""
        for node in self.module(module).body:
            if isinstance(node, Node):
                yield Definition(module, node)

    def find(self, module: str, name: str) -> Definition | None:
        """What a name of a module stands for; ``None`` if it is not defined in these packages."""
        for definition in self.definitions(module):
            if definition.name == name:
                return definition
        for node in self.module(module).body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        source = self._source(module, node)
                        return self.find(source, alias.name) if source.partition(".")[0] in self._folders else None
        return None

    def _source(self, module: str, node: ast.ImportFrom) -> str:
        """The absolute name of the module that is imported from."""
        if not node.level:
            return node.module or ""
        parts = module.split(".")
        package = parts if self._path(module).name == "__init__.py" else parts[:-1]
        return ".".join([*package[: len(package) - node.level + 1], *(node.module or "").split(".")])

    def members(self, owner: Definition) -> Iterator[Definition]:
        """The public methods and properties of a class, with those of its bases in the same package."""
        for node in owner.node.body if isinstance(owner.node, ast.ClassDef) else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                yield Definition(owner.module, node)
        for base in self.bases(owner):
            yield from self.members(base)

    def lineage(self, owner: Definition) -> Iterator[Definition]:
        """A class, and those of its package that it derives from."""
        yield owner
        for base in self.bases(owner):
            yield from self.lineage(base)

    def arguments(self, module: str, owner: str, name: str) -> dict[str, ast.expr]:
        """The named arguments of the call that makes a constant of a class."""
        definition = self.find(module, owner)
        for node in definition.node.body if definition and isinstance(definition.node, ast.ClassDef) else ():
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Call)
                and ast.unparse(node.targets[0]) == name
            ):
                return {keyword.arg: keyword.value for keyword in node.value.keywords if keyword.arg}
        raise KeyError(name)

    def bases(self, owner: Definition) -> list[Definition]:
        """The bases of a class that its package defines."""
        nodes = owner.node.bases if isinstance(owner.node, ast.ClassDef) else []
        names = [ast.unparse(base).partition("[")[0] for base in nodes]
        found = [base for name in names if (base := self.find(owner.module, name))]
        return [base for base in found if base.module.partition(".")[0] == owner.module.partition(".")[0]]
