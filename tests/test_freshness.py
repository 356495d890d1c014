"""``generated/`` is what its sources make: ``make check`` asks the same."""

from contract.output import ROOT, Sources, check


def test_committed_output_is_fresh() -> None:
    assert check(Sources(), ROOT / "generated") == []
