import itertools

from console.simulator.protocol.idle import IdleClock
from console.simulator.protocol.intents import Later
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.timers import Timers


class Silence:
    """A clock whose timers the test lets run out."""

    def __init__(self):
        ids = itertools.count(1)
        self.outbox = Outbox(lambda prefix: f"{prefix}{next(ids)}")
        self.timers = Timers(self.outbox, lambda prefix: f"{prefix}{next(ids)}")
        self.position_ms = 0
        self.fired: list[int] = []
        self.clock = IdleClock(self.timers, lambda: self.position_ms, self.fired.append)

    def pass_time(self):
        """Let what waits now run out; returns how long it was."""
        asked = [each for each in self.outbox.take().intents if isinstance(each, Later)]
        for each in asked:
            self.timers.due(each.timer_id)
        return [each.delay_ms for each in asked]


def test_the_silence_is_counted_from_the_end_of_the_playback():
    silence = Silence()
    silence.clock.start(6000, 2500)

    assert silence.pass_time() == [2500]
    assert silence.fired == []
    assert silence.pass_time() == [6000]
    assert len(silence.fired) == 1
    assert not silence.clock.is_running


def test_it_tells_where_the_silence_began():
    silence = Silence()
    silence.clock.start(6000, 2500)
    silence.position_ms = 4000
    silence.pass_time()
    silence.position_ms = 10_000
    silence.pass_time()

    assert silence.fired == [4000]


def test_stopped_in_the_playback_or_after_it_nothing_happens():
    for n_steps in (0, 1):
        silence = Silence()
        silence.clock.start(6000, 2500)
        for _ in range(n_steps):
            silence.pass_time()
        silence.clock.stop()
        silence.pass_time()
        silence.pass_time()

        assert silence.fired == []
        assert not silence.clock.is_running


def test_a_new_answer_starts_it_anew():
    silence = Silence()
    silence.clock.start(6000, 2500)
    silence.clock.start(6000, 100)

    silence.pass_time()
    silence.pass_time()

    assert len(silence.fired) == 1


def test_stopping_what_does_not_run_is_fine():
    Silence().clock.stop()
