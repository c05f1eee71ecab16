import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from console.app.event_needles import needles


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("error", [["error"]]),
        (r"limits.*99\d$|event 12\d\d\b", [["limits", "99"], ["event 12"]]),
        (r"response\.done", [["response.done"]]),
        ("^a.b", [["a", "b"]]),
        ("colou?r", [["colo", "r"]]),
        ("ab+c", [["ab", "c"]]),
        ("abc*?d", [["ab", "d"]]),
        ("ab{2}c", [["a", "c"]]),
        ("(ash|Ada) says (?:[)\\]]|\\)) so", [[" says ", " so"]]),
        ("(?<=a)bc(?!d)e(?P<name>f)", [["bc", "e"]]),
        ("[]x]yz[^]]", [["yz"]]),
        (r"\(one\)", [["(one)"]]),
    ],
)
def test_what_every_match_has_in_it_is_told_for_each_alternative(body, found):
    regex.compile(body)

    told = needles(body)

    assert [sorted(each) for each in told] == [sorted(each) for each in found]
    assert all(list(each) == sorted(each, key=len, reverse=True) for each in told)


@pytest.mark.parametrize(
    "body",
    [
        "",
        r"\d+",
        "x*",
        "a|",
        "error|(a|b)",
        "a(?i)b",
        "a(?x: b)",
        "a(?#b)c",
        r"a\x41b",
        r"(a)b\1",
        r"a\pLb",
        "a[[:alpha:]x]b",
        "(?:abc){e<=1}d",
        "a{b|c}d",
    ],
)
def test_nothing_is_told_of_what_is_not_certain(body):
    regex.compile(body)

    assert needles(body) == ()


@pytest.mark.parametrize("body", ["(", "[a", "a)b\\", "(a[", "\\"])
def test_what_is_no_expression_has_nothing_in_it(body):
    assert needles(body) == ()


PIECES = st.sampled_from(
    ["a", "b", "ab", ".", "a*", "b?", "a+", "ab{0,2}", "(a|b)", "(?:ab)?", "(?=a)", "[ab]", "[^]a]",
     r"\w", r"\.", "^", "$", "|", " ", "(?<!b)", "{", "a{,1}?"]
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=6).map("".join),
    st.lists(st.sampled_from("ab. {"), max_size=8).map("".join),
)
def test_a_text_that_matches_has_all_texts_of_one_alternative_in_it(body, text):
    try:
        assume(regex.search(body, text) is not None)
    except regex.error:
        assume(False)

    told = needles(body)

    assert not told or any(all(each in text for each in alternative) for alternative in told)
