"""The pipeline's command line: ``python -m contract refresh``, ``lint``, ``generate`` and ``changes``.

Exit status: 0 done; 1 a check found differences, lint found problems, or changes found what ``--fail-on`` names;
2 invalid input, with one message on standard error; 130 interrupted; 143 terminated.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from contract.errors import PipelineError, escape
from contract.sources import ROOT, Sources, Targets

_GENERATED = ROOT / "generated"


def main(arguments: list[str] | None = None) -> int:
    """Run one command, and return its exit status."""
    options = _parser().parse_args(arguments)
    former = signal.signal(signal.SIGTERM, _terminate)
    try:
        return int(options.run(options))
    except PipelineError as problem:
        return _fail(f"{problem}{options.note}")
    except OSError as error:
        path = error.filename2 or error.filename or getattr(options, options.written)
        unchanged = "" if options.written == "report" else " Nothing was changed."
        return _fail(f"{path}: {error.strerror or error}.{unchanged}")
    except KeyboardInterrupt:
        return _fail("interrupted: the output is complete, either the old or the new one.", 130)
    except _Terminated:
        return _fail("terminated: the output is complete, either the old or the new one.", 143)
    finally:
        signal.signal(signal.SIGTERM, former)


class _Terminated(BaseException):
    """SIGTERM, as an exception: it cleans up as an interrupt does."""


def _terminate(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # another one must not interrupt the cleaning
    raise _Terminated


def _fail(message: str, status: int = 2) -> int:
    print(f"python -m contract: {escape(message)}", file=sys.stderr)
    return status


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        print("warning:", escape(warning), file=sys.stderr)


def _generate(options: argparse.Namespace) -> int:
    output: Path = options.output
    sources = Sources(*(getattr(options, name) for name in Sources._fields))
    # Imported only now: the generator takes most of a second.
    from contract.omissions import Omissions
    from contract.output import check, generate
    from contract.pages import reject_page

    reject_page(sources.contract)
    omissions = Omissions(options.omit_unsupported)
    if options.check:
        stale = check(sources, output, omissions)
        for name in stale:
            print(f"{output / name}: differs from its sources: run `make generate`.", file=sys.stderr)
        return 1 if stale else 0
    changed = generate(sources, output, omissions)
    _warn(omissions.warnings)
    for line in (*omissions.operations, *omissions.parts, *omissions.unused):
        print("omitted:", escape(line), file=sys.stderr)
    for line in omissions.widened:
        print("any value:", escape(line), file=sys.stderr)
    print(f"{output}: {'regenerated' if changed else 'up to date'}{omissions.summary and f'; {omissions.summary}'}")
    return 0


def _refresh(options: argparse.Namespace) -> int:
    from contract.refresh import INDEX, refresh

    targets = Targets(options.pages, options.contract)
    result = refresh(options.origins or [INDEX], targets, keep=options.keep, check=options.check)
    _warn(result.warnings)
    if options.check and result.report:
        print(*result.report, "Run `make refresh`, and read the difference.", sep="\n", file=sys.stderr)
        return 1
    print(*result.report or [f"{targets.contract}: up to date"], sep="\n")
    print(f"{result.skipped} pages without a contract were skipped.")
    return 0


def _lint(options: argparse.Namespace) -> int:
    from contract.lint import lint, suggest
    from contract.overlay_actions import render

    report = lint(options.contract, None if options.without_overlay else options.overlay)
    _warn(report.warnings)
    if options.suggest:
        print(render(suggest(report)), end="")
    else:
        print(*(f"{problem}\n" for problem in report.problems), f"Problems: {len(report.problems)}", sep="\n")
    return 1 if report.problems else 0


def _changes(options: argparse.Namespace) -> int:
    from contract.baseline import describe_commit, extract, last_contract_commit
    from contract.changes import compare
    from contract.release import add_to_changelog, read_version, render
    from contract.schema_changes import Impact

    generated: Path = options.generated
    base: str = options.base or ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            if generated == _GENERATED:
                _require_fresh(generated)
            base = base or last_contract_commit(generated)
            extract(generated, base, Path(folder))
            report = compare(Path(folder), generated)
        except PipelineError as problem:  # in no temporary folder of ours
            raise PipelineError(str(problem).replace(folder, f"{base}:{generated.name}")) from problem
    version = read_version(ROOT / "overrides" / "playbook3d_client" / "_version.py")
    text = render(report, describe_commit(generated, base), version)
    files: dict[Path, str] = {options.report: text}
    if options.changelog:
        try:
            files[options.changelog] = add_to_changelog(options.changelog.read_bytes().decode(), report.entry)
        except UnicodeDecodeError as error:
            raise PipelineError(f"{options.changelog}: not UTF-8 text, at byte {error.start}.") from error
    options.report.parent.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        path.write_bytes(content.encode())
    print(text, end="")
    return 1 if options.fail_on and report.impact >= Impact[options.fail_on.upper()] else 0


def _require_fresh(generated: Path) -> None:
    from contract.output import check

    if stale := check(Sources(), generated):
        raise PipelineError(f"{generated / stale[0]}: differs from its sources: run `make generate` first.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m contract", description="Maintains the contract and generates the client from it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], written: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run, written=written, note="")
        return command

    def add_path(command: argparse.ArgumentParser, name: str, default: Path, text: str, metavar: str = "FILE") -> None:
        text = f"{text} ({default.relative_to(ROOT)})"
        command.add_argument(f"--{name}", type=Path, metavar=metavar, default=default, help=text)

    sources, targets = Sources(), Targets()

    generate = add("generate", _generate, "output", "write generated/ from the contract and the overrides")
    generate.add_argument("--check", action="store_true", help="write nothing; name each stale file (exit 1)")
    text = "leave out what the client does not support, for this run, and name it"
    generate.add_argument("--omit-unsupported", action="store_true", help=text)
    add_path(generate, "settings", sources.settings, "generator settings")
    add_path(generate, "templates", sources.templates, "generator templates", "DIR")
    add_path(generate, "runtime", sources.runtime, "module to copy")
    add_path(generate, "client", sources.client, "hand-written client to document", "DIR")
    add_path(generate, "output", _GENERATED, "folder to write", "DIR")

    refresh = add("refresh", _refresh, "contract", "write openapi/pages/ and the published contract from pages")
    refresh.set_defaults(note=" Nothing was changed.")
    refresh.add_argument("--check", action="store_true", help="write nothing; name each stale file (exit 1)")
    refresh.add_argument("--keep", action="store_true", help="keep pages that have vanished")
    origins = "an llms.txt's URL, a page's, a folder, or files"
    refresh.add_argument("--from", dest="origins", nargs="+", metavar="FROM", help=origins)
    add_path(refresh, "pages", targets.pages, "folder of the pages", "DIR")

    lint = add("lint", _lint, "contract", "find what would mislead users, and is not in the overlay yet")
    lint.add_argument("--suggest", action="store_true", help="print the suggested actions alone, as an overlay")
    lint.add_argument("--without-overlay", action="store_true", help="lint the published contract alone")

    for command in (generate, refresh, lint):
        add_path(command, "contract", sources.contract, "published contract")
    for command in (generate, lint):
        add_path(command, "overlay", sources.overlay, "overlay")

    changes = add("changes", _changes, "report", "report what the changed contract means for callers")
    changes.add_argument("--base", metavar="REF", help="compare with this commit (the last that changed the contract)")
    changes.add_argument("--fail-on", choices=["breaking", "addition"], help="exit with 1 for such a change")
    changelog = ROOT / "CHANGELOG.md"
    text = "add the entry to the changelog (CHANGELOG.md)"
    changes.add_argument("--changelog", type=Path, nargs="?", const=changelog, metavar="FILE", help=text)
    add_path(changes, "generated", _GENERATED, "the present client", "DIR")
    add_path(changes, "report", ROOT / "reports" / "changes.md", "report in Markdown")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
