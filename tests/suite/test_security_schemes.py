"""Credentials come from the contract: their variables, what is sent, near misses, curl lines, the secret scan."""

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook3d_conformance.checks.near_misses import credential_probes, parameter_probes
from playbook3d_conformance.server import schemathesis_cli
from playbook3d_conformance.server.schemathesis_cli import STRICT, read_configuration
from playbook3d_mock import Mock, Request
from support.breaching_server import QUICK, Breach, breaching_server, conformance, json_response

SCHEMES = Path(__file__).parents[1] / "support" / "contracts" / "schemes.yaml"
# Shorter than the parts of a credential that are searched for: only a search for the password itself finds it.
PASSWORD = "pass-0918"
CREDENTIALS = {
    "basicAuth": f"user:{PASSWORD}",
    "bearerAuth": "bearer-0f1e2d3c",
    "cookieKey": "cookie-4b5a6978",
    "headerKey": "header-8796a5b4",
    "oauth": "oauth-c3d2e1f0",
    "queryKey": "query-01122334",
}
ENVIRONMENT = {
    "PLAYBOOK_BASIC_AUTH": CREDENTIALS["basicAuth"],
    "PLAYBOOK_BEARER_AUTH": CREDENTIALS["bearerAuth"],
    "PLAYBOOK_COOKIE_KEY": CREDENTIALS["cookieKey"],
    "PLAYBOOK_HEADER_KEY": CREDENTIALS["headerKey"],
    "PLAYBOOK_OAUTH": CREDENTIALS["oauth"],
    "PLAYBOOK_QUERY_KEY": CREDENTIALS["queryKey"],
}
ENCODED = b64encode(CREDENTIALS["basicAuth"].encode()).decode()
DONE = json_response(200, "done")


def run(reports: Path, breach: Breach, environment: dict[str, str] = ENVIRONMENT) -> tuple[int, list[Request]]:
    """The status of a test of a breaching server, and what was sent."""
    with breaching_server(breach, SCHEMES, credentials=CREDENTIALS) as (url, requests):
        where = ("--base-url", url, "--spec", str(SCHEMES), "--reports", str(reports))
        return conformance(*where, *QUICK, environment=environment), requests


def test_mock_passes_although_401_is_undocumented(tmp_path: Path) -> None:
    mock = Mock(SCHEMES)
    configuration = read_configuration(STRICT)
    configuration["generation"]["max-examples"] = 5
    with mock.serve() as url:
        status, output = schemathesis_cli.run(SCHEMES, url, configuration, mock.environment, tmp_path)
    assert status == 0, output
    for path in ("/basic", "/keys", "/token"):
        assert f"GET {path}: answered 401, which is not documented." in output


def test_first_requirement_that_can_be_met_is_sent(tmp_path: Path) -> None:
    status, requests = run(tmp_path, lambda _, response: response)
    assert status == 0
    by_path = {
        path: [each for each in requests if each.raw_path == path and each.method == "GET"]
        for path in (b"/basic", b"/keys", b"/token", b"/optional")
    }
    assert any(each.header(b"authorization") == f"Basic {ENCODED}".encode() for each in by_path[b"/basic"])
    assert any(each.header(b"authorization") == b"Bearer oauth-c3d2e1f0" for each in by_path[b"/token"])
    assert any(each.header(b"authorization") == b"Bearer bearer-0f1e2d3c" for each in by_path[b"/optional"])
    sent = [(each.query, each.header(b"cookie"), each.header(b"x-key")) for each in by_path[b"/keys"]]
    assert (b"key=query-01122334", b"sid=cookie-4b5a6978", b"header-8796a5b4") in sent


# Requests that a server accepts although the mock rejects them, and what the suite says.
LOOSE: dict[str, tuple[Callable[[Request], bool], str]] = {
    "password not compared": (
        lambda request: (request.header(b"authorization") or b"").startswith(b"Basic "),
        "Authorization lacks its last character",
    ),
    "key in the query not compared": (lambda request: b"key=" in request.query, "key has another last character"),
    "key in the query not required": (lambda request: request.header(b"x-key") is not None, "key is missing"),
    "cookie not compared": (lambda request: b"sid=" in (request.header(b"cookie") or b""), "sid is wrong"),
    "token not compared": (
        lambda request: (request.header(b"authorization") or b"").startswith(b"Bearer "),
        "Authorization has a character too many",
    ),
}


@pytest.mark.parametrize("name", LOOSE)
def test_loose_comparison_is_found(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accepts, problem = LOOSE[name]
    status, _ = run(
        tmp_path, lambda request, response: DONE if response.status == 401 and accepts(request) else response
    )
    output = " ".join(capsys.readouterr().out.split())
    assert (status, f"answered 200 instead of 401: {problem}." in output) == (1, True)
    # Each line can be pasted: no credential is in it.
    lines = re.findall(r"curl -i .*?https?://\S+", output)
    assert lines
    assert [secret for secret in (*CREDENTIALS.values(), ENCODED) if secret in " ".join(lines)] == []


@pytest.mark.parametrize("secret", [*CREDENTIALS.values(), PASSWORD, ENCODED])
def test_echoed_credential_is_found(secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = run(tmp_path, lambda _, response: json_response(200, secret) if response.status == 200 else response)
    assert status == 1
    output = capsys.readouterr().out
    assert "A credential came back from the server" in output
    assert secret not in output


def test_missing_variables_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    partial = {name: value for name, value in ENVIRONMENT.items() if "KEY" in name or "BEARER" in name}
    assert run(tmp_path, lambda _, response: response, partial) == (2, [])
    assert ": error: PLAYBOOK_BASIC_AUTH must be set in the environment." in capsys.readouterr().err


def test_near_misses_of_a_password_are_encoded() -> None:
    probes = {probe.variation: probe.headers for probe in credential_probes({"Authorization": f"Basic {ENCODED}"})}
    shorter = b64encode(f"user:{PASSWORD[:-1]}".encode()).decode()
    assert probes["Authorization lacks its last character"] == {"Authorization": f"Basic {shorter}"}
    assert "Authorization has the scheme Bearer" in probes


def test_near_misses_of_parameters_keep_the_others() -> None:
    probes = dict(parameter_probes({"a": "secret-1", "b": "secret-2"}))
    assert probes["a is missing"] == {"b": "secret-2"}
    assert probes["b lacks its last character"] == {"a": "secret-1", "b": "secret-"}
