"""Somebody with a tab, a microphone and a speaker: page and session channel without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console import pcm, tasks
from console.app.event_view import MAX_WINDOW
from tests.live_console import Site
from tests.page_visitor import PATIENCE_S, PageVisitor, narrow_socket
from tests.ui.page_lines import LOOK

CHUNK_MS = 20
AT_ONCE = 5
"""How many come at the same time; a page is built for each."""
TOKEN_MS = 100
"""Of the user's speech that the server counts as one token."""
_MICROPHONE = struct.Struct("<B3xId")
_APPENDED = "input_audio_buffer.append"
_TRANSCRIBED = "conversation.item.input_audio_transcription.completed"
_RECEIVED = "response.output_audio.delta"


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the sound of one talker, in milliseconds."""

    said_ms: int = 0
    """What left the microphone."""
    appended_ms: int = 0
    """What the console's events say that it sent on."""
    counted_ms: int = 0
    """What the server counted of the turns, to a tenth of a second."""
    answered_ms: float = 0
    """What the server sent as answers, by the console's own copy of them."""
    heard_ms: float = 0
    """What came to the speaker."""

    @property
    def is_whole(self) -> bool:
        """Whether no chunk is missing anywhere."""
        is_said = self.said_ms == self.appended_ms == self.counted_ms
        return is_said and self.answered_ms == self.heard_ms

    def __add__(self, other: Account) -> Account:
        return Account(
            self.said_ms + other.said_ms,
            self.appended_ms + other.appended_ms,
            self.counted_ms + other.counted_ms,
            self.answered_ms + other.answered_ms,
            self.heard_ms + other.heard_ms,
        )


@dataclass(slots=True)
class Hearing:
    """How an answer came to the speaker, in milliseconds."""

    first_ms: float
    """From the button's release to its first sound."""
    began: float
    stalled_ms: float = 0
    """For how long an ear that plays at once has had to wait for sound that was to come, in all."""

    def came(self, now: float, heard_ms: float) -> None:
        """More sound came, after so much of it."""
        is_due_ms = heard_ms + self.stalled_ms
        self.stalled_ms += max(0, (now - self.began) * 1000 - is_due_ms)


def in_whole_tokens(speech: bytes) -> bytes:
    """Return speech that ends with a token: a server that counts tokens misses every chunk then."""
    return speech + bytes(-len(speech) % (TOKEN_MS * pcm.BYTES_PER_MS))


class Talker:
    """One browser on a console: attached once it was entered, talking when told to."""

    def __init__(
        self, program: Site, address: str = "127.0.0.1", *, is_narrow: bool = False
    ) -> None:
        """Prepare to come.

        Args:
            program: The console.
            address: Of this machine, from which they come.
            is_narrow: Whether next to nothing is on its way that they do not read.
        """
        self.page = PageVisitor(program, address=address, is_narrow=is_narrow)
        self.rows: dict[int, dict[str, Any]] = {}
        """Of the list of events, as the page shows it."""
        self.hearings: list[Hearing] = []
        """Of the answers, as they came."""
        self.closed: tuple[int, str] | None = None
        """How the console has ended the channel, if it has."""
        self._program = program
        self._address = address
        self._is_narrow = is_narrow
        self.headers: Mapping[str, str] = {}
        """With the cookie that lets them in."""
        self._channel: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._capture: str | None = None
        self._epoch = 0
        self._said_bytes = 0
        self._n_turns = 0
        self._n_chunks = 0
        self._tracks: dict[str, int] = {}
        self._released = 0.0
        self._finished: set[str] = set()

    async def __aenter__(self) -> Self:
        self.headers = await self._program.new_cookie()
        await self.page.open(self.headers)
        await self.page.until(lambda: bool(self.page.session_id))
        self._channel = await connect(
            self._program.origin.replace("http", "ws", 1) + f"/rt/{self.page.session_id}",
            additional_headers=self.headers,
            ssl=self._program.trust if self._program.origin.startswith("https:") else None,
            compression=None,
            max_size=None,
            sock=await self._connected_socket(),
            ping_interval=None,
        )
        self._reading = tasks.spawn(self._read(self._channel), name="talker")
        await self._tell(
            {"k": "hello", "epoch": None},
            LOOK | {"count": MAX_WINDOW},
            {"k": "microphone", "state": "on", "detail": ""},
        )
        await self._until(lambda: self._capture is not None)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await tasks.cancel(self._reading)
        if self._channel is not None:
            self._channel.transport.abort()
        await self.page.close()

    async def _connected_socket(self) -> socket.socket:
        line = narrow_socket() if self._is_narrow else socket.socket()
        line.setblocking(False)
        line.bind((self._address, 0))
        parts = urlsplit(self._program.origin)
        await asyncio.get_running_loop().sock_connect(line, (parts.hostname, parts.port))
        return line

    async def connect(self) -> None:
        """Click "Connect"."""
        await self.page.click("Connect")
        await self._until(lambda: self._capture == "manual")

    async def say(self, speech: bytes) -> None:
        """Hold the button, speak in real time, and hear the whole answer.

        Raises:
            TimeoutError: There was none.
        """
        n_finished = len(self._finished)
        await self.speak(speech)
        await self._until(lambda: len(self._finished) > n_finished)

    async def speak(self, speech: bytes) -> None:
        """Hold the button and speak in real time."""
        assert self._channel is not None
        speech = in_whole_tokens(speech)
        await self._tell({"k": "talk", "down": True, "held_ms": 0})
        size, began = CHUNK_MS * pcm.BYTES_PER_MS, time.perf_counter()
        for at in range(0, len(speech), size):
            now_ms = pcm.bytes_to_ms(at)
            await asyncio.sleep(began + now_ms / 1000 - time.perf_counter())
            header = _MICROPHONE.pack(1, self._n_chunks, now_ms)
            await self._channel.send(header + speech[at : at + size])
            self._n_chunks += 1
        self._said_bytes += len(speech)
        self._n_turns += 1
        held_ms = pcm.bytes_to_ms(len(speech))
        self._released = time.perf_counter()
        await self._tell({"k": "talk", "down": False, "held_ms": held_ms})

    async def has_sent(self, duration_ms: int) -> None:
        """Wait until the console's events say that it has sent so much of the speech on.

        Raises:
            TimeoutError: It has not.
        """
        await self._until(lambda: sum(row["a"] for row in self._rows_of(_APPENDED)) >= duration_ms)

    def stop_reading(self) -> None:
        """Read nothing any more, neither of the channel nor of the page, and keep both open."""
        assert self._channel is not None
        self._channel.transport.pause_reading()
        self.page.stop_reading()

    async def account(self) -> Account:
        """Return what became of everything that was said and answered.

        Raises:
            TimeoutError: The server does not come to an end with what was said.
        """
        await self._until(lambda: self._count(_TRANSCRIBED) >= self._n_turns)
        transport = httpx.AsyncHTTPTransport(
            local_address=self._address, verify=self._program.trust
        )
        async with httpx.AsyncClient(
            headers=self.headers, transport=transport, base_url=self._program.origin, timeout=30
        ) as http:
            counted = [await self._counted_ms(http, row) for row in self._rows_of(_TRANSCRIBED)]
            answered = [await self._kept_ms(http, track) for track in self._tracks]
        return Account(
            said_ms=round(pcm.bytes_to_ms(self._said_bytes)),
            appended_ms=sum(row["a"] for row in self._rows_of(_APPENDED)),
            counted_ms=sum(counted),
            answered_ms=sum(answered),
            heard_ms=sum(pcm.bytes_to_ms(each) for each in self._tracks.values()),
        )

    async def _counted_ms(self, http: httpx.AsyncClient, row: dict[str, Any]) -> int:
        answer = await http.get(f"/rt/{self.page.session_id}/rows/{row['i']}")
        answer.raise_for_status()
        (told,) = answer.json()["events"]
        return int(told["event"]["usage"]["input_token_details"]["audio_tokens"]) * TOKEN_MS

    async def _kept_ms(self, http: httpx.AsyncClient, track: str) -> float:
        answer = await http.get(f"/rt/{self.page.session_id}/items/{track}.wav")
        answer.raise_for_status()
        return pcm.bytes_to_ms(len(answer.content) - 44)

    def _rows_of(self, event_type: str) -> list[dict[str, Any]]:
        return [row for row in self.rows.values() if row["y"] == event_type]

    def _count(self, event_type: str) -> int:
        return sum(row["n"] for row in self._rows_of(event_type))

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def _tell(self, *messages: dict[str, Any]) -> None:
        assert self._channel is not None
        await self._channel.send(json.dumps(messages))

    async def _read(self, channel: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in channel:
                if isinstance(frame, bytes):
                    name = frame[2 : 2 + frame[1]].decode()
                    start = 2 + frame[1] + frame[1] % 2
                    self._hear(name, len(frame) - start)
                else:
                    for message in json.loads(frame):
                        await self._took(message)
                self._changed.set()
        self.closed = (channel.close_code or 0, channel.close_reason or "")
        self._changed.set()

    def _hear(self, track: str, n_bytes: int) -> None:
        now = time.perf_counter()
        heard = self._tracks.get(track, 0)
        if not heard:
            self.hearings.append(Hearing((now - self._released) * 1000, now))
        self.hearings[-1].came(now, pcm.bytes_to_ms(heard))
        self._tracks[track] = heard + n_bytes

    async def _took(self, message: dict[str, Any]) -> None:
        match message["k"]:
            case "rows":
                self.rows.update((row["i"], row) for row in message["rows"])
            case "welcome":
                if message["epoch"] != self._epoch:  # the list has begun anew
                    self._epoch = message["epoch"]
                    self.rows.clear()
                self._capture = message["capture"]
            case "capture":
                self._capture = message["mode"]
            case "interrupt":
                await self._tell(
                    {"k": "interrupted", "id": message["id"], "track": None, "samples": 0}
                )
            case "finish":
                # An ear that is much faster than speech: nothing waits in the browser.
                track = message["track"]
                self._finished.add(track)
                n_samples = self._tracks.get(track, 0) // pcm.BYTES_PER_SAMPLE
                await self._tell({"k": "drained", "track": track, "samples": n_samples})


@contextlib.asynccontextmanager
async def talkers(
    program: Site, addresses: list[str], *, are_narrow: bool = False
) -> AsyncIterator[list[Talker]]:
    """Have one talker come from each address, a few at a time, until the block ends."""
    people = [Talker(program, each, is_narrow=are_narrow) for each in addresses]
    room = asyncio.Semaphore(AT_ONCE)
    here: list[Talker] = []

    async def come(talker: Talker) -> None:
        async with room:
            await talker.__aenter__()
            here.append(talker)

    try:
        await asyncio.gather(*(come(each) for each in people))
        yield people
    finally:
        await asyncio.gather(*(each.__aexit__(None, None, None) for each in here))
