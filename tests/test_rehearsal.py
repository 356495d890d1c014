"""The day the API changes, rehearsed: a grown contract, and the client, the mock and the suite that follow it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings
from ruamel.yaml import YAML

from conformance.subject import load
from contract.operations import METHODS
from contract.output import Sources, generate
from playbook3d_mock import Mock

ROOT = Path(__file__).parents[1]


# Pages to come: an operation as the vendor's clients call it, and beside it what a contract may hold at all: a tag
# of two words, one credential or none, no operationId, no parameter at all and those of every kind and default,
# what is made, read and deleted again, models in models, 204, text, and bytes either way.
TO_COME = """
/run_workflow/{team_id}/{run_id}:
  post:
    tags: [workflows]
    summary: Run a Workflow
    operationId: run_workflow
    parameters:
      - {name: team_id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: run_id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: x-api-key, in: header, required: true, schema: {type: string}}
      - {name: Authorization, in: header, required: true, schema: {type: string}}
    requestBody:
      required: true
      content:
        application/json:
          schema:
            title: WorkflowInputs
            type: object
            required: [id, inputs]
            properties:
              id: {type: string, format: uuid}
              origin: {type: integer}
              inputs: {type: object}
              due: {type: [string, 'null'], format: date-time}
    responses:
      '200':
        description: The run has been queued.
        content:
          application/json:
            schema:
              title: QueuedRun
              type: object
              required: [run_id]
              properties: {run_id: {type: string, format: uuid}, status: {type: string}}
              example: {run_id: c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22, status: queued}
      '400':
        description: Bad Request.
        content:
          application/json:
            schema:
              type: object
              properties: {result: {type: string, description: Bad Request.}}
              example: {description: Bad Request.}
      '401':
        description: Unauthorized.
        content:
          application/json:
            schema:
              type: object
              properties: {result: {type: string, description: Unauthorized.}}
              example: {description: Unauthorized.}
/teams:
  summary: Teams
  get:
    tags: [rehearsed history]
    operationId: list_teams
    servers: [{url: 'https://{region}.playbook3d.com/v2', variables: {region: {default: eu}}}]
    parameters: [{name: x-api-key, in: header, required: true, schema: {type: string}}]
    responses:
      '200':
        description: The teams.
        headers: {x-total: {required: true, schema: {type: integer}, example: 3}}
        content: {application/json: {schema: {type: array, items: {type: string}}}}
      '401': &refused
        description: Refused.
        content: {application/json: {schema: {type: object, properties: {result: {type: string}}}}}
/rehearsed:
  get:
    tags: [rehearsed history]
    operationId: rehearsed_runs
    servers: [{url: 'https://accounts.playbook3d.com'}]
    parameters:
      - {name: x-api-key, in: header, required: true, schema: {type: string}}
      - {name: state, in: query, schema: {type: string, enum: [queued, executed], default: queued}}
      - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 5, default: 3}}
      - {name: team, in: query, schema: {type: string, format: uuid}, description: Whose.}
      - {name: owner, in: query, schema: {type: [string, 'null'], format: uuid}}
      - {name: since, in: query, schema: {type: string, format: date-time}}
      - {name: tag, in: query, schema: {type: array, items: {type: string}}}
      - {name: deep, in: query, schema: {type: boolean}}
      - {name: cast, in: query, schema: {type: string}}
      - {name: x-trace, in: header, schema: {type: string, pattern: '^[a-z]+$'}}
      - {name: visit, in: cookie, schema: {type: string, pattern: '^[a-z]+$'}}
    responses:
      '200':
        description: The runs.
        content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/RehearsedRun'}}}}
      '400': *refused
      '401': *refused
  post:
    tags: [rehearsed history]
    parameters:
      - {name: Authorization, in: header, required: true, schema: {type: string}}
    requestBody:
      required: true
      content: {application/json: {schema: {$ref: '#/components/schemas/RehearsedRun'}}}
    responses:
      '201': {description: Kept., content: {application/json: {schema: {$ref: '#/components/schemas/RehearsedRun'}}}}
      '400': *refused
      '401': *refused
/rehearsed/{run}:
  parameters: [{name: run, in: path, required: true, schema: {type: string}}]
  get:
    tags: [rehearsed history]
    operationId: rehearsed_run
    responses:
      '200': {description: The run., content: {application/json: {schema: {$ref: '#/components/schemas/RehearsedRun'}}}}
      '400': *refused
  delete:
    tags: [rehearsed history]
    operationId: run
    parameters:
      - {name: visit, in: cookie, schema: {type: string, pattern: '^[a-z]+$'}}
    responses: {'204': {description: Gone.}, '400': *refused}
/rehearsed/{run}/image:
  get:
    operationId: rehearsed_image
    parameters: [{name: run, in: path, required: true, schema: {type: integer}}]
    responses:
      '200': {description: A picture., content: {image/png: {schema: {type: string, format: binary}}}}
      '400': *refused
  put:
    operationId: set_rehearsed_image
    parameters: [{name: run, in: path, required: true, schema: {type: integer}}]
    requestBody:
      required: true
      content: {application/octet-stream: {schema: {type: string, format: binary}}}
    responses:
      '200':
        description: When it was set.
        content: {application/json: {schema: {type: array, items: {type: string, format: date-time}}}}
      '201': {description: Set for the first time., content: {text/plain: {schema: {type: string}}}}
      '400': {description: Refused., content: {text/plain: {schema: {type: string}}}}
"""
RUN = """
type: object
required: [id]
properties:
  id: {type: string, format: uuid}
  at: {type: string, format: date-time}
  owner: {$ref: '#/components/schemas/RehearsedOwner'}
  note: {type: [string, 'null']}
  tags: {type: array, items: {type: string}}
  state: {type: string, enum: [queued, executed]}
  priority: {type: integer, enum: [0, 1]}
example: {id: c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22, at: '2024-01-01T00:00:00Z', note: null, tags: [a]}
"""
OWNER = """
type: object
additionalProperties: false
properties: {name: {type: string}, since: {type: string, format: date}}
"""


def grown_contract() -> dict[str, Any]:
    """The published contract, and what may come."""
    contract = load(Sources().contract)
    contract["paths"] |= YAML(typ="safe").load(TO_COME)
    schemas = contract.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"RehearsedRun": YAML(typ="safe").load(RUN), "RehearsedOwner": YAML(typ="safe").load(OWNER)}
    return contract


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make generate` would make of the grown contract: the folder that stands for ``generated/``."""
    room = tmp_path_factory.mktemp("grown")
    published = room / "playbook.yaml"
    published.write_text(json.dumps(grown_contract()), encoding="utf-8")
    generate(Sources(contract=published), room / "generated")
    return room / "generated"


@pytest.fixture(scope="module")
def contract(grown: Path) -> dict[str, Any]:
    """The grown contract with the overlay's corrections."""
    return load(grown / "openapi.yaml")


OURS = {"playbook3d_api", "playbook3d_client", "conformance"}
KEPT_AS_IT_IS = "conformance.extension"  # knows no contract, and a second one would add its hooks and checks again


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Has the client and the suite imported anew, from a folder first of all, until the end of the test."""

    def ours() -> dict[str, ModuleType]:
        found = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in OURS}
        found.pop(KEPT_AS_IT_IS, None)
        return found

    before = ours()

    def forget() -> None:
        for name in ours():
            del sys.modules[name]

    def first(folder: Path) -> None:
        forget()
        monkeypatch.syspath_prepend(str(folder))

    profile = settings.get_current_profile_name()
    settings.load_profile("quick")
    yield first
    settings.load_profile(profile)
    forget()
    sys.modules.update(before)


CALL = """
import asyncio, httpx
from uuid import UUID
from playbook3d_client import AsyncPlaybookClient, BadRequestError, PlaybookClient
from playbook3d_client.models import QueuedRun, WorkflowInputs, WorkflowInputsInputs
from playbook3d_mock import Mock

RUN = UUID("c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22")
mock = Mock(CONTRACT)
credentials = {"api_key": mock.api_key, "token": mock.token}
body = WorkflowInputs(id=RUN, inputs=WorkflowInputsInputs.from_dict({"prompt": "a cat"}))
with httpx.Client(transport=mock.transport) as http:
    client = PlaybookClient(**credentials, http_client=http)
    assert client.workflows.run_workflow(RUN, str(RUN), body=body) == QueuedRun(run_id=RUN, status="queued")
    assert client.workflows.cancel_run(RUN, RUN).message == "Run successfully canceled."
    try:
        client.workflows.run_workflow(RUN, RUN, body=WorkflowInputs(id="x", inputs=WorkflowInputsInputs()))
    except BadRequestError as error:
        print(error)

async def main():
    async with httpx.AsyncClient(transport=mock.transport) as http:
        client = AsyncPlaybookClient(**credentials, http_client=http)
        assert (await client.workflows.run_workflow(RUN, RUN, body=body)).run_id == RUN

asyncio.run(main())
"""


def test_a_new_operation_is_a_typed_method_and_a_route_with_no_line_written(
    grown: Path, anew: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    anew(grown)
    exec(CALL, {"CONTRACT": grown / "openapi.yaml"})  # noqa: S102 (what a user would write; no type checker knows it)
    assert "run_workflow answered 400: Bad Request: body: /id: " in capsys.readouterr().out


KEPT = """
import copy, pickle
from playbook3d_client.models import RehearsedRun, RehearsedRunState

came = {"id": "c2a3c0de-9a57-4f1c-8f0b-2f4b7f0e5d22", "state": "paused", "priority": 7, "colour": {"r": 1}}
run = RehearsedRun.from_dict(came)
assert run.to_dict() == came
assert run["colour"] == {"r": 1}
assert run.state == "paused" and str(run.state) == "paused" and run.state.name == "paused"
assert isinstance(run.state, RehearsedRunState) and run.state != RehearsedRunState.QUEUED
assert run.priority == 7 and str(run.priority) == run.priority.name == "7"
for twin in (copy.deepcopy(run), pickle.loads(pickle.dumps(run))):
    assert twin == run and twin.to_dict() == came
assert RehearsedRun.from_dict({**came, "state": "queued"}).state is RehearsedRunState.QUEUED
assert list(RehearsedRunState) == [RehearsedRunState.EXECUTED, RehearsedRunState.QUEUED]
for wrong in (5, None, ["queued"]):
    try:
        RehearsedRunState(wrong)
    except ValueError as error:
        print(error)
"""


def test_values_that_the_contract_does_not_know_are_kept(
    grown: Path, anew: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    anew(grown)
    exec(KEPT, {})  # noqa: S102 (as above)
    assert capsys.readouterr().out.count("is not a valid RehearsedRunState") == 3


def test_a_new_operation_is_checked_strictly_and_documented(grown: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", str(grown / "playbook3d_api")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    method = (grown / "playbook3d_api" / "api" / "__init__.py").read_text(encoding="utf-8")
    assert "body: WorkflowInputs,\n    ) -> QueuedRun:" in method
    assert "200: The run has been queued." in method
    assert "deep: bool | Unset = UNSET,\n        cast: str | Unset = UNSET,\n" in method
    assert "visit: str | Unset = UNSET,\n    ) -> list[RehearsedRun]:" in method
    assert "team: UUID | str | Unset = UNSET," in method


def test_the_suite_covers_a_new_operation(
    grown: Path, anew: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_CONTRACT", str(grown / "openapi.yaml"))
    monkeypatch.setenv("CONFORMANCE_PUBLISHED", str(grown.parent / "playbook.yaml"))
    anew(grown)
    from conformance import subject, test_requests, test_responses
    from conformance.speakers import STYLES

    assert {"POST /run_workflow/{team_id}/{run_id}", "GET /rehearsed", "DELETE /rehearsed/{run}"} <= {
        subject.label for subject in subject.SUBJECTS
    }
    to_come = YAML(typ="safe").load(TO_COME)
    for one in subject.SUBJECTS:
        # Each parameter has to be drawn: where there are many, a few cases would do that by luck only.
        settings.load_profile("default" if len(one.parameters) > 4 else "quick")
        test_requests.check_requests(one)
        examples = settings().max_examples
        settings.load_profile("quick")
        test_requests.check_published(one)
        if one.operation.path in to_come:  # of others there may be fewer to draw
            assert subject.drawn[f"requests: {one.label}"] == len(STYLES) * (examples if one.parameters else 1)
        test_requests.check_hostile_strings(one, "stock")
        test_responses.check_valid_answers(one)
        test_responses.check_invalid_answers(one)
        test_responses.check_documented_statuses(one)


def test_what_a_closed_object_does_not_have_is_not_held_against_the_client(
    grown: Path, anew: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_CONTRACT", str(grown / "openapi.yaml"))
    anew(grown)
    from conformance.arguments import ARGUMENTS
    from conformance.models import kept
    from conformance.subject import SUBJECTS

    (runs,) = [one.operation for one in SUBJECTS if one.label == "GET /rehearsed"]
    declared = ARGUMENTS.answer(runs, 200)
    assert declared is not None
    body = [{"id": 1, "more": 2, "owner": {"name": "a", "more": 3}}, {"owner": "a"}, 4]
    assert kept(declared, body) == [{"id": 1, "more": 2, "owner": {"name": "a"}}, {"owner": "a"}, 4]


def test_the_stock_command_finds_nothing_against_new_operations(grown: Path, contract: dict[str, Any]) -> None:
    from conformance import stock

    mock = Mock(contract)
    credentials = {"PLAYBOOK_API_KEY": mock.api_key, "PLAYBOOK_TOKEN": mock.token}
    configured = stock.configuration(stock.NO_MEMORY, {"generation": {"max-examples": 3}})
    with mock.serve() as url:
        outcome = stock.run(grown / "openapi.yaml", url, credentials, configured=configured)
    assert outcome.passed, outcome.output
    labels = [
        f"{method.upper()} {path}" for path, item in contract["paths"].items() for method in item if method in METHODS
    ]
    assert len(labels) >= 9
    assert stock.unreached(outcome, labels) == [], outcome.output


def test_each_operation_asks_for_the_credentials_that_its_page_declared(contract: dict[str, Any]) -> None:
    paths = contract["paths"]
    assert paths["/run_workflow/{team_id}/{run_id}"]["post"]["security"] == [{"bearerAuth": [], "apiKeyAuth": []}]
    assert paths["/rehearsed"]["get"]["security"] == [{"apiKeyAuth": []}]
    assert paths["/rehearsed"]["post"]["security"] == [{"bearerAuth": []}]
    assert "security" not in paths["/rehearsed/{run}"]["delete"]


def test_the_suite_fails_where_the_client_lacks_an_operation() -> None:
    from conformance.arguments import Arguments, Unmapped
    from conformance.subject import EFFECTIVE, subjects

    ours = Arguments(EFFECTIVE)
    (new,) = [subject for subject in subjects(grown_contract()) if subject.label == "GET /rehearsed"]
    with pytest.raises(Unmapped, match=r"^get /rehearsed is in the contract, and not in the client$"):
        ours.endpoint(new.operation.method, new.operation.path)


def test_the_suite_fails_where_the_client_drops_a_credential(tmp_path: Path, anew: Callable[[Path], None]) -> None:
    package = tmp_path / "playbook3d_client"
    shutil.copytree(ROOT / "overrides" / "playbook3d_client", package)
    module = package / "_credentials.py"
    source = module.read_text(encoding="utf-8")
    right = "CallCredentials(self, schemes)"
    assert source.count(right) == 1
    module.write_text(source.replace(right, "CallCredentials(self, schemes[:1])"), encoding="utf-8")

    anew(tmp_path)
    from conformance import subject, test_requests

    with pytest.raises(Exception, match=r"^cancel_run answered 401: Unauthorized\.") as failure:
        test_requests.check_requests(next(one for one in subject.SUBJECTS if one.label.startswith("POST /cancel/")))
    assert type(failure.value).__name__ == "AuthenticationError"
