"""What real servers answered matches the contract, and the client parses it."""

from pathlib import Path

import pytest

from playbook3d_conformance.properties.recordings import RECORDINGS, problems, read_entries


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.har")), ids=lambda path: path.name)
def test_recording_matches_the_contract(path: Path) -> None:
    for number, entry in enumerate(read_entries(path)):
        assert list(problems(entry)) == [], f"{path.name}, entry {number}"


def test_recordings_are_har_files() -> None:
    assert [path.name for path in RECORDINGS.iterdir() if path.suffix != ".har"] == []
