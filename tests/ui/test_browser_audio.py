"""The browser's microphone and speaker behind the audio ports."""

import asyncio
from collections.abc import Awaitable

import numpy as np
import orjson
import pytest
import pytest_asyncio

from console import tasks
from console.app.view_model import MicrophoneState
from console.audio.chunk_queue import MAX_BYTES
from console.audio.playback import PlaybackHealth, PlaybackQueue
from console.audio.ports import Heard
from console.errors import AudioDeviceError
from console.pcm import SAMPLE_RATE_HZ, Int16Array
from console.ui import browser_audio
from console.ui.browser_audio import MAX_AHEAD_S, BrowserSink, BrowserSource
from console.ui.channel_wire import (
    MAX_TRACK_BYTES,
    BrowserMicrophone,
    Drained,
    HeardReport,
    Interrupted,
)
from console.ui.outbox import Outbox
from tests.audio.port_suite import SinkSuite, SourceSuite, chunks_of


def on() -> BrowserSource:
    source = BrowserSource()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))
    return source


async def collect(source: BrowserSource, into: list[bytes]) -> None:
    async for chunk in source.chunks():
        into.append(chunk)  # noqa: PERF401  seen while it grows


async def turn_the_loop() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


# --- source


async def test_chunks_are_read_in_order_until_the_source_stops() -> None:
    source = on()
    await source.start()
    heard: list[bytes] = []
    reading = tasks.spawn(collect(source, heard), name="read")
    source.accept(b"\1\1")
    source.accept(b"\2\2")
    await source.wait_until_read()
    await source.stop()
    await reading

    assert heard == [b"\1\1", b"\2\2"]


async def test_nothing_is_kept_of_what_comes_before_the_start() -> None:
    source = on()
    source.accept(b"\1\1")
    await source.start()
    await source.wait_until_read()
    source.accept(b"\2\2")

    assert await anext(source.chunks()) == b"\2\2"


async def test_the_oldest_chunks_are_dropped_and_counted_when_nobody_reads() -> None:
    source = on()
    await source.start()
    for number in range(MAX_BYTES // 1440 + 3):
        source.accept(bytes([number]) * 1440)

    assert source.dropped_chunks == 3
    assert (await anext(source.chunks()))[:1] == b"\3"


async def test_a_turn_is_read_when_its_last_chunk_was_dealt_with() -> None:
    source = on()
    await source.start()
    source.accept(b"\1\1")
    chunks = source.chunks()
    waiting = tasks.spawn(source.wait_until_read(), name="wait")
    await anext(chunks)
    await turn_the_loop()
    assert not waiting.done(), "the reader still holds the chunk"
    next_read = asyncio.ensure_future(anext(chunks))
    await asyncio.wait_for(waiting, 1)

    source.accept(b"\2\2")
    assert await next_read == b"\2\2"


async def test_stopping_ends_the_wait_for_a_reader_that_never_came() -> None:
    source = on()
    await source.start()
    source.accept(b"\1\1")
    waiting = tasks.spawn(source.wait_until_read(), name="wait")
    await turn_the_loop()
    await source.stop()
    await source.stop()

    await asyncio.wait_for(waiting, 1)


async def test_a_reader_of_an_earlier_run_takes_nothing_from_the_next() -> None:
    source = on()
    await source.start()
    source.accept(b"\1\1")
    older = source.chunks()
    await anext(older)
    await source.stop()
    await source.start()
    source.accept(b"\2\2")

    assert [chunk async for chunk in older] == []
    assert await anext(source.chunks()) == b"\2\2"


async def test_starting_waits_for_the_answer_to_the_browsers_question() -> None:
    source = BrowserSource()
    starting = tasks.spawn(source.start(), name="start")
    await turn_the_loop()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ASKING, ""))
    await turn_the_loop()
    assert not starting.done()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))

    await asyncio.wait_for(starting, 1)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (MicrophoneState.DENIED, "refused the microphone.*Allow it"),
        (MicrophoneState.MISSING, "found no microphone.*Plug one in"),
        (MicrophoneState.BUSY, "in use by another program"),
        (MicrophoneState.INSECURE, "https or localhost"),
        (MicrophoneState.FAILED, "could not open the microphone"),
    ],
)
async def test_a_refusal_says_why_and_what_to_do(state: MicrophoneState, says: str) -> None:
    source = BrowserSource()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ASKING, ""))
    starting = asyncio.ensure_future(source.start())
    await turn_the_loop()
    source.set_microphone(BrowserMicrophone(state, "NotAllowedError"))

    with pytest.raises(AudioDeviceError, match=says):
        await asyncio.wait_for(starting, 1)


async def test_a_browser_that_opens_nothing_or_never_answers_is_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser_audio, "SETTLE_S", 0.01)
    monkeypatch.setattr(browser_audio, "QUESTION_S", 0.01)
    source = BrowserSource()
    with pytest.raises(AudioDeviceError, match="did not open the microphone"):
        await source.start()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ASKING, ""))
    with pytest.raises(AudioDeviceError, match="was not answered"):
        await source.start()


async def test_an_old_refusal_does_not_spoil_a_new_try() -> None:
    source = BrowserSource()
    source.set_microphone(BrowserMicrophone(MicrophoneState.DENIED, ""))
    starting = tasks.spawn(source.start(), name="start")
    await turn_the_loop()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ASKING, ""))
    await turn_the_loop()
    source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))

    await asyncio.wait_for(starting, 1)


# --- sink

PATTERN = bytes(range(250)) * 8


class Browser:
    """The other end of an outbox."""

    def __init__(self) -> None:
        self.outbox = Outbox(lambda track, n: self.sink.note_dropped(track, n))
        self.sink = BrowserSink(self.outbox)
        self.sink.note_connected(is_new_page=True)

    def messages(self) -> list[dict[str, object]]:
        frame = self.outbox.next_message_frame()
        return orjson.loads(frame) if frame else []

    def take_audio(self) -> list[tuple[str, bytes | None]]:
        taken = []
        while (part := self.outbox.next_audio()) is not None:
            self.sink.note_sent(*part)
            taken.append(part)
        return taken


async def test_interrupt_asks_the_browser_which_track_was_heard() -> None:
    browser = Browser()
    browser.sink.play("a", bytes(2000))
    browser.take_audio()
    browser.sink.play("b", bytes(2000))
    asking = tasks.spawn(browser.sink.interrupt(), name="interrupt")
    await turn_the_loop()
    (message,) = browser.messages()
    assert message["k"] == "interrupt"
    assert browser.take_audio() == [], "what waited is not sent any more"
    browser.sink.note_interrupted(Interrupted(int(str(message["id"])), "a", 480))

    assert await asyncio.wait_for(asking, 1) == Heard("a", 480)


async def test_chunks_of_interrupted_tracks_are_ignored_until_a_new_session() -> None:
    browser = Browser()
    browser.sink.play("a", bytes(20))
    browser.sink.note_closed()
    await browser.sink.interrupt()
    browser.sink.play("a", bytes(20))
    browser.sink.finish("a")
    browser.sink.play("b", b"\2\2")
    assert browser.take_audio() == [("b", b"\2\2")]

    await browser.sink.clear()
    browser.sink.play("a", b"\1\1")
    assert browser.take_audio() == [("a", b"\1\1")]


async def test_a_browser_that_does_not_answer_is_answered_for_by_its_last_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser_audio, "INTERRUPT_TIMEOUT_S", 0.01)
    browser = Browser()
    browser.sink.play("a", bytes(20_000))
    browser.sink.note_heard(HeardReport("a", 4800, 100, 0, 1440))

    assert await browser.sink.interrupt() == Heard("a", 4800)
    assert await browser.sink.interrupt() is None


async def test_a_line_that_breaks_ends_the_wait_for_an_answer() -> None:
    browser = Browser()
    browser.sink.play("a", bytes(20_000))
    browser.sink.note_heard(HeardReport("a", 4800, 100, 0, 1440))
    asking = tasks.spawn(browser.sink.interrupt(), name="interrupt")
    await turn_the_loop()
    browser.sink.note_closed()

    assert await asyncio.wait_for(asking, 0.2) == Heard("a", 4800)


async def test_nothing_was_heard_when_nothing_plays() -> None:
    browser = Browser()
    browser.sink.play("a", bytes(20))
    browser.sink.finish("a")
    browser.sink.note_heard(HeardReport("a", 10, 0, 0, 1440))
    browser.sink.note_drained(Drained("a", 10))
    browser.sink.note_closed()

    assert await browser.sink.interrupt() is None


async def test_an_interruption_of_an_absent_browser_silences_it_when_it_is_back() -> None:
    browser = Browser()
    browser.sink.play("a", bytes(20))
    browser.sink.note_closed()
    await browser.sink.interrupt()
    assert browser.messages() == []
    browser.sink.note_connected(is_new_page=False)

    assert browser.messages() == [{"k": "forget"}]


async def test_the_end_of_a_track_is_told_once() -> None:
    browser = Browser()
    ends: list[Heard] = []
    browser.sink.drained.connect(ends.append)
    browser.sink.play("a", bytes(20))
    browser.sink.finish("a")
    browser.sink.note_drained(Drained("a", 10))
    browser.sink.note_drained(Drained("a", 10))

    assert ends == [Heard("a", 10)]


def reloaded_after(browser: Browser, n_heard: int) -> None:
    """Play tracks "a" and "b" of 1000 samples each, and reload the page so far into "a"."""
    for track, pcm in (("a", PATTERN), ("b", PATTERN[::-1])):
        browser.sink.play(track, pcm)
        browser.sink.finish(track)
    browser.take_audio()
    browser.sink.note_heard(HeardReport("a", n_heard, 0, 0, 1440))
    browser.sink.note_closed()
    browser.sink.note_connected(is_new_page=True)


async def test_a_new_page_is_sent_what_the_old_one_was_not_heard_to_play() -> None:
    browser = Browser()
    reloaded_after(browser, 300)

    assert browser.take_audio() == [
        ("a", PATTERN[600:]),
        ("a", None),
        ("b", PATTERN[::-1]),
        ("b", None),
    ]


async def test_what_is_sent_again_comes_ahead_of_what_waited() -> None:
    browser = Browser()
    browser.sink.play("a", b"\1\1")
    browser.take_audio()
    browser.sink.play("a", b"\2\2")
    browser.sink.note_connected(is_new_page=True)

    assert browser.take_audio() == [("a", b"\1\1"), ("a", b"\2\2")]


async def test_a_new_page_goes_on_counting_where_the_old_one_was_heard() -> None:
    browser = Browser()
    reloaded_after(browser, 300)
    browser.take_audio()
    heard: list[HeardReport] = []
    browser.sink.heard.connect(heard.append)
    browser.sink.note_heard(HeardReport("a", 100, 0, 0, 1440))
    browser.sink.note_closed()
    browser.sink.note_connected(is_new_page=True)

    assert heard[0].n_samples == 400
    assert browser.take_audio()[0] == ("a", PATTERN[800:]), "a second reload loses nothing either"


async def test_an_interruption_after_a_reload_counts_what_both_pages_played() -> None:
    browser = Browser()
    reloaded_after(browser, 300)
    browser.take_audio()
    asking = tasks.spawn(browser.sink.interrupt(), name="interrupt")
    await turn_the_loop()
    (message,) = browser.messages()
    browser.sink.note_interrupted(Interrupted(int(str(message["id"])), "a", 50))

    assert await asyncio.wait_for(asking, 1) == Heard("a", 350)
    browser.sink.note_connected(is_new_page=True)
    assert browser.take_audio() == [], "what was interrupted is not sent to yet another page"


async def test_an_interruption_ahead_of_what_is_sent_again_counts_what_was_heard() -> None:
    browser = Browser()
    reloaded_after(browser, 300)
    asking = tasks.spawn(browser.sink.interrupt(), name="interrupt")
    await turn_the_loop()
    (message,) = browser.messages()
    browser.sink.note_interrupted(Interrupted(int(str(message["id"])), None, 0))

    assert await asyncio.wait_for(asking, 1) == Heard("a", 300)


async def test_an_interruption_of_what_was_not_sent_yet_says_that_none_of_it_was_heard() -> None:
    browser = Browser()
    browser.sink.note_closed()
    browser.sink.play("a", PATTERN)

    assert await browser.sink.interrupt() == Heard("a", 0)


async def test_an_interruption_of_a_page_that_left_before_it_said_anything_is_told_as_unheard() -> (
    None
):
    browser = Browser()
    browser.sink.play("a", PATTERN)
    browser.take_audio()
    browser.sink.note_closed()

    assert await browser.sink.interrupt() == Heard("a", 0)


async def test_a_track_that_was_played_to_its_end_is_not_sent_again() -> None:
    browser = Browser()
    reloaded_after(browser, 1000)
    browser.take_audio()
    browser.sink.note_drained(Drained("a", 0))
    browser.sink.note_connected(is_new_page=True)

    assert [track for track, _ in browser.take_audio()] == ["b", "b"]


async def test_a_track_whose_end_was_lost_is_over_once_the_next_is_heard() -> None:
    browser = Browser()
    reloaded_after(browser, 300)
    browser.take_audio()
    browser.sink.note_heard(HeardReport("b", 1, 0, 0, 1440))
    browser.sink.note_connected(is_new_page=True)

    assert browser.take_audio() == [("b", PATTERN[::-1][2:]), ("b", None)]


async def test_a_page_that_only_lost_its_line_is_sent_nothing_twice() -> None:
    browser = Browser()
    browser.sink.play("a", PATTERN)
    browser.take_audio()
    browser.sink.note_closed()
    browser.sink.note_connected(is_new_page=False)

    assert browser.take_audio() == []


async def test_dropped_audio_counts_as_passed() -> None:
    browser = Browser()
    browser.sink.play("a", bytes(2000))
    browser.sink.note_dropped("a", 600)
    heard: list[HeardReport] = []
    browser.sink.heard.connect(heard.append)
    browser.sink.note_heard(HeardReport("a", 100, 0, 0, 1440))

    assert heard[0].n_samples == 700
    assert browser.sink.dropped_samples == 600


async def test_reports_of_unknown_tracks_are_ignored() -> None:
    browser = Browser()
    heard: list[HeardReport] = []
    browser.sink.heard.connect(heard.append)
    browser.sink.note_heard(HeardReport("ghost", 100, 0, 0, 1440))
    browser.sink.note_interrupted(Interrupted(99, "ghost", 1))

    assert heard == []


async def test_a_chunk_with_half_a_sample_is_refused() -> None:
    browser = Browser()
    with pytest.raises(ValueError, match="pairs of bytes"):
        browser.sink.play("a", b"\1")


async def test_a_track_whose_name_no_frame_can_carry_is_heard_to_its_end_under_its_own() -> None:
    browser, long = Browser(), "ü" * 200
    heard: list[HeardReport] = []
    ends: list[Heard] = []
    browser.sink.heard.connect(heard.append)
    browser.sink.drained.connect(ends.append)
    browser.sink.play(long, PATTERN)
    browser.sink.finish(long)

    (name, pcm), (_, end) = browser.take_audio()
    browser.sink.note_heard(HeardReport(name, 400, 0, 0, 1440))
    browser.sink.note_drained(Drained(name, 1000))

    assert len(name.encode()) <= MAX_TRACK_BYTES
    assert (pcm, end) == (PATTERN, None)
    assert [(each.track, each.n_samples) for each in heard] == [(long, 400)]
    assert ends == [Heard(long, 1000)]


async def test_a_track_with_such_a_name_is_interrupted_under_its_own_and_stays_so() -> None:
    browser, long = Browser(), "x" * 256
    browser.sink.play(long, PATTERN)
    ((name, _),) = browser.take_audio()
    asking = tasks.spawn(browser.sink.interrupt(), name="interrupt")
    await turn_the_loop()
    (message,) = browser.messages()
    browser.sink.note_interrupted(Interrupted(int(str(message["id"])), name, 50))

    assert await asyncio.wait_for(asking, 1) == Heard(long, 50)
    browser.sink.play(long, PATTERN)
    assert browser.take_audio() == []


async def test_stopping_silences_the_browser_twice_as_well_as_once() -> None:
    browser = Browser()
    await browser.sink.start()
    browser.sink.play("a", bytes(20))
    await browser.sink.stop()
    await browser.sink.stop()

    assert browser.take_audio() == []
    assert {"k": "forget"} in browser.messages()


def second(number: int = 1) -> bytes:
    return bytes(48_000 * number)


async def test_a_browser_holds_a_minute_of_unheard_sound_and_gets_more_as_it_plays() -> None:
    browser = Browser()
    browser.sink.play("a", second(MAX_AHEAD_S))
    assert browser.sink.has_room
    browser.take_audio()
    assert not browser.sink.has_room

    browser.sink.note_heard(HeardReport("a", 4800, 0, 0, 1440))
    assert browser.sink.has_room


async def test_what_was_on_its_way_when_a_line_broke_takes_no_room_for_ever() -> None:
    browser = Browser()
    browser.sink.play("a", second(MAX_AHEAD_S))
    browser.take_audio()
    browser.sink.note_closed()
    browser.sink.note_connected(is_new_page=False)

    assert browser.sink.has_room


@pytest.mark.parametrize("how", ["drained", "interrupted", "cleared"])
async def test_a_track_that_is_over_takes_no_room(how: str) -> None:
    browser = Browser()
    browser.sink.play("a", second(MAX_AHEAD_S))
    browser.take_audio()
    if how == "drained":
        browser.sink.note_drained(Drained("a", 10))
    elif how == "cleared":
        await browser.sink.clear()
    else:
        browser.sink.note_closed()
        await browser.sink.interrupt()

    assert browser.sink.has_room


async def test_the_health_of_the_playback_is_told_when_it_changes() -> None:
    browser = Browser()
    told: list[PlaybackHealth] = []
    browser.sink.health_changed.connect(told.append)
    browser.sink.play("a", second())
    for n_heard, underruns, buffer in ((4800, 0, 1440), (9600, 0, 1440), (9600, 1, 2400)):
        browser.sink.note_heard(HeardReport("a", n_heard, 0, underruns, buffer))
    browser.sink.note_dropped("a", 24_000)

    assert told == [
        PlaybackHealth(60, 0, 0),
        PlaybackHealth(100, 1, 0),
        PlaybackHealth(100, 1, 1000),
    ]
    assert browser.sink.health == told[-1]


async def test_underruns_of_all_tracks_and_pages_are_added_up() -> None:
    browser = Browser()
    browser.sink.play("a", second())
    browser.sink.play("b", second())
    browser.sink.note_heard(HeardReport("a", 10, 0, 2, 1440))
    browser.sink.note_heard(HeardReport("b", 10, 0, 1, 1440))
    browser.sink.note_connected(is_new_page=True)
    browser.sink.note_heard(HeardReport("b", 10, 0, 1, 1440))

    assert browser.sink.health.underruns == 4


# --- what every microphone and every speaker does


class BrowserSourceRig:
    """A browser that sends what is said into it in chunks of 30 ms."""

    least_share = 1.0
    has_room = False

    def __init__(self) -> None:
        self.source = on()

    async def speak(self, samples: Int16Array) -> None:
        for chunk in chunks_of(samples, 720):
            self.source.accept(chunk)
            await asyncio.sleep(0)


class TestTheBrowsersMicrophone(SourceSuite):
    @pytest.fixture
    def rig(self) -> BrowserSourceRig:
        return BrowserSourceRig()


class BrowserSinkRig:
    """A browser that plays by the rules of the worklet, as fast as the test asks."""

    least_share = 1.0
    slack_ms = 20.0

    def __init__(self) -> None:
        self.browser = Browser()
        self.sink = self.browser.sink
        self.queue = PlaybackQueue(prebuffer_ms=60)
        self.rendered = b""

    def render(self, duration_ms: int) -> bytes:
        self.follow()
        sound = self.queue.pull(duration_ms * SAMPLE_RATE_HZ // 1000)
        self.rendered += sound
        return sound

    def follow(self) -> None:
        """Do what the server has sent: messages first, then sound."""
        for message in self.browser.messages():
            if message["k"] == "forget":
                self.queue.clear()
            elif message["k"] == "interrupt":
                heard = self.queue.interrupt()
                track, n_samples = (None, 0) if heard is None else (heard.track, heard.n_samples)
                answer = Interrupted(int(str(message["id"])), track, n_samples)
                self.sink.note_interrupted(answer)
        for track, part in self.browser.take_audio():
            if part is None:
                self.queue.finish(track)
            else:
                self.queue.play(track, part)

    async def feed(self, track: str, samples: Int16Array, delta_ms: int) -> None:
        for delta in chunks_of(samples, delta_ms * SAMPLE_RATE_HZ // 1000):
            self.sink.play(track, delta)
            self.render(delta_ms)

    async def listen(self, n_samples: int) -> Int16Array:
        for _ in range(100):
            if any(self.rendered):
                break
            self.render(10)
        else:
            raise AssertionError("nothing is heard")
        begin = next(
            at for at in range(0, len(self.rendered), 480) if any(self.rendered[at:][:480])
        )
        missing = n_samples + SAMPLE_RATE_HZ // 10 - (len(self.rendered) - begin) // 2
        self.render(max(0, missing * 1000 // SAMPLE_RATE_HZ))
        return np.frombuffer(self.rendered[begin:], "<i2")

    async def ask(self, question: Awaitable[Heard | None]) -> Heard | None:
        asking = asyncio.ensure_future(question)
        while not asking.done():
            await asyncio.sleep(0)
            self.follow()
        return await asking

    async def sounding_ms(self) -> float:
        while any(self.render(300)):
            pass
        windows = [self.rendered[at : at + 480] for at in range(0, len(self.rendered), 480)]
        return 10.0 * sum(any(each) for each in windows)


class TestTheBrowsersSpeaker(SinkSuite):
    @pytest_asyncio.fixture
    async def rig(self) -> BrowserSinkRig:
        rig = BrowserSinkRig()
        await rig.sink.start()
        return rig
