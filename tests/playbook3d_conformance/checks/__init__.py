"""An extension of Schemathesis: what its own checks do not test of a server. Nothing in it names an operation.

    hooks = "playbook3d_conformance.checks"

``schemathesis.toml`` loads and configures it; ``live.toml`` loads ``playbook3d_conformance.checks.live``, which adds to
it. The message of a check says what the server did, and what the contract requires.
"""

from playbook3d_conformance.checks import credentials, curl, generation, hooks  # loaded for what they register
from playbook3d_conformance.checks.probes import EachCredential, EachUUID
from playbook3d_conformance.checks.reached import EverythingReached
from playbook3d_conformance.checks.responses import declared_properties, method_not_allowed, strict_json

__all__ = [
    "EachCredential",
    "EachUUID",
    "EverythingReached",
    "credentials",
    "curl",
    "declared_properties",
    "generation",
    "hooks",
    "method_not_allowed",
    "strict_json",
]
