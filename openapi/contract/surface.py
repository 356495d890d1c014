"""The Python surface of a generated client, read without importing it."""

import ast
from pathlib import Path

import griffe

from contract.errors import PipelineError


def read_names(package: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Tag and name of each operation by method and path, as ``_operations.py`` has them."""
    module = package / "_operations.py"
    names: dict[tuple[str, str], tuple[str, str]] = {}
    try:
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Operation":
                values = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
                method, path, tag, name = (str(values[field]) for field in ("method", "path", "tag", "name"))
                names[method.lower(), path] = tag, name
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise PipelineError(f"{module}: does not have the operations of a generated client: {error}.") from error
    return names


def breaking_changes(before: Path, after: Path) -> list[str]:
    """What griffe finds to break callers of the package, in Markdown.

    Only the models and the blocking methods are compared: the async methods and the generator's own functions have
    the same arguments. Types are not compared; the contracts tell more about them.
    """
    old, new = (_load(package) for package in (before, after))
    lines: list[str] = []
    for name in ("api", "models"):
        for breakage in griffe.find_breaking_changes(old[name], new[name]):
            owner = breakage.obj.path.split(".")[2]
            if owner[0].isupper() and not owner.startswith("Async") and not owner.endswith("WithRawResponse"):
                lines.append(breakage.explain(griffe.ExplanationStyle.MARKDOWN).removeprefix("- "))
    return list(dict.fromkeys(lines))


def _load(package: Path) -> griffe.Object | griffe.Alias:
    # Not the package of that name in the current folder.
    module = griffe.load(package.name, search_paths=[package.parent], try_relative_path=False, allow_inspection=False)
    if not {"api", "models"} <= module.members.keys():
        raise PipelineError(f"{package}: its api or its models are not Python: run `make generate`.")
    return module
