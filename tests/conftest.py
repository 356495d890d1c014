"""Hypothesis's profiles, an environment without what a person has set, and how many cases Schemathesis drew."""

import gc
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Generator
from typing import Any

import anyio
import certifi
import pytest
from hypothesis import HealthCheck, Phase, settings

# The same cases at every run, however slow the machine; what they may find is a matter of the contract.
settings.register_profile(
    "default",
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
# For runs that only ask whether the suite fails: nobody reads the smallest example.
settings.register_profile("quick", settings.get_profile("default"), max_examples=8, phases=(Phase.generate,))
# Random, and many more: what is found is repeated with the seed that `make test` prints.
settings.register_profile("nightly", settings.get_profile("default"), max_examples=1000, derandomize=False)
settings.load_profile("default")


def pytest_sessionstart(session: pytest.Session) -> None:
    """What the person who runs the suite has set is not what it tests; no proxy of theirs knows of its servers.

    Before anything is collected: urllib keeps the proxies that it found at its first use.
    """
    patch = pytest.MonkeyPatch()
    session.config.add_cleanup(patch.undo)
    if not (session.config.rootpath / ".fixture").is_dir():
        raise pytest.UsageError("the tests' own client is missing: run `make test TESTS=…`, which generates .fixture/")
    for name in [*os.environ]:
        if name.startswith(("PLAYBOOK_", "SCHEMATHESIS_")) or name.lower().endswith(("_proxy", "force_color")):
            patch.delenv(name)
    patch.setenv("NETRC", os.devnull)


@pytest.fixture(scope="session", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Have each httpx client load one certificate, not all that there are: nothing here speaks TLS.

    A client takes some 50 ms to load them all, and the suite makes a hundred clients, in processes of their own too.
    """
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    path.write_text(certifi.contents().split(end)[0] + end, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of the client, none of which takes any time."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr(random, "random", lambda: 0.0)
    return waits


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first: of the last ones, a worker that is done takes none from another."""
    items.sort(key=lambda item: item.path.stem not in ("test_rehearsal", "test_readme"))


def pytest_collection_finish() -> None:
    """What collecting leaves stays until the end: have the garbage collector not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


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
