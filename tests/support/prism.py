"""Prism, the mock of another project, installed by npm into ``.prism/`` and run in a process of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

VERSION = "5.16.0"
FOLDER = Path(__file__).parents[2] / ".prism"
_PROGRAM = FOLDER / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
_INSTALL_SECONDS, _START_SECONDS = 300, 60


class PrismUnavailableError(Exception):
    """Prism cannot be installed or started; the message says why."""


class Server(NamedTuple):
    """A running Prism."""

    url: str
    process: int


def install() -> None:
    """Install the pinned version, unless it is there; raises ``PrismUnavailableError``."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise PrismUnavailableError("npm is missing: install Node.js 20 or newer")
    marker = FOLDER / f".installed-{VERSION}"
    if marker.exists():
        return
    FOLDER.mkdir(exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), f"@stoplight/prism-cli@{VERSION}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise PrismUnavailableError(f"npm did not install Prism within {_INSTALL_SECONDS} s") from None
    if done.returncode:
        raise PrismUnavailableError(f"npm did not install Prism: {(done.stderr.strip() or '?').splitlines()[0]}")
    marker.touch()


@contextmanager
def serve(contract: Path, *options: str) -> Generator[Server]:
    """A Prism that serves a contract on loopback while the context lasts; raises ``PrismUnavailableError``."""
    install()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(_PROGRAM), "mock", "-h", "127.0.0.1", "-p", str(port), "-v", "silent", *options]
    process = subprocess.Popen([*command, str(contract)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_started(process, port)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_until_started(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise PrismUnavailableError("Prism did not start")
