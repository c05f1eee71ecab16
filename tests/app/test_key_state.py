import pytest

from console.app.key_state import masked


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk-proj-0123456789abcdefABCD", "sk-...ABCD"),
        ("sk-short", "sk-..."),
        ("0123456789abcdef0123456789abcdef", "...cdef"),
        ("tiny", "..."),
    ],
)
def test_only_the_ends_of_a_key_are_shown_and_those_only_of_a_long_one(key, shown):
    assert masked(key) == shown
