"""`make mutants`: plant each bug of the catalogue in a copy of the project, and see its property fail.

Each property is first run on a copy without a bug, where it has to pass. A mutant is dead when its test fails, not
when something cannot be imported. Exit status: 0 where all died, 1 where one lives, 2 where one could not be planted.
"""

import os
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from mutants.catalogue import MUTANTS, Mutant
from mutants.running import Verdict, run

# What every run needs, and no mutant changes: imported once, by the process that all others are forked from.
LIBRARIES = ["pytest", "hypothesis", "schemathesis.cli", "openapi_python_client", "httpx", "uvicorn", "jsonschema_rs"]


def main() -> int:
    """Run the whole catalogue, and print a row for each mutant."""
    context = get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    started = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context, max_tasks_per_child=1) as pool:
        without = pool.submit(run, None, [mutant.killed_by for mutant in MUTANTS])
        planted = [pool.submit(run, mutant, [mutant.killed_by]) for mutant in MUTANTS]
        rows = [_row(number, *pair) for number, pair in enumerate(zip(MUTANTS, planted, strict=True), 1)]
        sound = without.result()
    for name, why in sound.failed:
        print(f"Fails without any mutant: {name}: {why}")
    if sound.broken:
        print(f"Without any mutant: {sound.broken}")
    dead = rows.count("dead")
    print(f"{dead} of {len(MUTANTS)} mutants died, in {time.perf_counter() - started:.0f} s")
    return status_of(rows, sound=not sound.failed and sound.broken is None)


def status_of(states: list[str], *, sound: bool) -> int:
    """The exit status; ``sound`` says that the properties hold where no mutant is."""
    return 2 if not sound or "broken" in states else int("ALIVE" in states)


def _row(number: int, mutant: Mutant, future: Future[Verdict]) -> str:
    verdict = future.result()
    state = "broken" if verdict.broken else "dead" if verdict.failed else "ALIVE"
    name = mutant.killed_by.partition("::")[2]
    print(f"{number:3} {state:6} {verdict.seconds:4.1f} s  {mutant.where}: {mutant.what}", flush=True)
    print(f"                   {verdict.broken or name}", flush=True)
    if verdict.failed:
        print(f"                     {verdict.failed[0][1]}", flush=True)
    return state


if __name__ == "__main__":
    sys.exit(main())
