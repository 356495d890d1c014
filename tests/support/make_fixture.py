"""Generates the client of the fixture contract into ``.fixture/``, for pytest, mypy and pyright."""

from pathlib import Path

from contract.output import generate
from contract.sources import ROOT, Sources

FIXTURE = Path(__file__).with_name("fixture")
SOURCES = Sources(
    contract=FIXTURE / "contract.yaml",
    overlay=FIXTURE / "overlay.yaml",
    settings=FIXTURE / "generator.yaml",
    runtime=FIXTURE / "runtime.py",
)

if __name__ == "__main__":
    generate(SOURCES, ROOT / ".fixture")
