"""The client against the contract: what it sends, and what it makes of responses, in pytest.

The ``test_*`` modules run each property for each operation. The properties themselves are functions, in
``request_properties`` and ``response_properties``.
"""

import pytest

# So that their assertions say what differs.
pytest.register_assert_rewrite(f"{__name__}.request_properties", f"{__name__}.response_properties")
