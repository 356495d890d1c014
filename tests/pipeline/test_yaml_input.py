"""YAML is read as the JSON that it means; the rest is rejected with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract import yaml_io
from contract.errors import PipelineError


def read(folder: Path, text: str | bytes) -> Any:
    path = folder / "document.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return yaml_io.to_plain(yaml_io.read(path))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {n: 1}\nb: *x\n", {"a": {"n": 1}, "b": {"n": 1}}),
        ("a: &x true\nb: *x\n", {"a": True, "b": True}),
        ("200: a\n2XX: b\n", {"200": "a", "2XX": "b"}),
        ("true: a\nnull: b\n1.0: c\n", {"true": "a", "null": "b", "1.0": "c"}),
        ("a: 2024-01-02\n2024-01-02T03:04:05Z: b\n", {"a": "2024-01-02", "2024-01-02T03:04:05Z": "b"}),
        ("a: yes\nb: off\nc: =\n", {"a": "yes", "b": "off", "c": "="}),
        ("\ufeffa: 1\n", {"a": 1}),
        ('{\n\t"a": [1.5, "\\ud83d\\ude00", null]\n}', {"a": [1.5, "😀", None]}),
        ("'<<': {a: 1}\n", {"<<": {"a": 1}}),
    ],
)
def test_yaml_is_read_as_json(text: str, value: Any, tmp_path: Path) -> None:
    assert json.dumps(read(tmp_path, text)) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x {n: 1}\nb:\n  <<: *x\n", ", line 3, column 3: a merge key (<<), which YAML 1.2 does not have."),
        ("a: 1\na: 2\n", ", line 2, column 1: not YAML: found duplicate key"),
        ("200: 1\n'200': 2\n", ", line 2, column 1: not YAML: found duplicate key"),
        ("a: 1\n---\nb: 1\n", ", line 2, column 1: not YAML: but found another document."),
        ("a: !!binary aGk=\n", ", line 1, column 4: the tag tag:yaml.org,2002:binary has no counterpart in JSON."),
        ("a: !!int x\n", ", line 1, column 4: 'x' is not a value of tag:yaml.org,2002:int."),
        ("a: 1e999\n", ", line 1, column 4: 1e999 is not a number in JSON."),
        ("? [a]\n: 1\n", ", line 1, column 3: a key that is not a string."),
        ("a: &x [*x]\n", ", line 1, column 4: an alias refers to a node that contains it."),
        ('{"a": "\\ud83d"}', ", line 1, column 7: an unpaired surrogate."),
        ("a: " + "[" * 70 + "]" * 70, ", line 1, column 68: nested more than 64 levels deep."),
        ("[" * 700, ": nested too deeply to be read."),
        (b"a: caf\xe9\n", ": not UTF-8 text, at byte 6."),
        ("a: 'x\x01'\n", ": not YAML: unacceptable character"),
        ("", ": not an object, but NoneType"),
        ("- 1\n", ": not an object, but CommentedSeq"),
    ],
)
def test_invalid_input_is_rejected_with_its_place(text: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "document.yaml"))
    assert message in str(error.value)


def test_number_of_values_is_not_limited(tmp_path: Path) -> None:
    assert read(tmp_path, "a: [" + "1, " * 100_000 + "1]\n") == {"a": [1] * 100_001}


def test_expansion_of_aliases_is_limited(tmp_path: Path) -> None:
    levels = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    levels += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 5))
    assert read(tmp_path, levels.split("a3")[0])["a2"][9] == [[1] * 10] * 10
    with pytest.raises(PipelineError, match=r"aliases repeat more than 100,000 values\.$"):
        read(tmp_path, levels)
