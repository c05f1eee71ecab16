from typing import Literal

import pytest

from console.client import choices

Size = Literal["small", "large", "huge"]


@pytest.mark.parametrize("given", ["tiny", "", None, 1, []])
def test_what_is_no_choice_is_named_with_all_that_are(given):
    with pytest.raises(ValueError, match=r"^size must be") as wrong:
        choices.check("size", given, Size)

    assert str(wrong.value) == f"size must be 'small', 'large' or 'huge', not {given!r}."


@pytest.mark.parametrize("given", ["small", "large", "huge"])
def test_a_choice_is_taken(given):
    choices.check("size", given, Size)
