import pytest

from console.app.reference.prose import blocks, first_sentence, spans
from tests.app.reference.rig import catalogue


def test_paragraphs_lists_and_code_are_told_apart():
    text = """
    First line
    goes on.

    - one
      of them
    - `two`

    ```json
    {"a":
      1}
    ```
    Last.
    """

    assert [
        (each["kind"], "".join(part[1] for part in each["spans"])) for each in blocks(text)
    ] == [
        ("p", "First line goes on."),
        ("li", "one of them"),
        ("li", "two"),
        ("code", '    {"a":\n      1}'),
        ("p", "Last."),
    ]


def test_code_that_is_not_closed_ends_with_the_text():
    assert blocks("```\nx") == [{"kind": "code", "spans": [["text", "x"]]}]
    assert blocks("") == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a `b` c", [["text", "a "], ["code", "b"], ["text", " c"]]),
        ("**Only:** now", [["strong", "Only:"], ["text", " now"]]),
        ("[`more`](https://example.org/x)", [["link", "more", "https://example.org/x"]]),
        ("[bad](javascript:alert(1))", [["text", "bad"], ["text", ")"]]),
        ("<b onclick=x>`<i>`", [["text", "<b onclick=x>"], ["code", "<i>"]]),
    ],
)
def test_a_line_is_taken_apart_and_markup_stays_text(text, parts):
    assert spans(text) == parts


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Sent first. Then more.", "Sent first."),
        ("Only `x.y` is\nmeant, e.g. this. More.", "Only x.y is meant, e.g. this."),
        ("Without an end\n\nMore.", "Without an end"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_plain(text, sentence):
    assert first_sentence(text) == sentence


def test_all_documentation_can_be_taken_apart():
    for doc in catalogue().events:
        shown = "".join(part[1] for each in blocks(doc.text) for part in each["spans"])
        assert "```" not in shown, doc.type
        assert first_sentence(doc.text), doc.type
