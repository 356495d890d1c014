"""A golden record of the generator's own templates: it says which ones moved under ours with another version.

The generator's templates are no public API. Ours wrap some, replace others, and use the rest, so each difference has to
be read: openapi/README.md, "Move to another generator", says how.
"""

import hashlib
import tomllib
from pathlib import Path

import openapi_python_client

from contract.sources import Sources

STOCK = Path(openapi_python_client.__file__).parent / "templates"
GOLDEN = Path(__file__).with_name("stock_templates.toml")


def read_stock() -> dict[str, str]:
    """The digest of each template that can reach ``generated/``."""
    paths = [path for path in STOCK.rglob("*.jinja") if not path.name.startswith(("pyproject", "setup", "README", "."))]
    return {path.relative_to(STOCK).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}


def read_golden() -> dict[str, str]:
    return tomllib.loads(GOLDEN.read_text(encoding="utf-8"))


def describe(name: str) -> str:
    """What the project does with a template of the generator."""
    ours = Sources().templates / name
    if not ours.is_file():
        return "used as it is"
    return "wrapped by ours" if f"stock/{name}" in ours.read_text(encoding="utf-8") else "replaced by ours"


def test_no_template_moved_under_ours() -> None:
    stock, golden = read_stock(), read_golden()
    moved = [name for name in sorted(stock.keys() | golden.keys()) if stock.get(name) != golden.get(name)]
    lines = [f'"{name}" = "{stock.get(name, "gone")}"  # {describe(name)}' for name in moved]
    assert not moved, (
        "Read what moved, adapt overrides/templates/, then renew these lines of stock_templates.toml:\n"
        + ("\n".join(lines))
    )


def test_templates_of_ours_stand_for_the_generator_s_own() -> None:
    """Another name would never be rendered."""
    ours = {path.relative_to(Sources().templates).as_posix() for path in Sources().templates.rglob("*.jinja")}
    assert ours - {"llms.txt.jinja"} <= read_stock().keys()
