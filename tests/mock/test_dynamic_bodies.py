"""Bodies that vary from request to request: on demand, by script, and all of them by a seed."""

from typing import Any

import pytest

from playbook3d_mock import Mock
from support.mock_requests import SECRETS, STOPPED, ask, content, get, header, read_contract
from support.oracle import validate

CONTRACT = read_contract("runs")
SCHEMA = CONTRACT["paths"]["/runs"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
RUNS = "/runs?state=queued"


def make_mock(seed: int | None = None) -> Mock:
    return Mock(CONTRACT, credentials=SECRETS, seed=seed)


def bodies(mock: Mock, count: int = 8, **headers: Any) -> list[Any]:
    return [content(get(RUNS, mock=mock, **headers)) for _ in range(count)]


def are_varied(values: list[Any]) -> bool:
    return len({str(value) for value in values}) > len(values) // 2


def test_preferred_bodies_vary_and_are_valid() -> None:
    response = get(RUNS, mock=make_mock(), prefer="dynamic=true")
    assert header(response, "preference-applied") == "dynamic=true"
    drawn = bodies(make_mock(), prefer="dynamic=true")
    assert are_varied(drawn)
    for body in drawn:
        validate(body, SCHEMA, CONTRACT)


def test_scripted_body_varies() -> None:
    mock = make_mock()
    mock.on("GET /runs").reply(dynamic=True, times=8)
    assert are_varied(bodies(mock))
    assert not are_varied(bodies(mock))


def test_seed_varies_the_bodies_of_successes() -> None:
    mock = make_mock(seed=7)
    assert are_varied(bodies(mock))
    assert content(ask(mock=mock, prefer="code=404")) == {"result": "No."}


def test_named_example_and_own_body_do_not_vary() -> None:
    mock = make_mock(seed=7)
    mock.on("stop_run").reply(200, STOPPED, times=4)
    assert [content(ask(mock=mock)) for _ in range(4)] == [STOPPED] * 4
    started = [ask("/runs", mock=mock, body=b'{"origin":"x"}', prefer="example=first").body for _ in range(4)]
    assert len(set(started)) == 1


@pytest.mark.parametrize("seed", [None, 7])
def test_same_seed_gives_the_same_bodies(seed: int | None) -> None:
    mock = make_mock(seed)
    first = bodies(mock, prefer="dynamic=true")
    assert bodies(make_mock(seed), prefer="dynamic=true") == first
    assert bodies(mock, prefer="dynamic=true") != first
    mock.reset()
    assert bodies(mock, prefer="dynamic=true") == first


def test_other_seed_gives_other_bodies() -> None:
    assert bodies(make_mock(1)) != bodies(make_mock(2))


def test_operations_do_not_disturb_one_another() -> None:
    mock = make_mock(7)
    ask(mock=mock)
    assert bodies(mock) == bodies(make_mock(7))


@pytest.mark.parametrize("seed", [None, 7])
def test_preference_of_no_variation_is_honoured(seed: int | None) -> None:
    response = get(RUNS, mock=make_mock(seed), prefer="dynamic=false")
    assert header(response, "preference-applied") == "dynamic=false"
    assert not are_varied(bodies(make_mock(seed), prefer="dynamic=false"))


def test_undocumented_status_has_no_body_to_draw() -> None:
    response = ask(mock=make_mock(), prefer="code=599, dynamic=true")
    assert header(response, "preference-applied") == "code=599"
