"""The page of the relay's operators, on screens of every width and when something is away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect
from websockets.asyncio.client import connect

from tests.relay.operated import OPERATOR, Operated, operated
from tests.relay.recorder import recording

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

AGENT = "kiosk/2"


@pytest_asyncio.fixture(loop_scope="session")
async def relay() -> AsyncIterator[Operated]:
    """A relay with one session that goes on."""
    async with (
        recording() as service,
        operated(service.url, is_open=True) as one,
        connect(one.server.url, user_agent_header=AGENT, compression=None, proxy=None) as client,
    ):
        await client.recv()
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser_context: BrowserContext, relay: Operated) -> AsyncIterator[Page]:
    """The page, as it asks for a token."""
    page = await browser_context.new_page()
    await page.goto(f"http://127.0.0.1:{relay.server.port}/relay")
    yield page
    await page.close()


async def enter(page: Page, token: str) -> None:
    await page.get_by_label("Operator's token").fill(token)
    await page.get_by_role("button", name="Show sessions").click()


async def test_only_an_operators_token_shows_the_sessions(page: Page) -> None:
    await enter(page, "another-token-0123")
    await expect(page.get_by_role("alert")).to_have_text("This token is no operator's.")

    await enter(page, OPERATOR)

    await expect(page.get_by_role("status")).to_have_text("1 session goes on")
    await expect(page.get_by_role("cell", name=AGENT)).to_be_visible()


@pytest.mark.parametrize("width", [390, 1024, 1440])
async def test_a_session_is_seen_whole_on_a_screen_of_any_width(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await enter(page, OPERATOR)

    for text in (AGENT, "gpt-realtime-2.1", "$0.00", "goes on"):
        await expect(page.locator("#rows").get_by_text(text)).to_be_in_viewport(ratio=1)
    frame = page.locator("#frame")
    assert await frame.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_says_what_is_away_and_what_it_shows_from_before(
    page: Page, relay: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> bool:
        return False

    monkeypatch.setattr(relay.parts.operation, "_is_ready", never)
    await enter(page, OPERATOR)
    await expect(page.locator("#remark")).to_contain_text("Nobody new is let in")

    await relay.server.stop()

    await expect(page.get_by_role("status")).to_have_text(
        "The relay does not answer; trying again."
    )
    await expect(page.locator("#remark")).to_be_hidden()
    await expect(page.locator("#rows").get_by_text(AGENT)).to_be_visible()
