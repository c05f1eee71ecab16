"""A simulator beside a program that has no event loop, or another one: for tests of applications."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, TypeVar

from console.errors import ConsoleError
from console.simulator.engines import engines_from
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer
from console.simulator.service.session_work import Pace

START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 10.0
PATIENCE_S: Final = 10.0
Source = Literal["client", "server"]
Event = dict[str, Any]
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """One message of a session, as it stood on the wire."""

    session: int
    """1 for the first session of the simulator, 2 for the second, ..."""
    source: Source
    data: str | bytes
    event: Event
    """The message's JSON object; empty when it is none."""

    @property
    def type(self) -> str:
        """The event's type; empty for what is no event."""
        return str(self.event.get("type", ""))


class BackgroundSimulator:
    """A simulator in a thread of its own, from `start` to `stop` or as a context manager.

    Thread: every method may be called from any thread but the simulator's own.
    """

    def __init__(
        self,
        scenario: Path | str | Mapping[str, Any] | None = None,
        *,
        faults: str = "",
        speech_rate: float = 0.0,
        writing_interval_s: float = 0.0,
        **server: Any,
    ) -> None:
        """Prepare; `start` opens a free port.

        Args:
            scenario: A file, or the same as a mapping. Without one the built-in assistant
                answers, a tone stands for its voice, and nothing spoken is understood.
            faults: What goes wrong, in its text form (`drop_after=5,late_deltas`).
            speech_rate: How many times faster than it plays audio is sent; 0: at once.
            writing_interval_s: Time between pieces of text.
            server: Other arguments of `SimulatorServer`.

        Raises:
            ConfigurationError: The scenario cannot be used.
            ValueError: The faults make no sense.
        """
        self._server = SimulatorServer(
            "127.0.0.1",
            0,
            engines_from(scenario={} if scenario is None else scenario),
            faults=Faults.parse(faults),
            pace=Pace(speech_rate, writing_interval_s),
            watch=self._watch,
            **server,
        )
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._is_up = threading.Event()
        self._failure: Exception | None = None
        self._messages: list[Message] = []
        self._news = threading.Condition()

    # ------------------------------------------------------------ its life

    def start(self) -> None:
        """Open the port, and return when clients can connect.

        Raises:
            ConsoleError: It cannot be started.
        """
        self._thread = threading.Thread(target=self._run, name="realtime-simulator", daemon=True)
        self._thread.start()
        if not self._is_up.wait(START_TIMEOUT_S):
            raise ConsoleError("The simulator has not started within 30 seconds.")
        if self._failure is not None:
            self._thread.join()
            raise ConsoleError(f"The simulator cannot be started: {self._failure}")

    def stop(self) -> None:
        """End every session and close the port. Safe to call twice.

        Raises:
            ConsoleError: It does not end.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
        thread.join(STOP_TIMEOUT_S)
        if thread.is_alive():
            raise ConsoleError("The simulator has not ended within 10 seconds.")

    def __enter__(self) -> BackgroundSimulator:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._server.start()
        except Exception as error:
            self._failure = error
            await self._server.stop()
            return
        finally:
            self._is_up.set()
        try:
            await self._end.wait()
        finally:
            await self._server.stop()

    # ------------------------------------------------------------ where it is

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._server.port

    @property
    def url(self) -> str:
        """Where WebSocket clients connect; they add ``?model=...``."""
        return self._server.url

    @property
    def base_url(self) -> str:
        """The base address of the API, as OpenAI's packages take it; any key will do."""
        return f"http://127.0.0.1:{self.port}/v1"

    # ------------------------------------------------------------ what went over the wire

    @property
    def messages(self) -> list[Message]:
        """Everything that was received and sent so far, in its order."""
        with self._news:
            return list(self._messages)

    @property
    def client_events(self) -> list[Event]:
        """The events that clients have sent."""
        return self.events("client")

    @property
    def server_events(self) -> list[Event]:
        """The events that the simulator has sent."""
        return self.events("server")

    def events(self, source: Source | None = None, session: int | None = None) -> list[Event]:
        """Return events, of one side or one session if that is said."""
        return [
            each.event
            for each in self.messages
            if each.event and source in (None, each.source) and session in (None, each.session)
        ]

    def wait_for(
        self,
        event_type: str,
        *,
        nth: int = 1,
        session: int | None = None,
        timeout_s: float = PATIENCE_S,
    ) -> Event:
        """Return an event of either side, and wait for it if it has not come yet.

        Args:
            event_type: As on the wire, of a client's or of a server's event.
            nth: Which of this type, counted from the simulator's start; 1 is the first.
            session: Of this session only.
            timeout_s: How long it may take.

        Raises:
            AssertionError: It did not come; the message says what did.
        """
        until_s = time.monotonic() + timeout_s
        with self._news:
            while True:
                found = [
                    each.event
                    for each in self._messages
                    if each.type == event_type and session in (None, each.session)
                ]
                if len(found) >= nth:
                    return found[nth - 1]
                left_s = until_s - time.monotonic()
                if left_s <= 0 or not self._news.wait(left_s):
                    raise AssertionError(self._missing(event_type, nth, timeout_s))

    async def wait_for_async(self, event_type: str, **options: Any) -> Event:
        """Do what `wait_for` does without holding an event loop."""
        return await asyncio.to_thread(lambda: self.wait_for(event_type, **options))

    def _missing(self, event_type: str, nth: int, timeout_s: float) -> str:
        came = ", ".join(each.type or "(no event)" for each in self._messages[-50:]) or "nothing"
        which = f"no {event_type}" if nth == 1 else f"fewer than {nth} of {event_type}"
        return f"{which} within {timeout_s:g} s; the last that came: {came}"

    def _watch(self, session: int, source: Source, data: str | bytes) -> None:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            event = None
        message = Message(session, source, data, event if isinstance(event, dict) else {})
        with self._news:
            self._messages.append(message)
            self._news.notify_all()

    # ------------------------------------------------------------ what goes wrong

    def inject(self, text: str) -> int:
        """Let something go wrong once, now, in the running sessions; return in how many.

        Args:
            text: `drop`, `close`, `stall`, ..., or faults in their text form.

        Raises:
            ValueError: There is no such fault.
        """
        return self._ask(lambda: self._server.inject(text))

    def set_faults(self, text: str) -> None:
        """Let these faults stand instead of the present ones; empty for none.

        Raises:
            ValueError: They make no sense.
        """
        faults = Faults.parse(text)
        self._ask(lambda: self._server.set_faults(faults))

    def _ask(self, step: Callable[[], T]) -> T:
        assert self._loop is not None, "the simulator has been started"

        async def on_loop() -> T:
            return step()

        return asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result(PATIENCE_S)
