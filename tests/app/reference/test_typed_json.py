"""JSON that was written by hand."""

import json

import pytest

from console.app.reference.typed_json import read_json


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": [1, 2.5, "caf\xe9 \U0001f600", True, {}], "b": -1e300},
        [2**64 - 1, -(2**63)],
        "a \\ud83d that is written out",
    ],
)
def test_json_is_read_as_it_is_meant(value):
    assert read_json(json.dumps(value)) == value
    assert read_json(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize("text", ["NaN", "[-Infinity]", "[1,]", "{'a': 1}", "", "[" * 50_000])
def test_what_only_looks_like_json_is_refused(text):
    with pytest.raises(ValueError, match=r"line|no JSON|too deep"):
        read_json(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1e999", "1e999 is too big a number"),
        ('{"a": [-1e400]}', "-1e400 is too big a number"),
        (str(2**64), f"{2**64} is too big a number: a whole one has 64 bits at the most"),
        (f"[{-(2**63) - 1}]", f"{-(2**63) - 1} is too big a number: a whole one has 64 bits"),
        ("9" * 5000, f"{'9' * 24}... is too big a number"),
        (
            r'{"item_id": "x\ud800"}',
            r"item_id holds half a character, \ud800, which cannot be sent",
        ),
        (r'{"a": [1, {"\udc00": 2}]}', r"a[1] holds half a character, \udc00, which"),
        ('"\ud83d"', r"it holds half a character, \ud83d, which"),
    ],
)
def test_what_could_not_be_sent_is_named(text, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at
        read_json(text)

    assert str(caught.value).startswith(sentence)
    assert str(caught.value).encode()
