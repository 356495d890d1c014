"""The conformance suite: client, mock, contract and servers, tested against one another.

- ``properties/``: the client against the contract, in pytest; only in a checkout
- ``checks``: what a server must do beyond the checks of stock Schemathesis, as an extension of it
- ``server/``: ``python -m playbook3d_conformance`` tests any server; the README beside this file shows how

Nothing here names an operation: what is tested is what the contract declares. An operation, a parameter or a media type
that the suite cannot map to the typed client fails it.
"""
