import pytest

from console.app.spending.caps import OWNER, Payer
from console.app.spending.starts import SessionStarts
from console.serving.windows import OwnWindows
from console.settings import Settings

ADA = Payer("192.0.2.1", is_guest=True, browser="ada")
BOB = Payer("192.0.2.1", is_guest=True, browser="bob")
EVE = Payer("192.0.2.9", is_guest=True, browser="eve")


@pytest.fixture
def begin():
    settings = Settings(_env_file=None, limit_guest_starts=2, limit_address_starts=3)
    return SessionStarts(settings, OwnWindows()).begin


async def test_a_guest_begins_so_many_sessions_in_an_hour(begin):
    assert [await begin(ADA), await begin(ADA)] == ["", ""]

    assert await begin(ADA) == (
        "You have begun 2 sessions within an hour, the most for one guest. Everything so far is "
        "kept; wait, or ask whoever runs the console to allow more."
    )


async def test_another_browser_of_the_same_address_shares_the_limit_of_the_address(begin):
    for each in (ADA, ADA, BOB):
        assert await begin(each) == ""

    assert "The guests of your address have begun 3 sessions" in await begin(BOB)
    assert await begin(EVE) == ""


async def test_to_ask_counts_nothing():
    starts = SessionStarts(Settings(_env_file=None, limit_guest_starts=1))
    assert [await starts.refusal(ADA) for _ in range(3)] == [""] * 3

    await starts.begin(ADA)

    assert "You have begun a session within an hour" in await starts.refusal(ADA)
    assert await starts.refusal(BOB) == await starts.refusal(OWNER) == ""


async def test_the_owner_begins_as_many_as_they_like(begin):
    assert {await begin(OWNER) for _ in range(10)} == {""}


async def test_by_default_a_guest_has_twenty_and_an_address_sixty():
    starts = SessionStarts(Settings(_env_file=None))

    assert [await starts.begin(ADA) for _ in range(20)] == [""] * 20
    assert "20 sessions within an hour" in await starts.begin(ADA)
    others = [Payer("192.0.2.1", is_guest=True, browser=f"b{n}") for n in range(41)]
    assert [bool(await starts.begin(each)) for each in others] == [False] * 40 + [True]
