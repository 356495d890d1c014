"""The rules of ``make lint`` for examples that do not match their schemas, and for code samples that cannot work."""

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from contract.lint_findings import (
    Contract,
    Finding,
    Location,
    Operation,
    iterate_operations,
    operation_path,
    parameters_of,
    path_to,
    quote,
    remove,
    security_of,
    update,
)
from contract.operations import server_url
from contract.pointers import dereference, is_array, is_object

_VALUES = {"example", "examples", "default", "enum", "const"}
# Below these, keys are names: a property may be called "example".
_NAMED = {"properties", "patternProperties", "$defs", "schemas", "headers", "responses"}


def examples(contract: Contract) -> Iterator[Finding]:
    """Examples that break their schema, or show properties that it does not declare."""
    for location, schema, example in _iterate_examples(contract, contract, ()):
        undeclared = list(dict.fromkeys(_undeclared(contract, schema, example)))
        error = next(iter(_validator(contract, schema).iter_errors(example)), None)
        if undeclared:
            names = ", ".join(undeclared)
            why = f"The example shows {names}, which the schema does not declare: the model has no such attribute."
        elif error is not None:
            why = f"The example breaks its schema: {error.message[:100]}. Users who copy it, or test with it, fail."
        else:
            continue
        target = path_to(location)
        declared = schema.get("properties", {})
        if undeclared and declared and location[-1] == "example" and is_object(example) and undeclared[0] in example:
            name, wrong = quote(next(iter(declared))), quote(undeclared[0])
            target = f"$..[?@.properties[{name}] && !@.properties[{wrong}] && @.example[{wrong}]].example"
        description = "The example does not match its schema. Better, correct the one that is wrong."
        yield Finding(location, why, (remove(target, description),))


def _iterate_examples(
    contract: Contract, node: Any, location: Location, named: bool = False
) -> Iterator[tuple[Location, Any, Any]]:
    """Each example with its location and its schema. The last item of an array is first: others keep their index."""
    if is_array(node):
        for index, item in enumerate(node):
            yield from _iterate_examples(contract, item, (*location, index))
    if not is_object(node):
        return
    if not named:
        schema = node.get("schema", node)
        if is_object(schema):
            if "example" in node:
                yield (*location, "example"), schema, node["example"]
            several = node.get("examples")
            if is_array(several):
                for index in reversed(range(len(several))):
                    yield (*location, "examples", index), schema, several[index]
            elif is_object(several) and "schema" in node:
                for name, declared in several.items():
                    example = dereference(contract, declared)
                    if is_object(example) and "value" in example:
                        yield (*location, "examples", name), schema, example["value"]
    for key, value in node.items():
        if named or not (key in _VALUES or key.startswith("x-")):
            yield from _iterate_examples(contract, value, (*location, key), not named and key in _NAMED)


def _validator(contract: Contract, schema: Any) -> Any:
    # References of the schema start at the contract's root.
    root = {key: contract[key] for key in ("components", "paths") if key in contract}
    return Draft202012Validator({**root, **schema}, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _undeclared(contract: Contract, schema: Any, value: Any) -> Iterator[str]:
    """The properties of a value that its schema does not declare, at any depth."""
    parts = list(_parts(contract, schema, ()))
    if is_array(value):
        for items in [part["items"] for part in parts if "items" in part]:
            for item in value:
                yield from _undeclared(contract, items, item)
    if not is_object(value):
        return
    declared: dict[str, list[Any]] = {}
    for part in parts:
        if "patternProperties" in part or part.get("additionalProperties", False) is not False:
            return
        for name, own in part.get("properties", {}).items():
            declared.setdefault(name, []).append(own)
    for name in value if declared else ():
        if name not in declared:
            yield name
        for own in declared.get(name, ()):
            yield from _undeclared(contract, own, value[name])


def _parts(contract: Contract, schema: Any, above: tuple[int, ...]) -> Iterator[Any]:
    """A schema, the target of its reference, and the schemas that it combines."""
    if not is_object(schema) or id(schema) in above:
        return
    yield schema
    combined = [part for keyword in ("allOf", "anyOf", "oneOf") for part in schema.get(keyword, ())]
    if "$ref" in schema:
        combined.append(dereference(contract, schema))
    for part in combined:
        yield from _parts(contract, part, (*above, id(schema)))


def code_samples(contract: Contract) -> Iterator[Finding]:
    """Code samples that cannot work as they stand."""
    for operation in iterate_operations(contract):
        for key in ("x-codeSamples", "x-code-samples"):
            samples = operation.fields.get(key, ())
            for index, sample in enumerate(samples if is_array(samples) else ()):
                if not is_object(sample) or not isinstance(sample.get("source"), str):
                    continue
                language, source = str(sample.get("lang", "")), sample["source"]
                is_curl = source.lstrip().startswith("curl ")
                problems = [*_placeholder_host(source)]
                problems += _curl_problems(contract, operation, source) if is_curl else ()
                problems += _python_problems(source) if language.lower().startswith("python") else ()
                if not problems:
                    continue
                selected = f"[{quote(key)}][?@.lang == {quote(language)}]" if language else f"[{quote(key)}][{index}]"
                own = operation_path(operation) + selected
                if is_curl:
                    fix = {"source": _curl(contract, operation)}
                    action = update(own, "A sample with what the operation requires.", fix)
                elif re.search(_EXAMPLE_HOST, source):
                    every = f"$.paths[*][*][{quote(key)}][?search(@.source, {quote(_EXAMPLE_HOST)})]"
                    action = remove(every, "These samples call example.com, which is not the API.")
                else:
                    action = remove(own, "A sample that cannot work. Better, correct it.")
                why = f"Copied, the {language} sample fails: {'; '.join(problems)}."
                yield Finding((*operation.location, key, index), why, (action,))


_EXAMPLE_HOST = "https?://([a-z0-9-]+[.])*example[.](com|net|org)"  # RFC 2606 §3


def _placeholder_host(source: str) -> Iterator[str]:
    if host := re.search(_EXAMPLE_HOST, source):
        yield f"it calls {host[0]}"


def _curl_problems(contract: Contract, operation: Operation, source: str) -> Iterator[str]:
    missing = [name for name in _required_headers(contract, operation) if name.lower() not in source.lower()]
    if missing:
        yield f"it sends no {', '.join(missing)}"
    for quoted in re.findall(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", source):
        if variable := re.search(r"\$\{?[A-Z_][A-Z0-9_]*", quoted) if quoted[0] == "'" else None:
            yield f"in single quotes, the shell does not fill in {variable[0]}"
            return


def _python_problems(source: str) -> Iterator[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        yield f"it is not Python ({error})"
        return
    for node in ast.walk(tree):
        for part in node.values if isinstance(node, ast.JoinedStr) else ():
            literal = part.value if isinstance(part, ast.Constant) else ""
            if braces := re.search(r"\{\w+\}", str(literal)):
                yield f"the doubled braces of its f-string send {braces[0]} as it is"
                return


def _required_headers(contract: Contract, operation: Operation) -> list[str]:
    """The headers of the required parameters, and of the first alternative of the security."""
    parameters = [parameter for _, _, parameter in parameters_of(contract, operation)]
    names = [item["name"] for item in parameters if item["in"] == "header" and item.get("required")]
    schemes = contract.get("components", {}).get("securitySchemes", {})
    for name in [name for alternative in security_of(contract, operation)[:1] for name in alternative]:
        scheme = schemes.get(name, {})
        if scheme.get("type") == "http":
            names.append("Authorization")
        elif scheme.get("in") == "header":
            names.append(scheme["name"])
    return list(dict.fromkeys(names))


def _curl(contract: Contract, operation: Operation) -> str:
    """A cURL command with what the operation requires, from shell variables."""
    _, path, method = operation.location
    fields = operation.fields
    servers = fields.get("servers") or operation.item.get("servers") or contract.get("servers")
    url = server_url(servers[0]).rstrip("/") if servers else "$BASE_URL"
    url += re.sub(r"\{([^}]*)\}", lambda name: _variable(name[1]), str(path))
    required = [item for _, _, item in parameters_of(contract, operation) if item.get("required")]
    query = "&".join(f"{item['name']}={_variable(item['name'])}" for item in required if item["in"] == "query")
    lines = [f'curl -X {str(method).upper()} "{url}{"?" + query if query else ""}"']
    for name in _required_headers(contract, operation):
        value = "Bearer $TOKEN" if name.lower() == "authorization" else _variable(name)
        lines.append(f'-H "{name}: {value}"')
    body = dereference(contract, fields.get("requestBody", {}))
    if media_type := next(iter(body.get("content", {})), None):
        lines += [f'-H "Content-Type: {media_type}"', "--data-binary @body"]
    return " \\\n  ".join(lines)


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name).upper()
