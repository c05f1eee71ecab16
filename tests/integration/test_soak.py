"""A working day of a console in seconds: what comes and goes leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import heapq
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from console.app.backend import Backend
from console.app.spending.budget import Budget
from console.app.view_model import Phase
from console.client import RealtimeClient
from console.client.reconnection import ReconnectPolicy
from console.settings import Settings
from console.simulator.engines import engines_from
from console.simulator.server import SimulatorServer
from console.ui.console_session import ConsoleSession
from console.ui.door.door import MAX_PEOPLE, Door
from console.ui.door.people import Person
from console.ui.grace_times import GRACE_S
from console.ui.pages.watch import WATCHING
from console.ui.sessions import SessionRegistry
from tests.fakes import PATIENCE_S, ManualClock, settle
from tests.live_console import Site
from tests.page_server import serving_pages, tidy_up
from tests.page_visitor import PageVisitor
from tests.simulator.fake_senses import tone
from tests.simulator.serving import AT_ONCE
from tests.ui.page_lines import Browser

MODEL = "gpt-realtime-2.1"
SCENARIO = {"ms_per_character": 20, "else": [{"say": "So it is."}]}
HOURS = 8
STEP_S = 30.0
MIDNIGHT_S = 1_749_945_600.0
"""So that all happens on one day: the money counter remembers days."""
WARM_UP_ROUNDS = 2
MOST_NEW_BLOCKS = 2_000
MOST_NEW_BYTES = 100_000
"""Less than the sound of what is said in one round: 60 chunks of 4,800 bytes."""
COUNTED = ("console.", "nicegui.", "socketio.", "engineio.", "uvicorn.", "websockets.")
N_STRANGERS, N_TABS = 5, 5
ON = {"k": "microphone", "state": "on", "detail": ""}
HELLO = {"k": "hello", "epoch": None}


class CoarseClock(ManualClock):
    """A manual clock that goes on by half a minute at a time: who sleeps for less wakes late."""

    async def advance(self, duration_s: float) -> None:
        end_s = self._now_s + duration_s
        while self._now_s < end_s:
            step_s = min(STEP_S, end_s - self._now_s)
            self._now_s += step_s
            self._wall_s += step_s
            while self._sleepers and self._sleepers[0][0] <= self._now_s:
                future = heapq.heappop(self._sleepers)[2]
                if not future.done():
                    future.set_result(None)
            await settle()


class SteppedBackend(Backend):
    """Calls a simulator with clients that go by the test's clock."""

    def __init__(self, settings: Settings, clock: ManualClock) -> None:
        super().__init__(settings)
        self._stepped = clock

    def new_client(self, *_: object, **__: object) -> RealtimeClient:
        return RealtimeClient(
            url=self._settings.target,
            model=MODEL,
            reconnect=ReconnectPolicy(first_delay_s=0.01, max_delay_s=0.02),
            keep_audio=self._settings.keep_audio,
            clock=self._stepped,
        )


@dataclass(frozen=True, slots=True)
class Remains:
    """What a process holds."""

    tasks: Counter[str]
    files: int
    objects: Counter[str]
    """Of our classes, of pages and of sockets."""
    blocks: int
    """Of memory, of the small kind: objects."""
    n_bytes: int
    """Of memory, of the large kind: sound, and what others than Python take."""

    @classmethod
    async def now(cls) -> Remains:
        await tidy_up()
        forget_cancelled_timers()
        gc.collect()
        kinds = (type(each) for each in gc.get_objects())
        named = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
        running = asyncio.all_tasks()
        return cls(
            Counter(str(getattr(each.get_coro(), "__qualname__", "")) for each in running),
            open_files(),
            Counter(name for name in named if name.startswith(COUNTED)),
            sys.getallocatedblocks(),
            large_bytes(),
        )

    @classmethod
    async def soon(cls, before: Remains) -> Remains:
        """Return what is held as soon as it is no more than before, else what stays all the same."""
        end_s = time.monotonic() + PATIENCE_S
        while not (now := await cls.now()).is_no_more_than(before):
            if time.monotonic() > end_s:
                break
            await asyncio.sleep(0.1)
        return now

    def is_no_more_than(self, other: Remains) -> bool:
        """Return whether nothing has come to what another time held, but some memory."""
        return (
            self.tasks == other.tasks
            and self.files == other.files
            and not self.objects - other.objects
        )


def forget_cancelled_timers() -> None:
    """Do at once what the loop does when they would have rung, some after five minutes.

    Until then each holds the context that it was set in, and with it a page's request.
    """
    loop: Any = asyncio.get_running_loop()
    loop._scheduled = [each for each in loop._scheduled if not each.cancelled()]
    heapq.heapify(loop._scheduled)
    loop._timer_cancelled_count = 0


class _Allocated(ctypes.Structure):
    """What the C library says of its memory: `struct mallinfo2`."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd",
            "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def large_bytes() -> int:
    """Return what is taken of the C library: all that is beyond half a kibibyte, in bytes.

    Python has what is smaller elsewhere, and that is what its own count is of.
    """
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _Allocated
    told = ask()
    return int(told.uordblks + told.hblkhd)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Tab(Browser):
    """A browser that answers interruptions at once."""

    async def _take(self, message: Any) -> None:
        await super()._take(message)
        for each in orjson.loads(message.get("text") or "[]"):
            if each["k"] == "interrupt":
                self.send({"k": "interrupted", "id": each["id"], "track": None, "samples": 0})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser."""

    person: Person
    headers: dict[str, str]
    address: str


class House:
    """A console with its pages, its registry and its door, and those who come and go."""

    def __init__(
        self, origin: str, registry: SessionRegistry, door: Door, clock: ManualClock
    ) -> None:
        self.site = Site(origin)
        self.registry = registry
        self.door = door
        self.clock = clock
        self.n_moves = 0
        self.n_idle = 0
        self.n_spent = 0

    # Those who come

    def guest(self, address: str) -> Visitor:
        """Let in somebody new."""
        return self.visitor(self.door.issue("guest", one_time=True).token, address)

    def owner(self) -> Visitor:
        """Let in the owner, in a browser that was not here before."""
        return self.visitor(self.door.owner.token, "127.0.0.1")

    def visitor(self, token: str, address: str) -> Visitor:
        admission = self.door.admit(token)
        assert admission is not None
        port = self.site.origin.rpartition(":")[2]
        return Visitor(admission.person, {"cookie": f"rtc-{port}={admission.cookie}"}, address)

    @contextlib.asynccontextmanager
    async def page(
        self, visitor: Visitor, path: str = "/", tab: str = ""
    ) -> AsyncIterator[PageVisitor]:
        """Have a page open until the block ends."""
        page = PageVisitor(self.site, address=visitor.address, path=path, tab_id=tab)
        await page.open(visitor.headers)
        try:
            yield page
        finally:
            await page.close()

    async def session_of(self, visitor: Visitor, page: PageVisitor) -> ConsoleSession:
        """Return the session that a page shows."""
        await page.until(lambda: bool(page.session_id))
        session = self.registry.own(page.session_id, visitor.person)
        assert session is not None
        return session

    @contextlib.asynccontextmanager
    async def channel(self, session: ConsoleSession) -> AsyncIterator[Browser]:
        """Have the channel of the session's page open until the block ends."""
        browser = Tab(session.channel)
        browser.send(HELLO, ON)
        await browser.until("welcome")
        yield browser
        browser.leave()
        await browser.ended()

    async def connect(self, page: PageVisitor, session: ConsoleSession) -> None:
        """Click "Connect", and see that it is."""
        await page.click("Connect")
        await until(session, lambda: session.view.phase is Phase.CONNECTED)

    async def talk(self, session: ConsoleSession, browser: Browser) -> None:
        """Say something with the button held, and hear the answer."""
        browser.send({"k": "talk", "down": True, "held_ms": 0})
        for number in range(4):
            browser.send_chunk(tone(100), number)
        browser.send({"k": "talk", "down": False, "held_ms": 400})
        finished = await browser.until("finish")
        drained = {"k": "drained", "track": finished["track"], "samples": 1}
        browser.send(drained)
        await until(session, lambda: not session.view.is_answering)

    # What they do

    async def talks_reloads_and_leaves(self) -> None:
        """Somebody talks, loads the page anew, goes on while another watches, and leaves."""
        guest, tab = self.guest("127.0.0.7"), str(uuid.uuid4())
        async with self.page(guest, tab=tab) as page:
            session = await self.session_of(guest, page)
            async with self.channel(session) as browser:
                await self.connect(page, session)
                await self.talk(session, browser)
        await self.clock.advance(GRACE_S / 2)
        link = self.registry.watch_link(session, self.site.origin)
        watcher = self.visitor(link.partition("=")[2], "127.0.0.8")
        watch_path = f"/watch-{session.watch_id}"
        async with (
            self.page(guest, tab=tab) as page,
            self.page(watcher, watch_path) as watched,
        ):
            assert await self.session_of(guest, page) is session
            assert WATCHING in watched.html
            async with self.channel(session), self.watching(session):
                await session.set_turn("vad")
                await page.click("Disconnect")
                await until(session, lambda: session.view.phase is Phase.DISCONNECTED)
                await self.connect(page, session)
        await self.clock.advance(GRACE_S + 1)
        assert self.registry.own(session.session_id, guest.person) is None

    @contextlib.asynccontextmanager
    async def watching(self, session: ConsoleSession) -> AsyncIterator[None]:
        browser = Browser(session.watchers)
        browser.send(HELLO)
        await browser.until("welcome")
        yield
        browser.leave()
        await browser.ended()

    async def is_moved_and_forgotten(self) -> None:
        """The owner's session nears the end of its hour, is moved, and then idles too long."""
        owner = self.owner()
        async with self.page(owner) as page:
            session = await self.session_of(owner, page)
            async with self.channel(session) as browser:
                await self.connect(page, session)
                for _ in range(6):
                    await self.talk(session, browser)
                    await self.clock.advance(9 * 60)
                await until(session, lambda: count(session, "session.created") == 2)
                self.n_moves += 1
                await self.clock.advance(31 * 60)
                await until(session, lambda: session.view.phase is Phase.DISCONNECTED)
                self.n_idle += 1
        await self.clock.advance(GRACE_S + 1)

    async def spends_too_much(self) -> None:
        """A guest stays until the minutes of a session are used."""
        guest = self.guest("127.0.0.9")
        async with self.page(guest) as page:
            session = await self.session_of(guest, page)
            async with self.channel(session) as browser:
                await self.connect(page, session)
                while session.view.phase is Phase.CONNECTED:
                    await self.talk(session, browser)
                    await self.clock.advance(4 * 60)
                self.n_spent += 1
            self.registry.shut_out(guest.person)
            await until(
                session, lambda: self.registry.own(session.session_id, guest.person) is None
            )

    async def never_arrives(self) -> None:
        """Pages that are asked for by who is no browser."""
        for number in range(N_STRANGERS):
            guest = self.guest(f"127.0.1.{1 + number}")
            await PageVisitor(self.site, address=guest.address).load(guest.headers)

    async def comes_and_goes(self) -> None:
        """Tabs that are closed again as soon as the page is there."""
        for number in range(N_TABS):
            guest = self.guest(f"127.0.2.{1 + number}")
            async with self.page(guest) as page:
                session = await self.session_of(guest, page)
            await self.clock.advance(GRACE_S + 1)
            assert self.registry.own(session.session_id, guest.person) is None

    async def round(self) -> None:
        """Have all of it happen once."""
        await self.talks_reloads_and_leaves()
        await self.is_moved_and_forgotten()
        await self.spends_too_much()
        await self.never_arrives()
        await self.comes_and_goes()


def count(session: ConsoleSession, event_type: str) -> int:
    return sum(each.event.type == event_type for each in session.log.entries())


async def until(session: ConsoleSession, condition: Callable[[], bool]) -> None:
    """Wait for what another end of the machine's own network brings about."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # not all of it is told by one signal
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def open_house(tmp_path: Path) -> AsyncIterator[House]:
    clock = CoarseClock(wall_s=MIDNIGHT_S)
    server = SimulatorServer(
        "127.0.0.1", 0, engines_from(scenario=SCENARIO), clock=clock, pace=AT_ONCE
    )
    await server.start()
    settings = Settings(
        _env_file=None,
        target=server.url,
        keep_audio="disk",
        limit_guest_minutes=1e6,  # of a session there is the default
    )
    budget = Budget.open(settings, tmp_path, clock)
    door = Door(clock=clock)
    for _ in range(MAX_PEOPLE):  # so many are remembered, and no more
        door.admit(door.owner.token)
    backend = SteppedBackend(settings, clock)
    registry = SessionRegistry(backend, settings, door=door, budget=budget, clock=clock)
    try:
        async with serving_pages(registry, door) as origin:
            yield House(origin, registry, door, clock)
    finally:
        await registry.close()
        await server.stop()


async def test_a_day_of_tabs_that_come_talk_reload_and_leave_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        for _ in range(WARM_UP_ROUNDS):
            await house.round()
        before, began_s = await Remains.now(), house.clock.now_s()
        n_rounds = 0
        while house.clock.now_s() < began_s + HOURS * 3600:
            await house.round()
            n_rounds += 1
        after = await Remains.soon(before)

    assert (house.n_moves, house.n_idle, house.n_spent) == (WARM_UP_ROUNDS + n_rounds,) * 3
    assert after.tasks == before.tasks
    assert after.files == before.files
    assert after.objects - before.objects == Counter()
    assert after.blocks - before.blocks < MOST_NEW_BLOCKS
    assert after.n_bytes - before.n_bytes < MOST_NEW_BYTES
