"""The models of the API: what its operations take and return, generated from the contract."""

from playbook3d_api.models import *  # noqa: F403
from playbook3d_api.models import __all__ as __all__
