"""Fixtures of the pages: the console's with a session, the demo page, the voice element's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.browser.played import Played, demo_server
from tests.browser.voice_harness import Harness, fresh_harness, voice_server
from tests.live_console import Program


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wait longer for what a page shall show where the page yields to tests in real time."""
    has_to_yield = item.get_closest_marker("page")
    expect.set_options(timeout=ANSWER_TIMEOUT_MS if has_to_yield else None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo_url() -> AsyncIterator[str]:
    """Where the demo page is served."""
    async with demo_server() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo_context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A browser profile that all tests of the demo page share: its cache makes loading quick."""
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def played(demo_url: str) -> AsyncIterator[Played]:
    """A fresh session for one test."""
    session = Played(demo_url)
    yield session
    await session.close()


@pytest_asyncio.fixture(loop_scope="session")
async def demo_page(demo_context: BrowserContext, played: Played) -> AsyncIterator[Page]:
    """The page of that session; an exception in the page's JavaScript fails the test."""
    page = await demo_context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await played.open(page)
    yield page
    await page.close()
    assert failures == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kept(demo_context: BrowserContext, demo_url: str) -> AsyncIterator[tuple[Page, Played]]:
    """A page that stays open, and its session: loading takes longer than what most tests do."""
    page, session = await demo_context.new_page(), Played(demo_url)
    await session.open(page)
    yield page, session
    await page.close()
    await session.close()


@pytest_asyncio.fixture(loop_scope="session")
async def replayed(kept: tuple[Page, Played]) -> Played:
    """The session of `kept_page`, begun anew."""
    page, session = kept
    await session.begin_again(page)
    return session


@pytest_asyncio.fixture(loop_scope="session")
async def kept_page(kept: tuple[Page, Played], replayed: Played) -> AsyncIterator[Page]:
    """A page that tests take over from each other, for those of what the channel brings.

    An exception in the page's JavaScript fails the test. A test that resizes the page, chooses
    what is shown or changes what NiceGUI shows takes `demo_page`, which is its own.
    """
    page, _ = kept
    failures: list[str] = []

    def note(error: Error) -> None:
        failures.append(str(error))

    page.on("pageerror", note)
    yield page
    page.remove_listener("pageerror", note)
    assert failures == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def url() -> AsyncIterator[str]:
    """Where the page with the voice element alone is served."""
    async with voice_server() as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def harness(url: str) -> AsyncIterator[Harness]:
    """What is behind that page, in which nothing has happened yet."""
    async with fresh_harness(url) as harness:
        yield harness


@pytest_asyncio.fixture(loop_scope="session")
async def shown(browser_context: BrowserContext, console: Program) -> AsyncIterator[ConsolePage]:
    """A page with a session, in which nothing goes wrong."""
    page = await browser_context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.add_init_script("localStorage.removeItem('rc-composer')")
    shown = ConsolePage(page)
    await shown.open(console.url)
    await shown.connect.click()
    await expect(shown.disconnect).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    yield shown
    await page.close()
    assert failures == []
