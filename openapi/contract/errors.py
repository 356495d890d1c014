"""The exceptions and warnings that the pipeline shows to a person."""

from typing import NamedTuple

from contract.pointers import Location, pointer


class PipelineError(Exception):
    """An input of the pipeline is invalid; ``str()`` says what, where, and what to do."""


class UnsupportedError(PipelineError):
    """The client could not honour what a valid contract has at ``location``.

    ``part`` is the location of what can be left out of the contract to support the rest; the default is the operations
    that need ``location``.
    """

    def __init__(self, location: Location, text: str, part: Location | None = None) -> None:
        super().__init__(f"{pointer(location)}: {text}.")
        self.location = location
        self.text = text
        self.part = part


def escape(text: str) -> str:
    """The text with control characters escaped: a contract's texts cannot control the terminal, or end a comment."""
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


class ContractWarning(NamedTuple):
    """The contract has something at ``location`` that is read as its author meant it; ``text`` says how."""

    location: Location
    text: str
