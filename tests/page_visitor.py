"""The page of a running console without a browser: its HTML, its elements, every frame it gets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import httpx
import socketio

from tests.live_console import Site

# What goes wrong on the line is in the report of a test that fails, and nowhere else.
logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())

PATIENCE_S = 40.0
ATTEMPTS: Final = 2
ATTEMPT_S: Final = 20
LITTLE_BYTES = 4096
ETHERNET_SEGMENT_BYTES = 1448


def narrow_socket(*_: object) -> socket.socket:
    """Return a socket whose end takes next to nothing from the other that nobody reads.

    On the machine's own network the system takes megabytes of what is sent, on either side; from a
    phone on another it does not, and there it shows soon that somebody does not read.
    """
    narrow = socket.socket()
    narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, ETHERNET_SEGMENT_BYTES)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE_BYTES)
    return narrow


class PageVisitor:
    """Does what NiceGUI's script does in a browser, and keeps all that it was sent."""

    def __init__(
        self,
        program: Site,
        *,
        address: str = "127.0.0.1",
        path: str = "/",
        tab_id: str = "",
        is_narrow: bool = False,
    ) -> None:
        """Prepare to visit.

        Args:
            program: The console.
            address: Of this machine, from which the visitor comes: limits count by address.
            path: Of the page.
            tab_id: Of the tab, which is the same after a reload; empty: a new tab.
            is_narrow: Whether next to nothing is on its way that the visitor does not read.
        """
        self._program = program
        self._address = address
        self._path = path
        self._tab_id = tab_id or str(uuid.uuid4())
        self._is_narrow = is_narrow
        self._socket = socketio.AsyncClient(reconnection=False)
        self._changed = asyncio.Event()
        self._next_message_id = 0
        self._line: Any = None
        """Of a visitor who does not read."""
        self.client_id = ""
        """By which the page's socket says whose it is."""
        self.html = ""
        self.frames: list[str] = []
        """Everything that came on the page's socket."""
        self.elements: dict[int, dict[str, Any]] = {}
        self._socket.on("*", self._came)

    @property
    def session_id(self) -> str:
        """The name of the visitor's session in URLs; empty until the page has told it."""
        frames = (re.search(r'"session": "([\w-]{43})"', each) for each in self.frames)
        return next((found[1] for found in frames if found is not None), "")

    async def open(self, headers: Mapping[str, str] | None = None) -> None:
        """Load the page and open its socket.

        Args:
            headers: With the cookie of a person; None is whoever opened the link first.
        """
        headers = dict(headers or await self._program.cookie())
        await self.load(headers)
        for attempt in range(ATTEMPTS):
            try:
                await self._connect(headers)
                break
            except socketio.exceptions.ConnectionError:
                if self._socket.eio.http is not None:
                    await self._socket.eio.http.close()
                if attempt == ATTEMPTS - 1:
                    raise
                logger.exception("the page's socket did not open; trying again")

    async def open_socket_of(self, other: PageVisitor, headers: Mapping[str, str]) -> None:
        """Open the socket of another's page, by all the names that stand in its address.

        Args:
            other: Has the page.
            headers: With the cookie of whoever opens the socket.

        Raises:
            socketio.exceptions.ConnectionError: It is refused.
        """
        self.client_id, self._tab_id = other.client_id, other._tab_id
        await self._connect(headers)

    async def _connect(self, headers: Mapping[str, str]) -> None:
        query = {
            "client_id": self.client_id,
            "next_message_id": self._next_message_id,
            "implicit_handshake": "true",
            "document_id": str(uuid.uuid4()),
            "tab_id": self._tab_id,
        }
        # What would make a client of its own cannot be told where to come from.
        connector = aiohttp.TCPConnector(
            local_addr=(self._address, 0),
            ssl=self._program.trust,
            socket_factory=narrow_socket if self._is_narrow else None,
        )
        self._socket.eio.http = aiohttp.ClientSession(connector=connector)
        await self._socket.connect(
            f"{self._program.origin}?{urlencode(query)}",
            headers=headers,
            socketio_path="/_nicegui_ws/socket.io",
            transports=["websocket"],
            wait_timeout=ATTEMPT_S,
        )

    async def load(self, headers: Mapping[str, str]) -> None:
        """Load the page alone, as somebody does who is no browser."""
        transport = httpx.AsyncHTTPTransport(
            local_address=self._address, verify=self._program.trust
        )
        async with httpx.AsyncClient(headers=headers, transport=transport, timeout=30) as client:
            answer = await client.get(f"{self._program.origin}{self._path}")
            answer.raise_for_status()
        self.html = answer.text
        found = re.search(r"'client_id': '([\w-]+)', 'next_message_id': (\d+)", self.html)
        assert found is not None, "the page does not say how to open its socket"
        self.client_id, self._next_message_id = found[1], int(found[2])

    async def close(self) -> None:
        """Leave, as a tab that is closed."""
        if self._line is not None:  # no goodbye would be heard on it
            self._line.abort()
        await self._socket.disconnect()
        if self._socket.eio.http is not None:
            await self._socket.eio.http.close()

    def stop_reading(self) -> None:
        """Read nothing any more, and leave the socket open."""
        # The socket's own WebSocket is aiohttp's, which says nowhere how to do that.
        response = self._socket.eio.ws._response
        self._line = response.connection.transport
        self._line.pause_reading()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the page is as it should be.

        Raises:
            TimeoutError: It did not become so.
        """
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def says(self, words: str) -> bool:
        """Return whether words are anywhere in the elements as they are now."""
        return words in json.dumps(list(self.elements.values()), ensure_ascii=False)

    def shows(self, name: str) -> bool:
        """Return whether a button that is called so can be seen."""
        return any(
            "hidden" not in self.elements[each].get("class", []) for each in self._buttons(name)
        )

    async def click(self, name: str) -> None:
        """Click the button that is called so, by its label or its accessible name."""
        await self.until(lambda: bool(self._buttons(name)))
        await self._emit(self._buttons(name)[0], "click", {})

    def _buttons(self, name: str) -> list[int]:
        return [
            number
            for number, each in self.elements.items()
            if name in (each.get("props", {}).get("label"), each.get("props", {}).get("aria-label"))
            and any(event["type"] == "click" for event in each.get("events", []))
        ]

    @contextlib.contextmanager
    def pretending_to_be(self, other: PageVisitor) -> Iterator[None]:
        """Say all that is said meanwhile in the name of another page."""
        own = self.client_id, self.elements
        self.client_id, self.elements = other.client_id, other.elements
        try:
            yield
        finally:
            self.client_id, self.elements = own

    async def choose(self, tab: str) -> None:
        """Choose one of the tabs of the page that are so called."""

        def rows() -> list[int]:
            return [
                number
                for number, each in self.elements.items()
                if any(event["type"] == "chosen" for event in each.get("events", []))
                and tab in each.get("props", {}).get("names", [])
            ]

        await self.until(lambda: bool(rows()))
        for number in rows():
            await self._emit(number, "chosen", tab)

    async def submit(self, *values: Any) -> None:
        """Submit the form that is on the page."""

        def forms() -> list[int]:
            return [n for n, each in self.elements.items() if each.get("tag") == "form"]

        await self.until(lambda: bool(forms()))
        await self._emit(forms()[0], "submit", *values)

    async def _emit(self, number: int, event_type: str, *arguments: Any) -> None:
        events = self.elements[number]["events"]
        (listener,) = (each for each in events if each["type"] == event_type)
        message = {
            "id": number,
            "listener_id": listener["listener_id"],
            "args": [json.dumps(each) for each in arguments],
        }
        await self.say("event", message)

    async def say(self, kind: str, message: Mapping[str, Any]) -> None:
        """Send a message of the page."""
        await self._socket.emit(kind, {"client_id": self.client_id, **message})

    def _came(self, name: str, *values: Any) -> None:
        self.frames.append(json.dumps([name, *values], ensure_ascii=False))
        if name == "update":
            for number, element in values[0].items():
                if number == "_id":
                    continue
                if element is None:
                    self.elements.pop(int(number), None)
                else:
                    self.elements[int(number)] = element
        self._changed.set()


@contextlib.asynccontextmanager
async def visiting(program: Site) -> AsyncIterator[PageVisitor]:
    """Visit the console's page until the block ends."""
    visitor = PageVisitor(program)
    await visitor.open()
    try:
        yield visitor
    finally:
        await visitor.close()
