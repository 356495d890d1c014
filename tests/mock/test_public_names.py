"""The public names of the mock."""

import pytest

import playbook3d_mock


def test_all_is_sorted_and_each_name_is_there() -> None:
    assert sorted(playbook3d_mock.__all__) == playbook3d_mock.__all__
    for name in playbook3d_mock.__all__:
        assert getattr(playbook3d_mock, name).__name__ == name


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'playbook3d_mock' has no attribute 'no_such'$"):
        _ = playbook3d_mock.no_such
