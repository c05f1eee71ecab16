import asyncio
import importlib.util
import logging

import pytest
import pytest_asyncio

from console import tasks
from console.errors import ConfigurationError
from console.serving import shared_store
from console.serving.shared_store import PAUSE_S, SharedStore, StoreAwayError, name_of
from console.settings import Settings
from tests.fakes import ManualClock, settle

PASSWORD = "planted-password-of-redis"
NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def clock():
    return ManualClock()


@pytest_asyncio.fixture
async def open_store(clock):
    opened = []

    def open_at(url):
        opened.append(SharedStore(url, clock))
        return opened[-1]

    yield open_at
    for each in opened:
        await each.close()


async def is_answering(store):
    try:
        return await store.ask(store.redis.ping)
    except StoreAwayError:
        return False


def test_without_an_address_there_is_none(clock):
    assert SharedStore.of(Settings(_env_file=None), clock) is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://127.0.0.1:6379/0", "Redis at 127.0.0.1:6379/0"),
        (f"rediss://ada:{PASSWORD}@example.org?ssl_ca_certs=x", "Redis at example.org"),
        (f"unix://:{PASSWORD}@/run/redis.sock?db=1", "Redis at /run/redis.sock"),
    ],
)
def test_its_name_shows_neither_user_nor_password(url, name):
    assert name_of(url) == name


def test_without_the_package_the_start_says_how_to_get_it(monkeypatch, clock):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(ConfigurationError, match=r"pip install .*\[redis\]"):
        SharedStore(NOBODY, clock)


async def test_one_that_answers_passes_the_check(open_store, redis_server):
    open_store(redis_server.url).check()


async def test_one_that_is_not_there_is_told_at_the_start(open_store):
    with pytest.raises(ConfigurationError) as caught:
        open_store(NOBODY).check()

    assert str(caught.value).startswith("--limits-storage: Redis at 127.0.0.1:1/0 cannot be used")
    assert "refused" in str(caught.value)


async def test_a_wrong_password_is_told_and_not_shown(open_store, redis_server):
    with redis_server.locked("another") as url:
        open_store(url).check()
        wrong = open_store(url.replace("another", PASSWORD))
        with pytest.raises(ConfigurationError) as caught:
            wrong.check()

    assert "password" in str(caught.value)
    assert PASSWORD not in str(caught.value)


async def test_it_is_not_asked_again_for_a_while_after_a_failure(
    open_store, redis_server, clock, caplog
):
    caplog.set_level(logging.WARNING)
    store = open_store(redis_server.url)
    assert await is_answering(store)
    redis_server.stop()

    assert not await is_answering(store)
    assert "cannot be used" in store.remark
    assert "counts for itself" in store.remark
    redis_server.start()
    assert not await is_answering(store)

    await clock.advance(PAUSE_S)
    assert await is_answering(store)
    assert store.remark == ""
    assert [each.getMessage().rpartition(" (")[0] or each.getMessage() for each in caplog.records] == [
        f"{store.name} cannot be used", f"{store.name} can be used again"
    ]  # fmt: skip


async def test_after_a_failure_one_question_tries_and_the_others_wait_for_nothing(
    open_store, redis_server, clock
):
    store, may_answer = open_store(redis_server.url), asyncio.Event()
    redis_server.stop()
    assert not await is_answering(store)
    redis_server.start()
    await clock.advance(PAUSE_S)

    async def slow():
        await may_answer.wait()
        return await store.redis.ping()

    trying = tasks.spawn(store.ask(slow), name="try")
    await settle()
    meanwhile = await is_answering(store)
    may_answer.set()

    assert not meanwhile
    assert await trying
    assert await is_answering(store)


async def test_what_was_asked_before_it_came_back_does_not_count_against_it(
    open_store, redis_server, clock
):
    store, may_fail = open_store(redis_server.url), asyncio.Event()

    async def doomed():
        await may_fail.wait()
        raise ConnectionError("the line from before")

    asked_before = tasks.spawn(store.ask(doomed), name="ask")
    await settle()
    assert await is_answering(store)
    may_fail.set()
    with pytest.raises(StoreAwayError):
        await asked_before

    assert store.remark == ""
    assert await is_answering(store)


async def test_one_that_hangs_is_not_waited_for(open_store, redis_server, monkeypatch):
    monkeypatch.setattr(shared_store, "TIMEOUT_S", 0.05)
    store = open_store(redis_server.url)
    redis_server.freeze()
    try:
        async with asyncio.timeout(5):
            assert not await is_answering(store)
    finally:
        redis_server.thaw()


async def test_what_others_do_wrong_is_not_taken_for_redis(open_store, redis_server):
    async def wrong():
        raise KeyError("ours")

    store = open_store(redis_server.url)

    with pytest.raises(KeyError):
        await store.ask(wrong)
    assert store.remark == ""
