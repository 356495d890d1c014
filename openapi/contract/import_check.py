"""Imports every module of a generated package, in a process of its own."""

import importlib
import multiprocessing
import pkgutil
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path


def import_errors(package: Path) -> dict[str, str]:
    """The files of a package that cannot be imported, relative to its parent, and why.

    The process is a fork of this one, which has imported what the package imports: a new one takes longer for that
    than for the package.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_errors, args=(package, sender))
    process.start()
    sender.close()
    try:
        errors: dict[str, str] = receiver.recv()
    except EOFError:
        errors = {package.name: "the process that imported it has crashed"}
    finally:
        receiver.close()
        process.join()
    return errors


def _send_errors(package: Path, sender: Connection) -> None:
    sys.dont_write_bytecode = True  # the package is compared byte by byte
    sys.path.insert(0, str(package.parent))
    for name in [name for name in sys.modules if name.partition(".")[0] == package.name]:
        del sys.modules[name]
    importlib.invalidate_caches()
    errors: dict[str, str] = {}
    if _import(package.name, package, errors):
        for module in pkgutil.walk_packages([str(package)], f"{package.name}.", onerror=lambda _: None):
            _import(module.name, package, errors)
    sender.send(errors)


def _import(name: str, package: Path, errors: dict[str, str]) -> bool:
    try:
        importlib.import_module(name)
    except Exception as error:  # whatever the generated code does
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            files.append(error.filename)
        # The innermost file of the package is the one that is wrong; others import it.
        own = [Path(file) for file in files if Path(file).is_relative_to(package)]
        errors.setdefault(str((own or [package])[-1].relative_to(package.parent)), f"{type(error).__name__}: {error}")
        return False
    return True
