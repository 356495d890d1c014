"""The second opinion compares two servers rightly; Prism itself is not needed here: the mock takes its place."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from playbook3d_conformance.properties.operations import EFFECTIVE
from playbook3d_mock import Mock
from second_opinion import __main__ as second_opinion
from second_opinion.differences import Difference, Explanation, Row, explain, find_differences, read_explanations, table
from second_opinion.servers import NO_RESPONSE, Outcome, RawRequest, raw_outcomes
from support.servers import refusing_server


@pytest.fixture(scope="module", autouse=True)
def _few_cases() -> Iterator[None]:
    former = settings.get_current_profile_name()
    settings.load_profile("quick")
    yield
    settings.load_profile(former)


def test_mock_agrees_with_itself() -> None:
    mock = Mock(EFFECTIVE)
    first, second = ([*second_opinion.outcomes(mock.serve, mock)] for _ in range(2))
    assert find_differences(first, second) == {}
    results = {outcome.result for outcome in first}
    # Valid calls, documented statuses and invalid requests are all among them.
    assert {"200, the model", "404, NotFoundError", "400", "401", "404", "405"} <= results
    assert NO_RESPONSE not in results


def test_server_that_rejects_valid_calls_differs() -> None:
    mock, other = Mock(EFFECTIVE), Mock(EFFECTIVE)  # with other credentials
    ours = [*second_opinion.outcomes(mock.serve, mock)]
    theirs = [*second_opinion.outcomes(other.serve, mock)]
    valid = Difference("a valid request of the client", "200, the model", "401, AuthenticationError")
    assert valid in find_differences(ours, theirs)


def test_server_that_does_not_respond_is_started_again() -> None:
    starts: list[str] = []

    @contextmanager
    def serve() -> Generator[str]:
        with refusing_server() as url:
            starts.append(url)
            yield url

    requests = [RawRequest("a kind", str(number), "GET", "/", {}) for number in range(3)]
    assert [outcome.result for outcome in raw_outcomes(serve, requests)] == [NO_RESPONSE] * 3
    assert len(starts) == 4


def test_each_difference_needs_an_explanation_that_occurs() -> None:
    def outcomes(*results: str) -> list[Outcome]:
        return [Outcome(f"kind {number}", "detail", result) for number, result in enumerate(results)]

    known, gone = Difference("kind 1", "200", "404"), Difference("kind 2", "200", "500")
    explanation = Explanation("theirs", "It is wrong.")
    differences = find_differences(outcomes("200", "200", "200"), outcomes("401", "404", "200"))
    rows = explain(differences, dict.fromkeys((known, gone), explanation))
    assert [(row.difference, row.problem.split(":")[0]) for row in rows] == [
        (Difference("kind 0", "200", "401"), "UNEXPLAINED"),
        (known, ""),
        (gone, "GONE"),
    ]


def test_table_has_a_line_for_each_row() -> None:
    row = Row(Difference("a | b", "200", "404"), 3, Explanation("theirs", "It is wrong."))
    assert table([row])[2:] == ["| a \\| b | 200 | 404 | 3 | theirs | It is wrong. |"]


def test_explanations_say_whose_each_difference_is() -> None:
    explanations = read_explanations()
    assert {explanation.whose for explanation in explanations.values()} <= {"ours", "theirs", "neither"}
    assert all(explanation.reason.endswith(".") for explanation in explanations.values())


def test_missing_npm_is_exit_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert second_opinion.main(tmp_path) == 2
    assert capsys.readouterr().err == "make second-opinion: npm is missing: install Node.js 20 or newer.\n"
