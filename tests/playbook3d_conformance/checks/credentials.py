"""Adds the credentials of the environment to requests: those of the security schemes that the contract requires."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import schemathesis

from playbook3d_conformance.credentials import Scheme, read_variables, request_credentials

if TYPE_CHECKING:
    from schemathesis.auths import AuthContext

    from playbook3d_conformance.openapi import AnyCase


@schemathesis.auth(refresh_interval=None)
class EnvironmentCredentials:
    """The credentials that the environment has; without them every response is a 401, and nothing else is tested."""

    def get(self, case: AnyCase, _: AuthContext) -> list[tuple[Scheme, str]] | None:
        """The credentials of a request, or ``None``."""
        values = read_variables(case.operation.schema.raw_schema, os.environ)
        return [*request_credentials(case.operation, {name: value for name, (_, value) in values.items()})] or None

    def set(self, case: AnyCase, data: list[tuple[Scheme, str]], _: AuthContext) -> None:
        """Add them."""
        for scheme, credential in data:
            parts = {"header": case.headers, "query": case.query, "cookie": case.cookies}
            parts[scheme.location][scheme.parameter] = scheme.encode(credential)
