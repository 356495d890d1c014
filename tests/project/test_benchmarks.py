"""The benchmarks work: each contender makes its call, and the table is complete. No test depends on speed."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.contenders import ASYNCHRONOUS, BLOCKING
from benchmarks.loopback import loopback_server
from benchmarks.measuring import Cost, Figure, Spread, compare, cost_of, count, measure


def message(result: object) -> object:
    """What a contender's call returns is the model, or its only property."""
    return getattr(result, "message", result)


def test_each_contender_cancels_a_run() -> None:
    async def call(name: str, url: str) -> object:
        async with ASYNCHRONOUS[name](url) as call:
            return message(await call())

    with loopback_server() as url:
        for contender in BLOCKING.values():
            with contender(url) as blocking_call:
                assert message(blocking_call()) == "Run successfully canceled."
        for name in ASYNCHRONOUS:
            assert asyncio.run(call(name, url)) == "Run successfully canceled.", name


def test_rows_become_a_table_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main(["import", "--scale", "0.01", "--reports", str(tmp_path)]) in (0, 1)
    printed = capsys.readouterr().out
    assert printed.strip() == (tmp_path / "benchmarks.md").read_text(encoding="utf-8").strip()
    *_, header, rule, row = printed.strip().splitlines()
    assert len({len(line) for line in (header, rule, row)}) == 1
    assert row.startswith("| import playbook3d_client | import httpx | ")
    (figure,) = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))["figures"]
    assert 0 < figure["processor"]["low"] <= figure["processor"]["median"] <= figure["processor"]["high"]


@pytest.mark.parametrize(("measured", "status"), [(1.2, 0), (1.21, 1)])
def test_exceeded_bound_is_exit_status_1(
    measured: float, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def figures(_: float) -> Iterator[Figure]:
        yield Figure("ours", "theirs", processor=count(measured), at_most=1.2)
        yield Figure("ours", note="npm is missing")

    monkeypatch.setitem(benchmarks.ROWS, "import", figures)
    assert benchmarks.main(["import", "--reports", str(tmp_path)]) == status
    table = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert ("EXCEEDED" in table, "| npm is missing |" in table) == (bool(status), True)


def test_unknown_rows_are_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        benchmarks.main(["imports"])
    assert "unknown rows: imports" in capsys.readouterr().err


def test_contenders_are_compared_round_by_round() -> None:
    ours, theirs = iter([9.0, 2.0, 8.0, 6.0]), iter([1.0, 1.0, 2.0, 2.0])  # the first is discarded
    samples = measure({"ours": lambda: Cost(None, next(ours)), "theirs": lambda: Cost(None, next(theirs))}, rounds=3)
    assert compare(samples, "ours", "theirs") == (None, Spread(3.0, 2.5, 3.5))


def test_processor_time_is_not_that_of_waiting() -> None:
    cost = cost_of(lambda: asyncio.run(asyncio.sleep(0.2)))
    assert cost.processor is not None
    assert cost.wall >= 0.2 > cost.processor
