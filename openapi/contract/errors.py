"""The exceptions that the pipeline shows to a person."""

from contract.pointers import Location, pointer


class PipelineError(Exception):
    """An input of the pipeline is invalid; ``str()`` says what, where, and what to do."""


class UnsupportedError(PipelineError):
    """The client could not honour what a valid contract has at ``location``."""

    def __init__(self, location: Location, text: str) -> None:
        super().__init__(f"{pointer(location)}: {text}.")
        self.location = location
