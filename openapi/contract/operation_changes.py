"""What changed operations mean for callers: one function for each kind of change."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from contract.error_classes import error_class
from contract.json_types import essence, is_json
from contract.operations import server_url
from contract.pointers import dereference
from contract.schema_changes import Change, Impact, compare_schemas, is_renamed, python_name

_BREAKING, _ADDITION, _NEITHER = Impact.BREAKING, Impact.ADDITION, Impact.NEITHER


class Operation(NamedTuple):
    """An operation of an effective contract, with the names that the generator chose."""

    tag: str
    name: str
    method: str
    path: str
    contract: Mapping[str, Any]

    @property
    def item(self) -> Mapping[str, Any]:
        """Its path item."""
        item: Mapping[str, Any] = self.contract["paths"][self.path]
        return item

    @property
    def fields(self) -> Mapping[str, Any]:
        """Its Operation Object."""
        fields: Mapping[str, Any] = self.item[self.method]
        return fields

    @property
    def endpoint(self) -> str:
        """Method and path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """The parameters by argument and location; the operation's own win over its path item's."""
        declared = [*self.item.get("parameters", ()), *self.fields.get("parameters", ())]
        parameters = [dereference(self.contract, each) for each in declared]
        return {(python_name(each["name"]), each["in"]): each for each in parameters}

    @property
    def body(self) -> Mapping[str, Any]:
        """Its Request Body Object; empty if it has none."""
        body: Mapping[str, Any] = dereference(self.contract, self.fields.get("requestBody", {}))
        return body

    @property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """Its responses by status."""
        responses = self.fields.get("responses", {})
        named = {status if status == "default" else status.upper(): each for status, each in responses.items()}
        return {status: dereference(self.contract, each) for status, each in named.items()}

    @property
    def idempotent(self) -> bool:
        """Whether the client repeats it: RFC 9110 §9.2.2, or the mark of the overlay."""
        return self.method not in ("post", "patch") or self.fields.get("x-idempotent") is True


class Pair(NamedTuple):
    """One operation, before and after."""

    before: Operation
    after: Operation

    def compare(self, name: str, before: Any, after: Any, *, sent: bool) -> list[Change]:
        """The changes of a value of this operation."""
        contracts = (self.before.contract, self.after.contract)
        return compare_schemas(contracts, name, (before, after), sent=sent)


def renamed(pair: Pair) -> Iterator[Change]:
    """Another name, or another tag."""
    before, after = (f"client.{each.tag}.{each.name}" for each in pair)
    if before != after:
        yield Change(_BREAKING, f" is now `{after}`, not `{before}`")


def moved(pair: Pair) -> Iterator[Change]:
    """Another method or path: users' own mocks, proxies and allow-lists name them."""
    if (pair.before.method, pair.before.path) != (pair.after.method, pair.after.path):
        yield Change(_BREAKING, f" moved from `{pair.before.endpoint}` to `{pair.after.endpoint}`")


def moved_to_another_host(pair: Pair) -> Iterator[Change]:
    """Another server."""
    before, after = (_servers(operation) for operation in pair)
    if before != after:
        yield Change(_BREAKING, f" moved from {_urls(before)} to {_urls(after)}")


def _servers(operation: Operation) -> list[str]:
    owners = (operation.fields, operation.item, operation.contract)
    servers = next(filter(None, (owner.get("servers") for owner in owners)), ())
    return [server_url(server).rstrip("/") for server in servers]


def _urls(urls: list[str]) -> str:
    return " or ".join(f"`{url}`" for url in urls)


def credentials_changed(pair: Pair) -> Iterator[Change]:
    """Credentials that are newly demanded, or no longer needed."""
    before, after = (_credentials(operation) for operation in pair)
    if any(not any(new <= old for new in after) for old in before):
        yield Change(_BREAKING, f" now needs {_describe_credentials(after)}, not {_describe_credentials(before)}")
    elif any(not any(old <= new for old in before) for new in after):
        yield Change(_ADDITION, f" needs only {_describe_credentials(after)}, not {_describe_credentials(before)}")


def _credentials(operation: Operation) -> list[frozenset[str]]:
    """The alternatives, each a set of the client's options."""
    contract = operation.contract
    schemes = contract.get("components", {}).get("securitySchemes", {})
    alternatives: list[dict[str, Any]] = operation.fields.get("security", contract.get("security", [])) or [{}]
    return [frozenset(_option(schemes.get(name, {})) for name in alternative) for alternative in alternatives]


def _option(scheme: Mapping[str, Any]) -> str:
    return "api_key" if scheme.get("type") == "apiKey" else "token"


def _describe_credentials(alternatives: list[frozenset[str]]) -> str:
    words = [" and ".join(f"`{name}`" for name in sorted(each)) or "no credentials" for each in alternatives]
    return " or ".join(dict.fromkeys(words))


def idempotence_changed(pair: Pair) -> Iterator[Change]:
    """Whether the client repeats the call by itself after a failure."""
    if pair.before.idempotent and not pair.after.idempotent:
        yield Change(_BREAKING, " is not idempotent any more: the client does not repeat it after most failures")
    elif pair.after.idempotent and not pair.before.idempotent:
        yield Change(_ADDITION, " is idempotent: the client repeats it after failures")


def deprecated(pair: Pair) -> Iterator[Change]:
    """An operation that is to be avoided from now on."""
    if pair.after.fields.get("deprecated") and not pair.before.fields.get("deprecated"):
        yield Change(_NEITHER, " is deprecated", deprecation=True)


def parameters_changed(pair: Pair) -> Iterator[Change]:
    """Parameters added, removed, renamed, made required or optional, or retyped."""
    before, after = dict(pair.before.parameters), dict(pair.after.parameters)
    removed = [key for key in before if key not in after]
    added = [key for key in after if key not in before]
    for old, new in list(product(removed, added)):
        if old[0] == new[0] and old in removed and new in added:
            removed.remove(old)
            added.remove(new)
            yield from _moved_argument(old, new)
            yield from _compare_parameter(pair, before[old], after[new])
    for location in ("path", "query", "header", "cookie"):
        gone, new = ([key for key in keys if key[1] == location] for keys in (removed, added))
        if is_renamed(_declarations(before), _declarations(after), gone, new):
            yield Change(_BREAKING, f": `{gone[0][0]}` is now called `{new[0][0]}`")
            removed.remove(gone[0])
            added.remove(new[0])
    for key in removed:
        yield Change(_BREAKING, f" no longer takes `{key[0]}`")
    for key in added:
        if after[key].get("required"):
            yield Change(_BREAKING, f" now needs `{key[0]}`")
        else:
            yield Change(_ADDITION, f" also takes `{key[0]}`")
    for key in before.keys() & after.keys():
        yield from _compare_parameter(pair, before[key], after[key])
    yield from _reordered(pair)


def _declarations(parameters: Mapping[tuple[str, str], Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    return {key: [_parameter_schema(each), each.get("required", False)] for key, each in parameters.items()}


def _moved_argument(old: tuple[str, str], new: tuple[str, str]) -> Iterator[Change]:
    if old[1] == "path":
        yield Change(_BREAKING, f" takes `{new[0]}` by keyword only, not by position")
    elif new[1] == "path":
        yield Change(_NEITHER, f" takes `{new[0]}` by position, too")


def _compare_parameter(pair: Pair, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    name = python_name(after["name"])
    if after.get("required") and not before.get("required"):
        yield Change(_BREAKING, f" now needs `{name}`")
    elif before.get("required") and not after.get("required"):
        yield Change(_ADDITION, f": `{name}` can be left out")
    if after.get("deprecated") and not before.get("deprecated"):
        yield Change(_NEITHER, f": `{name}` is deprecated", deprecation=True)
    yield from pair.compare(name, _parameter_schema(before), _parameter_schema(after), sent=True)


def _parameter_schema(parameter: Mapping[str, Any]) -> Any:
    media_types: list[Mapping[str, Any]] = list(parameter.get("content", {}).values())
    return next((owner["schema"] for owner in (parameter, *media_types) if "schema" in owner), True)


def _reordered(pair: Pair) -> Iterator[Change]:
    """The order of positional arguments is that of the path."""
    before, after = ([name for name, location in each.parameters if location == "path"] for each in pair)
    common = [name for name in before if name in after]
    if common != [name for name in after if name in before]:
        yield Change(_BREAKING, f" takes its positional arguments in another order: {', '.join(after)}")


def body_changed(pair: Pair) -> Iterator[Change]:
    """A body added, removed, made required or optional, or with other media types or another schema."""
    before, after = pair.before.body, pair.after.body
    if before and not after:
        yield Change(_BREAKING, " no longer takes `body`")
    elif after.get("required") and not before.get("required"):
        yield Change(_BREAKING, " now needs `body`")
    elif after and not before:
        yield Change(_ADDITION, " also takes `body`")
    elif before.get("required") and not after.get("required"):
        yield Change(_ADDITION, ": `body` can be left out")
    if before and after:
        old, new = (_by_media_type(each) for each in (before, after))
        for media_type in old.keys() - new.keys():
            yield Change(_BREAKING, f": `body` is no longer sent as {media_type}")
        for media_type in new.keys() - old.keys():
            yield Change(_ADDITION, f": `body` can be sent as {media_type}")
        for media_type in [each for each in old if each in new]:
            yield from pair.compare("body", old[media_type], new[media_type], sent=True)


def _by_media_type(owner: Mapping[str, Any]) -> dict[str, Any]:
    return {essence(name): content.get("schema", {}) for name, content in owner.get("content", {}).items()}


def responses_changed(pair: Pair) -> Iterator[Change]:
    """Statuses added or removed, and other contents of those that stay."""
    before, after = pair.before.responses, pair.after.responses
    for status in before.keys() - after.keys():
        if _is_success(pair.before, status):
            yield Change(_BREAKING, f" no longer answers {status}")
        else:
            yield Change(_NEITHER, f" does not document {error_class(status)} ({status}) any more")
    for status in sorted(after.keys() - before.keys()):
        if not _is_success(pair.after, status):
            yield Change(_ADDITION, f" may raise {error_class(status)} ({status})")
        elif _result(after[status]) in [_result(each) for key, each in before.items() if _is_success(pair.before, key)]:
            yield Change(_ADDITION, f" also answers {status}, with the same result")
        else:
            yield Change(_BREAKING, f" also answers {status}: its result can be something else")
    for status in [each for each in before if each in after]:
        name = "result" if _is_success(pair.after, status) else "error.body"
        yield from pair.compare(name, _result(before[status]), _result(after[status]), sent=False)


def _is_success(operation: Operation, status: str) -> bool:
    """``default`` is there for errors, unless nothing else says what a success is."""
    if status == "default":
        return not any(each.startswith("2") for each in operation.responses)
    return status.startswith("2")


def _result(response: Mapping[str, Any]) -> Any:
    """The schema of a response's content, as the client parses it."""
    content: Mapping[str, Any] = response.get("content", {})
    name = next(filter(is_json, content), next(iter(content), ""))
    if not name:
        return {"type": "null"}
    if is_json(name):
        return content[name].get("schema", {})
    return {"type": "string"} if essence(name).startswith("text/") else {"type": "string", "format": "binary"}


RULES: tuple[Callable[[Pair], Iterator[Change]], ...] = (
    renamed,
    moved,
    moved_to_another_host,
    credentials_changed,
    parameters_changed,
    body_changed,
    responses_changed,
    idempotence_changed,
    deprecated,
)
