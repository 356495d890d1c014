"""``generated/`` is what its sources make: ``make check`` asks the same."""

from contract.generate import ROOT, Sources, check


def test_committed_output_is_fresh() -> None:
    assert check(Sources(), ROOT / "generated") == []
