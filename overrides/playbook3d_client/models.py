"""The models of the API: what its operations take and return, generated from the contract."""

import copyreg as _copyreg

from playbook3d_api.models import *  # noqa: F403
from playbook3d_api.models import __all__ as __all__
from playbook3d_api.types import Unset as _Unset

# The generated models ask "is it UNSET?": a copy or a pickle of one must hold that very object.
_copyreg.pickle(_Unset, lambda _: "UNSET")
