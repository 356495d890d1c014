"""Has stock Schemathesis test the mock with the checks of the suite, all as they are installed."""

import os
import subprocess
import sys
from pathlib import Path

from playbook3d_mock import Mock


def run(*command: str, **variables: str) -> str:
    """What a module prints; ends if it fails."""
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [sys.executable, "-I", "-m", *command], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


Path("openapi.yaml").write_text(run("playbook3d_conformance", "--print-contract"), encoding="utf-8")
strict = run("playbook3d_conformance", "--print-config").replace("max-examples = 100", "max-examples = 1")
Path("schemathesis.toml").write_text(strict, encoding="utf-8")
mock = Mock()
with mock.serve() as url:
    # no_proxy: the mock is on this machine
    print(run("schemathesis.cli", "run", "openapi.yaml", "--url", url, **mock.environment, no_proxy="*"))
