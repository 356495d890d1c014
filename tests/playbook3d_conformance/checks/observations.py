"""What a run has observed: the verdict on a server rests on it.

``CONFORMANCE_OBSERVATIONS`` names a file. Each observation is appended to it at once, as a line of JSON, so that they
survive a run that is ended.
"""

import json
import os
from pathlib import Path
from typing import Literal, NamedTuple

#: ``response``: there was one; ``status``: one had this status, and JSON if that is documented; ``violation``: a check
#: failed; ``incomplete``: something could not be tested; ``note``: something that is allowed, and yet worth knowing.
Kind = Literal["response", "status", "violation", "incomplete", "note"]


#: Of an ``incomplete`` operation: a lost connection, or a timeout.
NO_RESPONSE = "a request had no response"


class Observation(NamedTuple):
    """An observation of an operation; ``example`` is what a violation looked like, with words of the server."""

    kind: Kind
    operation: str
    text: str
    example: str = ""


_FILE = os.environ.get("CONFORMANCE_OBSERVATIONS")
_observed: dict[Observation, None] = {}


def observe(kind: Kind, operation: str, text: str, example: str = "") -> None:
    """Record an observation, once."""
    observation = Observation(kind, operation, text, example)
    if observation in _observed:
        return
    _observed[observation] = None
    if _FILE:
        with Path(_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(observation) + "\n")


def observed(kind: Kind) -> list[Observation]:
    """The observations of a kind, in order."""
    return [observation for observation in _observed if observation.kind == kind]


def read_observations(file: Path) -> list[Observation]:
    """The observations in a file; a last line that is cut is left out."""
    lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
    return [Observation(*json.loads(line)) for line in lines]
