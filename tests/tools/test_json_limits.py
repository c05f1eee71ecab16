"""What JSON cannot carry, and where it stands."""

import dataclasses
import enum
import math

import pytest

from console.tools.json_limits import obstacle


class Level(enum.Enum):
    UNKNOWN = math.nan


@dataclasses.dataclass
class Quote:
    price: float
    _kept: float = math.inf


@pytest.mark.parametrize(
    ("value", "clause"),
    [
        (math.nan, "it is NaN"),
        ({"rate": math.nan}, "'rate' is NaN"),
        ({"a": None, "prices": [1.5, {"low": -math.inf}]}, "'prices[1].low' is -infinity"),
        ((1, (math.inf,)), "'[1][0]' is infinity"),
        ({"quote": Quote(math.nan)}, "'quote.price' is NaN"),
        (Quote(math.inf), "'price' is infinity"),
        ([Level.UNKNOWN], "'[0]' is NaN"),
        ({math.nan: 1}, "a name in it is NaN"),
        ({"by": {math.inf: 1}}, "a name in 'by' is infinity"),
        ({1, 2}, "Type is not JSON serializable: set"),
        ("half \ud83d", "str is not valid UTF-8: surrogates not allowed"),
        (2**70, "Integer exceeds 64-bit range"),
    ],
)
def test_what_json_cannot_carry_is_named_with_its_place(value, clause):
    assert obstacle(value) == clause


@pytest.mark.parametrize(
    "value",
    [None, "null", [None, {"a": None}], {1: 2.5, "b": ()}, Quote(1.5), 1e308, -0.0, [True, None]],
)
def test_what_json_carries_is_no_obstacle(value):
    assert obstacle(value) == ""
