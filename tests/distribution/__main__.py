"""``make dist``: checks the distributions in ``dist/``, and uses the wheel as its users do.

Metadata and files first, and that the source distribution gives the same wheel. Then clean environments: without
extras, exactly the declared dependencies come along, and a missing extra is named. On each Python of the machine, with
the lowest and with the newest dependencies, demo, command line and suite run from the wheel. It needs a package index.
"""

import shutil
import tempfile
from pathlib import Path

from distribution.artifacts import (
    PROJECT,
    ROOT,
    different_files,
    metadata_problems,
    rebuilt_wheel,
    sdist_files,
    wheel_files,
    wheel_problems,
)
from distribution.environments import Environment, find_pythons, needed_packages

HERE = Path(__file__).parent
RESOLUTIONS = ("lowest-direct", "highest")


def check_artifacts(wheel: Path, sdist: Path) -> None:
    """End with what is wrong with the two files."""
    files = wheel_files(wheel)
    problems = [*wheel_problems(files), *metadata_problems(sdist_files(sdist)["PKG-INFO"])]
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = wheel_files(rebuilt_wheel(sdist, Path(folder)))
    problems += [f"{name} differs in the wheel built from {sdist.name}" for name in different_files(files, rebuilt)]
    if problems:
        raise SystemExit("\n".join(f"{wheel.name}: {problem}" for problem in problems))
    print(f"{wheel.name}: {len(files)} files, the same from {sdist.name}")


def check_extras(wheel: Path, folder: Path, python: str) -> None:
    """End if the bare wheel brings more than it declares, or a missing extra is not named."""
    environment = Environment(folder, python)
    environment.install(str(wheel))
    needed = needed_packages(*PROJECT["project"]["dependencies"])
    brought = environment.packages() - {PROJECT["project"]["name"]}
    if brought != needed:
        raise SystemExit(f"{wheel.name} brings {sorted(brought)}, where {sorted(needed)} would do")
    environment.run(str(HERE / "one_call.py"))
    extra = f"{PROJECT['project']['name']}[mock]"
    require(extra, environment.run("-m", "playbook3d_mock", status=2).stderr)
    require("[cli]", environment.run("-m", "playbook3d_cli", status=2).stderr)
    environment.install("pytest")
    shutil.copy(HERE / "shown_fixtures.py", folder)  # away from the settings of this project
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "shown_fixtures.py")
    require(extra, without := environment.run(*tests, status=1).stdout)
    require("1 passed, 1 error", without)
    environment.install(f"{wheel}[mock]")
    require("2 passed", environment.run(*tests).stdout)
    require("[conformance]", environment.run("-m", "playbook3d_conformance", "--mock", status=2).stderr)
    environment.install(f"{wheel}[conformance]")
    # Of EverythingReached, a check of the suite.
    require("2 of 2 parameters", environment.run(str(HERE / "stock_schemathesis.py")).stdout)
    print(f"{wheel.name}: brings {', '.join(sorted(brought))}; names a missing extra")


def check_use(wheel: Path, folder: Path, python: str, resolution: str) -> None:
    """End if demo or command fails with the wheel, or the suite does not accept the mock."""
    environment = Environment(folder, python)
    environment.install_wheel(wheel, "cli", "conformance", resolution=resolution)
    environment.run(str(HERE / "every_module.py"))
    environment.run(str(ROOT / "tests" / "demo.py"))
    environment.run(str(HERE / "one_command.py"))
    environment.run("-m", "playbook3d_conformance", "--mock", "--examples=1")


def require(text: str, printed: str) -> None:
    """End if a text was not printed, or a traceback was."""
    if text not in printed or "Traceback" in printed:
        raise SystemExit(f"{text!r} alone was expected, not:\n{printed}")


def main(dist: Path) -> None:
    """Check the two files of the folder."""
    [wheel], [sdist] = dist.glob("*.whl"), dist.glob("*.tar.gz")
    check_artifacts(wheel, sdist)
    pythons = find_pythons()
    with tempfile.TemporaryDirectory() as folder:
        check_extras(wheel, Path(folder, "extras"), next(iter(pythons.values())))
        for version, python in pythons.items():
            for resolution in RESOLUTIONS:
                check_use(wheel, Path(folder, f"{version}-{resolution}"), python, resolution)
            print(f"{wheel.name}: demo, command and suite run on Python {version} ({', '.join(RESOLUTIONS)})")


if __name__ == "__main__":
    main(ROOT / "dist")
