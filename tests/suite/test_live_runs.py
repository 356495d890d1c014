"""Runs against a server with real data: what is sent, and which reports are kept."""

import base64
import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from playbook3d_conformance.server.run import main
from playbook3d_conformance.server.secret_scan import contains_secret
from playbook3d_mock import Request
from support.breaching_server import (
    CONTRACT,
    CREDENTIALS,
    KEY,
    NIL,
    REAL_PATH,
    RUN,
    TEAM,
    TOKEN,
    Response,
    breaching_server,
    json_response,
    raw_response,
    unknown_ids,
)

IDS = {"TEAM_ID": TEAM, "RUN_ID": RUN.upper()}


def run(url: str, reports: Path, contract: Any = CONTRACT, **options: str) -> int:
    return main(
        {"BASE_URL": url, "RATE": "1000/s", "EXAMPLES": "2", **CREDENTIALS, **options}, reports, contract=contract
    )


def uuids(requests: list[Request]) -> list[bytes]:
    paths = [re.fullmatch(rb"/cancel/([0-9a-fA-F-]{36})/([0-9a-fA-F-]{36})", request.raw_path) for request in requests]
    return [value for path in paths if path for value in path.groups()]


class Finished(NamedTuple):
    """A run that has ended."""

    status: int
    requests: list[Request]
    reports: Path


@pytest.fixture(scope="module")
def without_ids(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run by default, with a contract whose examples exist, and a netrc file."""
    folder = tmp_path_factory.mktemp("without_ids")
    (folder / "netrc").write_text("default login me password of-mine", encoding="utf-8")
    contract = copy.deepcopy(CONTRACT)
    for parameter in contract["paths"]["/cancel/{team_id}/{run_id}"]["post"]["parameters"]:
        parameter["example"] = parameter["schema"]["default"] = TEAM
    with pytest.MonkeyPatch.context() as patch, breaching_server(unknown_ids) as (url, requests):
        patch.setenv("NETRC", str(folder / "netrc"))
        return Finished(run(url, folder, contract), requests, folder)


@pytest.fixture(scope="module")
def with_ids(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run with the ids of something that exists."""
    folder = tmp_path_factory.mktemp("with_ids")
    with breaching_server(unknown_ids) as (url, requests):
        return Finished(run(url, folder, **IDS), requests, folder)


def test_good_server_passes(without_ids: Finished, with_ids: Finished) -> None:
    assert (without_ids.status, with_ids.status) == (0, 0)


def test_probes_carry_no_credentials(without_ids: Finished) -> None:
    probes = [one for one in without_ids.requests if not one.raw_path.startswith(b"/cancel/")]
    assert 1 <= len(probes) <= 2  # a server may refuse one of them unseen
    assert not [one for one in probes if {b"authorization", b"x-api-key"} & dict(one.headers).keys()]


def test_only_declared_methods_are_sent(without_ids: Finished) -> None:
    calls = [request for request in without_ids.requests if request.raw_path.startswith(b"/cancel/")]
    assert len(calls) > 20
    assert {request.method for request in calls} == {"POST"}


def test_uuids_are_random(without_ids: Finished) -> None:
    sent = uuids(without_ids.requests)
    # Of 122 random bits: not small numbers, which somebody may have given out, nor examples of the contract.
    assert all(int(value.replace(b"-", b""), 16) > 2**100 for value in sent if value != NIL)
    assert TEAM.encode() not in sent


def test_each_form_of_a_uuid_is_sent(without_ids: Finished) -> None:
    sent = uuids(without_ids.requests)
    for position in (sent[::2], sent[1::2]):
        assert NIL in position
        assert [value for value in position if value != value.lower() and value.lower() in position]


def test_each_run_sends_other_uuids(without_ids: Finished, with_ids: Finished) -> None:
    first, second = ({value.lower() for value in uuids(one.requests)} - {NIL} for one in (without_ids, with_ids))
    assert not first & second


def test_netrc_does_not_replace_the_token(without_ids: Finished) -> None:
    basic = b"Basic " + base64.b64encode(b"me:of-mine")
    assert not [request for request in without_ids.requests if request.header(b"authorization") == basic]


def test_real_ids_are_sent_once(with_ids: Finished) -> None:
    (real,) = [request for request in with_ids.requests if TEAM.encode() in request.raw_path]
    assert (real.raw_path, real.header(b"x-api-key")) == (REAL_PATH, KEY.encode())


def test_reports_are_kept(with_ids: Finished) -> None:
    for name in ("unnamed", "named"):
        folder = with_ids.reports / "conformance" / name
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert files == {"junit.xml", "requests.har", "html/index.html"}
    har = (with_ids.reports / "conformance" / "unnamed" / "requests.har").read_text(encoding="utf-8")
    assert len(json.loads(har)["log"]["entries"]) > 20


def test_real_ids_that_do_not_exist_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed: list[str] = []

    def breach(_: Request, response: Response) -> Response:
        printed.append(capsys.readouterr().out)
        return json_response(404) if response.status == 200 else response

    with breaching_server(breach) as (url, _):
        assert run(url, tmp_path, **IDS) == 1
    assert printed[0].startswith(f"To {url}, at most ")  # before anything is sent
    assert re.search("Limits and expected statuses are configured in .*live.toml.$", printed[0])


def test_real_request_is_not_repeated_without_a_response(tmp_path: Path) -> None:
    """Hypothesis repeats what failed; here the server may have acted."""
    cut = Response(200, ((b"content-type", b"application/json"), (b"content-length", b"1000")), b"{")
    with breaching_server(
        lambda request, response: cut if request.raw_path == REAL_PATH else unknown_ids(request, response)
    ) as (url, requests):
        assert run(url, tmp_path, **IDS) == 1
    assert len([request for request in requests if request.raw_path == REAL_PATH]) == 1


def test_failed_run_sends_nothing_real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with breaching_server(lambda _, response: json_response(500) if response.status == 200 else response) as (
        url,
        requests,
    ):
        assert run(url, tmp_path, **IDS) == 1
    assert "Nothing was really sent" in capsys.readouterr().out
    assert not [request for request in requests if TEAM.encode() in request.raw_path]


ECHOES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "token": (TOKEN, lambda secret: json.dumps({"message": secret}).encode()),
    "escaped key": (
        KEY,
        lambda secret: b'{"message": "%s"}' % b"".join(b"\\u%04x" % ord(character) for character in secret),
    ),
}


@pytest.mark.parametrize(("secret", "echo"), ECHOES.values(), ids=ECHOES)
def test_echoed_secret_is_in_no_artifact(
    secret: str, echo: Callable[[str], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    success = raw_response(200, echo(secret))
    with breaching_server(lambda _, response: success if response.status == 200 else response) as (url, _):
        assert run(url, tmp_path) == 1
    printed = capsys.readouterr()
    assert "A credential came back from the server: it is in " in printed.out
    assert not contains_secret(printed.out + printed.err, [KEY, TOKEN])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_base_url_the_mock_is_tested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", "of_somebody")
    assert main({}, tmp_path) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("No BASE_URL: the mock is started")
    assert printed.endswith("The server keeps the contract.\n")
