"""The error classes of the client by status, for the documentation of its methods and the report of changes."""

# A test compares this with what playbook3d_client raises.
_BY_STATUS = {
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "402": "PaymentRequiredError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "422": "UnprocessableEntityError",
    "429": "RateLimitError",
}


def error_class(status: str) -> str:
    """The name of the class for a status of the contract, such as ``404``, ``5XX`` or ``default``."""
    return _BY_STATUS.get(status, "InternalServerError" if status[0] in "56789" else "APIStatusError")
