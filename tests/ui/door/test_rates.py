import logging

import pytest
import pytest_asyncio

from console.serving.shared_store import SharedStore
from console.serving.windows import windows_in
from console.settings import Settings
from console.ui.door.rates import DoorLimits, Rates
from tests.fakes import ManualClock
from tests.ui.door.knock import LimitsClock


@pytest.fixture
def clock(monkeypatch):
    return LimitsClock(monkeypatch)


@pytest.fixture
def rates(clock):
    return Rates()


@pytest_asyncio.fixture
async def elsewhere(redis_server):
    """Rates of two consoles that share a Redis."""
    stores = [SharedStore(redis_server.url, ManualClock()) for _ in range(2)]
    yield [Rates(windows=windows_in(each)) for each in stores]
    for each in stores:
        await each.close()


async def test_ten_bad_tokens_a_minute_are_borne_and_the_eleventh_is_one_too_many(rates):
    assert [await rates.note_bad_token("a") for _ in range(11)] == [False] * 10 + [True]
    assert await rates.is_banned("a")


async def test_others_are_not_banned_with_one(rates):
    for _ in range(11):
        await rates.note_bad_token("a")

    assert not await rates.is_banned("b")
    assert not await rates.note_bad_token("b")


async def test_a_ban_ends_after_five_minutes(rates, clock):
    for _ in range(11):
        await rates.note_bad_token("a")

    clock.advance(299)
    assert await rates.is_banned("a")
    clock.advance(2)
    assert not await rates.is_banned("a")
    assert not await rates.note_bad_token("a")


async def test_ten_in_every_minute_are_never_banned(rates, clock):
    for _ in range(50):
        assert not await rates.note_bad_token("a")
        clock.advance(6.1)


async def test_a_ban_is_logged_once(rates, caplog):
    caplog.set_level(logging.WARNING)

    for _ in range(30):
        await rates.note_bad_token("a")

    assert [each.getMessage() for each in caplog.records] == [
        "a has tried too many tokens; refused for 300 s"
    ]


async def test_thirty_pages_a_minute_are_served_and_more_a_minute_later(rates, clock):
    assert [await rates.note_page_load("a") for _ in range(31)] == [False] * 30 + [True]
    assert not await rates.note_page_load("b")

    clock.advance(61)

    assert not await rates.note_page_load("a")


async def test_who_was_banned_by_one_console_is_banned_by_all_that_share_a_redis(elsewhere):
    here, there = elsewhere
    for _ in range(5):
        assert not await here.note_bad_token("a")
        assert not await there.note_bad_token("a")

    assert await there.note_bad_token("a")

    assert await here.is_banned("a")
    assert not await here.is_banned("b")


async def test_the_settings_say_how_much_is_borne(clock):
    settings = Settings(_env_file=None, door_wrong_links=2, door_ban_minutes=1, door_pages=1)
    rates = Rates(DoorLimits.of(settings))

    assert [await rates.note_bad_token("a") for _ in range(3)] == [False, False, True]
    assert [await rates.note_page_load("a") for _ in range(2)] == [False, True]
    clock.advance(61)
    assert not await rates.is_banned("a")


def test_the_defaults_are_those_of_the_settings():
    assert DoorLimits.of(Settings(_env_file=None)) == DoorLimits()
