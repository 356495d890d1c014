"""The code that ``llms.txt`` shows runs."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from markdown_it import MarkdownIt

from playbook3d_mock import Mock

PAGE = Path(__file__).parents[2] / "generated" / "llms.txt"
CODE = [token.content for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")) if token.type == "code_block"]


def test_first_call_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = [code for code in CODE if code.startswith("from playbook3d_client import PlaybookClient, ")]
    mock = Mock()
    names = {"team_id": uuid4(), "run_id": uuid4()}
    with mock.serve() as url:
        monkeypatch.setenv("PLAYBOOK_BASE_URL", url)
        monkeypatch.setenv("PLAYBOOK_API_KEY", mock.api_key)
        monkeypatch.setenv("PLAYBOOK_TOKEN", mock.token)
        exec(source, names)  # noqa: S102 (our own text)
    mock.assert_called("cancel_run", times=1)
    assert "result" in names


def test_command_runs() -> None:
    (command,) = [line for code in CODE for line in code.splitlines() if line.endswith(" --json")]
    mock = Mock()
    ids = {"TEAM_ID": str(uuid4()), "RUN_ID": str(uuid4())}
    words = [ids.get(word, word) for word in command.removeprefix("playbook3d ").split()]
    with mock.serve() as url:
        environment = {**os.environ, **mock.environment, "PLAYBOOK_BASE_URL": url}
        done = subprocess.run([sys.executable, "-m", "playbook3d_cli", *words], env=environment, check=False)
    assert done.returncode == 0
    mock.assert_called("cancel_run", times=1)
