"""The browser's microphone and speaker as the console's audio ports."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from console import pcm as pcm_units
from console.app.microphone_watch import refusal
from console.app.view_model import MicrophoneState
from console.audio.chunk_queue import ChunkQueue
from console.audio.playback import PlaybackHealth
from console.audio.ports import Heard
from console.errors import AudioDeviceError
from console.signals import Signal
from console.ui.channel_wire import (
    BrowserMicrophone,
    Drained,
    HeardReport,
    Interrupted,
    track_name,
)
from console.ui.outbox import Outbox

logger = logging.getLogger(__name__)

INTERRUPT_TIMEOUT_S: Final = 0.5
SETTLE_S: Final = 0.4
"""The page's click and the microphone's state travel on two sockets: the later may be this late."""
QUESTION_S: Final = 60.0
"""How long the browser's question for the microphone may stay unanswered."""

MAX_AHEAD_S: Final = 60
"""How much sound the browser may hold that was not heard yet; the rest waits on the server."""

_ASKED: Final = (MicrophoneState.ASKING, MicrophoneState.WAITING)


class BrowserSource:
    """The user's voice as the session channel brings it; an `AudioSource`."""

    def __init__(self) -> None:
        self.microphone = BrowserMicrophone(MicrophoneState.OFF, "")
        """What the browser said last about its microphone."""
        self.microphone_changed: Signal[BrowserMicrophone] = Signal("browser microphone")
        self._queue: ChunkQueue | None = None
        self._dropped_before = 0

    @property
    def dropped_chunks(self) -> int:
        """How many chunks were dropped because nobody read them in time."""
        return self._dropped_before + (self._queue.dropped_chunks if self._queue else 0)

    async def start(self) -> None:
        """Wait until the browser's microphone is on.

        Raises:
            AudioDeviceError: It cannot be had; the sentence says why and what to do.
        """
        first = self.microphone.state
        if first is not MicrophoneState.ON:
            await self._wait_for(lambda new: new is not first, SETTLE_S)
        if self.microphone.state in _ASKED:
            await self._wait_for(lambda new: new not in _ASKED, QUESTION_S)
        if sentence := refusal(self.microphone.state):
            raise AudioDeviceError(sentence)
        if self._queue is None:
            self._queue = ChunkQueue()

    async def stop(self) -> None:
        """End `chunks`, forgetting what was not read; safe to call twice."""
        queue, self._queue = self._queue, None
        if queue is not None:
            self._dropped_before += queue.dropped_chunks
            queue.close(discard=True)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks until `stop`; the oldest are dropped when the reader falls behind."""
        if self._queue is not None:
            async for chunk in self._queue.chunks():
                yield chunk

    async def wait_until_read(self) -> None:
        """Wait until the reader of `chunks` has done with every chunk that came before this call.

        A turn that ends with the release of a button is whole only then.
        """
        if self._queue is not None:
            await self._queue.wait_until_read()

    def accept(self, pcm: bytes) -> None:
        """Take a chunk from the channel; ignored unless started."""
        if self._queue is not None and pcm:
            self._queue.put(pcm)

    def set_microphone(self, microphone: BrowserMicrophone) -> None:
        """Take what the browser says about its microphone."""
        self.microphone = microphone
        self.microphone_changed.emit(microphone)

    async def _wait_for(
        self, is_wanted: Callable[[MicrophoneState], bool], timeout_s: float
    ) -> None:
        try:
            await self.microphone_changed.wait(lambda new: is_wanted(new.state), timeout_s)
        except TimeoutError:
            stayed = self.microphone.state
            logger.info("the browser's microphone stayed %s for %.1f s", stayed, timeout_s)


@dataclass(slots=True)
class _Track:
    """What went to the browser of one track."""

    n_before: int = 0
    """Samples ahead of those that the present page is sent: dropped, or heard on an earlier one."""
    n_heard: int = 0
    """Samples that the present page has reported as heard."""
    n_ahead: int = 0
    """Samples that were sent and not reported as heard."""
    underruns: int = 0
    """As the present page has reported them."""

    @property
    def n_passed(self) -> int:
        """Samples of the track up to where it was heard last."""
        return self.n_before + self.n_heard

    def note_heard(self, n_heard: int) -> int:
        """Take the count of the page; returns how many samples are new in it."""
        n_new = max(0, n_heard - self.n_heard)
        self.n_ahead = max(0, self.n_ahead - n_new)
        self.n_heard = n_heard
        return n_new

    def begin_anew(self) -> None:
        """Go on with a page that has nothing of the track."""
        self.n_before = self.n_passed
        self.n_heard = self.n_ahead = self.underruns = 0


class BrowserSink:
    """The model's voice, played by the browser; an `AudioSink`."""

    def __init__(self, outbox: Outbox) -> None:
        self.heard: Signal[HeardReport] = Signal("heard")
        """At least four times a second while a track plays; first with its first samples."""
        self.drained: Signal[Heard] = Signal("drained")
        """The last sample of a finished track was played."""
        self.health_changed: Signal[PlaybackHealth] = Signal("playback health")
        """Pre-buffer, underruns or what was dropped."""
        self.health = PlaybackHealth()
        self.dropped_samples = 0
        """How many samples were dropped because the browser took them too slowly."""
        self._outbox = outbox
        self._own_names: dict[str, str] = {}
        """Of tracks that are called otherwise on the channel, by what they are called there."""
        self._tracks: dict[str, _Track] = {}
        """By what they are called on the channel, as everything here that waits for an answer."""
        self._unheard: deque[tuple[str, bytes | None]] = deque()
        """What was sent and not reported as heard, in order: a new page is sent it again."""
        self._interrupted: set[str] = set()
        self._latest: HeardReport | None = None
        self._answers: dict[int, asyncio.Future[Interrupted | None]] = {}
        self._n_interrupts = 0
        self._is_connected = False
        self._must_forget = False

    @property
    def has_room(self) -> bool:
        """Whether the browser may be sent more: it holds less than `MAX_AHEAD_S` unheard."""
        n_ahead = sum(each.n_ahead for each in self._tracks.values())
        return n_ahead < MAX_AHEAD_S * pcm_units.SAMPLE_RATE_HZ

    async def start(self) -> None:
        """Nothing to do: the browser opens its speaker inside the user's click."""

    async def stop(self) -> None:
        """Silence the speaker; safe to call twice."""
        await self.clear()

    def play(self, track: str, pcm: bytes) -> None:
        """Queue audio of a track behind what is queued already; never blocks.

        Raises:
            ValueError: The chunk ends in half a sample.
        """
        pcm_units.check_chunk(pcm)
        if (name := self._known(track)) is not None:
            self._outbox.put_audio(name, pcm)

    def finish(self, track: str) -> None:
        """Say that all audio of the track has been queued."""
        if (name := self._known(track)) is not None:
            self._outbox.put_finish(name)

    async def interrupt(self) -> Heard | None:
        """Stop at once, forget what is queued, and say what was being heard.

        When the browser does not answer in time, its last report is the answer.
        """
        heard = await self._interrupt()
        return None if heard is None else replace(heard, track=self._own_name(heard.track))

    async def clear(self) -> None:
        """Forget all tracks, interrupted ones too: a new session begins."""
        self._drop_audio()
        self._forget()
        self._tracks.clear()
        self._interrupted.clear()
        self._own_names.clear()
        self._latest = None

    def note_connected(self, is_new_page: bool) -> None:
        """A browser is there; a new page is sent again what none was heard to play."""
        self._is_connected = True
        if self._must_forget:
            self._forget()
        for track in self._tracks.values():
            # What was on its way when the line broke may never be reported.
            track.n_ahead = 0
            if is_new_page:
                track.begin_anew()
        if is_new_page:
            self._outbox.put_back(self._unheard)
            self._unheard.clear()

    def note_closed(self) -> None:
        """The browser has gone: nobody answers."""
        self._is_connected = False
        for future in self._answers.values():
            if not future.done():
                future.set_result(None)

    def note_sent(self, track: str, part: bytes | None) -> None:
        """A piece of a track went out on the line: PCM16, or None for its end."""
        if (known := self._tracks.get(track)) is not None:
            known.n_ahead += len(part or b"") // pcm_units.BYTES_PER_SAMPLE
            self._unheard.append((track, part))

    def note_dropped(self, track: str, n_samples: int) -> None:
        """Samples of a track were dropped before they were sent."""
        self.dropped_samples += n_samples
        self._tell_health(dropped_ms=round(pcm_units.samples_to_ms(self.dropped_samples)))
        if (known := self._tracks.get(track)) is not None:
            known.n_before += n_samples

    def note_heard(self, report: HeardReport) -> None:
        """Take a report of the browser."""
        track = self._tracks.get(report.track)
        if track is None:
            return
        self._let_go(report.track, track.note_heard(report.n_samples))
        n_new = max(0, report.underruns - track.underruns)
        track.underruns = report.underruns
        self._tell_health(
            prebuffer_ms=round(pcm_units.samples_to_ms(report.n_prebuffer)),
            underruns=self.health.underruns + n_new,
        )
        self._latest = replace(report, n_samples=track.n_passed)
        self.heard.emit(replace(self._latest, track=self._own_name(report.track)))
        self._outbox.wake()  # there may be room again

    def note_drained(self, report: Drained) -> None:
        """Take the end of a track."""
        track = self._tracks.pop(report.track, None)
        if track is None:
            return
        if self._latest is not None and self._latest.track == report.track:
            self._latest = None
        self._unheard = deque(each for each in self._unheard if each[0] != report.track)
        n_samples = report.n_samples + track.n_before
        self.drained.emit(Heard(self._own_name(report.track), n_samples))
        self._outbox.wake()

    def note_interrupted(self, answer: Interrupted) -> None:
        """Take the answer to an interruption; one that comes too late is ignored."""
        future = self._answers.get(answer.interrupt_id)
        if future is not None and not future.done():
            future.set_result(answer)

    async def _interrupt(self) -> Heard | None:
        waiting = self._outbox.first_track
        sent = next((track for track, part in self._unheard if part is not None), None)
        self._drop_audio()
        interrupted = dict(self._tracks)
        self._interrupted.update(interrupted)
        answer = await self._ask_browser()
        latest, self._latest = self._latest, None
        for track in interrupted:
            self._tracks.pop(track, None)
        if answer is None:
            return _last_heard(interrupted, sent or waiting if latest is None else latest.track)
        if answer.track is None:
            # A browser cannot stop what was not sent to it yet.
            return _last_heard(interrupted, waiting)
        n_before = interrupted[answer.track].n_before if answer.track in interrupted else 0
        return Heard(answer.track, answer.n_samples + n_before)

    def _known(self, track: str) -> str | None:
        """Return what a track is called on the channel; None for one that was interrupted."""
        name = track_name(track)
        if name in self._interrupted:
            return None
        if name != track:
            self._own_names[name] = track
        self._tracks.setdefault(name, _Track())
        return name

    def _own_name(self, name: str) -> str:
        return self._own_names.get(name, name)

    def _tell_health(self, **changed: int) -> None:
        health = replace(self.health, **changed)
        if health != self.health:
            self.health = health
            self.health_changed.emit(health)

    def _let_go(self, track: str, n_samples: int) -> None:
        """Forget that many samples of a track, which were heard, and all that was ahead of them."""
        n_bytes = n_samples * pcm_units.BYTES_PER_SAMPLE
        while n_bytes > 0 and self._unheard:
            name, part = self._unheard.popleft()
            if name != track or part is None:
                continue
            if len(part) > n_bytes:
                self._unheard.appendleft((name, part[n_bytes:]))
            n_bytes -= len(part)

    def _drop_audio(self) -> None:
        self._outbox.drop_audio()
        self._unheard.clear()

    def _forget(self) -> None:
        # A browser that is away hears of it when it is back, ahead of any audio.
        self._must_forget = not self._is_connected
        if self._is_connected:
            self._outbox.put_message({"k": "forget"})

    async def _ask_browser(self) -> Interrupted | None:
        if not self._is_connected:
            self._forget()
            return None
        self._n_interrupts += 1
        interrupt_id = self._n_interrupts
        future: asyncio.Future[Interrupted | None] = asyncio.get_running_loop().create_future()
        self._answers[interrupt_id] = future
        self._outbox.put_message({"k": "interrupt", "id": interrupt_id})
        try:
            async with asyncio.timeout(INTERRUPT_TIMEOUT_S):
                return await future
        except TimeoutError:
            logger.warning("the browser did not answer an interruption; its last report is used")
            return None
        finally:
            del self._answers[interrupt_id]


def _last_heard(tracks: Mapping[str, _Track], name: str | None) -> Heard | None:
    track = tracks.get(name or "")
    return None if track is None or name is None else Heard(name, track.n_passed)
