"""Contract files: YAML 1.2 or JSON, and which file is read by default."""

import json
from pathlib import Path

import pytest

from playbook3d_mock import ContractError, Mock
from playbook3d_mock._contract_files import contract_path
from support.mock_requests import get, read_contract


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("c.yaml", b"a: [", "is not YAML 1.2: line 1, column 5: expected the node content"),
        ("c.yaml", b"a: 1\na: 2", "is not YAML 1.2: line 2, column 1: found duplicate key"),
        ("c.yaml", b"\x00", "is not YAML 1.2: "),
        ("c.yaml", b"\xff\xfe", "is not UTF-8 text: invalid byte at 0"),
        ("c.yaml", b"", "#: must be of type object, not null"),
        ("c.yaml", b"swagger: '2.0'", "#/openapi: is 'Swagger 2.0'"),
        ("c.yaml", b"a: &x\n  b: *x", "#/a/b: contains itself"),
        ("c.yaml", b"[" * 600, "is nested too deeply"),
        ("c.json", b"{", "is not JSON: line 1, column 2"),
        ("c.json", b'{"a": 1, "a": 2}', "cannot be parsed: duplicate key 'a' in one object"),
        ("c.json", b"1" * 5000, "cannot be parsed: Exceeds the limit"),
        ("missing.yaml", None, "cannot be read: No such file or directory"),
    ],
)
def test_unreadable_file_is_rejected_in_one_line(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ContractError) as raised:
        Mock(path)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "body"),
    [
        ('"200"', "200", '{"result":"good"}'),
        ('"good"', "2024-02-29", '{"result":"2024-02-29"}'),
        ('"good"', r'"\ud83d\ude00"', '{"result":"😀"}'),
    ],
    ids=["unquoted key", "unquoted date", "surrogate pair"],
)
def test_yaml_has_json_types_only(tmp_path: Path, old: str, new: str, body: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps(read_contract("minimal")).replace(old, new), "utf-8")
    assert get(mock=Mock(path)).body.decode() == body


def test_json_file_is_served(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(read_contract("minimal")), "utf-8")
    assert get(mock=Mock(str(path))).status == 200


def test_default_is_the_effective_contract_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tests" / "playbook3d_mock"
    monkeypatch.setattr("playbook3d_mock._contract_files.__file__", str(package / "_contract_files.py"))
    assert contract_path() == package / "openapi.yaml"
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "openapi.yaml").touch()
    assert contract_path() == tmp_path / "generated" / "openapi.yaml"


def test_effective_contract_is_served_by_default() -> None:
    assert repr(Mock()) == repr(Mock(contract_path()))
