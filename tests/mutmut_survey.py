"""``make survey``: mutates the client and the mock's engine, and compares what survives with what is explained.

A mutant that no test kills shows a test that is missing, or a change that no test should hold. Those of the second
kind stand in ``mutmut_survivors.toml``, each with the reason. Exit status 1 where another survives, and where one of
those is killed or is no more. ``python tests/mutmut_survey.py _tokens _engine`` surveys these modules alone.

mutmut 3 changes the bodies of functions: neither what runs at import, nor functions with a decorator. It works in a
copy that is laid out as the wheel is, since it names modules by the paths of their files.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_name("mutmut_survivors.toml")

#: Where the packages are in a checkout, and what of each is mutated.
PACKAGES = {"overrides/playbook3d_client": "*", "tests/playbook3d_mock": "_engine.py"}

#: They look at the text of modules and not at what it does, or run it in processes that mutmut does not follow.
WITHOUT = {"test_client_typing.py", "test_client_surface.py", "test_mock_main.py"}

#: Tests that cannot have mutmut's own names and frames beside ours, and those that take long for what they add.
DESELECTED = (
    "where_it_is_called or no_tag_can_hide"
    " or process_pool or stall or every_kind_of_body or stock_schemathesis or does_not_finish"
)

#: For the copy. A mutant is tried by the tests in which its function was seen to run, in a fork of the process that
#: ran them all before: by what is kept from one test to the next, it would not run in either.
NOTHING_IS_KEPT = """

@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    from playbook3d_client import _routes

    _routes._routes.cache_clear()
    _routes.route_named.cache_clear()
"""


class Mutant(NamedTuple):
    """A change of a function ("_tokens._end"), and what became of it: "killed", "survived", "timeout", ..."""

    function: str
    change: str
    fate: str


def main(modules: list[str]) -> int:
    """Survey these modules, or all, and print what is to be done; the exit status."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room, "copy")
        lay_out(copy)
        run_mutmut(copy, modules)
        found = [one for one in mutants(copy) if not modules or one.function.split(".")[0] in modules]
    groups = tomllib.loads(LIST.read_text(encoding="utf-8"))["survivor"]
    listed = {(name, change) for group in groups for name, changes in group["changes"].items() for change in changes}
    if modules:
        listed = {(function, change) for function, change in listed if function.split(".")[0] in modules}
    problems = list(differences(found, listed))
    for problem in problems:
        print(problem, end="\n\n")
    fates = ", ".join(f"{count} {fate}" for fate, count in Counter(one.fate for one in found).most_common())
    print(
        f"{len(found)} mutants in {(time.monotonic() - started) / 60:.0f} minutes: {fates}; {len(problems)} to look at"
    )
    return 1 if problems else 0


def lay_out(copy: Path) -> None:
    """Copy what git knows of the checkout, with the packages and the contract where the wheel has them."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():  # and not deleted since
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for package in PACKAGES:
        (copy / package).rename(copy / Path(package).name)
    shutil.copy2(copy / "generated/openapi.yaml", copy / "playbook3d_mock")
    # Before Python starts, which remembers of a folder on its path that it is not there.
    (copy / "mutants").mkdir()
    with (copy / "tests/conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(NOTHING_IS_KEPT)
    subjects = sorted([*(copy / "tests").glob("test_client_*.py"), *(copy / "tests").glob("test_mock_*.py")])
    settings = {
        "source_paths": [Path(package).name for package in PACKAGES],
        "only_mutate": [f"{Path(package).name}/{which}" for package, which in PACKAGES.items()],
        "also_copy": ["overrides", "generated"],
        "pytest_add_cli_args": ["--hypothesis-profile=quick", "-p", "no:cacheprovider", "-p", "no:xdist"],
        "pytest_add_cli_args_test_selection": [
            *(f"tests/{path.name}" for path in subjects if path.name not in WITHOUT),
            *("-k", f"not ({DESELECTED})"),
        ],
        # Of what the tests of a mutant took without it, not counting what pytest adds; then it hangs, and is killed.
        "timeout_multiplier": 3.0,
        "timeout_constant": 12.0,
    }
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write("\n[tool.mutmut]\n")
        project.writelines(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def run_mutmut(copy: Path, modules: list[str]) -> None:
    """Have mutmut try its mutants of these modules, or all; what it says is shown only where it fails."""
    command = [str(Path(sys.executable).with_name("mutmut")), "run", *(f"*.{module}.*" for module in modules)]
    environment = {**os.environ, "PYTHONPATH": str(copy / "mutants"), "TMPDIR": str(copy.parent)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"mutmut failed:\n{done.stdout[-8000:]}{done.stderr[-4000:]}")


def mutants(copy: Path) -> Iterator[Mutant]:
    """What became of each."""
    with contextlib.chdir(copy):
        for path in sorted(Path().glob("playbook3d_*/*.py")):
            data = SourceFileMutationData(path=path)
            data.load()
            for name, code in data.exit_code_by_key.items():
                function, kind = orig_function_and_class_names_from_key(name)
                fate = status_by_exit_code[code].replace("no tests", "survived")
                change = "" if fate == "killed" else change_of(get_diff_for_mutant(name, path=path))
                yield Mutant(".".join(filter(None, [path.stem, kind, function])), change, fate)


def change_of(diff: str) -> str:
    """The lines that differ, wherever they stand.

    Where that is the text of a string, only the line: after "XX" if something was put around the text, after "Aa" if
    letters became small or capital ones.
    """
    lines = [(line[0], line[1:].strip()) for line in diff.splitlines()[2:] if line.startswith(("-", "+"))]
    if [sign for sign, _ in lines] == ["-", "+"]:
        (_, old), (_, new) = lines
        if new.replace("XX", "") == old:
            return f"XX {old}"
        if new.lower() == old.lower():
            return f"Aa {old}"
    return "\n".join(f"{sign} {line}" for sign, line in lines)


def differences(found: list[Mutant], listed: set[tuple[str, str]]) -> Iterator[str]:
    """What there is to do, in a message each: a test to write, or an entry to add or to remove."""
    survived = {(one.function, one.change) for one in found if one.fate not in ("killed", "timeout")}
    timed_out = {(one.function, one.change) for one in found if one.fate == "timeout"}  # perhaps by a busy machine
    whole = {function for function, change in listed if change == "*"}
    for function, change in sorted(survived - listed):
        if function not in whole:
            yield f"No test holds this in {function}; write one, or list it with a reason:\n{change}"
    for function, change in sorted(listed - survived - timed_out):
        if change != "*" or function not in {name for name, _ in survived}:
            yield f"{LIST.name} lists this of {function}, which survives no more, or is no more; remove it:\n{change}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
