"""The one exception that the pipeline shows to a person."""


class PipelineError(Exception):
    """An input of the pipeline is invalid; ``str()`` says what, where, and what to do."""
