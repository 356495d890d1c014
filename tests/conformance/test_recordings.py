"""What real servers have answered is what the contract says, and the client understands it."""

from pathlib import Path

import pytest

from conformance.recordings import RECORDINGS, entries, problems


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.har")), ids=lambda path: path.name)
def test_a_recording_is_as_the_contract_has_it_and_the_client_understands_it(path: Path) -> None:
    for number, entry in enumerate(entries(path)):
        assert list(problems(entry)) == [], f"{path.name}, entry {number}"


def test_whatever_is_kept_with_the_recordings_is_one() -> None:
    assert [path.name for path in RECORDINGS.iterdir() if path.suffix != ".har"] == []
