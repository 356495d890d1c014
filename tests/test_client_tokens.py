"""Tokens that a function provides: when it is asked, what is kept, and what happens after a 401."""

import asyncio
import base64
import json
import logging
import pickle
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from calling import KEY, RUN, TEAM, Call, answering, bound, bound_async, never, ok, stock, stock_async
from playbook3d_client import (
    AsyncCachedToken,
    AsyncPlaybookClient,
    AuthenticationError,
    CachedToken,
    ConfigurationError,
    PermissionDeniedError,
    PlaybookClient,
)
from playbook3d_client._routes import route_named

NOW = 1_800_000_000.0


def jwt(**claims: object) -> str:
    """A token that says what it is asked to, and is signed by nobody."""
    parts = [{"alg": "none"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".s"


class Clock:
    """The time of day, which moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What ``time.time`` says during the test."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


class Fetch:
    """A function that fetches tokens: one after the other, and counts."""

    def __init__(self, *tokens: Any) -> None:
        self._tokens = list(tokens)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        token = self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]
        if isinstance(token, BaseException):
            raise token
        return str(token)

    async def awaited(self) -> str:
        await asyncio.sleep(0)
        return self()


class Server:
    """Answers 401 to every token but the good ones, and keeps the tokens that came."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)
        self.tokens: list[str] = []
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.tokens.append(token)
        self.keys.append(request.headers["x-api-key"])
        if token in self.good:
            return ok(request)
        return httpx.Response(401, json={"result": f"{token} is not good."})


# A function as token


@pytest.mark.usefixtures("slept")
def test_a_function_is_asked_for_each_attempt(call: Call) -> None:
    tokens: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        tokens.append(request.headers["authorization"])
        return httpx.Response(503) if len(tokens) < 3 else ok(request)

    assert call(handler, token=Fetch("t1", "t2", "t3"), max_retries=2).message == "Run successfully canceled."
    assert tokens == ["Bearer t1", "Bearer t2", "Bearer t3"]


@pytest.mark.parametrize("call", [bound_async, stock_async])
def test_the_function_of_an_async_client_may_be_awaited(call: Call) -> None:
    server = Server("t1")
    assert call(server, token=Fetch("Bearer t1").awaited).message == "Run successfully canceled."
    assert (server.tokens, server.keys) == (["t1"], [KEY])


@pytest.mark.parametrize("call", [bound, stock])
@pytest.mark.parametrize("source", [Fetch("t").awaited, AsyncCachedToken(Fetch("t").awaited)])
def test_the_function_of_a_blocking_client_may_not(call: Call, source: Any) -> None:
    with pytest.raises(ConfigurationError, match="to be awaited: AsyncPlaybookClient and AsyncCachedToken do that"):
        call(never, token=source)


@pytest.mark.parametrize(
    ("returned", "said"),
    [("", "is empty"), ("a b", "not visible ASCII"), ("Bearer ", "is empty"), ("a\nb", "position 1 of 3")],
)
def test_what_a_function_returns_is_checked_before_it_is_sent(call: Call, returned: str, said: str) -> None:
    for source in (Fetch(returned), CachedToken(Fetch(returned))):
        with pytest.raises(ConfigurationError, match=rf"^token= \(what its function returned\) .*{said}"):
            call(never, token=source)


@pytest.mark.parametrize("returned", [None, b"t", 7])
def test_what_is_no_string_is_no_token(call: Call, returned: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"must be a string, not {type(returned).__name__}"):
        call(never, token=lambda: returned)


@pytest.mark.parametrize("failure", [RuntimeError("no network"), httpx.ConnectError("no network"), KeyboardInterrupt()])
def test_what_a_function_raises_comes_out_as_it_is(call: Call, failure: BaseException) -> None:
    for source in (Fetch(failure), CachedToken(Fetch(failure))):
        with pytest.raises(type(failure)) as raised:
            call(never, token=source, max_retries=5)
        assert raised.value is failure


def test_a_function_beats_the_environment_and_is_asked_for_nothing_early(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOOK_TOKEN", "of-environment")
    fetch = Fetch("t1")
    PlaybookClient(token=fetch).close()
    assert fetch.calls == 0
    assert call(Server("t1"), token=fetch).message == "Run successfully canceled."


def test_a_token_from_a_function_is_masked_too(call: Call) -> None:
    with pytest.raises(AuthenticationError) as raised:
        call(Server(), token=Fetch("secret-of-the-function"))
    assert str(raised.value) == "cancel_run answered 401: *** is not good."
    assert b"secret-of-the-function" not in pickle.dumps(raised.value)
    assert "secret" not in repr(PlaybookClient(token=Fetch("secret"))._settings)


@pytest.fixture
def switching() -> Iterator[None]:
    """Has threads take turns as often as they can: what two of them must not share shows sooner."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
def test_a_token_of_one_call_does_not_travel_with_another() -> None:
    """Each request carries the token that was asked for it, however many threads there are."""
    local = threading.local()
    seen: dict[str, str] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        seen[request.url.path.rpartition("/")[2]] = request.headers["authorization"]
        return ok(request)

    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        client = PlaybookClient(api_key=KEY, token=lambda: str(local.token), http_client=http)

        def work(number: int) -> None:
            for turn in range(20):
                local.token = f"token-{number}-{turn}"
                client.workflows.cancel_run(TEAM, f"{number:016x}{turn:016x}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    expected = {
        f"{number:016x}{turn:016x}": f"Bearer token-{number}-{turn}" for number in range(8) for turn in range(20)
    }
    assert {path.replace("-", ""): token for path, token in seen.items()} == expected


def test_the_token_of_an_earlier_call_is_masked_too() -> None:
    with httpx.Client(transport=httpx.MockTransport(answering(403, json={"result": "was one"}))) as http:
        client = PlaybookClient(api_key=KEY, token=Fetch("one", "two"), http_client=http)
        for _ in range(2):
            with pytest.raises(PermissionDeniedError, match=r"answered 403: was \*\*\*$"):
                client.workflows.cancel_run(TEAM, RUN)


def test_eight_tokens_are_masked_and_no_more_are_kept() -> None:
    """A process that runs for months has many."""
    tokens = [f"token-{number}" for number in range(9)]
    with httpx.Client(transport=httpx.MockTransport(answering(403, json={"result": " ".join(tokens)}))) as http:
        client = PlaybookClient(api_key=KEY, token=Fetch(*tokens), http_client=http)
        for _ in tokens[1:]:
            with pytest.raises(PermissionDeniedError):
                client.workflows.cancel_run(TEAM, RUN)
        with pytest.raises(PermissionDeniedError, match="answered 403: token-0" + 8 * r" \*\*\*" + "$"):
            client.workflows.cancel_run(TEAM, RUN)


def test_calls_share_nothing_of_what_their_tokens_are() -> None:
    """What two threads would meet at, once in a while."""
    operation = route_named("workflows", "cancel_run").operation
    credentials = PlaybookClient(api_key=KEY, token=Fetch("t"))._settings.credentials
    first, second = credentials.for_(operation), credentials.for_(operation)
    first.take("one")
    assert (first.headers["Authorization"], "Authorization" in second.headers) == ("Bearer one", False)


# CachedToken


def cached(fetch: Fetch, kind: type[Any], **options: Any) -> tuple[Any, Callable[[], str]]:
    """A cached token of either kind, and how to ask it."""
    if kind is CachedToken:
        source: Any = CachedToken(fetch, **options)
        return source, source
    source = AsyncCachedToken(fetch.awaited, **options)
    return source, lambda: str(asyncio.run(source()))


KINDS = pytest.mark.parametrize("kind", [CachedToken, AsyncCachedToken])


@KINDS
@pytest.mark.parametrize(
    ("token", "kept"),
    [
        (jwt(exp=NOW + 3600), 3570),
        (jwt(exp=int(NOW) + 300), 270),
        (jwt(exp=NOW + 60), 54),
        (jwt(exp=NOW + 10), 9),
        # No expiry that could be believed: the lifetime that is set.
        (jwt(), 300),
        ("opaque", 300),
        ("a.b.c", 300),
        ("a." + "9" * 40 + ".c", 300),
        (jwt(exp="soon"), 300),
        (jwt(exp=None), 300),
        (jwt(exp=[1]), 300),
        (jwt(exp=float("nan")), 300),
        (jwt(exp=float("inf")), 300),
        (jwt(exp=-1), 300),
        (jwt(exp=NOW * 1000), 300),
        (jwt(exp=10**400), 300),
    ],
)
def test_a_token_is_kept_until_shortly_before_it_ends(kind: type[Any], token: str, kept: int, clock: Clock) -> None:
    fetch = Fetch(token, "next")
    _, ask = cached(fetch, kind)
    assert ask() == token
    clock.now = NOW + kept - 1
    assert ask() == token
    assert fetch.calls == 1
    clock.now = NOW + kept + 1
    assert ask() == "next"
    assert fetch.calls == 2


@KINDS
@pytest.mark.parametrize("length", range(8))
def test_when_a_token_ends_is_read_whatever_the_length_of_its_claims(
    kind: type[Any], length: int, clock: Clock
) -> None:
    fetch = Fetch(jwt(exp=NOW + 3600, sub="s" * length), "next")
    _, ask = cached(fetch, kind)
    ask()
    clock.now += 3000
    assert ask() != "next"


@KINDS
def test_a_token_that_does_not_say_when_it_ends_is_kept_for_300_seconds(kind: type[Any], clock: Clock) -> None:
    _, ask = cached(Fetch("one", "two"), kind)
    ask()
    clock.now += 299.5
    assert ask() == "one"
    clock.now += 1
    assert ask() == "two"


@KINDS
def test_a_token_that_has_ended_already_is_used_and_not_kept(kind: type[Any], clock: Clock) -> None:
    fetch = Fetch(jwt(exp=NOW - 5), "next")  # the clocks of two machines differ
    _, ask = cached(fetch, kind)
    assert ask() == jwt(exp=NOW - 5)
    assert ask() == "next"


@KINDS
def test_a_lifetime_is_for_tokens_that_do_not_say(kind: type[Any], clock: Clock) -> None:
    for lifetime in (10, 0.5):
        _, ask = cached(Fetch("one", "two"), kind, lifetime=lifetime)
        assert ask() == ask() == "one"
        clock.now += lifetime + 0.25
        assert ask() == "two"


@KINDS
@pytest.mark.parametrize("lifetime", [0, -1, "5", None, True, float("nan")])
def test_a_lifetime_that_is_none_is_refused(kind: type[Any], lifetime: Any) -> None:
    with pytest.raises(ConfigurationError, match="lifetime= must be a number of seconds above 0"):
        kind(Fetch("t"), lifetime=lifetime)


@KINDS
def test_what_cannot_be_called_fetches_nothing(kind: type[Any]) -> None:
    with pytest.raises(ConfigurationError, match="fetch must be a function that returns a token, not str"):
        kind("a-token")


@KINDS
def test_a_cached_token_shows_its_function_and_not_the_token(kind: type[Any]) -> None:
    source, ask = cached(Fetch("the-token"), kind)
    ask()
    assert repr(source).startswith(f"{kind.__name__}(Fetch")
    assert "the-token" not in repr(source)


@KINDS
def test_a_fetch_that_needs_the_token_which_it_fetches_is_told(kind: type[Any]) -> None:
    source: Any = None

    def fetch() -> str:
        return str(source())

    async def fetch_async() -> str:
        return str(await asyncio.create_task(source()))

    source = kind(fetch if kind is CachedToken else fetch_async)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="makes a call that needs that very token"):
            source() if kind is CachedToken else asyncio.run(source())


@KINDS
def test_a_failed_fetch_is_not_kept(kind: type[Any]) -> None:
    fetch = Fetch(RuntimeError("no network"), "good")
    _, ask = cached(fetch, kind)
    with pytest.raises(RuntimeError, match="no network"):
        ask()
    assert ask() == "good"


def test_threads_that_ask_at_once_share_one_fetch() -> None:
    together, calls = threading.Barrier(20), list[int]()

    def fetch() -> str:
        calls.append(1)
        return "t"

    source = CachedToken(fetch)
    got: list[str] = []

    def work() -> None:
        together.wait(30)
        got.append(source())

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["t"] * 20
    assert len(calls) == 1


def test_a_thread_waits_for_the_fetch_of_another() -> None:
    begun, release = threading.Event(), threading.Event()

    def fetch() -> str:
        begun.set()
        assert release.wait(30)
        return "t"

    source, got = CachedToken(fetch), list[str]()
    threads = [threading.Thread(target=lambda: got.append(source())) for _ in range(2)]
    threads[0].start()
    assert begun.wait(30)
    begun.clear()
    threads[1].start()
    release.set()
    for thread in threads:
        thread.join()
    assert got == ["t", "t"]
    assert not begun.is_set()


@KINDS
@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), SystemExit()])
def test_an_interrupted_fetch_leaves_nothing_behind(kind: type[Any], interrupt: BaseException) -> None:
    fetch = Fetch(interrupt, "good")
    source, ask = cached(fetch, kind)
    with pytest.raises(type(interrupt)):
        ask()
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(ask()))
    thread.start()
    thread.join(30)
    assert got == ["good"]
    assert source is not None


def test_a_source_that_happens_to_have_a_method_of_that_name_is_not_taken_for_a_cache(call: Call) -> None:
    class Provider:
        expire = 123.0

        def __call__(self) -> str:
            return "t"

    with pytest.raises(AuthenticationError):
        call(Server(), token=Provider())


def test_a_fetch_that_lands_while_another_thread_looks_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = Fetch("t")
    source = CachedToken(fetch)
    look = source._fresh

    def look_and_be_overtaken() -> str | None:
        seen = look()
        monkeypatch.setattr(source, "_fresh", look)
        assert source() == "t"
        return seen

    monkeypatch.setattr(source, "_fresh", look_and_be_overtaken)
    assert source() == "t"
    assert fetch.calls == 1


def test_tasks_that_ask_at_once_share_one_fetch() -> None:
    async def run() -> None:
        calls: list[int] = []

        async def fetch() -> str:
            calls.append(1)
            await asyncio.sleep(0)
            return "t"

        source = AsyncCachedToken(fetch)
        assert await asyncio.gather(*(source() for _ in range(50))) == ["t"] * 50
        assert len(calls) == 1

    asyncio.run(run())


def test_tasks_that_wait_for_a_fetch_get_its_error() -> None:
    async def run() -> None:
        fetch = Fetch(RuntimeError("no network"), "good")
        source = AsyncCachedToken(fetch.awaited)
        results = await asyncio.gather(*(source() for _ in range(5)), return_exceptions=True)
        assert [str(result) for result in results] == ["no network"] * 5
        assert await source() == "good"

    asyncio.run(run())


def test_a_cancelled_fetch_is_taken_over_by_another_task() -> None:
    async def run() -> None:
        calls: list[int] = []
        begun = asyncio.Event()

        async def fetch() -> str:
            calls.append(1)
            begun.set()
            if len(calls) == 1:
                await asyncio.Event().wait()
            return "t"

        source = AsyncCachedToken(fetch)
        first = asyncio.create_task(source())
        await begun.wait()
        others = [asyncio.create_task(source()) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        assert await asyncio.gather(*others) == ["t"] * 3
        assert len(calls) == 2
        assert first.cancelled()

    asyncio.run(run())


# After a 401


def source_of(fetch: Fetch, call: Call) -> CachedToken | AsyncCachedToken:
    return AsyncCachedToken(fetch.awaited) if call in (bound_async, stock_async) else CachedToken(fetch)


def test_after_a_401_a_token_is_fetched_afresh_and_the_call_repeated_once(call: Call) -> None:
    fetch, server = Fetch("old", "new"), Server("new")
    source = source_of(fetch, call)
    for _ in range(2):
        assert call(server, token=source, max_retries=0).message == "Run successfully canceled."
    assert server.tokens == ["old", "new", "new"]
    assert fetch.calls == 2


def test_the_log_counts_every_attempt(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="playbook3d_client")
    call(Server("new"), token=source_of(Fetch("old", "new"), call))
    told = [record.getMessage() for record in caplog.records if record.name == "playbook3d_client"]
    assert ["attempt 1" in told[0], "attempt 2" in told[1], len(told)] == [True, True, 2]


def test_a_second_401_is_raised(call: Call) -> None:
    fetch, server = Fetch("t1", "t2", "t3"), Server()
    with pytest.raises(AuthenticationError) as raised:
        call(server, token=source_of(fetch, call), max_retries=5)
    assert server.tokens == ["t1", "t2"]
    assert raised.value.retries_taken == 0
    assert str(raised.value) == "cancel_run answered 401: *** is not good."


@pytest.mark.usefixtures("slept")
def test_the_repetition_after_a_401_is_no_retry(call: Call) -> None:
    answers = iter([503, 401, 503, 200])

    def handler(request: httpx.Request) -> httpx.Response:
        status = next(answers)
        return ok(request) if status == 200 else httpx.Response(status)

    assert (
        call(handler, token=source_of(Fetch("t1", "t2"), call), max_retries=2).message == "Run successfully canceled."
    )


@pytest.mark.parametrize("token", ["fixed", Fetch("f1", "f2")])
def test_a_token_that_is_not_cached_is_not_tried_again(call: Call, token: Any) -> None:
    server = Server()
    with pytest.raises(AuthenticationError):
        call(server, token=token, max_retries=5)
    assert len(server.tokens) == 1


def test_a_403_is_not_the_tokens_fault(call: Call) -> None:
    fetch = Fetch("t1", "t2")
    with pytest.raises(Exception, match="answered 403"):
        call(answering(403), token=source_of(fetch, call), max_retries=5)
    assert fetch.calls == 1


def test_many_refused_calls_lead_to_one_fetch() -> None:
    async def run() -> None:
        fetch, server = Fetch("old", "new"), Server("new")
        async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
            client = AsyncPlaybookClient(api_key=KEY, token=AsyncCachedToken(fetch.awaited), http_client=http)
            calls: list[Awaitable[Any]] = [client.workflows.cancel_run(TEAM, RUN) for _ in range(30)]
            await asyncio.gather(*calls)
        assert fetch.calls == 2

    asyncio.run(run())
