"""What changed operations mean for callers: one function for each kind of change."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from contract.error_classes import error_class
from contract.json_types import essence, is_json
from contract.operations import Operation, server_url
from contract.pointers import dereference
from contract.schema_changes import Change, Impact, compare_schemas, python_name
from contract.security_source import read_schemes, read_security

_BREAKING, _ADDITION, _NEITHER = Impact.BREAKING, Impact.ADDITION, Impact.NEITHER


class NamedOperation(NamedTuple):
    """An operation of an effective contract, with the names that the generator chose."""

    tag: str
    name: str
    declared: Operation

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of its method, as the schema of an object; that of the body depends on its media type."""
        parameters = [parameter for _, _, parameter in self.declared.parameters]
        owners = {(each["name"], each["in"]): each for each in parameters}  # the operation's own win
        names = Counter(["client", "url", *(python_name(name) for name, _ in owners)])
        arguments = {
            python_name(name) if names[python_name(name)] == 1 else f"{python_name(name)}_{location}": owner
            for (name, location), owner in owners.items()
        }
        schemas: dict[str, Any] = {name: _parameter_schema(owner) for name, owner in arguments.items()}
        if self.body:
            arguments["body"], schemas["body"] = self.body, {}
        required = [name for name, owner in arguments.items() if owner.get("required")]
        return {"type": "object", "properties": schemas, "required": required}

    @property
    def positional(self) -> list[str]:
        """Its positional arguments: those in the path."""
        return [python_name(name) for name in re.findall(r"\{([^}]*)\}", self.declared.path)]

    @property
    def body(self) -> Mapping[str, Any]:
        """Its Request Body Object; empty if it has none."""
        body: Mapping[str, Any] = dereference(self.declared.contract, self.declared.fields.get("requestBody", {}))
        return body

    @property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """Its responses by status."""
        responses = self.declared.responses
        return {status: dereference(self.declared.contract, each) for status, each in responses.items()}


class Pair(NamedTuple):
    """One operation, before and after."""

    before: NamedOperation
    after: NamedOperation

    def compare(self, name: str, before: Any, after: Any, *, sent: bool) -> list[Change]:
        """The changes of a value of this operation."""
        contracts = (self.before.declared.contract, self.after.declared.contract)
        return compare_schemas(contracts, name, (before, after), sent=sent)


def renamed(pair: Pair) -> Iterator[Change]:
    """Another name, or another tag."""
    before, after = (f"client.{each.tag}.{each.name}" for each in pair)
    if before != after:
        yield Change(_BREAKING, f" is now `{after}`, not `{before}`")


def moved(pair: Pair) -> Iterator[Change]:
    """Another method or path: users' own mocks, proxies and allow-lists name them."""
    before, after = (each.declared for each in pair)
    if before.route != after.route:
        yield Change(_BREAKING, f" moved from `{before.endpoint}` to `{after.endpoint}`")


def moved_to_another_host(pair: Pair) -> Iterator[Change]:
    """Another server; the client uses the first."""
    before, after = (_server(each.declared) for each in pair)
    if before != after:
        yield Change(_BREAKING, f" moved from `{before}` to `{after}`")


def _server(operation: Operation) -> str:
    _, servers = operation.servers
    return server_url(servers[0]).rstrip("/") if servers else ""


def credentials_changed(pair: Pair) -> Iterator[Change]:
    """Credentials that are newly demanded, or no longer needed."""
    before, after = (_credentials(each.declared) for each in pair)
    words = f"{_describe_credentials(after)} (before: {_describe_credentials(before)})"
    if any(not any(new <= old for new in after) for old in before):
        yield Change(_BREAKING, f" now needs {words}")
    elif any(not any(old <= new for old in before) for new in after):
        yield Change(_ADDITION, f" can be called with {words}")


def _credentials(operation: Operation) -> list[frozenset[str]]:
    """The alternatives, each a set of options: the shorthand of a kind, or a scheme of ``credentials=``."""
    schemes = read_schemes(operation.contract)
    kinds = Counter(scheme["kind"] for scheme in schemes.values())
    shorthands = {kind for kind in ("api_key", "token") if kinds[kind] == 1}
    options = {name: scheme["kind"] if scheme["kind"] in shorthands else name for name, scheme in schemes.items()}
    alternatives = read_security(schemes, operation) or [()]
    return [frozenset(options[name] for name in alternative) for alternative in alternatives]


def _describe_credentials(alternatives: list[frozenset[str]]) -> str:
    words = [" and ".join(f"`{name}`" for name in sorted(each)) or "no credentials" for each in alternatives]
    return " or ".join(dict.fromkeys(words))


def idempotence_changed(pair: Pair) -> Iterator[Change]:
    """Whether the client repeats the call by itself after a failure."""
    before, after = (each.declared.is_idempotent for each in pair)
    if before and not after:
        yield Change(_BREAKING, " is not idempotent any more: the client does not repeat it after most failures")
    elif after and not before:
        yield Change(_ADDITION, " is idempotent: the client repeats it after failures")


def deprecated(pair: Pair) -> Iterator[Change]:
    """An operation that is to be avoided from now on."""
    if pair.after.declared.is_deprecated and not pair.before.declared.is_deprecated:
        yield Change(_NEITHER, " is deprecated", deprecation=True)


def arguments_changed(pair: Pair) -> Iterator[Change]:
    """Arguments added, removed, renamed, made required or optional, or retyped."""
    yield from pair.compare("", pair.before.arguments, pair.after.arguments, sent=True)


def positions_changed(pair: Pair) -> Iterator[Change]:
    """Arguments that can no longer be given by position, or in another order."""
    before, after = pair.before.positional, pair.after.positional
    for name in before:
        if name not in after and name in pair.after.arguments["properties"]:
            yield Change(_BREAKING, f" takes `{name}` by keyword only, not by position")
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change(_BREAKING, f" takes its positional arguments in another order: {', '.join(after)}")


def _parameter_schema(parameter: Mapping[str, Any]) -> Any:
    schema = _schema([parameter, *parameter.get("content", {}).values()], {})
    return {"allOf": [schema], "deprecated": True} if parameter.get("deprecated") else schema


def body_changed(pair: Pair) -> Iterator[Change]:
    """A body with other media types or another schema."""
    before, after = (_by_media_type(operation.body) for operation in pair)
    for media_type in [each for each in before if after and each not in after]:
        yield Change(_BREAKING, f": `body` is no longer sent as {media_type}")
    for media_type in after if before else ():
        if media_type in before:
            yield from pair.compare("body", before[media_type], after[media_type], sent=True)
        else:
            yield Change(_ADDITION, f": `body` can be sent as {media_type}")


def _by_media_type(owner: Mapping[str, Any]) -> dict[str, Any]:
    return {essence(name): content.get("schema", {}) for name, content in owner.get("content", {}).items()}


def responses_changed(pair: Pair) -> Iterator[Change]:
    """Statuses added or removed, and other contents of those that stay."""
    before, after = pair.before.responses, pair.after.responses
    for status in sorted(before.keys() - after.keys()):
        if status.startswith("2"):
            yield Change(_BREAKING, f" no longer answers {status}")
        else:
            yield Change(_NEITHER, f" does not document {error_class(status)} ({status}) any more")
    for status in sorted(after.keys() - before.keys()):
        words = f"also answers {status}" if status.startswith("2") else f"may raise {error_class(status)} ({status})"
        yield Change(_ADDITION, f" {words}")
    yield from pair.compare("result", _result(before), _result(after), sent=False)
    for status in [each for each in before if each in after and not each.startswith("2")]:
        yield from pair.compare("error.body", _error_body(before[status]), _error_body(after[status]), sent=False)


def _result(responses: Mapping[str, Mapping[str, Any]]) -> Any:
    """The schemas that the generator parses results by; ``default`` is one, and each has that of its first content."""
    contents = [
        list(response.get("content", {}).values()) for status, response in responses.items() if status[0] in "2d"
    ]
    schemas = [_schema(values[:1], {"type": "null"}) for values in contents or [[]]]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _error_body(response: Mapping[str, Any]) -> Any:
    """The schema of an error's JSON."""
    return _schema([content for name, content in response.get("content", {}).items() if is_json(name)], {})


def _schema(owners: list[Mapping[str, Any]], default: object) -> object:
    """The first schema that is declared."""
    return next((owner["schema"] for owner in owners if "schema" in owner), default)


RULES: tuple[Callable[[Pair], Iterator[Change]], ...] = (
    renamed,
    moved,
    moved_to_another_host,
    credentials_changed,
    arguments_changed,
    positions_changed,
    body_changed,
    responses_changed,
    idempotence_changed,
    deprecated,
)
