"""Fixtures that several parts of the tests share: sound card, browser, speech, weather, console."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.chromium import open_chromium
from tests.live_console import Program, WeatherServer, open_console
from tests.pulse import VirtualSoundCard
from tests.redis_server import RedisServer

IN_REAL_TIME = frozenset({"sound_card", "chromium"})
"""Fixtures of tests that listen or look while time passes."""
FOLDER_IN_REAL_TIME = Path(__file__).resolve().parent / "browser"
OF_PAGES = "pytest.mark.page"
"""Stands in each file with tests of pages: they look, but measure neither time nor sound."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that cannot have a test of the one kind that is wanted."""
    may_have_some = {"realtime": _may_be_in_real_time, "page": _may_be_of_pages}
    look = may_have_some.get(config.option.markexpr)
    if look is None or collection_path.suffix != ".py":
        return None
    return None if look(collection_path) else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs in real time, so that nothing disturbs it: see tests/check.py."""
    for item in items:
        if item.get_closest_marker("page"):
            if not _may_be_of_pages(item.path):
                raise pytest.UsageError(f"{item.path} has to name {OF_PAGES}: {item.name} has it.")
            continue
        fixtures = IN_REAL_TIME.intersection(getattr(item, "fixturenames", ()))
        if not fixtures and FOLDER_IN_REAL_TIME not in item.path.parents:
            continue
        if not _may_be_in_real_time(item.path):
            names = " or ".join(sorted(fixtures))
            raise pytest.UsageError(f"{item.path} has to name {names}, which {item.name} uses.")
        item.add_marker(pytest.mark.realtime)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what all tests have in common.

    NiceGUI's simulated user has it look through everything, twice for each test: that takes a
    second when thousands of tests are there to be looked through.
    """
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let the end free what was spared; extension modules call what stays a leak."""
    gc.unfreeze()


def _may_be_in_real_time(path: Path) -> bool:
    """Tell it from the text: to import every file takes a good part of a minute."""
    if FOLDER_IN_REAL_TIME in path.parents:
        return True
    text = path.read_text(encoding="utf-8")
    return any(name in text for name in IN_REAL_TIME)


def _may_be_of_pages(path: Path) -> bool:
    return OF_PAGES in path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sound_card() -> Iterator[VirtualSoundCard]:
    """A virtual sound card that lives as long as the test run."""
    # Not pytest's own folder: the path of a Unix socket may not be longer than 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pulse") as directory:
        card = VirtualSoundCard(Path(directory))
        card.start()
        yield card
        card.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(sound_card: VirtualSoundCard) -> AsyncIterator[Browser]:
    """A Chromium that plays to the sound card, hears its microphone and is allowed to.

    Tests that use it run in the session's event loop:
    ``pytestmark = pytest.mark.asyncio(loop_scope="session")``.
    """
    async with open_chromium(sound_card.environment) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def browser_context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile of the shared Chromium at the size the page is made for."""
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    await context.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def weather() -> AsyncIterator[WeatherServer]:
    """A weather service on this machine."""
    async with WeatherServer().serve() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def console(
    weather: WeatherServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Program]:
    """The console as a user starts it, with its own simulator and the local weather service."""
    directory = tmp_path_factory.mktemp("console")
    async with open_console(
        directory, "--target", "simulator", environment={"CONSOLE_WEATHER_URL": weather.url}
    ) as program:
        yield program


@pytest.fixture(scope="session")
def only_redis() -> Iterator[RedisServer]:
    """The Redis of the test run, started when the first test needs it."""
    with tempfile.TemporaryDirectory(prefix="redis") as directory:
        server = RedisServer(Path(directory))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def redis_server(only_redis: RedisServer) -> RedisServer:
    """An empty Redis, which the test may stop."""
    only_redis.reset()
    return only_redis


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be left out: a test that was skipped fails the run."""
    if not_run := _not_run(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\nin CI no test may be skipped: {', '.join(not_run)}")


def _not_run(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return []
    kinds = ("skipped", "xfailed", "xpassed")
    return [report.nodeid for kind in kinds for report in reporter.stats.get(kind, [])]
