"""Operations: reads the paths of a contract into routes and operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook3d_mock._examples import Examples
from playbook3d_mock._habits import rewrite_habits
from playbook3d_mock._parameters import read_parameters
from playbook3d_mock._request_bodies import read_request_body
from playbook3d_mock._response_validation import ResponseRules
from playbook3d_mock._responses import Responses
from playbook3d_mock._routes import Routes, path_parameters, require_uncontrolled
from playbook3d_mock._schemas import Schemas
from playbook3d_mock._security import read_security
from playbook3d_mock._views import request_view, response_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbook3d_mock._document import Node, Problems
    from playbook3d_mock._parameters import Parameter
    from playbook3d_mock._request_bodies import RequestBody
    from playbook3d_mock._security import Security

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PATH_ITEM_FIELDS = ("summary", "description", "servers", "parameters", *_METHODS)
_OPERATION_FIELDS = (
    "tags", "summary", "description", "externalDocs", "operationId", "parameters",
    "requestBody", "responses", "callbacks", "deprecated", "security", "servers",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation of the contract.

    Attributes:
        method: The method, in upper case.
        path: The path template.
        operation_id: Its ``operationId``, ``None`` if it has none.
        security: The credentials that it requires.
        parameters: Its parameters; first those of the path, in order.
        request_body: The body that it declares, if any.
        responses: Its documented responses.
        response_rules: What its responses must be, whoever sends them.
    """

    method: str
    path: str
    operation_id: str | None
    security: Security
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Responses
    response_rules: ResponseRules

    @property
    def name(self) -> str:
        """Method and path: "POST /path"."""
        return f"{self.method} {self.path}"

    @property
    def label(self) -> str:
        """Its ``operationId``, else its name."""
        return self.operation_id or self.name

    @property
    def invalid_input_status(self) -> int:
        """The status of invalid input: 400, or 422 if only that is documented."""
        documented = self.responses.documented
        return 422 if "422" in documented and not {"400", "4XX"} & documented.keys() else 400

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


#: For each path template its operations, by method.
OperationRoutes = Routes[dict[str, Operation]]


def read_operations(document: Node, problems: Problems) -> tuple[tuple[Operation, ...], OperationRoutes]:
    """The operations of a contract, in its order, and the routes to them; raises ``ContractError``."""
    rewrite_habits(document, problems)
    root, response_root = request_view(document), response_view(document)
    schemas = Schemas(root)
    response_schemas = schemas if response_root is root else Schemas(response_root)
    examples = Examples(response_schemas, problems)
    operations: list[Operation] = []
    routes = OperationRoutes()
    routes.add_servers(root)
    for path, item in _read_path_items(root):
        path_names = path_parameters(path)
        routes.add_servers(item)
        by_method: dict[str, Operation] = {}
        for method in item.object():
            if method in _METHODS:
                node = item.child(method).require_known_fields(*_OPERATION_FIELDS)
                routes.add_servers(node)
                as_response = node.in_document(response_root.value)
                by_method[method.upper()] = Operation(
                    method=method.upper(),
                    path=path.key,
                    operation_id=node.text("operationId") if "operationId" in node.object() else None,
                    security=read_security(node, root),
                    parameters=read_parameters(node, item, path_names, schemas, problems),
                    request_body=read_request_body(node, schemas, problems),
                    responses=Responses(as_response, response_schemas, examples, problems),
                    response_rules=ResponseRules(as_response, response_schemas, problems),
                )
        if by_method:
            routes.add(path, by_method)
        operations.extend(by_method.values())
    if not operations:
        raise (root.get("paths") or root).error("declares no operation: there is nothing to serve")
    return tuple(operations), routes


def _read_path_items(root: Node) -> Iterator[tuple[Node, Node]]:
    """Each member of ``paths``, whose key is a path template, and its Path Item."""
    paths = root.get("paths")
    for key in paths.object() if paths else ():
        path = paths.child(key) if paths else root
        require_uncontrolled(path, key)
        if key.startswith("/"):
            if "$ref" in path.object() and len(path.object()) > 1:
                raise path.error("a path item with a reference must have no other fields")
            yield path, path.dereference().require_known_fields(*_PATH_ITEM_FIELDS)
        elif not key.startswith("x-"):
            raise path.error("is not a path: it must start with '/'")
