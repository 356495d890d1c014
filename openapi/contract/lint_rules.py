"""The rules of ``make lint`` for servers, operationIds, undocumented statuses and untitled models."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from contract.lint_findings import (
    Action,
    Contract,
    Finding,
    Location,
    iterate_operations,
    path_to,
    quote,
    remove,
    security_of,
    update,
)
from contract.lint_security import credential_parameters
from contract.operations import server_url
from contract.pointers import is_object, reference_target

_PLACEHOLDER = "https://api.invalid"


def missing_servers(contract: Contract) -> Iterator[Finding]:
    """Operations without a server, or with a relative URL."""
    owners: dict[Location, Contract] = {}
    for location, item, fields in iterate_operations(contract):
        levels: dict[Location, Contract] = {location: fields, location[:-1]: item, (): contract}
        owner = next((where for where, level in levels.items() if level.get("servers")), ())
        owners[owner] = levels[owner]
    for owner, level in owners.items():
        if not level.get("servers"):
            description = f"The API's URL. Replace the placeholder {_PLACEHOLDER}."
            action = update(path_to(owner), description, {"servers": [{"url": _PLACEHOLDER}]})
            why = "No server is declared, so the client has no URL to send requests to."
            yield Finding((*owner, "servers"), why, (action,))
        for index, server in enumerate(level.get("servers", ())):
            if not re.match(r"https?://[^/?#{}]+([/?#]|$)", url := server_url(server)):
                where = (*owner, "servers", index)
                description = f"An absolute URL. Replace the placeholder {_PLACEHOLDER}."
                why = f"The server {url!r} is not an absolute URL, so the client has no host to send requests to."
                yield Finding(where, why, (update(path_to(where), description, {"url": _PLACEHOLDER}),))


def operation_ids(contract: Contract) -> Iterator[Finding]:
    """Missing and duplicate operationIds."""
    names = {operation.fields.get("operationId") for operation in iterate_operations(contract)}
    seen: set[str] = set()
    for location, _, fields in iterate_operations(contract):
        _, path, method = location
        name = fields.get("operationId")
        if name and name not in seen:
            seen.add(name)
            continue
        own = base = "_".join([str(method), *re.findall(r"[A-Za-z0-9]+", str(path))])
        number = 2
        while own in names:
            own, number = f"{base}_{number}", number + 1
        names.add(own)
        action = update(path_to(location), "The name of its method. Choose a better one.", {"operationId": own})
        if name:
            why = f"Another operation has the operationId {name}, so one of the two methods would be lost."
        else:
            why = "It has no operationId, so the name of its method changes when its path does."
        yield Finding((*location, "operationId") if name else location, why, (action,))


def undocumented_statuses(contract: Contract) -> Iterator[Finding]:
    """Operations that take credentials without documenting 401, or parameters without documenting 400."""
    inherited = bool(contract.get("security"))
    for operation in iterate_operations(contract):
        location, item, fields = operation
        credentials = any(security_of(contract, operation)) or any(credential_parameters(contract, operation))
        parameters = fields.get("parameters") or fields.get("requestBody") or item.get("parameters")
        secured = "(!@.security || @.security[0])" if inherited else "@.security[0]"
        own = fields.get("parameters") or fields.get("requestBody")
        paths = "$.paths[*]" if own else "$.paths[?@.parameters[0]]"
        takes = "(@.parameters[0] || @.requestBody)" if own else "@.responses"
        for status, needed, parent, test, description in (
            ("401", credentials, "$.paths[*]", secured, "Unauthorized."),
            ("400", parameters, paths, takes, "Bad Request."),
        ):
            if not needed or {status, "4XX", "default"} & set(fields.get("responses", {})):
                continue
            input_ = "credentials" if status == "401" else "parameters or a body"
            others = "".join(f" && !@.responses['{other}']" for other in (status, "4XX", "default"))
            target = f"{parent}[?@.responses && {test}{others}].responses"
            response: Action = {"description": description}
            if "Error" in contract.get("components", {}).get("schemas", {}):
                response["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
            action = update(target, f"Operations that take {input_} answer {status}.", {status: response})
            why = f"It takes {input_} without documenting {status}, so users are not told of that error."
            yield Finding((*location, "responses"), why, (action,))


class _Model(NamedTuple):
    """An inline schema that the generator makes a class of."""

    location: Location
    schema: Contract
    name: str  # what its title should be
    status: str  # of an error response; else empty


def untitled_models(contract: Contract) -> Iterator[Finding]:
    """Inline models of bodies without a title."""
    models = {model.location: model for model in _inline_models(contract) if "title" not in model.schema}
    schemas = contract.get("components", {}).get("schemas", {})
    errors: dict[str, list[_Model]] = {}  # by their shape
    for model in models.values():
        # Only these are where the shared schema's action looks.
        in_operation = model.location[0] == "paths" and model.location[-1] == "schema"
        if in_operation and model.status and model.schema.get("properties"):
            errors.setdefault(json.dumps(_without_texts(model.schema)), []).append(model)
    repeated = [alike for alike in errors.values() if len(alike) > 1 and "Error" not in schemas]
    shared = {model.location for model in repeated[0]} if repeated else set[Location]()
    sharing = tuple(_share_error(repeated[0])) if repeated else ()
    names = set(schemas)
    for model in models.values():
        if model.location in shared:
            actions = sharing
            why = "The same inline model stands in several error responses: users would meet one class for each."
        else:
            name, number = model.name, 2
            while name in names:
                name, number = f"{model.name}{number}", number + 1
            names.add(name)
            actions = (update(path_to(model.location), "A title names the model.", {"title": name}),)
            why = "This inline model has no title, so its Python name is made from the status, or ends in Body."
        yield Finding(model.location, why, actions)


def _inline_models(contract: Contract) -> Iterator[_Model]:
    for operation in iterate_operations(contract):
        location, _, fields = operation
        words = re.findall(
            r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", fields.get("operationId") or "_".join(map(str, location))
        )
        name = "".join(word[:1].upper() + word[1:] for word in words)
        bodies: list[tuple[Location, Any, str, str]] = []
        if "requestBody" in fields:
            bodies.append(((*location, "requestBody"), fields["requestBody"], f"{name}Request", ""))
        successes = [status for status in fields.get("responses", {}) if status.startswith("2")]
        for status, response in fields.get("responses", {}).items():
            if status in successes:
                own = f"{name}Result" + (status if len(successes) > 1 else "")
                bodies.append(((*location, "responses", status), response, own, ""))
            else:
                own = f"{name}Error" + (status if status != "default" else "")
                bodies.append(((*location, "responses", status), response, own, status))
        for where, body, own, status in bodies:
            start, target = _follow(contract, where, body)
            for media_type, content in target.get("content", {}).items():
                schema, at, suffix = content.get("schema", {}), (*start, "content", media_type, "schema"), ""
                if is_object(schema) and "$ref" not in schema and "items" in schema:
                    schema, at, suffix = schema["items"], (*at, "items"), "Item"
                if not is_object(schema) or "$ref" in schema:
                    continue
                if schema.get("type") == "object" or "properties" in schema or "allOf" in schema:
                    yield _Model(at, schema, own + suffix, status)


def _follow(contract: Contract, location: Location, node: Any) -> tuple[Location, Any]:
    """The target of a reference, and its location."""
    while "$ref" in node:
        parts = unquote(node["$ref"]).split("/")[1:]
        location = tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
        node = reference_target(contract, node["$ref"])
    return location, node


def _without_texts(schema: Contract) -> dict[str, Any]:
    """A schema without what differs between schemas of one shape."""
    bare = {key: value for key, value in schema.items() if key not in ("description", "example", "examples")}
    if "properties" in bare:
        bare["properties"] = {name: _without_texts(own) for name, own in bare["properties"].items()}
    return bare


def _share_error(models: list[_Model]) -> Iterator[Action]:
    """Actions that replace inline error models of one shape with one shared schema."""
    schema = {"title": "Error", **_without_texts(models[0].schema)}
    yield update("$", "One error schema.", {"components": {"schemas": {"Error": schema}}})
    statuses = ", ".join(dict.fromkeys(quote(model.status) for model in models))
    tests = [f"@.properties[{quote(name)}]" for name in schema["properties"]]
    shape = " && ".join([*tests, f"length(@.properties) == {len(tests)}", "!@.title"])
    reference = {"$ref": "#/components/schemas/Error"}
    target = f"$.paths[*][*].responses[{statuses}].content[*][?{shape}]"
    yield update(target, "Inline error schemas, recognised by their shape, become the shared one.", reference)
    keys = ", ".join(dict.fromkeys(quote(key) for model in models for key in model.schema))
    target = f"$..[?@['$ref'] == '#/components/schemas/Error' && @.properties][{keys}]"
    yield remove(target, "JSON Schema also applies the keywords beside a reference.")
