"""Cancels a run with the command ``playbook3d``, against the mock, both as they are installed."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from playbook3d_mock import Mock

mock = Mock()
with mock.serve() as url:
    settings = {
        "NO_PROXY": "*",  # the mock is on this machine
        "PLAYBOOK_API_KEY": mock.api_key,
        "PLAYBOOK_BASE_URL": url,
        "PLAYBOOK_TOKEN": mock.token,
    }
    command = [str(Path(sys.executable).with_name("playbook3d")), "cancel-run", str(uuid4()), str(uuid4())]
    done = subprocess.run(command, env={**os.environ, **settings}, check=False)
mock.assert_called("cancel_run", times=1)
raise SystemExit(done.returncode)
