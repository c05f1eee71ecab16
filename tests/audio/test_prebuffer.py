"""How much sound waits before it begins."""

import pytest

from console.audio.prebuffer import Prebuffer

MS = 24


def after_gap(gap_ms: int, first_ms: float = 60) -> Prebuffer:
    buffer = Prebuffer(first_ms)
    buffer.ran_out()
    buffer.note_gap(gap_ms * MS)
    buffer.more_came()
    return buffer


@pytest.mark.parametrize(
    ("gap_ms", "size_ms"), [(0, 80), (20, 100), (300, 450), (480, 500), (2000, 80)]
)
def test_it_grows_by_what_was_missing_and_a_gap_beyond_any_buffer_teaches_little(gap_ms, size_ms):
    assert after_gap(gap_ms).size_ms == pytest.approx(size_ms)


def test_silence_that_was_no_gap_teaches_nothing():
    buffer = Prebuffer(60)
    buffer.note_gap(100 * MS)
    buffer.more_came()
    buffer.ran_out()
    buffer.ended()
    buffer.more_came()

    assert buffer.size_ms == 60


def test_it_shrinks_by_a_fifth_after_each_calm_stretch_down_to_what_is_needed():
    buffer = after_gap(300)
    buffer.begun(450 * MS)
    buffer.note_level(420 * MS)
    buffer.played(4999 * MS)
    assert buffer.size_ms == 450
    buffer.played(1 * MS)
    assert buffer.size_ms == 360

    for _ in range(20):
        buffer.note_level(420 * MS)
        buffer.played(5000 * MS)
    assert buffer.size_ms == 40


def test_it_does_not_shrink_below_what_the_line_needed():
    buffer = after_gap(300)
    buffer.begun(450 * MS)
    for _ in range(20):
        buffer.note_level(50 * MS)
        buffer.played(5000 * MS)

    assert buffer.size_ms == 450


def test_sizes_are_samples_of_the_rate_that_is_played():
    assert Prebuffer(60, sample_rate_hz=48_000).size == 2880
