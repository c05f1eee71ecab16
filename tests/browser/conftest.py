"""Fixtures of the demo page: its server, a page of the shared Chromium, the session behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.played import Played, demo_server


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
