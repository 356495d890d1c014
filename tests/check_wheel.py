"""``make dist-check``: installs the wheel into an empty environment, away from the checkout, and uses it there.

First without extras: exactly httpx, attrs, sniffio and what they need come along, each package carries
``py.typed``, and a call works. Then with the extra ``mock``: the mock serves the contract that the wheel carries, and
pytest finds its fixtures. At last with the extra ``conformance``: the suite and stock Schemathesis with its checks test
the mock.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("playbook3d_client", "playbook3d_cli", "playbook3d_api", "playbook3d_mock")
CONTRACT = Path(__file__).parents[1] / "generated" / "openapi.yaml"

CALL = """
from importlib.resources import files
from uuid import uuid4
import httpx
from playbook3d_client import PlaybookClient

def answer(request):
    assert request.headers["authorization"] == "Bearer T" and request.headers["x-api-key"] == "K"
    return httpx.Response(200, json={"message": "done"})

for package in PACKAGES:
    assert files(package).joinpath("py.typed").is_file(), f"{package} has no py.typed"
with httpx.Client(transport=httpx.MockTransport(answer)) as http:
    client = PlaybookClient(api_key="K", token="T", base_url="http://nowhere.invalid", http_client=http)
    assert client.workflows.cancel_run(uuid4(), uuid4()).message == "done"
"""

SERVE = """
import os, subprocess, sys
from importlib.resources import files
from pathlib import Path
from uuid import uuid4
from playbook3d_client import PlaybookClient

carried = files("playbook3d_mock").joinpath("openapi.yaml").read_bytes()
assert carried == Path(CONTRACT).read_bytes(), "the wheel carries another contract"
os.environ["no_proxy"] = "*"  # the mock is on this machine
command = [sys.executable, "-I", "-m", "playbook3d_mock", "--port", "0"]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as mock:
    try:
        printed = dict(mock.stdout.readline().strip().split("=", 1) for _ in range(3))
        with PlaybookClient(
            api_key=printed["PLAYBOOK_API_KEY"], token=printed["PLAYBOOK_TOKEN"], base_url=printed["PLAYBOOK_BASE_URL"]
        ) as client:
            assert client.workflows.cancel_run(uuid4(), uuid4()).message == "Run successfully canceled."
    finally:
        mock.terminate()
assert mock.returncode == 0, mock.returncode
"""

TEST = """
import os, subprocess, sys
from importlib.resources import files
from pathlib import Path
from playbook3d_mock import Mock

suite = files("playbook3d_conformance")
assert suite.joinpath("py.typed").is_file(), "playbook3d_conformance has no py.typed"
assert not suite.joinpath("properties").is_dir(), "the wheel carries what needs the checkout"
os.environ["no_proxy"] = "*"  # the mock is on this machine
python = [sys.executable, "-I", "-m"]

def run(*command):
    done = subprocess.run([*python, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

assert "No violation found" in run("playbook3d_conformance", "--mock", "--examples", "1")
Path("openapi.yaml").write_text(run("playbook3d_conformance", "--print-contract"))
strict = run("playbook3d_conformance", "--print-config").replace("max-examples = 100", "max-examples = 1")
Path("schemathesis.toml").write_text(strict)
mock = Mock()
os.environ.update(mock.environment)
with mock.serve() as url:
    printed = run("schemathesis.cli", "run", "openapi.yaml", "--url", url)
assert "2 of 2 parameters" in printed, printed  # of EverythingReached, a check of ours
"""

FIXTURES = """
import httpx

def test_other():
    pass

def test_fixtures(playbook_mock, playbook_mock_url):
    operation = playbook_mock.engine.operations[0]
    httpx.request(operation.method, playbook_mock_url + operation.path, trust_env=False)
    playbook_mock.assert_called(operation.name, times=1)
"""


def main(wheel: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = next(Path(folder).glob("[bS][ic][nr]*/python*"))

        def run(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
            done = subprocess.run(
                [str(python), "-I", *arguments], cwd=folder, capture_output=True, text=True, check=False
            )
            if done.returncode != status:
                printed = f"{done.stdout}{done.stderr}"
                raise SystemExit(f"{' '.join(arguments)[:200]}: exit status {done.returncode}\n{printed}")
            return done

        def pip(*arguments: str) -> str:
            return run("-m", "pip", "--disable-pip-version-check", *arguments).stdout

        def installed() -> set[str]:
            return {package["name"].lower() for package in json.loads(pip("list", "--format=json"))}

        before = installed()
        plan = json.loads(pip("install", "--quiet", "--dry-run", "--report", "-", "httpx", "attrs", "sniffio"))
        needed = {package["metadata"]["name"].lower() for package in plan["install"]}
        pip("install", "--quiet", str(wheel))
        added = installed() - before
        assert added == needed | {"playbook3d-client"}, f"brings {sorted(added)}, where {sorted(needed)} would do"
        run("-c", f"PACKAGES = {PACKAGES!r}\n{CALL}")
        print(f"{wheel.name}: brings {', '.join(sorted(added))}; py.typed in each package; a call works")

        rejected = run("-m", "playbook3d_mock", status=2).stderr.strip()
        assert "playbook3d-client[mock]" in rejected, rejected
        assert "Traceback" not in rejected, rejected
        pip("install", "--quiet", "pytest")
        Path(folder, "test_fixtures.py").write_text(FIXTURES)
        test = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_fixtures.py")
        without = run(*test, status=1).stdout
        assert "playbook3d-client[mock]" in without, without
        assert "1 passed, 1 error" in without, without
        pip("install", "--quiet", f"{wheel}[mock]")
        run("-c", f"CONTRACT = {str(CONTRACT)!r}\n{SERVE}")
        run(*test)
        print(f"{wheel.name}[mock]: serves the contract that it carries, and stops with status 0")

        rejected = run("-m", "playbook3d_conformance", "--mock", status=2).stderr.strip()
        assert "playbook3d-client[conformance]" in rejected, rejected
        assert "Traceback" not in rejected, rejected
        pip("install", "--quiet", f"{wheel}[conformance]")
        run("-c", TEST)
        print(f"{wheel.name}[conformance]: the suite and stock Schemathesis with its checks test the mock")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
