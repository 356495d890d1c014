"""Hypothesis's profiles, an environment without what a person has set, and how many cases Schemathesis drew."""

import os
import random
import sys
import time
from collections import Counter
from typing import Any

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


_DRAWN = pytest.StashKey[Counter[str]]()
_LABELS = pytest.StashKey[list[str]]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take over what the conformance suite counted in this process; a worker hands it to its controller."""
    subject = sys.modules.get("conformance.subject")
    if subject is None:
        return
    _add(session.config, subject.drawn, [one.label for one in subject.SUBJECTS])
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["drawn"], output["labels"] = dict(subject.drawn), session.config.stash[_LABELS]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist counted."""
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    _add(node.config, output.get("drawn", {}), output.get("labels", []))


def _add(config: pytest.Config, drawn: dict[str, int], labels: list[str]) -> None:
    config.stash.setdefault(_DRAWN, Counter()).update(drawn)
    config.stash[_LABELS] = labels or config.stash.get(_LABELS, [])


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the conformance suite counted, if it ran."""
    drawn, labels = config.stash.get(_DRAWN, Counter()), config.stash.get(_LABELS, [])
    if not drawn:
        return
    terminalreporter.section("cases that Schemathesis drew")
    for name, count in sorted(drawn.items()):
        terminalreporter.line(f"{count:6}  {name}")
    reached = [label for label in labels if any(name.endswith(label) for name in drawn)]
    terminalreporter.line(
        f"{sum(drawn.values()):6}  in all; operations in the contract: {len(labels)}, "
        f"reached: {len(reached)}, skipped or unmapped: {len(labels) - len(reached)}"
    )
