"""A changed contract is served without a restart."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from playbook3d_mock import ContractError, Mock
from playbook3d_mock._reload import reload_on_change
from support.mock_requests import GET, content, get, read_contract

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
SCHEMES = {f"{GET}/security": [{"key": []}], "#/components/securitySchemes": {"key": KEY}}
SECRET = "secret-key-42"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "contract.json"
    write(path)
    return path


def write(path: Path, changes: Any = None) -> None:
    """Write the contract as editors do: a new file in the place of the old one."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(read_contract("minimal", {**SCHEMES, **(changes or {})})))
    new.replace(path)


def result(mock: Mock) -> Any:
    return content(get(mock=mock, x_key=SECRET))["result"]


def with_result(value: object) -> Any:
    return {f"{GET}/responses/200/content/application~1json/example": {"result": value}}


def test_reload_keeps_credentials_scripts_and_journal(path: Path) -> None:
    mock = Mock(path, api_key=SECRET)
    get(mock=mock, x_key=SECRET)
    mock.on("GET /items/{id}").reply(503)
    write(path, with_result("changed"))
    mock.reload()
    assert get(mock=mock, x_key=SECRET).status == 503
    assert result(mock) == "changed"
    assert [entry.status for entry in mock.journal] == [200, 503, 200]
    assert ("x-key", "***") in mock.journal[0].headers


def test_scheme_of_the_same_kind_keeps_its_credential(path: Path) -> None:
    basic, bearer = {"type": "http", "scheme": "basic"}, {"type": "http", "scheme": "bearer"}
    write(
        path, {"#/components/securitySchemes": {"key": bearer, "b": basic}, f"{GET}/security": [{"key": [], "b": []}]}
    )
    mock = Mock(path)
    before = mock.credentials
    three: Any = [{"key": [], "b": [], "other": []}]
    write(path, {"#/components/securitySchemes": {"key": bearer, "b": KEY, "other": basic}, f"{GET}/security": three})
    mock.reload()
    assert mock.credentials["key"] == before["key"]
    assert mock.credentials["b"] != before["b"]
    assert ":" in mock.credentials["other"]


def test_scheme_with_another_name_keeps_the_only_credential(path: Path) -> None:
    mock = Mock(path, api_key=SECRET)
    write(path, {"#/components/securitySchemes": {"renamed": KEY}, f"{GET}/security": [{"renamed": []}]})
    mock.reload()
    assert mock.credentials == {"renamed": SECRET}


def test_journal_stays_redacted(path: Path) -> None:
    header, query = {**KEY, "name": "X-Old"}, {**KEY, "in": "query", "name": "old"}
    two: Any = [{"a": [], "b": []}]
    write(path, {"#/components/securitySchemes": {"a": header, "b": query}, f"{GET}/security": two})
    mock = Mock(path, credentials={"a": SECRET, "b": "b"})
    get(f"/items/1?old=b&other={SECRET}", mock=mock, x_old="wrong")
    write(path, {f"{GET}/security": []})
    mock.reload()
    entry = mock.journal[0]
    assert entry.query == "old=***&other=***"
    assert ("x-old", "***") in entry.headers


def test_credentials_return_with_their_scheme(path: Path) -> None:
    mock = Mock(path, credentials={"key": SECRET})
    write(path, {f"{GET}/security": []})
    mock.reload()
    write(path)
    mock.reload()
    assert mock.credentials == {"key": SECRET}


def test_replies_of_a_removed_operation_are_dropped(path: Path) -> None:
    mock = Mock(path, api_key=SECRET)
    mock.on("GET /items/{id}").reply(503)
    paths = read_contract("minimal", SCHEMES)["paths"]
    write(path, {"#/paths": {"/other/{id}": paths["/items/{id}"]}})
    assert mock.reload() == ("GET /items/{id}",)
    write(path)
    assert mock.reload() == ()
    assert result(mock) == "good"


def test_rejected_contract_leaves_the_old_one(path: Path) -> None:
    mock = Mock(path, api_key=SECRET)
    path.write_text("{}")
    with pytest.raises(ContractError, match="is not an OpenAPI document"):
        mock.reload()
    assert result(mock) == "good"


def test_reload_is_as_strict_as_the_start(path: Path) -> None:
    mock = Mock(path, api_key=SECRET, strict=True)
    write(path, with_result(1))
    with pytest.raises(ContractError, match="the example does not match its schema"):
        mock.reload()


@pytest.fixture
def reports(path: Path) -> Iterator[Callable[[Mock], Queue[str]]]:
    """Starts to watch the file; the lines that are reported."""
    with ExitStack() as stack:

        def watch(mock: Mock) -> Queue[str]:
            lines: Queue[str] = Queue()
            stack.enter_context(reload_on_change(path, mock.reload, lines.put, 0.01))
            return lines

        yield watch


def test_each_change_of_the_file_is_reported(path: Path, reports: Callable[[Mock], Queue[str]]) -> None:
    mock = Mock(path, api_key=SECRET)
    lines = reports(mock)
    write(path, with_result("changed"))
    assert lines.get(timeout=20) == f"{path}: the mock serves the changed contract"
    assert result(mock) == "changed"
    path.rename(path.with_suffix(".old"))
    before = "the mock serves the contract that it had before"
    assert lines.get(timeout=20) == f"{path}: cannot be read: No such file or directory; {before}"
    path.with_suffix(".broken").write_text("{")
    path.with_suffix(".broken").replace(path)
    assert lines.get(timeout=20).startswith(f"{path}: is not JSON: line 1, column 2: ")
    assert result(mock) == "changed"
    write(path, with_result("mended"))
    assert lines.get(timeout=20) == f"{path}: the mock serves the changed contract"
    assert result(mock) == "mended"
    assert lines.empty()


def test_dropped_replies_are_reported(path: Path, reports: Callable[[Mock], Queue[str]]) -> None:
    mock = Mock(path, api_key=SECRET)
    mock.on("GET /items/{id}").reply(503)
    lines = reports(mock)
    write(path, {"#/paths": {"/other/{id}": read_contract("minimal", SCHEMES)["paths"]["/items/{id}"]}})
    line = f"{path}: the mock serves the changed contract, without GET /items/{{id}}, whose replies were dropped"
    assert lines.get(timeout=20) == line


def test_same_size_and_time_are_a_change_in_a_new_file(path: Path, reports: Callable[[Mock], Queue[str]]) -> None:
    mock = Mock(path, api_key=SECRET)
    lines = reports(mock)
    status = path.stat()
    new = path.with_suffix(".new")
    new.write_text(path.read_text().replace("good", "evil"))
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.replace(path)
    assert lines.get(timeout=20) == f"{path}: the mock serves the changed contract"
    assert result(mock) == "evil"
