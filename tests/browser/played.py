"""The demo page in a process of its own, and a session of it that a test plays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.live_console import READY_TIMEOUT_S, free_port


@contextlib.asynccontextmanager
async def demo_server() -> AsyncIterator[str]:
    """Serve the demo page; gives its address once it answers."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "NICEGUI_"))
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.browser.demo_page", "--port", str(port), env=environment
    )
    try:
        async with asyncio.timeout(READY_TIMEOUT_S), httpx.AsyncClient(base_url=url) as client:
            while process.returncode is None:
                with contextlib.suppress(httpx.TransportError):
                    await client.get("/demo/ready/calls")
                    break
                await asyncio.sleep(0.05)
        if process.returncode is not None:
            raise RuntimeError(f"the demo page ended with status {process.returncode}")
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


class Played:
    """One session of the demo page, as a test plays it."""

    def __init__(self, url: str) -> None:
        self.session = uuid.uuid4().hex
        self.url = url
        self._client = httpx.AsyncClient(base_url=f"{url}/demo/{self.session}")

    async def close(self) -> None:
        await self._client.aclose()

    async def open(self, page: Page) -> None:
        """Open the page and wait until its channel is open."""
        await page.goto(f"{self.url}/?session={self.session}")
        await page.get_by_role("region", name="Events").wait_for()
        (await self._client.get("/opened", timeout=READY_TIMEOUT_S)).raise_for_status()

    async def begin_again(self, page: Page) -> None:
        """Forget all that was sent and asked, on a page that stays open; a filter is taken out."""
        await self._post("/again")
        filter_box = page.get_by_role("searchbox", name="Filter events")
        if await filter_box.input_value():
            await filter_box.press("Escape")
        for name, words in (("Events", "No events yet"), ("Conversation", "No messages yet")):
            region = page.get_by_role("region", name=name)
            # NOTE: seen, not only held: the words stay in the page, hidden, while there are rows.
            await expect(region.get_by_text(words, exact=True)).to_be_visible()

    async def _post(self, path: str, body: Any = None, **query: Any) -> None:
        (await self._client.post(path, json=body, params=query, timeout=120)).raise_for_status()

    async def send(self, *messages: dict[str, Any]) -> None:
        await self._post("/send", list(messages))

    async def add(self, *events: dict[str, Any]) -> None:
        """Add events to the log; `event` makes them."""
        await self._post("/events", list(events))

    async def fill(self, count: int) -> None:
        """Add so many events, as a busy session has them."""
        await self._post("/fill", count=count)

    async def hold(self, *messages: dict[str, Any]) -> None:
        await self._post("/hold", list(messages))

    async def keep_sound(self, item_id: str, milliseconds: int) -> None:
        await self._post(f"/sounds/{item_id}", milliseconds=milliseconds)

    async def waveforms_asked(self) -> list[str]:
        """Return the items whose waveform the page wanted, in order."""
        return list((await self._client.get("/peaks")).json())

    async def change(self, **wanted: Any) -> None:
        await self._post("/view", wanted)

    async def flood(self, *, seconds: float, per_second: int, first: int) -> dict[int, float]:
        """Add events as a busy session has them; returns when each was added, in ms since 1970."""
        query = {"seconds": seconds, "per_second": per_second, "first": first}
        answer = await self._client.post("/flood", params=query, timeout=120)
        return {int(number): added_ms for number, added_ms in answer.json().items()}

    async def asked(self, *calls: list[Any]) -> None:
        """Wait until the page has asked for exactly these, in this order."""
        query = {"count": len(calls)}
        answer = await self._client.get("/calls", params=query, timeout=READY_TIMEOUT_S)
        assert answer.json() == list(calls)


def event(
    event_type: str = "response.created",
    *,
    at_s: float = 0.0,
    source: str = "server",
    size: int = 1234,
    **fields: Any,
) -> dict[str, Any]:
    """An event as `Played.add` takes it."""
    return {
        "at_s": at_s,
        "source": source,
        "size": size,
        "event": {"type": event_type, **fields},
    }


def said(text: str, *, at_s: float = 0.0, **fields: Any) -> dict[str, Any]:
    """An event that is a row of its own and says something."""
    item = {"id": f"item of {text}", "role": "assistant", "content": [{"text": text}]}
    return event("conversation.item.done", at_s=at_s, item=item, **fields)


def item(item_id: str, **changes: Any) -> dict[str, Any]:
    """An item of the session channel."""
    plain = {
        "id": item_id, "type": "message", "role": "assistant", "status": "completed", "text": "",
        "pending": False, "heard": None, "heard_ms": None, "cut": False, "name": None,
        "arguments": None, "output": None, "error": None, "duration_ms": None, "audio_ms": 0, "playable": False,
        "note": None,
    }  # fmt: skip
    return plain | changes
