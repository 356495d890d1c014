"""The code that ``llms.txt`` shows runs."""

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
