"""``make bench``: how many cases a second the suite checks in this process, beside Schemathesis's own way of doing so.

Both draw from the same strategy, call the same mock, and validate the answers. The suite sends each case four times,
once in each style of the client, and it still counts as one. Exit status 1 when the bound is not reached.
"""

import time
from collections.abc import Callable
from importlib import import_module

from hypothesis import given
from schemathesis import GenerationMode

from conformance import test_requests
from conformance.extension import CHECKS
from conformance.speakers import STYLES
from conformance.subject import EFFECTIVE, SUBJECTS, credential_headers, drawn, schema
from conformance.wire import AnyCase
from playbook3d_mock import Mock

# 150 cases a second where Schemathesis has 170, as it was measured when the bound was set.
BOUND = 0.88
ROUNDS = 10


def ours() -> int:
    """The requests of every operation, in each style; how many cases there were."""
    drawn.clear()
    for subject in SUBJECTS:
        test_requests.check_requests(subject)
    return sum(drawn.values()) // len(STYLES)


def theirs() -> int:
    """The same with Schemathesis's own client for ASGI applications."""
    mock, count = Mock(EFFECTIVE), 0
    document = schema(EFFECTIVE)
    document.app = mock.asgi
    headers = credential_headers(EFFECTIVE, mock.api_key, mock.token)
    for subject in SUBJECTS:
        operation = document[subject.operation.path][subject.operation.method]

        @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def check(case: AnyCase) -> None:
            nonlocal count
            case.call_and_validate(headers=headers, checks=CHECKS)
            count += 1

        check()
    return count


def rate(work: Callable[[], int]) -> float:
    """Cases a second."""
    started = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - started)


def main() -> int:
    """Measure in turns, and compare the best of each."""
    import_module("conftest")  # which loads the profile of the tests
    ours()  # imports, and what is compiled once
    theirs()
    rounds = [(rate(ours), rate(theirs)) for _ in range(ROUNDS)]
    best, other = max(one for one, _ in rounds), max(one for _, one in rounds)
    print(
        f"the suite checks {best:.0f} cases a second, {best / other:.2f} of what Schemathesis does (at least {BOUND})"
    )
    return int(best / other < BOUND)


if __name__ == "__main__":
    raise SystemExit(main())
