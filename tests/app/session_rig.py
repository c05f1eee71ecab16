"""A session with a real client and the simulator's protocol; senses and sound are fakes."""

import asyncio

from console import pcm
from console.app.controller import Controller
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.own_tools import OwnTools
from console.app.session_feed import SessionFeed
from console.app.session_tools import SessionTools
from console.app.simulator_faults import SimulatorFaults
from console.app.view_model import Target, ViewModel
from console.audio.ports import Heard
from console.client import RealtimeClient
from console.client.address import with_query
from console.client.reconnection import ReconnectPolicy
from console.clock import SystemClock
from console.errors import AudioDeviceError
from tests.fakes import PATIENCE_S

CHUNK_MS = 40


class FakeSource:
    def __init__(self):
        self.error: AudioDeviceError | None = None
        self.dropped_chunks = 0
        self.n_opened = 0
        self._queue: asyncio.Queue[bytes | AudioDeviceError] = asyncio.Queue()

    async def start(self):
        if self.error is not None:
            raise self.error
        self.n_opened += 1

    async def stop(self):
        pass

    async def chunks(self):
        while True:
            chunk = await self._queue.get()
            if isinstance(chunk, AudioDeviceError):
                self._queue.task_done()
                raise chunk
            yield chunk
            self._queue.task_done()

    async def wait_until_read(self):
        await self._queue.join()

    def break_down(self, sentence, kind=AudioDeviceError):
        self._queue.put_nowait(kind(sentence))

    def speak(self, audio):
        size = CHUNK_MS * pcm.BYTES_PER_MS
        for at in range(0, len(audio), size):
            self._queue.put_nowait(audio[at : at + size])


class FakeSink:
    """Plays nothing by itself: `heard` is what the test says was heard."""

    def __init__(self):
        self.tracks: dict[str, bytearray] = {}
        self.finished: list[str] = []
        self.heard: Heard | None = None
        self.n_interrupts = 0
        self.is_open = False
        self.error: AudioDeviceError | None = None

    async def start(self):
        self.is_open = self.error is None
        if self.error is not None:
            raise self.error

    async def stop(self):
        pass

    def play(self, track, audio):
        if not self.is_open:
            return
        self.tracks.setdefault(track, bytearray()).extend(audio)

    def finish(self, track):
        self.finished.append(track)

    async def interrupt(self):
        self.n_interrupts += 1
        heard, self.heard = self.heard, None
        return heard

    async def clear(self):
        self.heard = None


TARGET = Target("simulator", "gpt-realtime-2.1", "marin", "", True)


SOON = ReconnectPolicy(first_delay_s=0.01, max_delay_s=0.02)


class Session:
    def __init__(self, url, *, is_source_gated=True, simulator=None):
        self.view = ViewModel(target=TARGET, on_change=self._changed)
        self.log = EventLog()
        self.conversation = ConversationView()
        self.own = OwnTools()
        self.source = FakeSource()
        self.sink = FakeSink()
        self.capture: list[str] = []
        self.n_let_go = 0
        self.faults = SimulatorFaults(self.view, lambda: simulator)
        feed = SessionFeed(self.log, self.conversation)
        feed.touched.connect(lambda _: self._changed("feed"))
        self._something = asyncio.Event()
        self.controller = Controller(
            new_client=lambda: RealtimeClient(
                url=with_query(url, fault_group=self.faults.group),
                model=TARGET.model,
                reconnect=SOON,
            ),
            view=self.view,
            log=self.log,
            conversation=self.conversation,
            feed=feed,
            tools=SessionTools(self.view, "http://127.0.0.1:9", own=self.own),
            source=self.source,
            sink=self.sink,
            set_capture=self.capture.append,
            let_go=self._let_go,
            is_source_gated=is_source_gated,
            clock=SystemClock(),
        )

    def phase(self):
        return self.view.phase

    def _let_go(self):
        self.n_let_go += 1

    def _changed(self, _part):
        self._something.set()

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE_S):
            while not (value := condition()):
                self._something.clear()
                await self._something.wait()
        return value

    def types(self, source=None):
        return [each.event.type for each in self.log.entries() if source in (None, each.source)]

    def sent(self, event_type):
        return [
            each.event.fields
            for each in self.log.entries()
            if each.source == "client" and each.event.type == event_type
        ]

    def assistant(self):
        return [each for each in self.conversation.views() if each.role == "assistant"]

    def n_answers(self):
        return self.types("server").count("response.done")
