"""The output of ``make generate`` for a small contract: generated once, read only."""

from pathlib import Path

import pytest

from contract.__main__ import main
from contract.output import generate
from contract.sources import Sources
from support.small_contract import RunGenerate, contract, operation, sources

# Words that occur nowhere else show where a text of the contract goes.
SUCCESS = {
    "title": "ThingTitle",
    "description": "schemadescription",
    "type": "object",
    "properties": {"name": {"type": "string", "description": "propertydescription"}},
}
ID = {"name": "id", "in": "path", "required": True, "description": "parameterdescription", "schema": {"type": "string"}}
GET_THING = operation(
    "get_thing",
    summary="operationsummary",
    description="operationdescription",
    parameters=[ID],
    responses={
        "200": {"description": "successdescription", "content": {"application/json": {"schema": SUCCESS}}},
        "404": {"description": "errordescription"},
    },
)
INFO = {"title": "infotitle", "description": "infodescription", "version": "1.2"}


@pytest.fixture(scope="session")
def small_sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """A contract with texts in every place, and a small overlay."""
    document = contract({"/things/{id}": {"get": GET_THING}}, info=INFO)
    return sources(tmp_path_factory.mktemp("sources"), document)


@pytest.fixture(scope="session")
def generated(small_sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What they give."""
    output = tmp_path_factory.mktemp("output") / "generated"
    assert generate(small_sources, output) is True
    return output


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> RunGenerate:
    """The command, with the output of this test alone."""

    def run_generate(sources: Sources, output: Path, *options: str) -> tuple[int, str, str]:
        paths = [f"--{name}={path}" for name, path in sources._asdict().items()]
        status = main(["generate", *paths, f"--output={output}", *options])
        out, err = capsys.readouterr()
        return status, out, err

    return run_generate
