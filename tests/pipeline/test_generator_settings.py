"""Settings and templates of the generator are validated; media types that it does not know are bytes."""

from pathlib import Path

import pytest

from contract.errors import PipelineError
from contract.output import generate
from contract.sources import Sources
from support.small_contract import contract, operation, sources, write


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("project_name: x\nhook: y\n", "unknown: hook, project_name."),
        ("http_timeout: soon\n", "http_timeout: Input should be a valid integer"),
        ("project_name_override: x\n", "package_name_override must be the name of a Python package."),
        ("package_name_override: 1-x\n", "package_name_override must be the name of a Python package."),
    ],
)
def test_invalid_settings_are_rejected(settings: str, message: str, tmp_path: Path, small_sources: Sources) -> None:
    path = write(tmp_path / "generator.yaml", settings)
    with pytest.raises(PipelineError) as error:
        generate(small_sources._replace(settings=path), tmp_path / "generated")
    assert str(error.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% if %}", "{folder}: api_init.py.jinja, line 1: "),
        ("\n{{ nothing.at.all }}", "{folder}: 'nothing' is undefined"),
        (
            "def (",
            "openapi-python-client cannot generate the client: ruff format rejects the generated code: ",
        ),
    ],
)
def test_invalid_template_is_rejected(template: str, message: str, tmp_path: Path, small_sources: Sources) -> None:
    (templates := tmp_path / "templates").mkdir()
    write(templates / "api_init.py.jinja", template)
    with pytest.raises(PipelineError) as error:
        generate(small_sources._replace(templates=templates), tmp_path / "generated")
    assert str(error.value).startswith(message.format(folder=templates))


def test_unknown_media_types_are_read_as_bytes(tmp_path: Path) -> None:
    content = {"image/x-mine": {"schema": {"type": "string", "format": "binary"}}}
    get_image = operation("get_image", responses={"200": {"description": "", "content": content}})
    generate(sources(tmp_path, contract({"/image": {"get": get_image}})), tmp_path / "generated")
    methods = (tmp_path / "generated" / "playbook3d_api" / "api" / "__init__.py").read_text(encoding="utf-8")
    assert "def get_image(\n        self,\n    ) -> File:" in methods
