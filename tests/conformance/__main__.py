"""`python -m conformance`, which is `make conformance`: the suite's checks of a server, from the command line.

The variables of the environment say what to do: ``BASE_URL``, ``PLAYBOOK_API_KEY``, ``PLAYBOOK_TOKEN``, and those
that the plan names as it is printed. Exit status: 0 where the server keeps the contract, 1 where it does not or
sent a credential back, 2 where what was asked for cannot be done.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
from _thread import interrupt_main
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from schemathesis.config import ConfigError

from conformance import extension, stock
from conformance.leaks import leaks, remove_leaking
from conformance.plan import Plan, Run, UsageError, plan, without_examples
from conformance.subject import EFFECTIVE, SUBJECTS
from playbook3d_mock import Mock

CREDENTIALS = ("PLAYBOOK_API_KEY", "PLAYBOOK_TOKEN")


def main(environment: Mapping[str, str], reports: Path = Path("reports")) -> int:
    """Do what the environment asks for; returns the exit status."""
    try:
        if base_url := environment.get("BASE_URL"):
            return _conform(plan(SUBJECTS, environment, base_url), environment, reports)
        print("No BASE_URL: the mock is started, and tried as a server of somebody else would be.")
        with ExitStack() as stack:
            mock = Mock(EFFECTIVE)
            dry = environment.get("DRY_RUN") == "1"
            url = "http://127.0.0.1" if dry else stack.enter_context(mock.serve())
            known = dict(zip(CREDENTIALS, (mock.api_key, mock.token), strict=True))
            return _conform(plan(SUBJECTS, {"RATE": "1000/s", **environment}, url), {**environment, **known}, reports)
    except (UsageError, ConfigError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}: the reports cannot be written.")
    except KeyboardInterrupt:
        return _fail("interrupted.", 130)


def _fail(message: str, status: int = 2) -> int:
    print(f"make conformance: {message}", file=sys.stderr)
    return status


def _conform(planned: Plan, environment: Mapping[str, str], reports: Path) -> int:
    for line in planned.lines():
        print(line)
    if environment.get("DRY_RUN") == "1":
        print("DRY_RUN=1: nothing was sent.")
        return 0
    missing = [name for name in CREDENTIALS if not environment.get(name)]
    if missing:
        raise UsageError(f"{' and '.join(missing)} must be set in the environment, to be sent as planned.")
    credentials = {name: environment[name] for name in CREDENTIALS}
    sys.stdout.flush()
    kept = True
    with _at_most(planned.seconds) as is_up, extension.other_uuids():
        for run in planned.runs():
            if not is_up.is_set():
                kept = _run(run, planned.base_url, credentials, reports / "conformance" / run.name) and kept
    if is_up.is_set():
        print(f"The time is up, and not all was tried (MAX_TIME={planned.seconds}).")
        return 1
    print("The server keeps the contract." if kept else "The server does not keep the contract: see above.")
    return 0 if kept else 1


@contextmanager
def _at_most(seconds: int) -> Generator[threading.Event]:
    """Interrupt what is under way when the time is up, as Ctrl-C would: the stock command ends well then."""
    is_up = threading.Event()

    def interrupt() -> None:
        is_up.set()
        interrupt_main()

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield is_up
    finally:
        timer.cancel()


def _run(run: Run, base_url: str, credentials: Mapping[str, str], folder: Path) -> bool:
    """One run, its reports in a folder; whether everything held, and no credential came back."""
    # They are written elsewhere and searched first: whatever happens, nothing with a secret in it stays.
    with tempfile.TemporaryDirectory() as room:
        contract, reports = Path(room) / "contract.json", Path(room).resolve() / "reports"
        contract.write_text(json.dumps(without_examples(EFFECTIVE)), encoding="utf-8")
        reports.mkdir()
        written = {"junit": "junit.xml", "har": "requests.har", "html": "html"}
        paths = {kind: {"enabled": True, "path": str(reports / name)} for kind, name in written.items()}
        configured = {**run.configuration, "reports": paths}
        outcome = stock.run(contract, base_url, credentials, configured=configured, options=run.options)
        removed = remove_leaking(reports, credentials.values())
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(reports, folder)
    if leaks(outcome.output, credentials.values()):
        removed.append("the output, which is not shown")
    else:
        print(outcome.output.replace(str(reports), str(folder)).replace(str(contract), "the contract"))
    if removed:
        print(f"A credential came back from the server. Removed, as it stood in there: {', '.join(removed)}.")
    return outcome.passed and not removed


if __name__ == "__main__":
    sys.exit(main(os.environ))
