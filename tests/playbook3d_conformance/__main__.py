"""``python -m playbook3d_conformance``: tests a server against the contract.

It needs the extra: ``pip install 'playbook3d-client[conformance]'``.

| exit status | meaning |
| --- | --- |
| 0 | no violation was found |
| 1 | the server breaks the contract, or sent a credential back |
| 2 | an option or a variable is wrong or missing, or no response could be read |
| 3 | not tested to the end: time was up, requests got 429 or no response, or the credentials were not accepted |
| 130 | interrupted |
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from playbook3d_conformance.server.options import read_options

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m playbook3d_conformance") -> int:
    """Do what the command line asks for; returns the exit status. Invalid arguments exit, as ``argparse`` does.

    Args:
        arguments: Those after the name of the command; by default those of the process.
        prog: The name of the command in its messages.
    """
    options = read_options(arguments, prog)
    try:
        from playbook3d_conformance.server.run import run
    except ModuleNotFoundError as error:
        needed = f"the conformance suite needs {error.name}: pip install 'playbook3d-client[conformance]'"
        print(f"{prog}: error: {needed}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # importing takes a second
        print(f"{prog}: interrupted.", file=sys.stderr)
        return 130
    return run(options, os.environ)


if __name__ == "__main__":
    sys.exit(main())
