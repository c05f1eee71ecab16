import pytest

from console.app.reference.limits import default_of, with_limits
from console.app.reference.shapes import (
    Choice,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Shape,
    Table,
    Text,
)
from tests.app.reference.rig import catalogue

WHOLE = Number(is_whole=True)
DECIMAL = Number(is_whole=False)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("An integer between 1 and 4096, or inf.", 1, 4096),
        ("Between `10` and\n`7200` seconds.", 10, 7200),
        ("Threshold (0.0 to 1.0).", 0, 1),
        ("A fraction (`0.0` - `1.0`) of it.", 0, 1),
        ("0.25 is the minimum speed. 1.5 is the maximum speed.", 0.25, 1.5),
        ("The maximum of 5 is not told with a least.", None, None),
        ("Between 9 and 3 is none.", None, None),
        ("How many.", None, None),
    ],
)
def test_bounds_are_read_from_the_words(text, low, high):
    assert with_limits(DECIMAL, text) == Number(is_whole=False, low=low, high=high)


def test_bounds_are_of_the_number_among_several_things():
    shape = with_limits(OneOf((WHOLE, Choice(("inf",)))), "between 1 and 9")

    assert shape == OneOf((Number(is_whole=True, low=1, high=9), Choice(("inf",))))


def test_lengths_of_names_and_values_are_read():
    text = (
        "Keys are strings with a maximum length of 64 characters. Values are strings\n"
        "with a maximum length of 512 characters."
    )

    assert with_limits(Table(Text()), text) == Table(Text(512), 64)


@pytest.mark.parametrize("text", ["It can be set to `null` to turn it off.", "Set to\nnull."])
def test_what_may_be_set_to_null_may_be_null(text):
    assert with_limits(Text(), text) == OneOf((Text(), Null()))
    assert with_limits(OneOf((Text(), Null())), text) == OneOf((Text(), Null()))


@pytest.mark.parametrize(
    ("shape", "text", "default"),
    [
        (WHOLE, "Defaults to 500ms.", 500),
        (DECIMAL, "this defaults to 0.5. A higher one", 0.5),
        (DECIMAL, "1.0 is the default speed.", 1.0),
        (Choice(("auto", "none")), "with `auto` as the default value", "auto"),
        (Choice(("a", "b")), "It defaults to c.", None),
        (Listing(Choice(("audio",))), 'It defaults to `["audio"]`.', ["audio"]),
        (OneOf((WHOLE, Choice(("inf",)))), "Defaults to `inf`.", "inf"),
        (Flag(), "Defaults to true.", True),
        (WHOLE, "Defaults to 0.5.", None),
        (Number(is_whole=True, low=1, high=3), "Defaults to 7.", None),
        (Text(), "Defaults to anything.", None),
        (OneOf((Text(), Null())), "It defaults to null.", None),
    ],
)
def test_defaults_are_read_if_they_fit(shape, text, default):
    assert default_of(shape, text) == default


def test_the_installed_package_tells_the_bounds_of_a_session():
    found: list[Shape] = [catalogue().of("client")["session.update"].shape]
    for name in ("session", "audio", "input", "turn_detection", "threshold"):
        records = [
            inner
            for each in found
            for inner in (each.variants if isinstance(each, OneOf) else (each,))
            if isinstance(inner, Record)
        ]
        found = [field.shape for each in records if (field := each.field(name)) is not None]

    assert found[0] == Number(is_whole=False, low=0, high=1)
