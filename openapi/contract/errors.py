"""The one exception that the pipeline shows to a person."""

from collections.abc import Iterable


class ContractProblem(Exception):
    """Something is wrong with an input of the pipeline; ``str()`` says what, where, and what to do."""


def pointer(location: Iterable[object]) -> str:
    """The JSON pointer of a location, as a URI fragment without escapes of the URI (RFC 6901)."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
