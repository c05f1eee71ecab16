from datetime import UTC, datetime, timedelta

import pytest

from console import pcm
from console.simulator.protocol.intents import Later
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.silent_speaker import SilentSpeaker
from console.simulator.protocol.timers import Timers

AUDIO = bytes(100 * pcm.BYTES_PER_MS)


class Stage:
    """A silent speaker, and time that passes when the test says so."""

    def __init__(self):
        self.now = datetime(2026, 1, 2, tzinfo=UTC)
        self.outbox = Outbox(lambda prefix: f"{prefix}{next(self._numbers)}")
        self._numbers = iter(range(1000))
        self.timers = Timers(self.outbox, lambda prefix: f"{prefix}{next(self._numbers)}")
        self.speaker = SilentSpeaker(self.timers, lambda: self.now)
        self.told: list[tuple[str, str]] = []
        self.speaker.on_started = lambda response_id: self.told.append(("started", response_id))
        self.speaker.on_stopped = lambda response_id: self.told.append(("stopped", response_id))
        self._waiting = []

    def pass_time(self, duration_ms):
        self._waiting += [
            (self.now + timedelta(milliseconds=each.delay_ms), each.timer_id)
            for each in self.outbox.take().intents
            if isinstance(each, Later)
        ]
        self.now += timedelta(milliseconds=duration_ms)
        for due in sorted(each for each in self._waiting if each[0] <= self.now):
            self._waiting.remove(due)
            self.timers.due(due[1])


@pytest.fixture
def stage():
    return Stage()


def test_a_response_is_heard_for_as_long_as_it_lasts(stage):
    stage.speaker.play("a", AUDIO)
    stage.speaker.end("a")
    stage.pass_time(99)
    before = list(stage.told)
    stage.pass_time(1)

    assert before == [("started", "a")]
    assert stage.told == [("started", "a"), ("stopped", "a")]


def test_the_next_response_waits_for_the_one_before(stage):
    stage.speaker.play("a", AUDIO)
    stage.speaker.play("b", AUDIO)
    stage.speaker.end("a")
    stage.pass_time(100)

    assert stage.told[0] == ("started", "a")
    assert sorted(stage.told[1:]) == [("started", "b"), ("stopped", "a")]


def test_a_clear_tells_how_much_was_heard_of_each(stage):
    stage.speaker.play("a", AUDIO)
    stage.speaker.play("b", AUDIO)
    stage.pass_time(60)

    assert stage.speaker.clear() == {"a": 60.0, "b": 0.0}
    assert stage.speaker.clear() == {}


def test_what_is_played_after_a_pause_counts_from_there(stage):
    stage.speaker.play("a", AUDIO)
    stage.pass_time(500)
    stage.speaker.play("a", AUDIO)
    stage.pass_time(30)

    assert stage.speaker.clear() == {"a": 130.0}


def test_what_was_cleared_does_not_stop_later(stage):
    stage.speaker.play("a", AUDIO)
    stage.speaker.end("a")
    stage.speaker.clear()
    stage.pass_time(1000)

    assert stage.told == [("started", "a")]
