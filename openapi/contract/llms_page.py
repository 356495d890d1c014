"""Renders ``llms.txt`` (llmstxt.org): what an agent needs to know to use the client, as one page of plain text.

The operations and models are those of the generated package, options and errors those of the hand-written client, both
in the words of their docstrings. The words around them are those of the template.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from contract.errors import PipelineError
from contract.operations import Contract
from contract.pointers import dereference
from contract.python_reading import Definition, Packages, signature

_TEMPLATE = "llms.txt.jinja"


class Method(NamedTuple):
    """An operation as a method of the client."""

    tag: str
    name: str
    signature: str
    documentation: str
    required: tuple[str, ...]  # the arguments of the shortest call
    is_idempotent: bool
    servers: tuple[str, ...]

    @property
    def call(self) -> str:
        """The shortest call, each argument a variable of the same name."""
        return f"client.{self.tag}.{self.name}({', '.join(self.required)})"

    @property
    def positional(self) -> list[str]:
        """The arguments that are given by position."""
        return [argument for argument in self.required if "=" not in argument]


def render_page(contract: Contract, package: Path, client: Path, templates: Path) -> str:
    """The page for the package generated from ``contract``, and the folder of the hand-written client.

    Raises ``PipelineError`` if the client is no Python, and ``OSError`` if a file is missing.
    """
    packages = Packages(client, package)
    schemes: Contract = contract.get("components", {}).get("securitySchemes", {})
    try:
        exports = sorted(packages.exports(client.name), key=lambda each: (each.module, each.node.lineno))
        clients = [each for each in exports if each.name.endswith("PlaybookClient")]
        errors = [each for each in exports if each.name.endswith("Error")]
        values = {
            "info": contract["info"],
            "schemes": {name: dereference(contract, scheme) for name, scheme in schemes.items()},
            "methods": list(_methods(packages, package.name)),
            "clients": clients,
            "signatures": {each.name: _constructor(packages, each) for each in clients},
            "members": _members(packages, clients),
            "errors": _with_private_bases(packages, errors),
            "others": [each for each in exports if each not in clients + errors],
            "models": packages.exports(f"{package.name}.models"),
        }
    except SyntaxError as error:
        raise PipelineError(f"{client}: is not a Python package: {error}.") from error
    loader = FileSystemLoader(templates)
    try:
        environment = Environment(  # noqa: S701 (plain text)
            loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
        )
        return environment.get_template(_TEMPLATE).render(values)
    except TemplateError as error:
        raise PipelineError(f"{templates / _TEMPLATE}: {error}") from error


def _with_private_bases(packages: Packages, classes: list[Definition]) -> list[Definition]:
    """The classes, each after a private base that documents what it inherits."""
    result: list[Definition] = []
    for each in classes:
        private = [base for base in packages.bases(each) if base.name.startswith("_") and base not in result]
        result += [*private, each]
    return result


def _members(packages: Packages, clients: list[Definition]) -> dict[str, list[Definition]]:
    """The methods of each client that no client before it has."""
    known: set[Definition] = set()
    members: dict[str, list[Definition]] = {}
    for client in clients:
        members[client.name] = [each for each in packages.members(client) if each not in known]
        known.update(members[client.name])
    return members


def _methods(packages: Packages, package: str) -> Iterator[Method]:
    """The operations, as the blocking client has them."""
    api = f"{package}.api"
    for tag in _members_of(packages, api, "Operations"):
        for each in _members_of(packages, api, _result(tag)):
            if isinstance(each.node, ast.FunctionDef) and each.name != "with_raw_response":
                operation = packages.arguments(f"{package}._operations", *_operation_of(each.node))
                yield Method(
                    tag.name,
                    each.name,
                    signature(each.node).replace("_runtime.", ""),
                    each.documentation,
                    _required(each.node.args),
                    is_idempotent=ast.literal_eval(operation["idempotent"]),
                    servers=ast.literal_eval(operation["servers"]),
                )


def _operation_of(method: ast.FunctionDef) -> tuple[str, str]:
    """The class and the name of the operation that a method calls; a method with a reserved name has another one."""
    names = (ast.unparse(node).split(".") for node in ast.walk(method) if isinstance(node, ast.Attribute))
    owner, name = next(parts[1:] for parts in names if parts[0] == "_operations")
    return owner, name


def _constructor(packages: Packages, owner: Definition) -> str:
    """The call that makes an instance; the constructor may be that of a base."""
    for each in packages.lineage(owner):
        for node in each.node.body if isinstance(each.node, ast.ClassDef) else ():
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return f"{owner.name}{signature(node).removesuffix(' -> None')}"
    return owner.header


def _members_of(packages: Packages, module: str, name: str) -> Iterator[Definition]:
    if owner := packages.find(module, name):
        yield from packages.members(owner)


def _result(function: Definition) -> str:
    """The name of the type that it returns."""
    returns = function.node.returns if isinstance(function.node, ast.FunctionDef) else None
    return ast.unparse(returns) if returns else ""


def _required(arguments: ast.arguments) -> tuple[str, ...]:
    positional = arguments.args[1 : len(arguments.args) - len(arguments.defaults)]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return (
        *(argument.arg for argument in positional),
        *(f"{argument.arg}={argument.arg}" for argument, default in named if default is None),
    )
