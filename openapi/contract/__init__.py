"""Maintains the contract and generates the client from it: development only, never in the wheel.

Run as ``python -m contract``. The package reads ``openapi/`` and ``overrides/``, and writes ``generated/``;
it imports neither the client nor the mock.
"""
