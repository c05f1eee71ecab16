"""What is missing of the user's speech, by the times of the chunks that came."""

import pytest

from console.ui.channel_wire import MicrophoneChunk
from console.ui.missing_speech import MissingSpeech

CHUNK_MS = 30


@pytest.fixture
def missing() -> MissingSpeech:
    return MissingSpeech()


def told_by(missing: MissingSpeech) -> list[float]:
    told: list[float] = []
    missing.told.connect(told.append)
    return told


def take(missing: MissingSpeech, *times_ms: float, is_first: bool = False) -> None:
    for time_ms in times_ms:
        chunk = MicrophoneChunk(0, time_ms, bytes(48 * CHUNK_MS), is_first)
        missing.take(chunk)


def test_nothing_is_missing_between_chunks_that_follow_each_other(missing: MissingSpeech) -> None:
    take(missing, 1000.0, 1030.4, 1059.7, 1090.0)

    assert missing.total_ms == 0


def test_a_chunk_that_begins_late_shows_what_is_missing_before_it(missing: MissingSpeech) -> None:
    told = told_by(missing)
    take(missing, 0, 30, 560, 590, 1620)

    assert missing.total_ms == 1500
    assert told == [500, 1500]


def test_a_gap_that_nobody_hears_is_counted_and_not_told(missing: MissingSpeech) -> None:
    told = told_by(missing)
    take(missing, 0, 130)
    assert told == []
    take(missing, 260)

    assert told == [200]


def test_sound_that_was_not_wanted_is_not_missing(missing: MissingSpeech) -> None:
    take(missing, 0)
    take(missing, 60_000, is_first=True)

    assert missing.total_ms == 0


def test_on_another_line_a_chunk_follows_nothing(missing: MissingSpeech) -> None:
    take(missing, 0)
    missing.forget()
    take(missing, 60_000)

    assert missing.total_ms == 0


def test_a_press_that_is_longer_than_its_sound_shows_what_is_missing(
    missing: MissingSpeech,
) -> None:
    told = told_by(missing)
    missing.press()
    # As when the clock of the browser's own sound stood still: there is no gap in it.
    take(missing, 0, 30, 60, 90)
    missing.release(1120)

    assert told == [1000]


def test_a_gap_within_a_press_is_counted_once(missing: MissingSpeech) -> None:
    missing.press()
    take(missing, 0, 1030)
    missing.release(1060)

    assert missing.total_ms == 1000


def test_a_microphone_that_is_on_a_moment_after_the_press_has_lost_nothing(
    missing: MissingSpeech,
) -> None:
    missing.press()
    take(missing, 0, 30)
    missing.release(350)

    assert missing.total_ms == 0


def test_a_release_without_its_press_shows_nothing(missing: MissingSpeech) -> None:
    missing.press()
    missing.forget()
    missing.release(5000)

    assert missing.total_ms == 0
