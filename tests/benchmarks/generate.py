"""``make bench``: the processor time of ``make generate`` against that of the bare generator on the same contract.

That of ``make refresh``, from local pages, against reading the YAML of these pages once. Both are run in turn, as
processes of their own, and the median of their ratios compared: a ratio within one run says something on any machine,
a number of seconds does not. Exit status 1 when a bound is exceeded.
"""

import copy
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from contract import yaml_io
from contract.sources import ROOT

#: Operations, format, rounds, and the bound.
CASES = [(1, "yaml", 9, 1.8), (1, "json", 9, 1.8), (300, "yaml", 5, 3.0), (300, "json", 5, 3.0)]
REFRESH = (300, 3, 1.5)
#: Reads the YAML of each file of a folder.
READ = "import pathlib, sys; from contract import yaml_io; [*map(yaml_io.read, pathlib.Path(sys.argv[1]).iterdir())]"


def seconds(command: list[str]) -> float:
    """The processor time of a command and its children, with the tools of this environment on its PATH."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env={**os.environ, "PATH": tools}, cwd=ROOT, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def published_contract(operations: int) -> Any:
    """The published contract with so many operations, all like its first."""
    document = yaml_io.read(ROOT / "openapi" / "playbook.yaml")
    path, item = next(iter(document["paths"].items()))
    for number in range(1, operations):
        document["paths"][f"/{number}{path}"] = (another := copy.deepcopy(item))
        another["post"]["operationId"] = f"operation_{number}"
    return document


def write(document: Any, path: Path) -> None:
    """Write a document in the format that the file's name has."""
    text = json.dumps(yaml_io.to_plain(document), indent=2) if path.suffix == ".json" else yaml_io.dump(document)
    path.write_text(text, encoding="utf-8")


def ratio(operations: int, suffix: str, rounds: int) -> float:
    """How many times the processor time of the bare generator ours takes."""
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        contract, effective = Path(folder, f"contract.{suffix}"), Path(folder, f"effective.{suffix}")
        write(published_contract(operations), contract)
        run = [sys.executable, "-m"]
        for number in range(rounds):
            output = Path(folder, str(number), "generated")
            ours = seconds([*run, "contract", "generate", f"--contract={contract}", f"--output={output}"])
            if not number:
                write(yaml_io.read(output / "openapi.yaml"), effective)
            generator = [*run, "openapi_python_client", "generate", "--meta", "none"]
            bare = seconds([*generator, f"--path={effective}", f"--output-path={output.with_name('bare')}"])
            ratios.append(ours / bare)
    return statistics.median(ratios)


def refresh_ratio(operations: int, rounds: int) -> float:
    """How many times as long as reading the YAML of the pages a refresh takes."""
    ratios: list[float] = []
    document = yaml_io.read(ROOT / "openapi" / "playbook.yaml")
    [(path, item)] = document["paths"].items()
    with tempfile.TemporaryDirectory() as folder:
        (yaml := Path(folder, "yaml")).mkdir()
        (pages := Path(folder, "pages")).mkdir()
        for number in range(operations):
            item["post"]["operationId"] = f"operation_{number}"
            document["paths"] = {f"/{number}{path}": item}
            (yaml / f"{number}.yaml").write_text(text := yaml_io.dump(document), encoding="utf-8")
            (pages / f"{number}.md").write_text(f"````yaml post /{number}{path}\n{text}````\n", encoding="utf-8")
        for number in range(rounds):
            output = Path(folder, str(number))
            targets = [f"--pages={output / 'pages'}", f"--contract={output / 'playbook.yaml'}"]
            ours = seconds([sys.executable, "-m", "contract", "refresh", "--from", str(pages), *targets])
            ratios.append(ours / seconds([sys.executable, "-c", READ, str(yaml)]))
    return statistics.median(ratios)


def main() -> int:
    exceeded = False
    for operations, suffix, rounds, bound in CASES:
        measured = ratio(operations, suffix, rounds)
        print(
            f"make generate takes {measured:.2f} times as long as the bare generator at {operations} operations "
            f"in {suffix.upper()} (at most {bound})",
            flush=True,
        )
        exceeded = exceeded or measured > bound
    operations, rounds, bound = REFRESH
    measured = refresh_ratio(operations, rounds)
    print(
        f"make refresh takes {measured:.2f} times as long as reading its YAML once at {operations} operations "
        f"(at most {bound})"
    )
    return int(exceeded or measured > bound)


if __name__ == "__main__":
    raise SystemExit(main())
