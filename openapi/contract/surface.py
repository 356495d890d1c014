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
        calls = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "Operation":
                values = {each.arg: ast.unparse(each.value) for each in call.keywords}
                tag, name, method, path = (
                    str(ast.literal_eval(values[field])) for field in ("tag", "name", "method", "path")
                )
                names[method.lower(), path] = tag, name
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise PipelineError(f"{module}: does not have the operations of a generated client: {error}.") from error
    return names


def breaking_changes(before: Path, after: Path) -> list[str]:
    """What griffe finds to break callers of the package, in Markdown.

    Only the models and the blocking methods are compared: the async methods and the generator's own functions have
    the same arguments. Types are not compared; the contracts tell more about them.
    """
    old, new = (griffe.load(package.name, search_paths=[package.parent]) for package in (before, after))
    lines: list[str] = []
    for name in ("api", "models"):
        for breakage in griffe.find_breaking_changes(old[name], new[name]):
            owner = breakage.obj.path.split(".")[2]
            if owner[0].isupper() and not owner.startswith("Async") and not owner.endswith("WithRawResponse"):
                lines.append(breakage.explain(griffe.ExplanationStyle.MARKDOWN).removeprefix("- "))
    return list(dict.fromkeys(lines))
