"""The echo test in a real browser, whose speaker and microphone share a virtual room."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.console_page import ConsolePage
from tests.live_console import Program
from tests.pulse import VirtualSoundCard

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
]

DONE_TIMEOUT_MS = 40_000


async def test_the_round_trip_through_the_room_is_found_without_a_session(
    browser_context: BrowserContext, console: Program, sound_card: VirtualSoundCard
) -> None:
    page = ConsolePage(await browser_context.new_page())
    await page.open(console.url)
    loop = sound_card.load("module-loopback", "source=vspk.monitor", "sink=vmic", "latency_msec=60")
    try:
        await page.page.get_by_role("button", name="Sound", exact=True).click()
        dialog = page.page.get_by_role("dialog")
        await dialog.get_by_role("switch", name="Echo cancellation").click()
        await dialog.get_by_role("button", name="Echo test").click()
        told = dialog.locator(".rc-echo__sentence")
        await expect(told).to_contain_text("Speak now", timeout=20_000)
        await expect(told).to_contain_text("Round trip", timeout=DONE_TIMEOUT_MS)
    finally:
        sound_card.unload(loop)

    text = await told.inner_text()
    found = re.search(r"Round trip (\d+) ms", text)
    assert found is not None, text
    assert 60 <= int(found[1]) <= 1000
    await expect(page.connect).to_be_enabled()
    assert "Traceback" not in console.errors
