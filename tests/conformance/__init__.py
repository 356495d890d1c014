"""The conformance suite: the client, the mock and the contract, checked against one another.

Nothing here names an operation: what is tested is what ``generated/openapi.yaml`` declares. An operation, a
parameter or a media type that the suite cannot map to the typed client fails it.
"""
