"""What a difference means for a release: the version that follows, the report, and the changelog's entry."""

import re
from pathlib import Path

from contract.changes import LABELS, Report
from contract.errors import PipelineError
from contract.schema_changes import Impact

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
    lines += ["## Entry for CHANGELOG.md", "\n".join(report.entry)]
    return "\n\n".join(lines) + "\n"


def add_to_changelog(text: str, entry: list[str]) -> str:
    """The changelog with the lines that its section *Unreleased* lacks; the section is made if there is none."""
    newline = "\r\n" if "\r\n" in text else "\n"
    heading = re.search(r"^## \[?Unreleased\b.*$", text, re.MULTILINE | re.IGNORECASE)
    start = heading.end() if heading else 0
    following = re.compile(r"^## ", re.MULTILINE).search(text, start)
    end = following.start() if following else len(text)
    known = " ".join(text[start:end].split()) if heading else ""  # people wrap lines
    lines = [line for line in entry if " ".join(line.split()) not in known]
    if not lines:
        return text
    block = newline.join(lines) + newline
    if not heading:
        before = text[:end].rstrip()
        before += newline * 2 if before else ""
        return f"{before}## Unreleased{newline * 2}{block}{newline if following else ''}{text[end:]}"
    section = text[start:end].lstrip()
    gap = "" if section.startswith("- ") or not (section or following) else newline
    return f"{text[:start].rstrip()}{newline * 2}{block}{gap}{section}{text[end:]}"
