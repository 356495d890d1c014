"""``python -m playbook3d_conformance``: plans a test of a server, runs it, and keeps its reports.

The environment configures it: ``BASE_URL`` (or ``MOCK=1``), the credentials of the contract, and the variables
that the plan names when it is printed.

| exit status | meaning |
| --- | --- |
| 0 | no violation was found |
| 1 | the server breaks the contract, or sent a credential back |
| 2 | the variables are wrong, or no response could be read |
| 3 | not tested to the end: time was up, requests got 429 or no response, or the credentials were not accepted |
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
from typing import Any, NoReturn

from playbook3d_conformance.checks.observations import NO_RESPONSE, Observation, read_observations
from playbook3d_conformance.credentials import missing_variables, read_variables
from playbook3d_conformance.openapi import CONTRACT, AnyOperation, InvalidContractError, read_operations, read_schema
from playbook3d_conformance.server import schemathesis_cli
from playbook3d_conformance.server.addresses import find_proxy, validate_url
from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.plan import Plan, is_set, make_plan, without_examples
from playbook3d_conformance.server.reports import find_secrets, report_settings
from playbook3d_conformance.server.run_limit import RunLimit, interruptible
from playbook3d_conformance.server.secret_scan import contains_secret
from playbook3d_conformance.server.verdict import ExitStatus, judge
from playbook3d_mock import Mock

_MIN_SECRET_LENGTH = 8


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
            if is_set(environment, "MOCK"):
                if environment.get("BASE_URL"):
                    raise UsageError("BASE_URL and MOCK=1 name two servers: leave one of them out.")
                mock = Mock(contract)
                base_url = "http://127.0.0.1" if is_set(environment, "DRY_RUN") else stack.enter_context(mock.serve())
                environment = {**environment, **mock.environment}
                planned = make_plan(operations, {"RATE": "1000/s", **environment}, base_url)
            else:
                base_url = validate_url(environment.get("BASE_URL") or _raise_no_server())
                planned = make_plan(operations, environment, base_url, find_proxy(base_url))
            print(*planned.lines(), sep="\n")
            if is_set(environment, "DRY_RUN"):
                print("DRY_RUN=1: nothing was sent.")
                return ExitStatus.NO_VIOLATION
            limit = RunLimit(planned.seconds, clock)
            credentials = _credentials(schema.raw_schema, planned.included, environment, base_url)
            return _test(planned, schema.raw_schema, credentials, reports / "conformance", limit)
    except (UsageError, InvalidContractError) as error:
        return _fail(str(error))
    except OSError as error:
        if error.filename is None:  # of the output, if it was closed
            return _fail(f"{error.strerror}.")
        return _fail(f"{error.filename}: {error.strerror}: can the reports be written there?")
    except KeyboardInterrupt:
        return _fail("interrupted.", ExitStatus.INTERRUPTED)


def _raise_no_server() -> NoReturn:
    raise UsageError("name the server with BASE_URL=https://…, or test the mock with MOCK=1.")


def _fail(message: str, status: ExitStatus = ExitStatus.USAGE) -> int:
    print(f"make conformance: {message}", file=sys.stderr)
    return status


def _credentials(
    contract: Mapping[str, Any], operations: list[AnyOperation], environment: Mapping[str, str], base_url: str
) -> dict[str, str]:
    if missing := missing_variables(operations, environment):
        raise UsageError(f"{' and '.join(missing)} must be set in the environment.")
    credentials = dict(read_variables(contract, environment).values())
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
    documented = {operation.label: operation.responses.status_codes for operation in planned.included}
    # Of user and password, the password by itself, too.
    parts = (part for value in credentials.values() for part in (value, value.partition(":")[2]))
    secrets = [part for part in parts if len(part) >= _MIN_SECRET_LENGTH]
    observations: list[Observation] = []
    has_failed = False
    verdict = judge(documented, observations, has_failed=False)
    # Reports are written elsewhere and searched first: whatever happens, none with a secret stays.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / "contract.json"
        file.write_text(json.dumps(without_examples(contract, planned.uuid_namespace)), encoding="utf-8")
        for run in planned.runs():
            if run.once and verdict.status != ExitStatus.NO_VIOLATION:
                print("Nothing was really sent, because of what is said above.")
                break
            reports, observed = file.parent / run.name / "reports", file.parent / run.name / "observations"
            reports.mkdir(parents=True)
            outcome = schemathesis_cli.run(
                file,
                planned.base_url,
                {**run.configuration, "reports": report_settings(reports)},
                {**run.environment, **credentials, "CONFORMANCE_OBSERVATIONS": str(observed)},
                reports.parent,
                options=run.options,
                wait=limit.wait,
            )
            output = outcome.output.replace(str(reports), str(target / run.name)).replace(str(file), "the contract")
            found = read_observations(observed)
            texts = [observation.text for observation in found]  # some quote the server
            is_kept = _keep(reports, output, texts, target / run.name, secrets)
            observations += [observation for observation in found if is_kept or observation.kind != "note"]
            kinds = {observation.kind for observation in observations}
            if "response" not in kinds and not limit.has_ended_a_run:
                raise UsageError(
                    f"no response of {planned.receiver} could be read: is the address right, and is the server up? "
                    "See the errors above."
                )
            # A run that was ended, or had no response, has a status of its own.
            has_no_response = any(observation.text == NO_RESPONSE for observation in found)
            is_explained = outcome.status == 0 or limit.has_ended_a_run or has_no_response
            fails = "violation" in kinds or not is_explained
            has_failed = has_failed or fails or not is_kept
            ended_after = planned.seconds if limit.has_ended_a_run else None
            verdict = judge(documented, observations, has_failed=has_failed, ended_after=ended_after)
    print(*verdict.lines, sep="\n")
    if verdict.status != ExitStatus.NO_VIOLATION:
        print(f"SEED={planned.seed} repeats the same requests.")
    return verdict.status


def _keep(reports: Path, output: str, texts: list[str], target: Path, secrets: Collection[str]) -> bool:
    """Keep the reports and print the output, unless a credential is in them; returns whether none is."""
    if leaks := find_secrets(reports, "\n".join([output, *texts]), secrets):
        # All or nothing: what is in one of them may be in the others, truncated or encoded otherwise.
        print(f"A credential came back from the server: it is in {', '.join(leaks)}.")
        print("Neither the reports nor the output of this run are kept.")
        return False
    print(output)
    shutil.copytree(reports, target)
    return True
