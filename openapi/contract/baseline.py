"""Reads ``generated/`` as it was, from git."""

import io
import subprocess
import tarfile
from pathlib import Path

from contract.errors import PipelineError


def last_contract_commit(generated: Path) -> str:
    """The last commit that changed the effective contract before the work tree."""
    if commit := _git(generated, "log", "-1", "--format=%H", "--", "openapi.yaml"):
        return commit.decode().strip()
    raise PipelineError(f"{generated / 'openapi.yaml'}: no commit has it yet, so there is nothing to compare with.")


def describe_commit(generated: Path, reference: str) -> str:
    """The commit's short hash, date and subject, on one line."""
    line = _git(generated, "log", "-1", "--no-show-signature", "--format=%h, %cs: %s", _resolve(generated, reference))
    return line.decode(errors="replace").strip()


def extract(generated: Path, reference: str, target: Path) -> None:
    """Write the folder as it was at a commit, branch or tag to ``target``."""
    commit = _resolve(generated, reference)
    if not _git(generated, "ls-tree", "--name-only", commit, "openapi.yaml"):
        raise PipelineError(f"{reference}: has no {generated.name}/openapi.yaml: name a later commit with BASE=….")
    archive = _git(generated, "archive", "--format=tar", commit, ".")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, filter="data")


def _resolve(generated: Path, reference: str) -> str:
    _git(generated, "rev-parse", "--git-dir")
    name = f"{reference}^{{commit}}"
    try:
        return _git(generated, "rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except PipelineError as error:
        raise PipelineError(f"{reference}: git knows no such commit, branch or tag.") from error


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise PipelineError("git is not installed; it knows what the client was before.") from error
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip().splitlines() or ["failed"]
        raise PipelineError(
            f"{folder}: git {arguments[0]}: {message[0].removeprefix('fatal: ')}. "
            "The comparison needs a clone with its history."
        )
    return done.stdout
