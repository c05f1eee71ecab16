"""A site of somebody else, and all that its pages try against the console."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

from playwright.async_api import Frame, Page

EVIL = "evil.example"
REBOUND = "rebound.example"
TRY_ALL = """async ({origin, socket}) => {
  const outcome = {};
  const opens = (name, url) => new Promise((resolve) => {
    const line = new WebSocket(url);
    line.onopen = () => { outcome[name] = "open"; resolve(); };
    line.onerror = () => { outcome[name] = "refused"; resolve(); };
  });
  await opens("session", `${socket}/rt/x`);
  await opens("nicegui", `${socket}/_nicegui_ws/socket.io/?EIO=4&transport=websocket`);
  for (const [name, path, options] of [
    ["page", "/", {}],
    ["page with cookies", "/", {credentials: "include"}],
    ["polling", "/_nicegui_ws/socket.io/?EIO=4&transport=polling", {credentials: "include"}],
    ["door", "/door", {credentials: "include"}],
    ["upload", "/rt/x/microphone", {method: "POST", body: "x", credentials: "include"}],
  ]) {
    outcome[name] = await fetch(origin + path, options).then(
      (answer) => answer.text().then((text) => `${answer.status} ${text}`), () => "refused");
  }
  return outcome;
}"""


class OtherSite:
    """A web server of somebody else: any path of it is an empty page of their own."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[str] = []
        self.html = "<!doctype html><title>other</title>"

    @property
    def origin(self) -> str:
        return f"http://{EVIL}:{self.port}"

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[OtherSite]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.split()[1].decode())
            body = self.html.encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
        writer.close()


async def framed(page: Page, url: str) -> Frame:
    """Put a frame onto a page; return it once it shows what it can."""
    await page.evaluate(
        """(url) => new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.onload = resolve;
          frame.src = url;
          document.body.append(frame);
        })""",
        url,
    )
    frame = page.frames[-1]
    # Its address is told a little later than its load.
    await frame.wait_for_url(re.compile("."), wait_until="commit")
    return frame
