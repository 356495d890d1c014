"""Runs against a server with real data: what is sent, and which reports are kept."""

import base64
import json
import re
from pathlib import Path

import pytest

from playbook3d_conformance.openapi import read_schema
from playbook3d_conformance.server.secret_scan import contains_secret
from playbook3d_mock import Request, Response
from support import breaching_server as server
from support.breaching_server import IDS, NIL, TEAM, Finished, conformance, instead_of, run_suite, unknown_ids

MAX = b"ffffffff-ffff-ffff-ffff-ffffffffffff"


def uuids(requests: list[Request]) -> list[bytes]:
    paths = [re.fullmatch(rb"/cancel/([0-9a-fA-F-]{36})/([0-9a-fA-F-]{36})", request.raw_path) for request in requests]
    return [value for path in paths if path for value in path.groups()]


def real_requests(run: Finished) -> list[Request]:
    return [request for request in run.requests if TEAM.encode() in request.raw_path]


@pytest.fixture(scope="module")
def without_ids(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run by default, with a contract whose examples exist, and a netrc file."""
    folder = tmp_path_factory.mktemp("without_ids")
    (folder / "netrc").write_text("default login me password of-mine", encoding="utf-8")
    contract = read_schema(server.CONTRACT).raw_schema
    for parameter in contract["paths"]["/cancel/{team_id}/{run_id}"]["post"]["parameters"]:
        parameter["example"] = parameter["schema"]["default"] = TEAM
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRC", str(folder / "netrc"))
        return run_suite(folder, unknown_ids, contract=contract)


@pytest.fixture(scope="module")
def with_ids(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run with the ids of something that exists."""
    return run_suite(tmp_path_factory.mktemp("with_ids"), unknown_ids, IDS)


def test_good_server_passes(without_ids: Finished, with_ids: Finished) -> None:
    assert (without_ids.status, with_ids.status) == (0, 0)


def test_probes_carry_no_credentials(without_ids: Finished) -> None:
    probes = [request for request in without_ids.requests if not request.raw_path.startswith(b"/cancel/")]
    assert 1 <= len(probes) <= 2  # a server may refuse one of them unseen
    assert not [probe for probe in probes if {b"authorization", b"x-api-key"} & dict(probe.headers).keys()]


def test_only_declared_methods_are_sent(without_ids: Finished) -> None:
    methods = [request.method for request in without_ids.requests if request.raw_path.startswith(b"/cancel/")]
    assert len(methods) > 20
    assert set(methods) == {"POST"}


def test_uuids_are_random(without_ids: Finished) -> None:
    sent = uuids(without_ids.requests)
    # Of 122 random bits: not small numbers, which somebody may have given out, nor examples of the contract.
    assert all(int(value.replace(b"-", b""), 16) > 2**100 for value in sent if value != NIL)
    assert not real_requests(without_ids)


def test_each_form_of_a_uuid_is_sent(without_ids: Finished) -> None:
    sent = uuids(without_ids.requests)
    for position in (sent[::2], sent[1::2]):
        assert NIL in position
        assert [value for value in position if value != value.lower() and value.lower() in position]


def test_each_run_sends_other_uuids(without_ids: Finished, with_ids: Finished) -> None:
    first, second = ({value.lower() for value in uuids(run.requests)} - {NIL, MAX} for run in (without_ids, with_ids))
    assert not first & second


def test_netrc_does_not_replace_the_token(without_ids: Finished) -> None:
    basic = b"Basic " + base64.b64encode(b"me:of-mine")
    assert not [request for request in without_ids.requests if request.header(b"authorization") == basic]


def test_real_ids_are_sent_once(with_ids: Finished) -> None:
    (request,) = real_requests(with_ids)
    assert (request.raw_path, request.header(b"x-api-key")) == (server.REAL_PATH, server.KEY.encode())


def test_reports_are_kept(with_ids: Finished) -> None:
    for name in ("random-ids", "real-ids"):
        folder = with_ids.reports / name
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert files == {"junit.xml", "requests.har", "html/index.html"}
    har = (with_ids.reports / "random-ids" / "requests.har").read_text(encoding="utf-8")
    assert len(json.loads(har)["log"]["entries"]) > 20


def test_real_ids_that_do_not_exist_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed: list[str] = []

    def breach(request: Request, response: Response) -> Response:
        printed.append(capsys.readouterr().out)
        return instead_of(200, server.json_response(404))(request, response)

    assert run_suite(tmp_path, breach, IDS).status == 1
    assert printed[0].startswith("To http://127.0.0.1:")  # before anything is sent
    assert re.search("Limits and expected statuses are configured in .*live.toml.$", printed[0])


def test_real_request_is_not_repeated_without_a_response(tmp_path: Path) -> None:
    """Hypothesis repeats what failed; here the server may have acted."""

    def breach(request: Request, response: Response) -> Response:
        return server.CUT if request.raw_path == server.REAL_PATH else unknown_ids(request, response)

    run = run_suite(tmp_path, breach, IDS)
    assert (run.status, len(real_requests(run))) == (3, 1)


def test_failed_run_sends_nothing_real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_suite(tmp_path, instead_of(200, server.json_response(500)), IDS)
    assert (run.status, real_requests(run)) == (1, [])
    assert "Nothing was really sent" in capsys.readouterr().out


def escaped(secret: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in secret)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"message": "{server.TOKEN}"}}',
        f'{{"message": "{escaped(server.KEY)}"}}',
        f'{{"message": "a", "{server.KEY}": 1}}',  # in a note of the verdict
    ],
)
def test_echoed_secret_is_in_no_artifact(body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    success = server.raw_response(200, body.encode())
    assert run_suite(tmp_path, instead_of(200, success)).status == 1
    printed = capsys.readouterr()
    assert "A credential came back from the server: it is in " in printed.out
    assert not contains_secret(printed.out + printed.err, [server.KEY, server.TOKEN])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_mock_is_tested_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", "of_somebody")
    assert conformance("--mock", "--reports", str(tmp_path), environment={}) == 0
    printed = capsys.readouterr().out
    assert "No violation found; never seen: " in printed
