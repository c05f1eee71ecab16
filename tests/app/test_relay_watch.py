import re

import pytest

from console import pcm, tasks
from console.app.relay_watch import RelayWatch
from console.app.view_model import Part, Phase
from console.client.relay_sessions import RelaySessions
from console.realtime import observed
from console.realtime.observed import (
    GONE,
    ListedSession,
    ObservedEnd,
    ObservedEvent,
    ObservedGap,
    ObservedNow,
)
from tests.fakes import FakeTransport, ManualClock, settle

TOKEN = "operators-planted-0011"
LISTED = ListedSession("s1", token="shop", model="m", agent="app/1", upstream="up", seconds=30.0)
ITEM = {"id": "a1", "type": "message", "role": "assistant", "content": []}
DELTA = {
    "type": "response.output_audio.delta",
    "item_id": "a1",
    "content_index": 0,
    "delta": pcm.encode(bytes(480)),
}


class Speaker:
    """Notes what it is to play."""

    def __init__(self):
        self.did = []

    def play(self, track, chunk):
        self.did.append((track, len(chunk)))

    def finish(self, track):
        self.did.append((track, "finished"))

    async def interrupt(self):
        self.did.append("interrupted")

    async def start(self):
        self.did.append("started")

    async def clear(self):
        self.did.append("cleared")

    async def stop(self):
        self.did.append("stopped")


class Bench:
    """A watch whose relay is the test."""

    def __init__(self):
        self.line, self.speaker, self.clock = FakeTransport(), Speaker(), ManualClock()
        self.changed: list[Part] = []
        relay = RelaySessions("ws://127.0.0.1:8081", TOKEN, open_transport=self.line.open)
        self.watch = RelayWatch(
            relay,
            LISTED,
            new_sink=lambda session: self.speaker,
            on_change=self.changed.append,
            clock=self.clock,
        )
        self.view = self.watch.view

    async def tell(self, *told):
        for each in told:
            self.line.deliver_raw(each if isinstance(each, str) else observed.dump(each))
        await settle()


def server(fields):
    return ObservedEvent(1.0, "server", fields, 10)


@pytest.fixture
async def bench():
    bench = Bench()
    running = tasks.spawn(bench.watch.run(), name="watch")
    await settle()
    yield bench
    await tasks.cancel(running)


def sentence(view, notice_id="watch"):
    return next(each.sentence for each in view.notices if each.notice_id == notice_id)


async def test_the_head_of_the_page_says_whom_one_watches(bench):
    target = bench.view.target

    assert (target.label, target.model) == ("shop at 127.0.0.1:8081", "m")
    assert "app/1" in target.hint
    assert bench.view.phase is Phase.CONNECTED
    assert bench.view.connected_at_s == bench.clock.now_s() - 30


async def test_voice_and_model_are_those_that_the_service_tells(bench):
    session = {"model": "m-2", "audio": {"output": {"voice": "marin"}}}
    await bench.tell(server({"type": "session.created", "session": session}))

    assert (bench.view.target.model, bench.view.target.voice) == ("m-2", "marin")


@pytest.mark.parametrize("size", [4, 40])
async def test_a_relay_that_quotes_the_operators_token_shows_it_to_nobody(bench, size):
    said = f"It is {TOKEN}!"
    added = server({"type": "conversation.item.added", "item": ITEM})
    delta = {"type": "response.output_text.delta", "item_id": "a1", "content_index": 0}
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    await bench.tell(added, *(server(delta | {"delta": each}) for each in pieces))
    bench.line.hang_up(1008, f"no {TOKEN}")
    await settle()

    shown = bench.watch.observed.view.item("a1").text
    assert re.fullmatch(r"It is (op)?\[secret\]!", shown)
    assert "has ended (no [secret])." in sentence(bench.view)


async def test_what_was_said_before_is_shown_and_what_is_said_now_is_heard(bench):
    added = server({"type": "conversation.item.added", "item": ITEM})
    await bench.tell(added, server(DELTA))
    before = list(bench.speaker.did)
    done = server({"type": "conversation.item.done", "item": ITEM | {"status": "completed"}})
    await bench.tell(ObservedNow(), server(DELTA), done)

    assert before == []
    assert bench.speaker.did == [("a1", 480), ("a1", "finished")]
    assert bench.watch.observed.view.item("a1").audio_ms == 20


@pytest.mark.parametrize(
    "event",
    [
        {"type": "input_audio_buffer.speech_started", "item_id": "u1", "audio_start_ms": 0},
        {"type": "conversation.item.truncated", "item_id": "a1", "content_index": 0,
         "audio_end_ms": 10},
    ],
)  # fmt: skip
async def test_an_answer_that_its_user_hears_no_more_is_silent_here_too(bench, event):
    await bench.tell(
        ObservedNow(), server({"type": "conversation.item.added", "item": ITEM}), server(DELTA)
    )
    await bench.tell(server(event))

    assert bench.speaker.did[-1] == "interrupted"


async def test_who_speaks_and_who_answers_is_shown(bench):
    started = {"type": "input_audio_buffer.speech_started", "item_id": "u1", "audio_start_ms": 0}
    response = {"id": "r1", "status": "in_progress"}
    await bench.tell(server(started), server({"type": "response.created", "response": response}))

    assert bench.view.is_talking
    assert bench.view.is_answering


async def test_what_the_relay_has_forgotten_is_told(bench):
    await bench.tell(ObservedGap(1200))

    assert "1,200 events from before" in sentence(bench.view, "watch-gap")


async def test_the_end_of_the_session_is_a_sentence_and_all_stays(bench):
    await bench.tell(server({"type": "conversation.item.added", "item": ITEM}))
    await bench.tell(ObservedEnd(1008, "ended by the relay: used up"))
    bench.line.hang_up(1000, "the session has ended")
    await settle()

    assert sentence(bench.view) == "The session has ended: ended by the relay: used up (1008)."
    assert bench.view.phase is Phase.DISCONNECTED
    assert len(bench.watch.observed.view.views()) == 1
    assert bench.speaker.did == ["stopped"]


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (GONE, "there is no such session", "the relay does not remember it"),
        (3000, "invalid_api_key", "Check CONSOLE_OPERATOR_TOKEN"),
        (1000, "", "The session has ended."),
        (1006, "", "has ended (code 1006)"),
        (1013, "you read too slowly", "has ended (you read too slowly)"),
    ],
)
async def test_every_end_of_the_line_is_told(bench, code, reason, words):
    bench.line.hang_up(code, reason)
    await settle()

    assert words in sentence(bench.view)
    assert bench.line.closed is not None


async def test_what_is_no_message_of_a_relay_is_left_out(bench, caplog):
    await bench.tell("nothing", '{"k": "later"}', server({"type": "x"}))

    assert len(list(bench.watch.observed.log.entries())) == 1
    assert "not JSON" in caplog.text


async def test_a_relay_that_is_not_there_is_told_in_one_sentence():
    bench = Bench()

    async def refuse(url, headers, timeout_s):
        raise ConnectionRefusedError

    relay = RelaySessions("ws://127.0.0.1:9", "token", open_transport=refuse)
    watch = RelayWatch(
        relay, LISTED, new_sink=lambda _: bench.speaker, on_change=lambda _: None, clock=bench.clock
    )
    await watch.run()

    assert "127.0.0.1:9" in sentence(watch.view)
    assert watch.view.phase is Phase.DISCONNECTED
