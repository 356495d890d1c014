"""The rule of ``make lint`` for code samples that cannot work."""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator

from contract.lint_findings import Finding, components, selector
from contract.operations import Contract, Operation, iterate_operations, server_url
from contract.overlay_actions import Action, quote, remove, update
from contract.pointers import dereference, is_array, is_object

_KEY = "x-codeSamples"
_CURL = re.compile(r"^\s*(\$ )?curl\s", re.MULTILINE)
_EXAMPLE_HOST = "https?://([a-z0-9-]+[.])*example[.](com|net|org)"  # RFC 2606 §3
_METHODS = (
    r"(?:\s-[a-zA-Z]*X|\s--request)[\s=]*['\"]?([A-Z]+)"
    r"|\b(?:requests|httpx|axios)\.(get|post|put|patch|delete|head|options)\("
    r"|\bmethod['\"]?\s*[:=]\s*['\"](\w+)"
)


def code_samples(contract: Contract) -> Iterator[Finding]:
    """Code samples that cannot work as they stand. The last one is first: others keep their index."""
    for operation in iterate_operations(contract):
        declared = operation.fields.get(_KEY)
        samples = [sample if is_object(sample) else {} for sample in declared] if is_array(declared) else []
        languages = [str(sample.get("lang", "")) for sample in samples]
        for index, (sample, language) in reversed(list(enumerate(zip(samples, languages, strict=True)))):
            source = str(sample.get("source", ""))
            if problems := list(_sample_problems(operation, language, source)):
                by_language = f"?@.lang == {quote(language)}"
                place = by_language if language and languages.count(language) == 1 else index
                action = _correction(operation, f"{selector(operation)}[{quote(_KEY)}][{place}]", language, source)
                why = f"Copied, the {language} sample fails: {'; '.join(problems)}."
                yield Finding((*operation.location, _KEY, index), why, (action,))


def _correction(operation: Operation, target: str, language: str, source: str) -> Action:
    if _CURL.search(source) and not re.match("(?i)py", language):
        return update(target, "A sample with what the operation requires.", {"source": _curl(operation)})
    if _calls_placeholder(operation, source) and "curl " not in source:
        others = f"search(@.source, {quote(_EXAMPLE_HOST)}) && !search(@.source, 'curl ')"
        target = f"$.paths[*][*][{quote(_KEY)}][?{others}]"
        return remove(target, "These samples call example.com, which is not the API.")
    return remove(target, "A sample that cannot work. Better, correct it.")


# Language, its quoted texts (as a group, those that fill in no variable), a variable, and the reason.
_QUOTES = (
    (
        r"(?i)(curl|(ba|z)?sh|shell)\b",
        r"\"(?:\\.|[^\"\\])*\"|('[^']*')",
        r"\$\{?[A-Z_]\w*",
        "in single quotes, the shell",
    ),
    (
        r"(?i)((java|type)script|js|ts|node)\b",
        r"`[^`]*`|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
        r"\$\{\w+\}",
        "outside backticks, JavaScript",
    ),
)


def _sample_problems(operation: Operation, language: str, source: str) -> Iterator[str]:
    if host := _calls_placeholder(operation, source):
        yield f"it calls {host[0]}"
    yield from _request_problems(operation, source)
    name = "curl" if _CURL.search(source) else language
    for languages, quotes, variable, where in _QUOTES:
        code = re.sub(r"(?m)^\s*(#|//).*", "", source)  # an apostrophe in a comment is no quote
        unfilled = re.search(variable, "\n".join(re.findall(quotes, code)))
        if unfilled and re.match(languages, name):
            yield f"{where} does not fill in {unfilled[0]}"
    if re.match("(?i)py", language):
        yield from _python_problems(source)


def _calls_placeholder(operation: Operation, source: str) -> re.Match[str] | None:
    """The placeholder host that a sample calls, unless it is a server of the contract."""
    is_server = any(re.match(_EXAMPLE_HOST, server["url"]) for server in operation.servers[1])
    return None if is_server else re.search(_EXAMPLE_HOST, source)


def _request_problems(operation: Operation, source: str) -> Iterator[str]:
    """Problems of a sample that sends the request itself, to a URL that it shows."""
    is_curl, method = bool(_CURL.search(source)), operation.method.upper()
    path, text = (re.sub("['\"]", "", text) if is_curl else text for text in (operation.path, source))
    url = re.search(rf"(https?://[^\s'\"`<>]*?|){_template(path)}(?=/?([?#'\"`\s\\)]|$))", text)
    if not url and is_curl:
        yield f"it does not call {operation.path}"
    base = re.sub("[{}]", "", url[1]).rstrip("/") if url else ""
    if not is_curl and not base:
        return
    servers = [server["url"].rstrip("/") for server in operation.servers[1] if "://" in server["url"]]
    is_known = not servers or any(re.fullmatch(_template(server), base) for server in servers)
    if base and not is_known and not _calls_placeholder(operation, source):
        yield f"it calls {base}, which is not a server of the API"
    sent = {str(match[match.lastindex or 0]).upper() for match in re.finditer(_METHODS, source)}
    if is_curl and not sent:
        flags = ((r"-I|--head", "HEAD"), (r"-G|--get", "GET"), (r"-d|-F|--json|--data\S*|--form\S*", "POST"))
        sent = {next((name for flag, name in flags if re.search(rf"\s({flag})\s", source)), "GET")}
    if sent and method not in sent:
        yield f"it sends {min(sent)} instead of {method}"
    lacking = [[name for name in names if not _sends(source, name)] for names in _required_headers(operation)]
    if missing := min(lacking, key=len):
        yield f"it sends no {', '.join(missing)}"


def _sends(source: str, header: str) -> bool:
    return bool(re.search("auth|bearer" if header == "Authorization" else re.escape(header), source, re.IGNORECASE))


def _template(template: str) -> str:
    """A regular expression for a path or a URL with anything in place of its variables."""
    return re.sub(r"\\\{.*?\\\}", r"[^/?'\"`\\s]+", re.escape(template))


def _python_problems(source: str) -> Iterator[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(textwrap.dedent(source))
    except (SyntaxError, ValueError) as error:
        yield f"it is not Python ({error})"
        return
    for node in ast.walk(tree):
        for part in node.values if isinstance(node, ast.JoinedStr) else ():
            literal = part.value if isinstance(part, ast.Constant) else ""
            if braces := re.search(r"(?<=[/=:])\{\w+\}", str(literal)):
                yield f"the doubled braces of its f-string send {braces[0]} as it is"
                return


def _required_headers(operation: Operation) -> list[list[str]]:
    """The headers of the required parameters, and of the security, for each of its alternatives."""
    parameters = [parameter for _, _, parameter in operation.parameters]
    headers = {item["name"]: item.get("required") for item in parameters if item["in"] == "header"}
    # OpenAPI ignores these two as parameters, and tools send them.
    required = [name for name, needed in headers.items() if needed and name.lower() not in ("accept", "content-type")]
    schemes = components(operation.contract, "securitySchemes")
    named = {name: scheme["name"] for name, scheme in schemes.items() if scheme.get("in") == "header"}
    named |= {name: "Authorization" for name, scheme in schemes.items() if scheme["type"] == "http"}
    return [
        list(dict.fromkeys([*required, *(named[name] for name in alternative if name in named)]))
        for alternative in operation.security or [{}]
    ]


def _curl(operation: Operation) -> str:
    """A cURL command with what the operation requires, from shell variables."""
    _, servers = operation.servers
    url = server_url(servers[0]).rstrip("/") if servers else "$BASE_URL"
    url += re.sub(r"\{([^}]*)\}", lambda name: _variable(name[1]), operation.path)
    required = [item for _, _, item in operation.parameters if item.get("required")]
    query = "&".join(f"{item['name']}={_variable(item['name'])}" for item in required if item["in"] == "query")
    option = "--head" if operation.method == "head" else f"-X {operation.method.upper()}"
    lines = [f'curl {option} "{url}{"?" + query if query else ""}"']
    for name in _required_headers(operation)[0]:
        value = "Bearer $TOKEN" if name.lower() == "authorization" else _variable(name)
        lines.append(f'-H "{name}: {value}"')
    body = dereference(operation.contract, operation.fields.get("requestBody", {}))
    if media_type := next(iter(body.get("content", {})), None):
        lines += [f'-H "Content-Type: {media_type}"', "--data-binary @body"]
    return " \\\n  ".join(lines)


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name).upper()
