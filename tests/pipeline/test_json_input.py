"""A contract in JSON is read as JSON: strictly, in its key order, and with the lines of its values."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract import json_io, yaml_io
from contract.errors import PipelineError
from contract.lint import lint
from contract.sources import Sources
from support.small_contract import RunGenerate, contract, files, write

TEXTS = st.text(alphabet=st.sampled_from("a1 .:-#'\"\\\n\t\u0000\u0085\u2028\u00e9\U0001f600{}[]|>e0on=<~")) | st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXTS, children, max_size=3),
    max_leaves=8,
)


def read(folder: Path, text: str | bytes) -> Any:
    path = folder / "document.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return yaml_io.read(path)


@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json_is_read_as_its_values(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = json_io.parse(text, "document.json")
    assert json.dumps(yaml_io.to_plain(document)) == json.dumps(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=3))
@example({"a": ["1e5", "0o7", "1_000", "0x1F", ".5", "1:30", "on", "~", "2024-01-02", "=", "<<", "# b", "x \n y"]})
def test_values_written_as_yaml_are_read_back(value: Any) -> None:
    text = yaml_io.render(value, "A comment.")
    assert text.startswith("# A comment.\n")
    assert json.dumps(yaml_io.to_plain(yaml_io.parse(text, "document.yaml"))) == json.dumps(value)
    assert yaml_io.is_written(value, text)


def test_number_of_values_is_not_limited(tmp_path: Path) -> None:
    value = {"a": [1] * 100_001}
    assert yaml_io.to_plain(read(tmp_path, json.dumps(value))) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "a": 1,\n "b": 2,\n "a": 3\n}', ', line 4, column 2: duplicate key "a".'),
        ('{"a": [1, NaN]}', ", line 1, column 11: NaN is not a number in JSON."),
        ('{"a":\n-Infinity}', ", line 2, column 1: -Infinity is not a number in JSON."),
        ('{"a": 1e999}', ", line 1, column 7: 1e999 is not a number in JSON."),
        ('{"a": "\\ud83d"}', ", line 1, column 7: an unpaired surrogate."),
        ('{"\\ude00": 1}', ", line 1, column 2: an unpaired surrogate."),
        ('{"a" 1}', ", line 1, column 6: not JSON: Expecting ':' delimiter."),
        ("{'a': 1}", ", line 1, column 2: not JSON: Expecting property name enclosed in double quotes."),
        ('{"a": 1} # b', ", line 1, column 10: not JSON: Extra data."),
        ('{"a": "x\ty"}', ", line 1, column 9: not JSON: Invalid control character."),
        ('\ufeff{"a": 1}', ", line 1, column 1: not JSON: Unexpected UTF-8 BOM."),
        ("", ", line 1, column 1: not JSON: Expecting value."),
        ("a: 1\n", ", line 1, column 1: not JSON: Expecting value."),
        (b'{"a": "caf\xe9"}', ": not UTF-8 text, at byte 10."),
        (f'{{"a": {"[" * 70}{"]" * 70}}}', ", line 1, column 71: nested more than 64 levels deep."),
        ("[" * 100_000, ": nested too deeply to be read."),
        (f'{{"a": {"9" * 5000}}}', ": an integer has too many digits."),
        ("[1]", ": not an object."),
        ("null", ": not an object."),
    ],
)
def test_invalid_json_is_rejected_with_its_place(text: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        read(tmp_path, text)
    assert str(error.value) == f"{tmp_path / 'document.json'}{message}"


def test_lines_of_json_values_are_known(tmp_path: Path) -> None:
    document = read(tmp_path, '{\n "a": [\n  1,\n  {\n   "b": "x\\n\\"{"\n  },\n  {}\n ],\n "c": 2\n}\n')
    places: list[tuple[object, ...]] = [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("a", 2), ("c",), ("d",)]
    assert [yaml_io.line_of(document, place) for place in places] == [1, 2, 2, 4, 5, 7, 9, 1]


def test_lint_names_the_lines_of_json(tmp_path: Path) -> None:
    path = write(tmp_path / "contract.json", json.dumps(contract(servers=[]), indent=2))
    problems = lint(path, None).problems
    servers = next(problem for problem in problems if problem.finding.location == ("servers",))
    assert path.read_text(encoding="utf-8").splitlines()[servers.line - 1].startswith('  "servers"')


def test_json_and_yaml_generate_the_same_client(
    generated: Path, small_sources: Sources, run: RunGenerate, tmp_path: Path
) -> None:
    published = yaml_io.to_plain(yaml_io.read(small_sources.contract))
    path = write(tmp_path / "contract.json", json.dumps(published))
    output = tmp_path / "generated"
    assert run(small_sources._replace(contract=path), output) == (0, f"{output}: regenerated\n", "")
    from_yaml, from_json = files(generated), files(output)
    texts = [content.pop("openapi.yaml") for content in (from_yaml, from_json)]
    first, second = (yaml_io.to_plain(yaml_io.parse(text.decode(), "openapi.yaml")) for text in texts)
    assert (from_json, json.dumps(second)) == (from_yaml, json.dumps(first))
