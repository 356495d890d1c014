"""Finds what in a contract would mislead a user of the client, and suggests overlay actions against it."""

# ruamel.yaml declares few of its types.
# pyright: reportUnknownMemberType=false

import contextlib
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from contract import overlay, yaml_io
from contract.errors import PipelineError
from contract.lint_examples import examples
from contract.lint_findings import Finding, Rule, effective_actions
from contract.lint_rules import missing_servers, operation_ids, undocumented_statuses, untitled_models
from contract.lint_samples import code_samples
from contract.lint_security import credentials_as_parameters, lost_security
from contract.overlay_actions import Action, render_actions, to_overlay
from contract.pages import find_fence, read_page
from contract.pointers import Location, is_array, is_object, pointer
from contract.reading import read_contract

# In the order in which their actions are suggested.
RULES: tuple[Rule, ...] = (
    missing_servers,
    operation_ids,
    credentials_as_parameters,
    lost_security,
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
        return f"{text}\n{render_actions(list(self.finding.actions))}"


class Report(NamedTuple):
    """The problems of a contract, the contract with the overlay applied, as plain data, and its corrections."""

    problems: list[Problem]
    effective: Any
    warnings: list[str]


def lint(contract_path: Path, overlay_path: Path | None) -> Report:
    """Lint a published contract, with the overlay applied if there is one.

    Raises ``PipelineError`` if the contract or the overlay is invalid.
    """
    document = yaml_io.read(contract_path)
    pages = _read_pages(contract_path, document)
    path, document = pages.get((), (contract_path, document))
    name, problems = str(contract_path), list[Problem]()
    try:
        if overlay_path:
            name += f" with {overlay_path.name} applied"
            actions = yaml_io.read(overlay_path)
            for finding in _apply(overlay_path, yaml_io.to_plain(actions), document):
                problems.append(Problem(overlay_path, yaml_io.line_of(actions, finding.location), finding))
        # Missing responses and duplicate operationIds are left to their rules, which suggest others.
        effective, warnings = read_contract(name, document, complete=False)
    except PipelineError:
        # If the published contract is invalid already, that is what to report, as `make generate` does.
        read_contract(str(contract_path), yaml_io.read(contract_path), complete=False)
        raise
    for rule in RULES:
        for finding in rule(effective):
            place, lines = pages.get(finding.location[:3], (path, document))
            problems.append(Problem(place, yaml_io.line_of(lines, finding.location), finding))
    return Report(problems, effective, warnings)


def _apply(path: Path, actions: Any, document: Any) -> Iterator[Finding]:
    """Apply the overlay in place; a finding for each action that changes nothing."""
    before = yaml_io.to_plain(document)
    try:
        for index, action in enumerate(overlay.parse(actions)):
            after = deepcopy(before)
            with contextlib.suppress(overlay.UnmatchedActionError):
                action.apply(after)
                if _is_changed(before, after):
                    action.apply(document)
                    before = after
                    continue
            yield Finding(("actions", index), "This overlay action changes nothing any more: remove it.", ())
    except PipelineError as problem:
        raise PipelineError(f"{path}: {problem}") from problem


def _is_changed(before: Any, after: Any) -> bool:
    """Whether an action has more effect than to append what the contract has by now."""
    is_shorter = len(json.dumps(after)) < len(json.dumps(before))
    return is_shorter or json.dumps(_without_repeats(after)) != json.dumps(_without_repeats(before))


def _without_repeats(node: Any) -> Any:
    """A copy in which no array has an item twice."""
    if is_object(node):
        return {key: _without_repeats(value) for key, value in node.items()}
    if is_array(node):
        return list({json.dumps(item, sort_keys=True): item for item in map(_without_repeats, node)}.values())
    return node


def _read_pages(contract: Path, document: Any) -> dict[Location, tuple[Path, Any]]:
    """The pages that the contract was made from, and their documents, by location; () is for all.

    Where they agree, their nodes replace those of the merged contract: a node knows its line.
    """
    first = contract.read_text(encoding="utf-8").partition("\n")[0]
    match = re.match(r"# (?:Source: (.+)/|Merged from the \d+ pages in (.+)/ by )", first)
    pages: dict[Location, tuple[Path, Any]] = {}
    for path in sorted(Path(contract.parent, match[1] or match[2]).glob("*.md")) if match else ():
        with contextlib.suppress(PipelineError, OSError):  # the contract has lines, too
            if not (fence := find_fence(str(path), path.read_text(encoding="utf-8", errors="replace"))):
                continue
            page = read_page(fence)
            if document == page.document:
                return {(): (path, page.positioned)}
            for (top, name, key), node in _iterate_nodes(page.positioned):
                merged = document[top][name][key]
                # A merged operation also has what its page declares for all.
                is_same = node == merged or (is_object(node) and {**merged, **node} == merged)
                if is_same and (top, name, key) not in pages:
                    if is_object(node):
                        node.update({field: merged[field] for field in merged if field not in node})
                    document[top][name][key] = node
                    pages[top, name, key] = path, page.positioned
    return pages


def _iterate_nodes(document: Any) -> Iterator[tuple[tuple[str, str, str], Any]]:
    """The operations, and what else path items have, and the components, with their locations."""
    for top in ("paths", "components"):
        for name, group in document.get(top, {}).items():
            for key, node in group.items() if is_object(group) else ():
                yield (top, name, key), node


def suggest(report: Report) -> dict[str, Any]:
    """An overlay of all suggested actions that still change something when their turn comes."""
    document = deepcopy(report.effective)
    chosen: list[Action] = []
    # What an action adds can have problems of its own: once there is security, 401 is to be documented.
    for rule in RULES * 2:
        actions = [action for finding in rule(document) for action in finding.actions]
        distinct = {json.dumps(action): action for action in actions}.values()
        effective = [*effective_actions(document, distinct)]
        overlay.apply(to_overlay(effective), document)
        chosen += effective
    return to_overlay(chosen)
