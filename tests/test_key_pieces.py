import itertools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.key_mask import LONGEST_ESCAPE, MARK, KeyMask
from console.key_pieces import MAX_SHOWN, MAX_STREAMS, KeyPieces

KEY = "sk-proj-planted_0123456789-abcdef"
SHORT = "hunter-2"
REPEATING = "ababababac-ababab"
SLASHES = 'pl/anted+key"0123456789'


def pieces_of(key=KEY):
    return KeyPieces(key)


def shown(pieces, parts, stream="text"):
    return [pieces.take(stream, each) for each in parts]


def cut(text, places):
    """Return `text` in pieces, cut at these places."""
    ends = [0, *sorted(places), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(ends)]


def without(told, key):
    """Return what is told with all that may be shown of the key before its mark taken out."""
    beginnings = "|".join(re.escape(key[:n]) for n in range(MAX_SHOWN, 0, -1))
    return re.sub(rf"(?:{beginnings})+{re.escape(MARK)}", MARK, told)


@pytest.mark.parametrize("size", range(1, len(KEY) + 2))
@pytest.mark.parametrize("key", [KEY, SHORT, REPEATING])
def test_a_key_in_pieces_of_any_size_is_not_in_what_is_told(key, size):
    text = f"The key is {key}, and again: {key}. End."
    parts = [text[at : at + size] for at in range(0, len(text), size)]

    told = "".join(shown(pieces_of(key), parts))

    assert key[:4] not in told
    assert without(told, key) == f"The key is {MARK}, and again: {MARK}. End."


@pytest.mark.parametrize("at", range(1, len(KEY)))
def test_a_key_in_two_pieces_is_marked_where_it_stands(at):
    parts = [f"a {KEY[:at]}", f"{KEY[at:]} b", " c"]

    first, second, third = shown(pieces_of(), parts)

    kept = "" if at > MAX_SHOWN else KEY[:at]
    assert (first, second, third) == (f"a {kept}", f"{MARK} b", " c")


TEXTS = st.lists(
    st.one_of(
        st.sampled_from([KEY, KEY[:3], KEY[:4], KEY[:9], KEY[:-1], KEY[1:], "s", "sk", " ", "-"]),
        st.text(alphabet="sk-proj u05\\ä", max_size=8),
    ),
    max_size=8,
).map("".join)


@given(text=TEXTS, data=st.data())
def test_nothing_but_the_key_is_lost_doubled_or_out_of_order(text, data):
    parts = cut(text, data.draw(st.lists(st.integers(0, len(text)))))
    pieces = pieces_of()

    told = "".join(shown(pieces, parts)) + pieces.end("text")

    assert KEY not in told
    assert without(told, KEY) == without(KeyMask(KEY).hide(text), KEY)


@given(texts=st.lists(TEXTS, min_size=2, max_size=3), data=st.data())
def test_texts_that_grow_side_by_side_do_not_disturb_each_other(texts, data):
    pieces, told = pieces_of(), dict.fromkeys(range(len(texts)), "")
    todo = {n: cut(text, range(0, len(text), 3)) for n, text in enumerate(texts)}
    while todo:
        n = data.draw(st.sampled_from(sorted(todo)))
        told[n] += pieces.take(n, todo[n].pop(0))
        if not todo[n]:
            del todo[n]

    for n, text in enumerate(texts):
        alone = pieces_of()
        whole = "".join(shown(alone, cut(text, range(0, len(text), 3)))) + alone.end("text")
        assert told[n] + pieces.end(n) == whole


def by_number(key):
    return "".join(f"\\u{ord(each):04x}" for each in key)


FORMS = {
    "as JSON": lambda key: json.dumps(key)[1:-1],
    "slashes escaped": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "by number": by_number,
    "first by number": lambda key: by_number(key[0]) + json.dumps(key[1:])[1:-1],
    "in the middle by number": lambda key: (
        key[:6] + by_number(key[6:9]) + json.dumps(key[9:])[1:-1]
    ),
    "by number in JSON": lambda key: json.dumps(by_number(key))[1:-1],
    "by number in JSON in JSON": lambda key: json.dumps(json.dumps(by_number(key))[1:-1])[1:-1],
}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 11, 40])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", [KEY, SLASHES])
def test_a_key_in_pieces_is_hidden_however_json_writes_it(key, form, size):
    written = FORMS[form](key)
    text = f'{{"a":"\\u00e9\\n{written}\\n{written}"}}'
    parts = [text[at : at + size] for at in range(0, len(text), size)]

    told = "".join(shown(pieces_of(key), parts))

    head, mark, rest = told.partition(MARK)
    between, again, tail = rest.partition(MARK)
    assert mark
    assert again
    for said, whole in ((head, '{"a":"\\u00e9\\n'), (between, "\\n")):
        assert said.startswith(whole)
        assert written.startswith(said.removeprefix(whole))
        assert len(said) <= len(whole) + MAX_SHOWN
    assert tail == '"}'


@pytest.mark.parametrize(
    "parts",
    [
        ["cloud", "s", " ask", " me", " sk", "y", " sk-", " s", "k"],
        ["a\\", 'n\\"t', "\\u0", "0e9", "\\", "\\"],
    ],
)
def test_what_begins_like_a_key_by_chance_is_shown_at_once(parts):
    assert shown(pieces_of(), parts) == parts


def test_what_begins_like_the_key_for_longer_comes_with_what_goes_on_otherwise():
    assert shown(pieces_of(), ["keys begin with sk-", "proj", "-, as ", "all"]) == [
        "keys begin with sk-",
        "",
        "proj-, as ",
        "all",
    ]


def test_of_a_short_key_less_is_shown():
    assert shown(pieces_of(SHORT), list(SHORT)) == ["h", *[""] * 6, MARK]


def test_a_text_that_has_ended_does_not_go_on():
    pieces = pieces_of()
    pieces.take("text", KEY[:9])

    assert pieces.end("text") == KEY[:9]
    assert pieces.end("text") == pieces.end("another") == ""
    assert pieces.take("text", KEY[9:]) == KEY[9:]


def test_after_a_session_its_texts_do_not_go_on():
    pieces = pieces_of()
    pieces.take("text", KEY[:9])

    pieces.clear()

    assert pieces.take("text", KEY[9:]) == KEY[9:]


def test_so_many_texts_are_followed_and_then_the_oldest_is_given_up():
    pieces = pieces_of()
    for n in range(MAX_STREAMS + 1):
        assert pieces.take(n, KEY[:9]) == ""

    assert pieces.take(1, KEY[9:]) == MARK
    assert pieces.take(0, KEY[9:]) == KEY[9:]


def test_a_flood_of_backslashes_is_not_kept():
    pieces = pieces_of()
    flood = "\\" * (2 * LONGEST_ESCAPE * len(KEY))

    told = pieces.take("text", "sk-proj" + flood)

    assert told.startswith("sk-proj")
    assert len(told) >= LONGEST_ESCAPE * len(KEY)


@pytest.mark.parametrize("at", range(2, 20))
def test_a_key_that_looks_like_an_escape_is_hidden_behind_a_backslash(at):
    key = "u00730u0073-and-more"
    text = f"\\{key}."

    assert "".join(shown(pieces_of(key), [text[:at], text[at:]])) in (
        f"\\{key[:n]}{MARK}." for n in range(MAX_SHOWN + 1)
    )


def test_a_key_without_a_character_of_its_own_is_no_matter_of_pieces():
    assert shown(pieces_of("\\" * 9), ["\\", "a\\", "b"]) == ["\\", "a\\", "b"]
