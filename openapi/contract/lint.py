"""Finds what in a contract would mislead a user of the client, and suggests overlay actions against it."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import jsonpath_rfc9535 as jsonpath

from contract import overlay, yaml_io
from contract.errors import PipelineError
from contract.lint_examples import code_samples, examples
from contract.lint_findings import Action, Finding, Rule
from contract.lint_rules import missing_servers, operation_ids, undocumented_statuses, untitled_models
from contract.lint_security import credentials_as_parameters, lost_security
from contract.operations import METHODS
from contract.pointers import is_array, is_object, pointer
from contract.validation import validate

# In the order in which their actions are suggested.
RULES: tuple[Rule, ...] = (
    missing_servers,
    credentials_as_parameters,
    lost_security,
    operation_ids,
    undocumented_statuses,
    untitled_models,
    examples,
    code_samples,
)


class Problem(NamedTuple):
    """A finding with its place in a file."""

    path: Path
    line: int
    finding: Finding

    def __str__(self) -> str:
        """The place, the reason, and the suggested actions as YAML."""
        text = f"{self.path}:{self.line}: {pointer(self.finding.location)}: {self.finding.why}"
        if not self.finding.actions:
            return text
        actions = yaml_io.render({"actions": list(self.finding.actions)})
        return f"{text}\n" + "".join(f"    {line}\n" for line in actions.splitlines()[1:]).rstrip()


class Report(NamedTuple):
    """The problems of a contract, and the contract with the overlay applied, as plain data."""

    problems: list[Problem]
    effective: Any


def lint(contract_path: Path, overlay_path: Path | None) -> Report:
    """Lint a published contract, with the overlay applied if there is one.

    Raises ``PipelineError`` if the contract or the overlay is invalid.
    """
    document = yaml_io.read(contract_path)
    _validate(str(contract_path), document)
    path, lines_above = _source(contract_path)
    problems: list[Problem] = []
    if overlay_path:
        actions = yaml_io.read(overlay_path)
        for finding in _apply(overlay_path, yaml_io.to_plain(actions), document):
            line = yaml_io.line_of(actions, finding.location)
            problems.append(Problem(overlay_path, line, finding))
        _validate(f"{contract_path} with {overlay_path.name} applied", document)
    effective = yaml_io.to_plain(document)
    for rule in RULES:
        for finding in rule(effective):
            line = yaml_io.line_of(document, finding.location) + lines_above
            problems.append(Problem(path, line, finding))
    return Report(problems, effective)


def _validate(name: str, document: Any) -> None:
    """Reject an invalid document. Duplicate operationIds are left to their rule, which suggests others."""
    plain = yaml_io.to_plain(document)
    paths = plain.get("paths")
    for item in paths.values() if is_object(paths) else ():
        for method in METHODS if is_object(item) else ():
            if is_object(fields := item.get(method)) and isinstance(fields.get("operationId"), str):
                del fields["operationId"]
    validate(name, plain)


def _apply(path: Path, actions: Any, document: Any) -> Iterator[Finding]:
    """Apply the overlay in place; a finding for each action that changes nothing."""
    items = actions.get("actions")
    if not is_array(items) or not all(map(is_object, items)):
        overlay.apply(actions, document)  # says what is wrong
        return
    after = json.dumps(document)
    for index, action in enumerate(items):
        before = after
        try:
            overlay.apply({**actions, "actions": [action]}, document)
        except PipelineError as problem:
            if _matches(action.get("target"), document):
                raise PipelineError(f"{path}: {problem}".replace("action 0", f"action {index}", 1)) from problem
        if (after := json.dumps(document)) == before:
            yield Finding(("actions", index), "This overlay action changes nothing any more: remove it.", ())


def _matches(target: object, document: Any) -> bool:
    """Whether a target matches something, or is not a JSONPath."""
    try:
        return not isinstance(target, str) or bool(jsonpath.find(target, document))
    except jsonpath.JSONPathError:
        return True


def _source(contract: Path) -> tuple[Path, int]:
    """The page that the contract was taken from word for word, and how many lines are above it; or the contract."""
    first, _, body = contract.read_text(encoding="utf-8").partition("\n")
    if match := re.match(r"# Source: (\S+)", first):
        page = contract.parent / match[1]
        text = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
        if (start := text.find(f"\n{body.rstrip()}\n")) >= 0:
            return page, text.count("\n", 0, start)
    return contract, 0


def suggest(report: Report) -> dict[str, Any]:
    """An overlay of all suggested actions that still match something when their turn comes."""
    document = deepcopy(report.effective)
    chosen: list[Action] = []
    # What an action adds can have problems of its own: once there is security, 401 is to be documented.
    for _ in RULES:
        actions = [action for rule in RULES for finding in rule(document) for action in finding.actions]
        for action in {json.dumps(action): action for action in actions}.values():
            nodes = jsonpath.find(action["target"], document).values()
            before = json.dumps(nodes)
            if nodes:
                overlay.apply(_overlay([action]), document)
            if nodes and ("remove" in action or json.dumps(nodes) != before):
                chosen.append(action)
        if not actions:
            break
    return _overlay(chosen)


def _overlay(actions: list[Action]) -> dict[str, Any]:
    return {"overlay": "1.1.0", "info": {"title": "Suggestions of make lint", "version": "1"}, "actions": actions}
