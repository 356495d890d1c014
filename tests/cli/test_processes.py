"""The command as a process of its own, against the mock."""

from uuid import UUID

from support.command_line import OWNER, THING, TOKEN, Server, process
from support.servers import refusing_server

CANCEL = ("cancel-run", OWNER)


def test_success_is_status_0(server: Server) -> None:
    done = process(*CANCEL, THING, url=server.url)
    assert (done.status, done.stdout, done.stderr) == (0, "Run successfully canceled.\n", "")
    server.mock.assert_called("cancel_run", times=1)


def test_refusal_is_status_1(server: Server) -> None:
    server.mock.on("cancel_run").reply(402)
    done = process(*CANCEL, THING, url=server.url)
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.startswith("error: cancel_run answered 402: Payment Required.")
    assert "\nhint: The subscription is not active" in done.stderr


def test_invalid_id_is_status_2(server: Server) -> None:
    done = process(*CANCEL, "my-run", url=server.url)
    assert (done.status, done.stdout, done.stderr) == (2, "", "error: run_id must be a UUID, not 'my-run'\n")
    assert len(server.mock.journal) == 0


def test_unreachable_server_is_status_3() -> None:
    with refusing_server() as url:
        done = process(*CANCEL, THING, "--max-retries", "0", "--json", url=url)
    assert (done.status, done.stdout, done.error()["type"]) == (3, "", "APIConnectionError")


def test_thousand_ids_are_all_sent_and_reported(server: Server) -> None:
    ids = [str(UUID(int=number)) for number in range(1, 1001)]
    done = process(*CANCEL, "-", "--json", "--concurrency", "32", url=server.url, stdin="\n".join(ids))
    assert done.status == 0
    assert sorted(line["id"] for line in done.lines()) == ids
    assert {line["state"] for line in done.lines()} == {"done"}
    assert sorted(entry.path.rpartition("/")[2] for entry in server.mock.journal) == ids
    assert done.stderr == '{"summary": {"done": 1000, "failed": 0, "unknown": 0, "not_started": 0}}\n'


def test_credentials_are_never_shown(server: Server) -> None:
    server.mock.on("cancel_run").reply(403, body={"result": f"no {TOKEN}"})
    done = process(*CANCEL, THING, "--json", url=server.url)
    assert done.status == 1
    assert TOKEN not in done.stdout + done.stderr


def test_output_that_cannot_be_encoded_is_escaped(server: Server) -> None:
    server.mock.on("cancel_run").reply(200, body={"message": "é"})
    done = process(*CANCEL, THING, url=server.url, PYTHONIOENCODING="ascii")
    assert (done.status, done.stdout, done.stderr) == (0, "\\xe9\n", "")


def test_plain_http_is_warned_of_in_one_line() -> None:
    done = process(*CANCEL, THING, "--max-retries", "0", url="http://playbook.invalid")
    assert done.status == 3
    assert done.stderr.startswith("warning: ")
    assert ".py" not in done.stderr
