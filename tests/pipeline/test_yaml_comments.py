"""Comments, key order and style of the published contract survive the overlay."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract import overlay as overlays
from contract import yaml_io
from support.small_contract import overlay, write

SOURCE = """\
# The whole.
zebra: 1 # one
list:
- name: a # first
  v: 1
- name: b # second
  v: 2
- name: c # third
  v: 3 # three
alpha: # objects
  # Before key.
  key: old # kept
  folded: >-
    some words
    on two lines
  quoted: '200'
last: true
"""


def corrected(folder: Path, *actions: dict[str, Any], source: str = SOURCE) -> str:
    """The text after the actions; it must be read back as the document that was written."""
    document = yaml_io.read(write(folder / "source.yaml", source))
    overlays.apply(overlay(*actions), document)
    text = yaml_io.dump(document)
    assert yaml_io.to_plain(yaml_io.read(write(folder / "written.yaml", text))) == yaml_io.to_plain(document)
    return text


def test_aligned_code_keeps_its_white_space(tmp_path: Path) -> None:
    code = json.dumps("func main() {\n" + '\tTitle:      "Nightly",\n\tSubtitle:   "x",\n' * 9 + "}")
    text = corrected(tmp_path, {"target": "$.last", "update": False}, source=f"{SOURCE}code: {code}\n")
    assert text == f"{SOURCE.replace('last: true', 'last: false')}code: {code}\n"


def test_update_keeps_comments_order_and_style(tmp_path: Path) -> None:
    text = corrected(
        tmp_path,
        {"target": "$.alpha.key", "update": "new"},
        {"target": "$.alpha", "update": {"quoted": "201", "added": 1}},
        {"target": "$.list", "update": {"name": "d"}},
    )
    expected = SOURCE.replace("key: old", "key: new").replace("'200'", "'201'\n  added: 1")
    assert text == expected.replace("# three\n", "# three\n- name: d\n")


@pytest.mark.parametrize(("removed", "left"), [("0", "bc"), ("1", "ac"), ("2", "ab"), ("0, 1", "c"), ("0, 2", "b")])
def test_removal_keeps_comments_of_other_items(tmp_path: Path, removed: str, left: str) -> None:
    items = {
        "a": "- name: a # first\n  v: 1\n",
        "b": "- name: b # second\n  v: 2\n",
        "c": "- name: c # third\n  v: 3 # three\n",
    }
    text = corrected(tmp_path, {"target": f"$.list[{removed}]", "remove": True})
    assert text == SOURCE.replace("".join(items.values()), "".join(items[name] for name in left))


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("l:\n# note\n- 1\n- 2\nm: {}\n", "$.l[*]", "l: []\nm: {}\n"),
        ("l: # note\n- 1\nm:\n  k: 1\n", "$.l[*]", "l: []\nm:\n  k: 1\n"),
        ("l: [] # stays\nm:\n  k: 1\nn: {}\n", "$.m", "l: [] # stays\nn: {}\n"),
        ("o:\n  # note\n  x: 1\nm: 1\n", "$.o.x", "o: {}\nm: 1\n"),
        ("o:\n  l:\n  # note\n  - 1\nm:\n  k: 1\n", "$.o.l[0]", "o:\n  l: []\nm:\n  k: 1\n"),
    ],
)
def test_emptied_collection_is_valid_yaml(tmp_path: Path, source: str, target: str, text: str) -> None:
    assert corrected(tmp_path, {"target": target, "remove": True}, source=source) == text


def test_aliases_are_independent_nodes(tmp_path: Path) -> None:
    source = "a: &it {x: 1, f: &flag true}\nb: *it\nc: *flag\n"
    actions = {"target": "$.a", "update": {"x": 2}}, {"target": "$.b.f", "remove": True}
    assert corrected(tmp_path, *actions, source=source) == "a: {x: 2, f: true}\nb: {x: 1}\nc: true\n"
