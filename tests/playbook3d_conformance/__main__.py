"""``python -m playbook3d_conformance``, which is ``make conformance``: tests a server against the contract."""

import os
import sys


def run() -> int:
    """The exit status; an interrupt may come before all is imported."""
    try:
        from playbook3d_conformance.server.run import main

        return main(os.environ)
    except KeyboardInterrupt:
        print("make conformance: interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(run())
