from __future__ import annotations

import pytest

from console.document import MAX_BYTES, read
from console.errors import ConfigurationError

YAML = """\
# a comment
rules:
  - when: {turn: 1}
    do:
      - say: "no"
no: no
"""


def written(tmp_path, text: str | bytes, name="a.yaml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_yaml_is_read_with_its_lines(tmp_path):
    document = read(written(tmp_path, YAML))

    assert document.value == {"rules": [{"when": {"turn": 1}, "do": [{"say": "no"}]}], "no": False}
    assert document.lines["rules", 0, "do", 0, "say"] == 5
    assert document.lines["no",] == 6


def test_an_error_names_file_line_and_place(tmp_path):
    path = written(tmp_path, YAML)
    error = read(path).error(("rules", 0, "do", 0, "say"), "must shout.")

    assert str(error) == f"{path}, line 5, rules[0].do[0].say: must shout."


def test_json_is_read_as_json(tmp_path):
    document = read(written(tmp_path, '{\t"rules": [1]}', "a.json"))

    assert document.value == {"rules": [1]}
    assert str(document.error(("rules", 0), "odd.")).endswith("a.json, rules[0]: odd.")


def test_an_empty_file_has_nothing_in_it(tmp_path):
    assert read(written(tmp_path, "")).value is None


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("a: [1", "a.yaml", r"a\.yaml, line \d: "),
        ("a: 1\na: 2", "a.yaml", "line 2: 'a' is given twice"),
        ("[1, 2]: 3", "a.yaml", "line 1: a key must be a word"),
        ("a: !!python/object:os.system x", "a.yaml", "line 1: could not determine"),
        ("a: 1\n---\nb: 2", "a.yaml", "line 2: "),
        ("a: &x [*x]", "a.yaml", "line 1: "),
        ("[" * 300, "a.yaml", "nested too deeply|line 1"),
        ("a: \x07", "a.yaml", "is no YAML"),
        ('{"a": 1,}', "a.json", "a.json, line 1: "),
        ('{"a": 1, "a": 2}', "a.json", "'a' is given twice"),
        ("[" * 100_000, "a.json", "nested too deeply"),
        (b"\xff", "a.yaml", "is not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "a.yaml", "larger than 1 MiB"),
    ],
    ids=range(13),
)
def test_what_cannot_be_read_is_named(tmp_path, text, name, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        read(written(tmp_path, text, name))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml cannot be read: No such file"):
        read(tmp_path / "nowhere.yaml")


def test_a_bomb_of_aliases_is_no_danger(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigurationError, match="too many values"):
        read(written(tmp_path, "\n".join(lines)))
