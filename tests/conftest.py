"""Hypothesis's profiles, and an environment without what a person has set."""

import os
import random
import time

import anyio
import pytest
from hypothesis import HealthCheck, Phase, settings

# The same cases at every run, however slow the machine.
settings.register_profile(
    "default",
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
# For runs that only ask whether something fails: nobody reads the smallest example.
settings.register_profile("quick", settings.get_profile("default"), max_examples=8, phases=(Phase.generate,))
# For `make contracts`: few, and enough that half of them differ wherever many requests are valid.
settings.register_profile("contracts", settings.get_profile("quick"), max_examples=16)
# Random, and many more; the seed that `make test` prints repeats a failure.
settings.register_profile("nightly", settings.get_profile("default"), max_examples=1000, derandomize=False)
settings.load_profile("default")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remove the settings of whoever runs the tests: proxies, credentials, a netrc.

    Before collection: urllib keeps the proxies that it finds at its first use.
    """
    patch = pytest.MonkeyPatch()
    session.config.add_cleanup(patch.undo)
    if not (session.config.rootpath / ".fixture").is_dir():
        raise pytest.UsageError("the tests' own client is missing: run `make test TESTS=…`, which generates .fixture/")
    for name in [*os.environ]:
        if name.startswith(("PLAYBOOK_", "SCHEMATHESIS_")) or name.lower().endswith(("_proxy", "force_color")):
            patch.delenv(name)
    patch.setenv("NETRC", os.devnull)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have slept: no sleep takes any time, and there is no jitter."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr(random, "random", lambda: 0.0)
    return waits
