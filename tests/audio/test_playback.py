from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.audio import playback
from console.audio.playback import PlaybackQueue
from console.audio.ports import Heard


def samples(n_samples: int, start: int = 1) -> bytes:
    """Samples that count upwards, so that each can be told from the others."""
    return (np.arange(start, start + n_samples) % 30_000 + 1).astype("<i2").tobytes()


def silence(n_samples: int) -> bytes:
    return bytes(2 * n_samples)


def test_what_is_played_is_pulled_in_order_and_silence_follows():
    queue = PlaybackQueue(fade_ms=0)
    queue.play("a", samples(100))
    queue.play("a", samples(50, start=101))

    assert queue.pull(120) == samples(120)
    assert queue.pull(60) == samples(30, start=121) + silence(30)
    assert queue.pull(10) == silence(10)
    assert queue.heard("a") == 150


def test_silence_is_not_counted_as_heard():
    queue = PlaybackQueue()

    queue.pull(100)
    queue.play("a", samples(10))
    queue.pull(100)
    queue.pull(100)

    assert queue.heard("a") == 10


def test_a_block_that_ends_between_tracks_loses_nothing_and_leaks_nothing():
    queue = PlaybackQueue(fade_ms=0)
    queue.play("a", samples(130))
    queue.play("b", samples(70, start=500))

    sound = queue.pull(128) + queue.pull(128)

    assert sound == samples(130) + samples(70, start=500) + silence(56)
    assert (queue.heard("a"), queue.heard("b")) == (130, 70)


def test_interrupt_reports_the_item_being_heard_not_the_one_being_queued():
    queue = PlaybackQueue()
    queue.play("a", samples(1000))
    queue.play("b", samples(1000))
    queue.pull(300)

    assert queue.interrupt() == Heard("a", 300)


def test_interrupt_at_the_border_of_two_tracks_reports_the_one_whose_turn_it_is():
    queue = PlaybackQueue()
    queue.play("a", samples(300))
    queue.play("b", samples(300))
    queue.pull(300)

    assert queue.interrupt() == Heard("b", 0)


def test_interrupt_counts_a_track_from_its_first_sample_even_after_an_underrun():
    queue = PlaybackQueue(fade_ms=0)
    queue.play("a", samples(100))
    queue.pull(150)
    queue.play("a", samples(100, start=101))
    queue.pull(40)

    assert queue.interrupt() == Heard("a", 140)
    assert queue.underruns == 1


def test_interrupt_while_a_track_waits_for_more_reports_that_track():
    queue = PlaybackQueue()
    queue.play("a", samples(100))
    queue.pull(200)

    assert queue.interrupt() == Heard("a", 100)


def test_interrupt_after_a_finished_track_was_played_to_its_end_reports_nothing():
    queue = PlaybackQueue()
    queue.play("a", samples(100))
    queue.finish("a")
    queue.pull(200)

    assert queue.interrupt() is None
    assert queue.underruns == 0


def test_interrupt_of_an_empty_queue_reports_nothing():
    assert PlaybackQueue().interrupt() is None


def test_interrupt_before_the_first_sample_reports_that_nothing_was_heard():
    queue = PlaybackQueue()
    queue.play("a", samples(100))

    assert queue.interrupt() == Heard("a", 0)
    assert queue.pull(100) == silence(100)


def test_late_chunks_of_every_interrupted_track_are_ignored():
    queue = PlaybackQueue(fade_ms=0)
    queue.play("a", samples(1000))
    queue.play("b", samples(1000))
    queue.pull(10)
    queue.interrupt()

    queue.play("a", samples(10))
    queue.play("b", samples(10))
    queue.finish("a")
    queue.play("c", samples(10, start=700))

    assert queue.pull(20) == samples(10, start=700) + silence(10)
    assert queue.heard("a") == 10


def test_a_second_interrupt_reports_nothing():
    queue = PlaybackQueue()
    queue.play("a", samples(1000))
    queue.pull(10)
    queue.interrupt()

    assert queue.interrupt() is None


def test_interrupt_fades_within_five_milliseconds_and_does_not_count_the_fade():
    queue = PlaybackQueue()
    queue.play("a", np.full(2400, 10_000, dtype="<i2").tobytes())
    queue.pull(480)

    heard = queue.interrupt()
    after = np.frombuffer(queue.pull(480), dtype="<i2")

    assert heard == Heard("a", 480)
    assert queue.heard("a") == 480
    assert after[0] == 10_000
    assert np.all(np.diff(after.astype(int)) <= 0)
    assert np.all(after[120:] == 0)


def test_a_fade_longer_than_the_block_goes_on_in_the_next_and_the_next_track_follows_it():
    queue = PlaybackQueue()
    queue.play("a", np.full(2400, 10_000, dtype="<i2").tobytes())
    queue.pull(480)
    queue.interrupt()
    queue.play("b", samples(30))

    sound = np.frombuffer(queue.pull(100) + queue.pull(50), dtype="<i2")

    assert sound[119] == pytest.approx(10_000 / 120, abs=1)
    assert sound[120:].tobytes() == samples(30)


def test_clear_forgets_interrupted_tracks_and_positions():
    queue = PlaybackQueue(fade_ms=0)
    queue.play("a", samples(100))
    queue.pull(50)
    queue.interrupt()
    queue.clear()
    queue.play("a", samples(20))

    assert queue.pull(20) == samples(20)
    assert queue.heard("a") == 20


def test_sound_begins_when_enough_waits():
    queue = PlaybackQueue(prebuffer_ms=10)
    queue.play("a", samples(239))

    assert queue.pull(10) == silence(10)

    queue.play("a", samples(1, start=240))

    assert queue.pull(240) == samples(240)


def test_a_track_shorter_than_the_prebuffer_plays_at_once_when_it_is_finished():
    queue = PlaybackQueue(prebuffer_ms=10)
    queue.play("a", samples(5))
    queue.finish("a")

    assert queue.pull(5) == samples(5)


def test_a_track_shorter_than_the_prebuffer_plays_after_as_much_silence():
    queue = PlaybackQueue(prebuffer_ms=10)
    queue.play("a", samples(5))

    assert queue.pull(240) == silence(240)
    assert queue.pull(5) == samples(5)


def test_an_underrun_is_buffered_again_and_keeps_the_position():
    queue = PlaybackQueue(prebuffer_ms=10, fade_ms=0)
    queue.play("a", samples(240))
    queue.pull(300)
    queue.play("a", samples(100, start=241))

    assert queue.pull(100) == silence(100)

    queue.play("a", samples(140, start=341))

    assert queue.pull(240) == samples(240, start=241)
    assert queue.heard("a") == 480
    assert queue.underruns == 1


def test_more_than_may_wait_is_refused_and_counted(monkeypatch):
    monkeypatch.setattr(playback, "MAX_QUEUED_S", 1)
    queue = PlaybackQueue()
    queue.play("a", silence(24_000))
    queue.play("a", silence(240))

    assert queue.queued_samples == 24_000
    assert queue.dropped_samples == 240


def test_half_a_sample_and_a_negative_pull_are_refused():
    queue = PlaybackQueue()

    with pytest.raises(ValueError, match="3 bytes"):
        queue.play("a", b"\0\0\0")
    with pytest.raises(ValueError, match="-1 samples"):
        queue.pull(-1)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.sampled_from("abc"), st.integers(0, 300)),
        st.tuples(st.just("pull"), st.just(""), st.integers(0, 300)),
        st.tuples(st.just("interrupt"), st.just(""), st.just(0)),
    ),
    max_size=40,
)


@given(steps)
def test_every_sample_is_heard_once_in_order_or_cut(steps):
    queue = PlaybackQueue(fade_ms=0)
    waiting: list[tuple[str, int]] = []
    heard: dict[str, int] = {}
    dead: set[str] = set()
    value = 0

    for kind, track, n_samples in steps:
        if kind == "play":
            queue.play(track, samples(n_samples, start=value))
            if track not in dead:
                waiting += [(track, each % 30_000 + 1) for each in range(value, value + n_samples)]
            value += n_samples
        elif kind == "pull":
            due, waiting = waiting[:n_samples], waiting[n_samples:]
            sound = np.frombuffer(queue.pull(n_samples), dtype="<i2")
            assert sound.tolist() == [each for _, each in due] + [0] * (n_samples - len(due))
            for each, _ in due:
                heard[each] = heard.get(each, 0) + 1
        else:
            answer = queue.interrupt()
            if waiting:
                assert answer == Heard(waiting[0][0], heard.get(waiting[0][0], 0))
            if answer:
                dead |= {each for each, _ in waiting} | {answer.track}
            waiting = []

    assert all(queue.heard(each) == n_samples for each, n_samples in heard.items())
    assert queue.queued_samples == len(waiting)


def test_the_position_follows_the_ear_without_disturbing_it():
    queue = PlaybackQueue()
    assert queue.position is None
    queue.play("first", bytes(20))
    queue.play("second", bytes(20))
    queue.pull(10)
    queue.pull(4)

    assert queue.position == Heard("second", 4)
    queue.finish("second")
    queue.pull(20)
    assert queue.position is None


def test_a_queue_that_adapts_waits_for_more_after_a_gap_and_then_bridges_it():
    queue = PlaybackQueue(prebuffer_ms=60, adapts=True)
    queue.play("item", bytes(2 * 60 * 24))
    queue.pull(60 * 24)
    for _ in range(30):  # a stall of 300 ms
        queue.pull(240)
    assert queue.underruns == 1
    queue.play("item", bytes(2 * 24))
    queue.pull(240)

    assert queue.prebuffer_ms == pytest.approx((60 + 290) * 1.25, abs=15)
    queue.play("item", bytes(2 * 24 * 500))
    queue.pull(240)
    for _ in range(30):
        queue.pull(240)
    assert queue.underruns == 1


def test_a_queue_that_does_not_adapt_keeps_its_prebuffer():
    queue = PlaybackQueue(prebuffer_ms=60)
    for _ in range(3):
        queue.play("item", bytes(2 * 60 * 24))
        queue.pull(60 * 24 + 2400)

    assert queue.prebuffer_ms == 60


def test_a_gap_fades_out_and_in_again_and_costs_no_sample():
    queue = PlaybackQueue(prebuffer_ms=10)
    said = np.full(480, 10_000, dtype="<i2").tobytes()
    queue.play("a", said)
    sound = queue.pull(480) + queue.pull(480)  # the queue is empty between two blocks
    queue.play("a", said)
    sound += queue.pull(480)

    levels = np.frombuffer(sound, dtype="<i2").astype(int)
    assert np.max(np.abs(np.diff(levels))) <= 10_000 / 120 + 1  # 120 samples are 5 ms
    assert np.all(levels[:480] == 10_000)
    assert np.all(levels[600:960] == 0)
    assert np.all(levels[1080:] == 10_000)
    assert queue.heard("a") == 960


def test_a_gap_in_the_middle_of_a_block_has_no_step_either():
    queue = PlaybackQueue(prebuffer_ms=10)
    tone = (10_000 * np.sin(2 * np.pi * 200 * np.arange(300) / 24_000)).astype("<i2")
    queue.play("a", tone.tobytes())
    levels = np.frombuffer(queue.pull(240) + queue.pull(240), dtype="<i2").astype(int)

    assert np.array_equal(levels[:300], tone)
    assert np.max(np.abs(np.diff(levels))) < 700  # as steep as the tone itself
    assert np.any(levels[300:360])
    assert np.all(levels[420:] == 0)


def test_the_end_of_a_finished_track_is_left_as_it_is():
    queue = PlaybackQueue()
    queue.play("a", np.full(100, 10_000, dtype="<i2").tobytes())
    queue.finish("a")

    assert not np.any(np.frombuffer(queue.pull(240), dtype="<i2")[100:])


def test_an_interrupt_within_a_gap_leaves_the_fade_but_nothing_else():
    queue = PlaybackQueue()
    queue.play("a", np.full(240, 10_000, dtype="<i2").tobytes())
    queue.pull(300)

    assert queue.interrupt() == Heard("a", 240)
    after = np.frombuffer(queue.pull(240), dtype="<i2").astype(int)
    assert after[0] == pytest.approx(5_000, abs=100)
    assert np.all(after[60:] == 0)
