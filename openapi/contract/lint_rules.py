"""The rules of ``make lint`` for servers, operationIds, undocumented statuses and untitled models."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from contract.lint_findings import Finding, components, selector, snake_case
from contract.lint_security import credential_parameters
from contract.naming import unique
from contract.operations import Contract, iterate_operations, server_url
from contract.overlay_actions import Action, path_to, quote, remove, update
from contract.pointers import Location, is_object, reference_target

_PLACEHOLDER = "https://api.invalid"


def missing_servers(contract: Contract) -> Iterator[Finding]:
    """Operations without a server, or with a relative URL."""
    for owner, servers in dict(operation.servers for operation in iterate_operations(contract)).items():
        description = f"The API's URL. Replace the placeholder {_PLACEHOLDER}."
        if not servers:
            why = "No server is declared, so the client has no URL to send requests to."
            action = update("$", description, {"servers": [{"url": _PLACEHOLDER}]})
            yield Finding(("servers",), why, (action,))
        for index, server in enumerate(servers):
            if not re.fullmatch(r"(?i)https?://[^/?#{}]+([/?#][^{}]*)?", url := server_url(server)):
                where = (*owner, "servers", index)
                why = f"The server {url!r} is not an absolute URL, so the client has no host to send requests to."
                yield Finding(where, why, (update(path_to(where), description, {"url": _PLACEHOLDER}),))


def operation_ids(contract: Contract) -> Iterator[Finding]:
    """Missing and duplicate operationIds, and those that give two methods of a tag one name."""
    operations = list(iterate_operations(contract))
    names = {snake_case(operation.fields.get("operationId", "")) for operation in operations}
    seen: set[object] = set()
    for operation in operations:
        location, fields = operation.location, operation.fields
        name = fields.get("operationId")
        keys = {name, (*(fields.get("tags") or ["default"])[:1], snake_case(name or "") or name)}
        if name and not seen & keys:
            seen |= keys
            continue
        own = unique(snake_case(f"{operation.method}_{operation.path}"), names)
        action = update(path_to(location), "The name of its method. Choose a better one.", {"operationId": own})
        why = f"The operationId {name} names another operation's method, too: one of the two would be lost."
        if not name:
            why = "It has no operationId, so the name of its method changes when its path does."
        yield Finding((*location, "operationId") if name else location, why, (action,))


def undocumented_statuses(contract: Contract) -> Iterator[Finding]:
    """Operations that take credentials without documenting 401, or parameters without documenting 400."""
    # What is secured by [{}] is public.
    secured = "(!@.security || @.security[?@.*])" if any(contract.get("security", ())) else "@.security[?@.*]"
    for operation in iterate_operations(contract):
        credentials = {location for location, _, _ in credential_parameters(operation)}
        parameters = [location for location, _, _ in operation.parameters if location not in credentials]
        own = "requestBody" in operation.fields or any(len(location) == 5 for location in parameters)
        takes = "[*][?(@.parameters[0] || @.requestBody)" if own else "[?@.parameters[0]][?@.responses"
        for status, needed, input_, selected, description in (
            ("401", credentials or any(operation.security), "credentials", f"[*][?{secured}", "Unauthorized."),
            ("400", own or parameters, "parameters or a body", takes, "Bad Request."),
        ):
            statuses = (status, "4XX", "default")
            if not needed or {*statuses} & operation.responses.keys():
                continue
            others = "".join(f" && !@.responses['{other}']" for other in statuses)
            is_matched = operation.responses and (status == "400" or any(operation.security))
            target = f"$.paths{selected} && @.responses{others}]" if is_matched else selector(operation)
            response: Action = {"description": description}
            if "Error" in components(contract, "schemas"):
                response["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
            value = {"responses": {status: response}}
            why = f"It takes {input_} without documenting {status}, so users are not told of that error."
            action = update(target, f"Operations that take {input_} answer {status}.", value)
            yield Finding((*operation.location, "responses"), why, (action,))


class _Model(NamedTuple):
    """An inline schema that the generator makes a class of."""

    location: Location
    schema: Contract
    name: str  # what its title should be
    status: str  # of an error response; else empty


def untitled_models(contract: Contract) -> Iterator[Finding]:
    """Inline models of bodies without a title."""
    models = {model.location: model for model in _inline_models(contract) if "title" not in model.schema}
    schemas = components(contract, "schemas")
    errors: dict[str, list[_Model]] = {}  # by their shape
    for model in models.values():
        # Only these are where the shared schema's action looks.
        in_operation = model.location[0] == "paths" and model.location[-1] == "schema"
        if in_operation and model.status and model.schema.get("properties"):
            errors.setdefault(json.dumps(_without_texts(model.schema)), []).append(model)
    repeated = [alike for alike in errors.values() if len(alike) > 1 and "Error" not in schemas]
    shared = {model.location for model in repeated[0]} if repeated else set[Location]()
    sharing = tuple(_share_error(repeated[0])) if repeated else ()
    names = {*schemas, *(model.schema.get("title", "") for model in _inline_models(contract))}
    for model in models.values():
        if model.location in shared:
            actions = sharing
            why = "The same inline model stands in several error responses: users would meet one class for each."
        else:
            title = {"title": unique(model.name, names)}
            actions = (update(path_to(model.location), "A title names the model.", title),)
            why = "This inline model has no title, so its Python name is made from the status, or ends in Body."
        yield Finding(model.location, why, actions)


def _inline_models(contract: Contract) -> Iterator[_Model]:
    for operation in iterate_operations(contract):
        fields, responses = operation.fields, operation.responses
        words = snake_case(fields.get("operationId") or f"{operation.method}_{operation.path}").split("_")
        name = "".join(word.capitalize() for word in words)
        successes = [status for status in responses if status.startswith("2")]
        bodies: dict[Location, Any] = {("requestBody",): fields["requestBody"]} if "requestBody" in fields else {}
        bodies |= {("responses", status): response for status, response in responses.items()}
        for keys, body in bodies.items():
            status = "" if keys == ("requestBody",) else str(keys[-1])
            own = name + ("Request" if not status else "Result" if status in successes else "Error")
            own += "" if status == "default" or [status] == successes else status
            start, target = _follow(contract, (*operation.location, *keys), body)
            for media_type, content in target.get("content", {}).items():
                at = (*start, "content", media_type, "schema")
                for where, schema, suffix in _iterate_models(at, content.get("schema"), ""):
                    yield _Model(where, schema, own + suffix, "" if status in successes else status)


def _iterate_models(location: Location, schema: Any, suffix: str) -> Iterator[tuple[Location, Contract, str]]:
    """The schemas that the generator makes a class of: objects and enumerations, also as alternatives or items."""
    if not is_object(schema) or "$ref" in schema:
        return
    inner = [
        ((keyword, index), part)
        for keyword in ("anyOf", "oneOf", "prefixItems")
        for index, part in enumerate(schema.get(keyword, ()))
    ]
    for keys, part in inner:
        yield from _iterate_models((*location, *keys), part, suffix)
    combined = schema.get("allOf", ())
    if "items" in schema:
        yield from _iterate_models((*location, "items"), schema["items"], f"{suffix}Item")
    elif not inner and (
        {"properties", "enum"} & schema.keys()
        or "object" in schema.get("type", ())
        or (combined and not (len(combined) == 1 and is_object(combined[0]) and "$ref" in combined[0]))
    ):
        yield location, schema, suffix


def _follow(contract: Contract, location: Location, node: Any) -> tuple[Location, Any]:
    """The target of a reference, and its location."""
    while "$ref" in node:
        parts = unquote(node["$ref"]).split("/")[1:]
        location = tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
        node = reference_target(contract, node["$ref"])
    return location, node


def _without_texts(schema: Any) -> Any:
    """A schema without what differs between schemas of one shape."""
    if not is_object(schema):
        return schema
    bare = {key: value for key, value in schema.items() if key not in ("description", "example", "examples")}
    if "properties" in bare:
        bare["properties"] = {name: _without_texts(own) for name, own in bare["properties"].items()}
    return bare


def _share_error(models: list[_Model]) -> Iterator[Action]:
    """Actions that replace inline error models of one shape with one shared schema."""
    schema: dict[str, Any] = {"title": "Error", **_without_texts(models[0].schema)}
    yield update("$", "One error schema.", {"components": {"schemas": {"Error": schema}}})
    statuses = ", ".join(dict.fromkeys(quote(model.status) for model in models))
    tests = [f"@.properties[{quote(name)}]" for name in schema["properties"]]
    for index, own in enumerate(schema["properties"].values()):
        if is_object(own) and isinstance(own.get("type"), str):
            tests[index] += f".type == {quote(own['type'])}"
    shape = " && ".join([*tests, f"length(@.properties) == {len(tests)}", "!@.title"])
    reference = {"$ref": "#/components/schemas/Error"}
    target = f"$.paths[*][*].responses[{statuses}].content[*][?{shape}]"
    yield update(target, "Inline error schemas, recognised by their shape, become the shared one.", reference)
    keys = ", ".join(dict.fromkeys(quote(key) for model in models for key in model.schema))
    target = f"$..[?@['$ref'] == '#/components/schemas/Error' && @.properties][{keys}]"
    yield remove(target, "JSON Schema also applies the keywords beside a reference.")
