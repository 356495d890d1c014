"""The pipeline's command line: ``python -m contract refresh`` and ``generate``; ``--check`` tells if it is needed.

``python -m contract lint`` finds what would mislead users, and ``--suggest`` prints overlay actions against it.
``python -m contract changes`` reports what a changed contract means for callers.

Exit status: 0 done; 1 a check found differences, lint found problems, or changes found what ``--fail-on`` names;
2 invalid input, with one message on standard error; 130 interrupted; 143 terminated.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from contract.errors import PipelineError
from contract.sources import ROOT, Sources, fingerprint, is_recorded, record


def main(arguments: list[str] | None = None) -> int:
    """Run one command, and return its exit status."""
    options = _parser().parse_args(arguments)
    former = signal.signal(signal.SIGTERM, _terminate)
    try:
        return int(options.run(options))
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


def _generate(options: argparse.Namespace) -> int:
    output: Path = options.output or ROOT / "generated"
    sources = Sources(**{name: path for name in Sources._fields if (path := getattr(options, name)) is not None})
    try:
        before = fingerprint(sources)
        if not options.check and is_recorded(before, output):
            print(f"{output}: up to date")
            return 0
        # Imported only now: the generator takes most of a second.
        from contract.output import check, generate
        from contract.refresh import reject_page

        reject_page(sources.contract)
        if options.check:
            stale = check(sources, output)
            for name in stale:
                print(f"{output / name}: differs from its sources: run `make generate`.", file=sys.stderr)
            return 1 if stale else 0
        changed = generate(sources, output)
        record(before, output)
    except PipelineError as problem:
        return _fail(str(problem))
    except OSError as error:
        return _fail(f"{error.filename or output}: {error.strerror or error}. Nothing was changed.")
    print(f"{output}: {'regenerated' if changed else 'up to date'}")
    return 0


def _refresh(options: argparse.Namespace) -> int:
    from contract.refresh import INDEX, Targets, refresh

    targets = Targets(**{name: path for name in Targets._fields if (path := getattr(options, name)) is not None})
    try:
        result = refresh(options.origins or [INDEX], targets, keep=options.keep, check=options.check)
    except PipelineError as problem:
        return _fail(_escape(f"{problem} Nothing was changed."))
    except OSError as error:
        path = error.filename2 or error.filename or targets.contract
        return _fail(_escape(f"{path}: {error.strerror or error}. Nothing was changed."))
    for warning in result.warnings:
        print("warning:", _escape(warning), file=sys.stderr)
    report = [_escape(line) for line in result.report]
    if options.check and report:
        print(*report, "Run `make refresh`, and read the difference.", sep="\n", file=sys.stderr)
        return 1
    print(*report or [f"{targets.contract}: up to date"], sep="\n")
    print(f"{result.skipped} pages without a contract were skipped.")
    return 0


def _lint(options: argparse.Namespace) -> int:
    from contract.lint import lint, render, suggest

    overlay: Path | None = None if options.without_overlay else options.overlay or Sources().overlay
    try:
        report = lint(options.contract or Sources().contract, overlay)
    except PipelineError as problem:
        return _fail(str(problem))
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

    generated: Path = options.generated or ROOT / "generated"
    base: str = options.base or ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            if options.generated is None:
                _require_fresh(generated)
            base = base or last_contract_commit(generated)
            extract(generated, base, Path(folder))
            report = compare(Path(folder), generated)
            version = read_version(ROOT / "overrides" / "playbook3d_client" / "_version.py")
            text = render(report, describe_commit(generated, base), version)
            files = {options.report: text}
            if options.changelog:
                files[options.changelog] = add_to_changelog(options.changelog.read_bytes().decode(), report.entry)
            options.report.parent.mkdir(parents=True, exist_ok=True)
            for path, content in files.items():
                path.write_bytes(content.encode())
        except PipelineError as problem:
            return _fail(str(problem).replace(folder, f"{base}:{generated.name}"))
        except UnicodeDecodeError as error:
            return _fail(f"{options.changelog}: not UTF-8 text, at byte {error.start}.")
        except OSError as error:
            return _fail(f"{error.filename or options.report}: {error.strerror or error}.")
    print(text, end="")
    return 1 if options.fail_on and report.impact >= Impact[options.fail_on.upper()] else 0


def _require_fresh(generated: Path) -> None:
    from contract.output import check

    sources = Sources()
    if not is_recorded(fingerprint(sources), generated) and (stale := check(sources, generated)):
        raise PipelineError(f"{generated / stale[0]}: differs from its sources: run `make generate` first.")


def _escape(text: str) -> str:
    """The text on one line: a page's texts cannot control the terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _fail(message: str, status: int = 2) -> int:
    print(f"python -m contract: {message}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m contract", description="Maintains the contract and generates the client from it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("generate", help="write generated/ from the contract and the overrides")
    command.set_defaults(run=_generate)
    command.add_argument(
        "--check", action="store_true", help="write nothing; name each file that is not up to date (exit 1)"
    )
    command.add_argument("--contract", type=Path, metavar="FILE", help="published contract (openapi/playbook.yaml)")
    command.add_argument("--overlay", type=Path, metavar="FILE", help="overlay (overrides/overlay.yaml)")
    command.add_argument("--settings", type=Path, metavar="FILE", help="generator settings (overrides/generator.yaml)")
    command.add_argument("--templates", type=Path, metavar="DIR", help="generator templates (overrides/templates)")
    command.add_argument("--runtime", type=Path, metavar="FILE", help="module to copy (overrides/runtime.py)")
    command.add_argument("--output", type=Path, metavar="DIR", help="folder to write (generated)")
    command.set_defaults(run=_generate)
    _add_refresh(commands.add_parser("refresh", help="write openapi/pages/ and the published contract from pages"))
    command = commands.add_parser("lint", help="find what would mislead users, and is not in the overlay yet")
    command.set_defaults(run=_lint)
    command.add_argument("--suggest", action="store_true", help="print the suggested actions alone, as an overlay")
    command.add_argument("--without-overlay", action="store_true", help="lint the published contract alone")
    command.add_argument("--contract", type=Path, metavar="FILE", help="published contract (openapi/playbook.yaml)")
    command.add_argument("--overlay", type=Path, metavar="FILE", help="overlay (overrides/overlay.yaml)")
    _add_changes(commands.add_parser("changes", help="report what the changed contract means for callers"))
    return parser


def _add_changes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--base", metavar="REF", help="compare with this commit (the last that changed the contract)")
    command.add_argument("--fail-on", choices=["breaking", "addition"], help="exit with 1 for such a change")
    command.add_argument(
        "--changelog",
        type=Path,
        nargs="?",
        const=ROOT / "CHANGELOG.md",
        metavar="FILE",
        help="add the entry to the changelog (CHANGELOG.md)",
    )
    command.add_argument("--generated", type=Path, metavar="DIR", help="the present client (generated)")
    command.add_argument(
        "--report", type=Path, metavar="FILE", default=ROOT / "reports" / "changes.md", help="Markdown"
    )
    command.set_defaults(run=_changes)


def _add_refresh(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--check", action="store_true", help="write nothing; name each file that would change (exit 1)"
    )
    command.add_argument("--keep", action="store_true", help="keep pages that have vanished")
    command.add_argument(
        "--from", dest="origins", nargs="+", metavar="FROM", help="an llms.txt's URL, a page's, a folder, or files"
    )
    command.add_argument("--pages", type=Path, metavar="DIR", help="folder of the pages (openapi/pages)")
    command.add_argument("--contract", type=Path, metavar="FILE", help="published contract (openapi/playbook.yaml)")
    command.set_defaults(run=_refresh)


if __name__ == "__main__":
    raise SystemExit(main())
