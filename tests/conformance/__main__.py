"""`python -m conformance`, which is `make conformance`: the suite's checks of a server, from the command line.

The variables of the environment say what to do: ``BASE_URL``, ``PLAYBOOK_API_KEY``, ``PLAYBOOK_TOKEN``, and those
that the plan names as it is printed. Exit status: 0 where the server keeps the contract, 1 where it does not or
sent a credential back, 2 where what was asked for cannot be done, or no answer could be read.
"""

import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from unittest.mock import patch

from schemathesis.config import ConfigError

from conformance import extension, stock
from conformance.ending import Ending, ending
from conformance.leaks import leaking, leaks
from conformance.plan import Plan, Run, UsageError, flag, naming_nothing, plan
from conformance.subject import EFFECTIVE, SUBJECTS
from playbook3d_mock import Mock

CREDENTIALS = ("PLAYBOOK_API_KEY", "PLAYBOOK_TOKEN")


def main(environment: Mapping[str, str], reports: Path = Path("reports")) -> int:
    """Do what the environment asks for; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may know fewer characters than Schemathesis prints
    try:
        if base_url := environment.get("BASE_URL"):
            return _conform(plan(SUBJECTS, environment, base_url), environment, reports)
        print("No BASE_URL: the mock is started, and tried as a server of somebody else would be.")
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, no_proxy="*"))  # no proxy knows of a server on this machine
            mock = Mock(EFFECTIVE)
            dry = flag(environment, "DRY_RUN")
            url = "http://127.0.0.1" if dry else stack.enter_context(mock.serve())
            known = dict(zip(CREDENTIALS, (mock.api_key, mock.token), strict=True))
            return _conform(plan(SUBJECTS, {"RATE": "1000/s", **environment}, url), {**environment, **known}, reports)
    except (UsageError, ConfigError) as error:
        return _fail(str(error))
    except OSError as error:
        if error.filename is None:  # what is printed goes nowhere
            return _fail(f"{error.strerror}.")
        return _fail(f"{error.filename}: {error.strerror}: is that where the reports can be written?")
    except KeyboardInterrupt:
        return _fail("interrupted.", 130)


def _fail(message: str, status: int = 2) -> int:
    print(f"make conformance: {message}", file=sys.stderr)
    return status


def _conform(planned: Plan, environment: Mapping[str, str], reports: Path) -> int:
    for line in planned.lines():
        print(line)
    if flag(environment, "DRY_RUN"):
        print("DRY_RUN=1: nothing was sent.")
        return 0
    credentials = _credentials(environment, planned.base_url)
    folder = reports / "conformance"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sys.stdout.flush()
    kept = True
    # The reports are written elsewhere and searched first: whatever happens, nothing with a secret in it stays.
    with (
        tempfile.TemporaryDirectory() as room,
        ending(planned.seconds, Path(room)) as end,
        extension.until(lambda: end.has_come),
        extension.other_uuids(),
    ):
        for run in planned.runs():
            if run.once and not kept:
                print("Nothing was sent really: the server has failed before.")
                break
            try:
                place = Path(room).resolve() / run.name
                outcome = _run(run, end, planned.base_url, credentials, place, folder / run.name)
            except KeyboardInterrupt:
                outcome = stock.Outcome(passed=False, output="")  # by whom, is known
            if end.interrupted:
                raise KeyboardInterrupt
            if end.time_is_up:
                print(f"The time is up, and not all was tried (MAX_TIME={planned.seconds}).")
                return 1
            if not outcome.answered and not run.once:  # one that has answered before has failed now
                raise UsageError(
                    f"no answer of {planned.receiver} could be read: is it the right address, and is the server up? "
                    "The errors above say more."
                )
            kept = outcome.passed and kept
    print("The server keeps the contract." if kept else "The server does not keep the contract: see above.")
    return 0 if kept else 1


def _credentials(environment: Mapping[str, str], base_url: str) -> dict[str, str]:
    missing = [name for name in CREDENTIALS if not environment.get(name)]
    if missing:
        raise UsageError(f"{' and '.join(missing)} must be set in the environment, to be sent as planned.")
    credentials = {name: environment[name] for name in CREDENTIALS}
    for name, value in credentials.items():
        if not re.fullmatch("[!-~]+", value) or len(re.findall("[A-Za-z0-9]", value)) < 8:
            raise UsageError(
                f"{name} must be visible ASCII characters, eight letters or digits among them, without spaces or line "
                "ends, and without 'Bearer': what is shorter could not be told from other words of a report."
            )
    if leaks(base_url, credentials.values()):
        raise UsageError("BASE_URL has a credential in it, and would be shown in each report.")
    return credentials


def _run(
    run: Run, end: Ending, base_url: str, credentials: Mapping[str, str], room: Path, folder: Path
) -> stock.Outcome:
    """One run, its reports in a folder; one in which a credential came back has not passed."""
    contract, reports = room / "contract.json", room / "reports"
    reports.mkdir(parents=True)
    contract.write_text(json.dumps(naming_nothing(EFFECTIVE)), encoding="utf-8")
    written = {"junit": "junit.xml", "har": "requests.har", "html": "html"}
    paths = {kind: {"enabled": True, "path": str(reports / name)} for kind, name in written.items()}
    configured = {**run.configuration, "reports": paths}
    with end.interruptible(), extension.each_operation_once() if run.once else nullcontext():
        outcome = stock.run(contract, base_url, credentials, configured=configured, options=run.options)
    found = leaking(reports, credentials.values())
    if leaks(outcome.output, credentials.values()):
        found.append("the output")
    if found:
        # All or nothing: what stands in one of them, cut or spelled otherwise, may stand in the others.
        print(f"A credential came back from the server: it was found in {', '.join(found)}.")
        print("Neither the reports nor the output of this run are kept.")
        return stock.Outcome(passed=False, output="")
    shutil.copytree(reports, folder)
    print(outcome.output.replace(str(reports), str(folder)).replace(str(contract), "the contract"))
    return outcome


if __name__ == "__main__":
    sys.exit(main(os.environ))
