"""An overlay that is malformed, or does not fit its document, is rejected by action and place."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from contract import overlay as overlays
from contract.errors import PipelineError
from support.small_contract import overlay

RULES = YAML(typ="safe").load(Path(__file__).with_name("overlay_rules.yaml"))


CASES = [(version, *case) for version, cases in RULES["errors"].items() for case in cases]


@pytest.mark.parametrize(("version", "document", "action", "message"), CASES)
def test_action_that_does_not_fit_is_named(version: str, document: Any, action: dict[str, Any], message: str) -> None:
    actions = {"target": "$"}, {**action, "description": "Why it\nis here."}
    with pytest.raises(PipelineError) as error:
        overlays.apply(overlay(*actions, overlay=version), document)
    assert str(error.value).startswith("overlay action 1 (Why it is here.)")
    assert message in str(error.value)


@pytest.mark.parametrize(("fields", "message"), RULES["malformed"])
def test_malformed_overlay_changes_nothing(fields: dict[str, Any], message: str) -> None:
    document = {"a": 1}
    with pytest.raises(PipelineError) as error:
        overlays.apply(overlay(**fields), document)
    assert message in str(error.value)
    assert document == {"a": 1}


@pytest.mark.parametrize("value", [[], "overlay", None])
def test_overlay_must_be_an_object(value: object) -> None:
    with pytest.raises(PipelineError, match=r"^the overlay is not an object: "):
        overlays.apply(value, {})
