"""What a difference means for a release: the version that follows, the report, and the changelog's entry."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from contract.changes import LABELS, Report
from contract.errors import PipelineError
from contract.schema_changes import Impact

# Of Keep a Changelog, in its order.
_KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
_VERDICTS = {
    Impact.BREAKING: "Breaking",
    Impact.ADDITION: "An addition",
    Impact.NEITHER: "Neither breaking nor an addition",
}


def read_version(module: Path) -> str:
    """The version that a Python module assigns to ``__version__``."""
    if match := re.search(r'^__version__ = "(.+)"$', module.read_text(encoding="utf-8"), re.MULTILINE):
        return match[1]
    raise PipelineError(f'{module}: no line `__version__ = "…"`.')


def next_version(version: str, impact: Impact) -> str:
    """The next version by Semantic Versioning; before 1.0, a breaking change is a minor version, all else a patch."""
    if not (parts := re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)):
        raise PipelineError(f"{version}: the version must have three numbers, as 1.2.3.")
    major, minor, patch = map(int, parts.groups())
    if major and impact is Impact.BREAKING:
        return f"{major + 1}.0.0"
    if impact is Impact.BREAKING or (major and impact is Impact.ADDITION):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def render(report: Report, base: str, version: str) -> str:
    """The report as Markdown; ``base`` says what the client was compared with."""
    if not report.entry:
        return f"# No changes since {base}\n\nName an older commit with BASE=…, if you mean the one before.\n"
    sections = {
        "What callers feel": [f"{LABELS[impact]}{text}" for text, impact in report.felt.items()] or ["nothing"],
        "Operations": report.operations,
        "Deprecations": report.deprecations,
        "Python surface (griffe)": report.surface,
    }
    lines = [
        f"# Changes since {base}",
        f"{_VERDICTS[report.impact]}: {version} → {next_version(version, report.impact)}",
    ]
    for title, items in sections.items():
        lines += [f"## {title}", "\n".join(f"- {item}" for item in items)] if items else []
    lines.append("## Entry for CHANGELOG.md")
    for kind, its_lines in report.entry.items():
        lines += [f"### {kind}", "\n".join(its_lines)]
    return "\n\n".join(lines) + "\n"


def add_to_changelog(text: str, entry: Mapping[str, Sequence[str]]) -> str:
    """The changelog with the lines that its section *Unreleased* lacks, by the kinds of changes they are under.

    Sections that are missing are made.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    heading = re.search(r"^## \[?Unreleased\b.*$", text, re.MULTILINE | re.IGNORECASE)
    following = re.compile(r"^## ", re.MULTILINE).search(text, heading.end() if heading else 0)
    end = following.start() if following else len(text)
    before, section = (text[: heading.end()], text[heading.end() : end]) if heading else (text[:end], "")
    known = " ".join(section.split())  # people wrap lines
    missing = {kind: [line for line in lines if " ".join(line.split()) not in known] for kind, lines in entry.items()}
    if not any(missing.values()):
        return text
    for kind, lines in missing.items():
        if lines:
            section = _add_to_section(section, kind, lines, newline)
    parts = [before.rstrip(), *([] if heading else ["## Unreleased"]), section.strip(), text[end:]]
    return (newline * 2).join(filter(None, parts)) + ("" if following else newline)


def _add_to_section(section: str, kind: str, lines: Sequence[str], newline: str) -> str:
    """A section of the changelog, with lines at the top of those of their kind."""
    start, gap = len(section), newline * 2
    for heading in re.finditer(r"^### (\w+).*$", section, re.MULTILINE):
        if heading[1] == kind:
            rest = section[heading.end() :].strip()
            new = newline.join([*lines, ""]) + (rest if rest.startswith("- ") else newline + rest)
            return section[: heading.end()].rstrip() + gap + new
        if heading[1] in _KINDS[_KINDS.index(kind) + 1 :]:
            start = min(start, heading.start())
    parts = [section[:start].strip(), f"### {kind}", newline.join(lines), section[start:].strip()]
    return gap.join(filter(None, parts))
