"""``python -m playbook3d_conformance``: plans a test of a server, runs it, and keeps its reports.

The environment configures it: ``BASE_URL``, ``PLAYBOOK_API_KEY``, ``PLAYBOOK_TOKEN``, and the variables that the plan
names when it is printed.

| exit status | meaning |
| --- | --- |
| 0 | the server keeps the contract |
| 1 | it does not, it sent a credential back, or the time was up |
| 2 | the request is impossible, or no response could be read |
| 130 | interrupted |
"""

import io
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playbook3d_conformance.openapi import CONTRACT, InvalidContractError, read_operations, read_schema
from playbook3d_conformance.server import schemathesis_cli
from playbook3d_conformance.server.addresses import find_proxy, validate_url
from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.plan import Plan, is_set, make_plan, without_examples
from playbook3d_conformance.server.reports import find_secrets, has_response, report_settings
from playbook3d_conformance.server.run_limit import RunLimit, interruptible
from playbook3d_conformance.server.secret_scan import contains_secret
from playbook3d_mock import Mock

CREDENTIALS = ("PLAYBOOK_API_KEY", "PLAYBOOK_TOKEN")


def main(
    environment: Mapping[str, str],
    reports: Path = Path("reports"),
    *,
    contract: Path | Mapping[str, Any] = CONTRACT,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Do what the environment asks for; returns the exit status. ``clock`` measures the time of the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may know fewer characters than Schemathesis prints
    try:
        with interruptible(), ExitStack() as stack:
            schema = read_schema(contract)
            operations = read_operations(schema)
            if base_url := environment.get("BASE_URL"):
                base_url = validate_url(base_url)
                planned = make_plan(operations, environment, base_url, find_proxy(base_url))
            else:
                print("No BASE_URL: the mock is started, and tested like any other server.")
                mock = Mock(contract)
                base_url = "http://127.0.0.1" if is_set(environment, "DRY_RUN") else stack.enter_context(mock.serve())
                environment = {**environment, **dict(zip(CREDENTIALS, (mock.api_key, mock.token), strict=True))}
                planned = make_plan(operations, {"RATE": "1000/s", **environment}, base_url)
            print(*planned.lines(), sep="\n")
            if is_set(environment, "DRY_RUN"):
                print("DRY_RUN=1: nothing was sent.")
                return 0
            limit = RunLimit(planned.seconds, clock)
            credentials = _credentials(environment, base_url)
            return _test(planned, schema.raw_schema, credentials, reports / "conformance", limit)
    except (UsageError, InvalidContractError) as error:
        return _fail(str(error))
    except OSError as error:
        if error.filename is None:  # of the output, if it was closed
            return _fail(f"{error.strerror}.")
        return _fail(f"{error.filename}: {error.strerror}: can the reports be written there?")
    except KeyboardInterrupt:
        return _fail("interrupted.", 130)


def _fail(message: str, status: int = 2) -> int:
    print(f"make conformance: {message}", file=sys.stderr)
    return status


def _credentials(environment: Mapping[str, str], base_url: str) -> dict[str, str]:
    if missing := [name for name in CREDENTIALS if not environment.get(name)]:
        raise UsageError(f"{' and '.join(missing)} must be set in the environment.")
    credentials = {name: environment[name] for name in CREDENTIALS}
    for name, value in credentials.items():
        if not re.fullmatch("[!-~]+", value) or len(re.findall("[A-Za-z0-9]", value)) < 8:
            raise UsageError(
                f"{name} must be visible ASCII characters, at least eight letters or digits among them, without "
                "spaces, line ends or 'Bearer': a shorter one could not be distinguished from the words of a report."
            )
    if contains_secret(base_url, credentials.values()):
        raise UsageError("BASE_URL contains a credential, which each report would show.")
    return credentials


def _test(planned: Plan, contract: Any, credentials: Mapping[str, str], target: Path, limit: RunLimit) -> int:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    sys.stdout.flush()
    has_passed = True
    # Reports are written elsewhere and searched first: whatever happens, none with a secret stays.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / "contract.json"
        file.write_text(json.dumps(without_examples(contract)), encoding="utf-8")
        for run in planned.runs():
            if run.once and not has_passed:
                print("Nothing was really sent, because an earlier test failed.")
                break
            reports = file.parent / run.name / "reports"
            reports.mkdir(parents=True)
            outcome = schemathesis_cli.run(
                file,
                planned.base_url,
                {**run.configuration, "reports": report_settings(reports)},
                {**run.environment, **credentials},
                reports.parent,
                options=run.options,
                wait=limit.wait,
            )
            output = outcome.output.replace(str(reports), str(target / run.name)).replace(str(file), "the contract")
            is_kept = _keep(reports, output, target / run.name, credentials.values())
            has_passed = has_passed and is_kept and outcome.status == 0
            if limit.has_ended_a_run:
                print(f"The time is up, and not everything was tested (MAX_TIME={planned.seconds}).")
                return 1
            # Without a response to the named run, the server failed: it has answered before.
            if not run.once and not has_response(reports):
                raise UsageError(
                    f"no response of {planned.receiver} could be read: is the address right, and is the server up? "
                    "See the errors above."
                )
    print("The server keeps the contract." if has_passed else "The server does not keep the contract: see above.")
    return 0 if has_passed else 1


def _keep(reports: Path, output: str, target: Path, secrets: Collection[str]) -> bool:
    """Keep the reports and print the output, unless a credential is in them; returns whether none is."""
    if leaks := find_secrets(reports, output, secrets):
        # All or nothing: what is in one of them may be in the others, truncated or encoded otherwise.
        print(f"A credential came back from the server: it is in {', '.join(leaks)}.")
        print("Neither the reports nor the output of this run are kept.")
        return False
    print(output)
    shutil.copytree(reports, target)
    return True
