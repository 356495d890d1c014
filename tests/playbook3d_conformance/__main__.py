"""``python -m playbook3d_conformance``, which is ``make conformance``: tests a server against the contract."""

import os
import sys

from playbook3d_conformance.server.run import main

if __name__ == "__main__":
    sys.exit(main(os.environ))
