"""A run of the suite: it plans the test of a server, runs it, and keeps its reports."""

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

from playbook3d_conformance.checks.observations import NO_RESPONSE, Observation, read_observations
from playbook3d_conformance.credentials import missing_variables, read_variables
from playbook3d_conformance.openapi import CONTRACT, AnyOperation, InvalidContractError, read_operations, read_schema
from playbook3d_conformance.server import schemathesis_cli
from playbook3d_conformance.server.addresses import find_proxy, validate_url
from playbook3d_conformance.server.errors import UsageError
from playbook3d_conformance.server.examples import without_examples
from playbook3d_conformance.server.options import Options
from playbook3d_conformance.server.plan import RUNS, Plan, make_plan
from playbook3d_conformance.server.reports import find_secrets, report_settings
from playbook3d_conformance.server.run_limit import RunLimit, interruptible
from playbook3d_conformance.server.schemathesis_cli import STRICT
from playbook3d_conformance.server.secret_scan import contains_secret
from playbook3d_conformance.server.verdict import ExitStatus, judge
from playbook3d_mock import ContractError, Mock

_MIN_SECRET_LENGTH = 8


def run(options: Options, environment: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> int:
    """Do what the options ask for; returns the exit status.

    Args:
        options: What to test, and how.
        environment: It has the credentials.
        clock: Measures the time of the run.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may know fewer characters than Schemathesis prints

    def fail(message: str, status: ExitStatus = ExitStatus.USAGE) -> int:
        print(f"{options.prog}: {message}", file=sys.stderr)
        return status

    try:
        with interruptible():
            return _run(options, environment, clock)
    except (UsageError, InvalidContractError) as error:
        return fail(f"error: {error}")
    except RecursionError:
        return fail(f"error: {options.spec or CONTRACT}: nested too deeply.")
    except OSError as error:
        if error.filename is None:  # of the output, if it was closed
            return fail(f"error: {error.strerror}.")
        return fail(f"error: {error.filename}: {error.strerror}: can the reports be written there?")
    except KeyboardInterrupt:
        return fail("interrupted.", ExitStatus.INTERRUPTED)


def _run(options: Options, environment: Mapping[str, str], clock: Callable[[], float]) -> int:
    for is_asked_for, file in ((options.print_config, STRICT), (options.print_contract, CONTRACT)):
        if is_asked_for:
            print(file.read_text(encoding="utf-8"), end="")
            return ExitStatus.NO_VIOLATION
    contract = options.spec or CONTRACT
    schema = read_schema(contract)
    operations = read_operations(schema)
    with ExitStack() as stack:
        if options.base_url is not None:
            base_url = validate_url(options.base_url)
            planned = make_plan(operations, options, base_url, find_proxy(base_url))
        else:
            mock = _mock(contract)
            base_url = "http://127.0.0.1" if options.dry_run else stack.enter_context(mock.serve())
            environment = {**environment, **mock.environment}
            planned = make_plan(operations, options, base_url)
        print(*planned.lines(), sep="\n")
        if options.dry_run:
            print("--dry-run: nothing was sent.")
            return ExitStatus.NO_VIOLATION
        limit = RunLimit(options.max_time, clock)
        credentials = _credentials(schema.raw_schema, planned.selection.included, environment, base_url)
        return _test(planned, schema.raw_schema, credentials, limit)


def _mock(contract: Path) -> Mock:
    try:
        return Mock(contract)
    except ContractError as error:
        raise UsageError(f"{contract}: {error}") from error


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
        raise UsageError("--base-url contains a credential, which each report would show.")
    return credentials


def _test(planned: Plan, contract: Any, credentials: Mapping[str, str], limit: RunLimit) -> int:
    target = planned.options.reports
    for name in RUNS:  # and nothing else: the folder may be anybody's
        shutil.rmtree(target / name, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    documented = {operation.label: operation.responses.status_codes for operation in planned.selection.included}
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
                options=run.filters,
                wait=limit.wait,
            )
            output = outcome.output.replace(str(reports), str(target / run.name)).replace(str(file), "the contract")
            found = read_observations(observed)
            texts = [text for observation in found for text in observation]  # some quote the server
            is_kept = _keep(reports, output, texts, target / run.name, secrets)
            observations += found if is_kept else [each._replace(example="") for each in found if each.kind != "note"]
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
            ended_after = planned.options.max_time if limit.has_ended_a_run else None
            verdict = judge(documented, observations, has_failed=has_failed, ended_after=ended_after)
    print(*verdict.lines, sep="\n")
    if verdict.status != ExitStatus.NO_VIOLATION:
        print(f"--seed {planned.options.seed} repeats the same requests.")
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
