"""What real servers answered matches the contract, and the client parses it."""

from playbook3d_conformance.properties.recordings import RECORDINGS, problems, read_entries


def test_recordings_match_the_contract() -> None:
    for path in sorted(RECORDINGS.glob("*.har")):
        for number, entry in enumerate(read_entries(path)):
            assert list(problems(entry)) == [], f"{path.name}, entry {number}"


def test_recordings_are_har_files() -> None:
    assert {path.name for path in RECORDINGS.iterdir() if path.suffix != ".har"} == {"README.md"}
