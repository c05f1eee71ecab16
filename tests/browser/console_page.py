"""The console's page as a test uses it."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
from playwright.async_api import Locator, Page, expect

from console import wav
from tests.pulse import Samples

ANSWER_TIMEOUT_MS = 30_000
FETCH = """
    async (path) => {
      const blob = await (await fetch(path)).blob();
      const reader = new FileReader();
      await new Promise((resolve, reject) => {
        reader.onload = resolve;
        reader.onerror = reject;
        reader.readAsDataURL(blob);
      });
      return reader.result.slice(reader.result.indexOf(",") + 1);
    }
"""
"""Gives what is at a path, in base64."""


class ConsolePage:
    """The page by the names that a user, a screen reader or a script goes by."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.connect = page.get_by_role("button", name="Connect", exact=True)
        self.disconnect = page.get_by_role("button", name="Disconnect")
        self.talk = page.get_by_role("button", name="Push to talk")
        self.message = page.get_by_role("textbox", name="Message")
        self.send = page.get_by_role("button", name="Send", exact=True)
        self.events = page.get_by_role("region", name="Events")
        self.conversation = page.get_by_role("region", name="Conversation")
        self.weather = page.get_by_role("region", name="Weather")
        self.memory = page.get_by_role("region", name="Memory")
        self.alert = page.get_by_role("alert")

    async def open(self, url: str) -> None:
        await self.page.goto(url)
        await expect(self.connect).to_be_enabled(timeout=ANSWER_TIMEOUT_MS)

    async def start(self, turn_detection: str) -> None:
        """Choose who ends a turn, and connect."""
        await self.choose_turn(turn_detection)
        await self.connect.click()
        await expect(self.disconnect).to_be_visible(timeout=ANSWER_TIMEOUT_MS)

    async def choose_turn(self, turn_detection: str) -> None:
        """Choose who ends a turn."""
        group = self.page.get_by_role("radiogroup", name="Turn detection")
        await group.get_by_role("radio", name=turn_detection).click()

    async def type(self, text: str) -> None:
        await self.message.fill(text)
        await self.message.press("Enter")

    def items(self, role: str) -> Locator:
        return self.conversation.locator(f'article[data-role="{role}"]')

    async def show_events(self, pattern: str) -> Locator:
        """Filter the event list; return the rows that are left."""
        await self.events.get_by_role("searchbox", name="Filter events").fill(pattern)
        grid = self.events.get_by_role("grid", name="Event list")
        await expect(grid).to_have_attribute("aria-busy", "false", timeout=ANSWER_TIMEOUT_MS)
        return self.events.locator(".rc-row[data-i]:visible")

    async def expect_events(self, *types: str) -> None:
        for each in types:
            rows = await self.show_events(each)
            await expect(rows.first).to_contain_text(each, timeout=ANSWER_TIMEOUT_MS)
        await self.show_events("")

    async def events_of(self, event_type: str) -> list[dict[str, Any]]:
        """Return the events of a type, as the page gets them when a row is opened."""
        rows = await self.show_events(event_type)
        await expect(rows.first).to_contain_text(event_type, timeout=ANSWER_TIMEOUT_MS)
        indexes = await rows.evaluate_all("rows => rows.map((row) => row.dataset.i)")
        await self.show_events("")
        found = []
        for index in indexes:
            text = await self.fetch(f"{await self.session_path()}/rows/{index}?limit=200")
            found += json.loads(text)["events"]
        return [each for each in found if each["event"]["type"] == event_type]

    async def sound_of(self, item: Locator) -> Samples:
        """Return all audio of an item, as its download gives it."""
        link = item.get_by_role("link", name="Download audio")
        await expect(link).to_be_attached(timeout=ANSWER_TIMEOUT_MS)
        data = await self.fetch(str(await link.get_attribute("href")))
        return np.frombuffer(wav.unpack(data)[0], dtype="<i2")

    async def session_path(self) -> str:
        """Return `/rt/SESSION`, read off the page's own requests."""
        return str(
            await self.page.evaluate(
                "performance.getEntriesByType('resource').map((each) => new URL(each.name).pathname)"
                ".map((path) => path.match(/^\\/rt\\/[^/]+/)).find(Boolean)?.[0]"
                " ?? document.querySelector('a[href*=\"/rt/\"]').pathname.match(/^\\/rt\\/[^/]+/)[0]"
            )
        )

    async def fetch(self, path: str) -> bytes:
        # As one text: a list of numbers takes a minute from the browser to here.
        answer = await self.page.evaluate(FETCH, path)
        return base64.b64decode(answer)
