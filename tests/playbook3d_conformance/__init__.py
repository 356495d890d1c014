"""The conformance suite: client, mock, contract and servers, tested against one another.

- ``properties/``: the client against the contract, in pytest
- ``checks``: what a server must do beyond the checks of stock Schemathesis, as an extension of it
- ``server/``: tests any server; ``python -m playbook3d_conformance`` is ``make conformance``

Nothing here names an operation: what is tested is what the contract declares. An operation, a parameter or a media type
that the suite cannot map to the typed client fails it.
"""
