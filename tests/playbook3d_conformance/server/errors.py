"""The error that ends ``python -m playbook3d_conformance`` with a message."""


class UsageError(Exception):
    """What was asked for is impossible; the message says what to change."""
