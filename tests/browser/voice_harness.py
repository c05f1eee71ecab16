"""The program `tests.browser.voice_app` as a test steers it over HTTP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
from playwright.async_api import Locator, Page

from console import pcm
from tests.live_console import READY_TIMEOUT_S

ROOT = Path(__file__).parent.parent.parent
WATCH_LOCKS = """
window.locks = [];
const request = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (type) => {
  const lock = window.lock = await request(type);
  window.locks.push(type);
  lock.addEventListener("release", () => window.locks.push("released"));
  return lock;
};
"""
"""Writes down in `window.locks` when a page has the screen stay on, and when no more."""


class Harness:
    """One session channel, what it was sent, and what it sends."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def play(self, track: str, samples: npt.NDArray[np.int16]) -> None:
        (await self._http.post(f"/play/{track}", content=samples.tobytes())).raise_for_status()

    async def perform(self, *tracks: tuple[str, npt.NDArray[np.int16], int]) -> None:
        """Play whole tracks, each in deltas of so many samples.

        The server has all of it at once: no request of a busy test makes sound late.
        """
        sounds: list[tuple[str, str | None]] = []
        for track, samples, delta in tracks:
            deltas = [samples[at : at + delta] for at in range(0, len(samples), delta)]
            sounds += [(track, base64.b64encode(each.tobytes()).decode()) for each in deltas]
            sounds.append((track, None))
        (await self._http.post("/perform", json=sounds)).raise_for_status()

    async def call(self, name: str, *arguments: Any) -> Any:
        answer = await self._http.post(f"/call/{name}", json=arguments)
        answer.raise_for_status()
        return answer.json()

    async def until(self, count: int = 1, **match: Any) -> list[dict[str, Any]]:
        """Wait until the log has `count` entries with these fields; return the whole log."""
        answer = await self._http.post("/until", json={"match": match, "count": count})
        log: list[dict[str, Any]] = answer.json()
        assert answer.status_code == 200, f"no {count} x {match} in {log[-20:]}"
        return log

    async def log(self, kind: str) -> list[dict[str, Any]]:
        log = (await self._http.get("/log")).json()
        return [each for each in log if each["kind"] == kind]

    async def pcm(self) -> npt.NDArray[np.float32]:
        return pcm.to_float((await self._http.get("/pcm")).content)


@contextlib.asynccontextmanager
async def voice_server() -> AsyncIterator[str]:
    """Serve the page with the voice element alone; gives its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    foreign = ("PYTEST_", "NICEGUI_")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.browser.voice_app", "--port", str(port), cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(foreign)},
    )  # fmt: skip
    async with asyncio.timeout(READY_TIMEOUT_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)  # nothing tells when a foreign port opens
    writer.close()
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    await process.wait()


@contextlib.asynccontextmanager
async def fresh_harness(url: str) -> AsyncIterator[Harness]:
    """Give the harness of a session in which nothing has happened yet."""
    # A connection that is kept may be closed by the server just when it is used again.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=15, limits=limits) as http:
        harness = Harness(http)
        await harness.call("capture", "off")
        await harness.call("clear")
        await harness.call("reset")
        yield harness


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def connect(page: Page, harness: Harness) -> None:
    await button(page, "Connect").click()
    await harness.until(kind="microphone", state="on")
    await page.wait_for_function("getElement(voiceId).mode !== 'off'")


async def hold(page: Page, harness: Harness, chunks: int = 10) -> None:
    """Hold the button with the mouse until some chunks have come; leave it held."""
    await button(page, "Push to talk").hover()
    await page.mouse.down()
    await harness.until(kind="chunk", count=chunks)
