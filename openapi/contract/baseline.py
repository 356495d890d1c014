"""Reads ``generated/`` as it was, from git."""

import io
import subprocess
import tarfile
from pathlib import Path

from contract.errors import PipelineError


def last_contract_commit(generated: Path) -> str:
    """The last commit that changed the effective contract before the work tree."""
    commit = _git(generated, "log", "-1", "--format=%H", "--", "openapi.yaml").decode().strip()
    if not commit:
        raise PipelineError(f"{generated / 'openapi.yaml'}: no commit has it yet, so there is nothing to compare with.")
    return commit


def describe_commit(generated: Path, reference: str) -> str:
    """The commit's short hash, date and subject, on one line."""
    commit = _resolve(generated, reference)
    return _git(generated, "log", "-1", "--format=%h, %cs: %s", commit).decode(errors="replace").strip()


def extract(generated: Path, reference: str, target: Path) -> None:
    """Write the folder as it was at a commit, branch or tag to ``target``."""
    archive = _git(generated, "archive", "--format=tar", _resolve(generated, reference), ".")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, filter="data")
    if not (target / "openapi.yaml").is_file():
        raise PipelineError(f"{reference}: has no {generated.name}/openapi.yaml: name a later commit with BASE=….")


def _resolve(generated: Path, reference: str) -> str:
    try:
        name = f"{reference}^{{commit}}"
        return _git(generated, "rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except PipelineError as error:
        raise PipelineError(f"{reference}: git knows no such commit, branch or tag.") from error


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise PipelineError("git is not installed; it knows what the client was before.") from error
    if done.returncode:
        raise PipelineError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
