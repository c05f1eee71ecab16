"""Input audio by absolute milliseconds."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from console import pcm
from console.realtime import speech as speech_module
from console.realtime.speech import MAX_COMMITS, InputSpeech

MS = pcm.BYTES_PER_MS
SECOND = b"\x01\x02\x03\x04" * 12_000


def sound(first_ms: int, n_ms: int) -> bytes:
    """Return audio in which every millisecond is told apart."""
    return b"".join(
        (at % 30_000).to_bytes(2, "little") * (MS // 2) for at in range(first_ms, first_ms + n_ms)
    )


def said(speech: InputSpeech, n_ms: int, chunk_ms: int = 20) -> None:
    at = int(speech.position_ms)
    for start in range(at, at + n_ms, chunk_ms):
        speech.append(sound(start, min(chunk_ms, at + n_ms - start)))


def test_a_detected_turn_is_cut_at_the_servers_milliseconds():
    speech = InputSpeech()
    speech.is_manual = False
    said(speech, 2000)
    speech.started("a", 310)
    said(speech, 500)
    speech.stopped("a", 1504)

    assert speech.committed("a") == sound(310, 1504 - 310)


def test_positions_count_on_through_commits_clears_and_changes_of_mode():
    speech = InputSpeech()
    said(speech, 300)
    speech.commit_sent()
    speech.committed("a")
    said(speech, 200)
    speech.cleared()
    speech.is_manual = False
    said(speech, 500)
    speech.started("b", 600)
    speech.stopped("b", 900)

    assert speech.committed("b") == sound(600, 300)


def test_after_a_reset_positions_count_from_zero_and_old_audio_is_gone():
    speech = InputSpeech()
    said(speech, 1000)
    speech.reset()
    for at in range(0, 200, 20):
        speech.append(sound(5000 + at, 20))
    speech.started("a", 100)
    speech.stopped("a", 150)

    assert speech.committed("a") == sound(5100, 50)


def test_a_manual_turn_is_all_since_the_last_commit():
    speech = InputSpeech()
    said(speech, 200)
    speech.commit_sent()
    first = speech.committed("a")
    said(speech, 300)
    speech.commit_sent()

    assert first == sound(0, 200)
    assert speech.committed("b") == sound(200, 300)


def test_what_is_said_between_a_commit_and_its_answer_belongs_to_the_next_turn():
    speech = InputSpeech()
    said(speech, 200)
    speech.commit_sent()
    said(speech, 100)

    assert speech.committed("a") == sound(0, 200)
    assert speech.pending_ms == 100


def test_a_refused_commit_leaves_its_audio_to_the_next():
    speech = InputSpeech()
    said(speech, 50)
    speech.commit_sent()
    speech.commit_failed()
    said(speech, 100)
    speech.commit_sent()

    assert speech.committed("a") == sound(0, 150)


def test_a_refusal_without_a_commit_changes_nothing():
    speech = InputSpeech()
    said(speech, 50)

    speech.commit_failed()

    assert speech.pending_ms == 50


def test_cleared_audio_is_in_no_turn():
    speech = InputSpeech()
    said(speech, 200)
    speech.cleared()
    said(speech, 100)
    speech.commit_sent()

    assert speech.committed("a") == sound(200, 100)


def test_a_commit_that_the_server_made_takes_all_since_the_last():
    speech = InputSpeech()
    said(speech, 200)

    assert speech.committed("a") == sound(0, 200)
    assert speech.committed("b") == b""


def test_speech_whose_end_was_not_told_lasts_until_now():
    speech = InputSpeech()
    said(speech, 500)
    speech.started("a", 400)

    assert speech.committed("a") == sound(400, 100)


def test_an_end_without_a_start_is_ignored():
    speech = InputSpeech()
    said(speech, 100)

    speech.stopped("a", 50)

    assert speech.committed("a") == sound(0, 100)


def test_milliseconds_that_cannot_be_give_what_there_is():
    speech = InputSpeech()
    said(speech, 100)
    speech.started("a", -500)
    speech.stopped("a", 10**9)

    assert speech.committed("a") == sound(0, 100)


def test_with_turn_detection_an_hour_of_silence_keeps_half_a_minute():
    speech = InputSpeech()
    speech.is_manual = False
    chunk = bytes(100 * MS)

    for _ in range(36_000):
        speech.append(chunk)

    kept_ms = speech.kept_bytes / MS
    assert speech.position_ms == 3_600_000
    assert kept_ms <= speech_module.LOOKBACK_MS + speech_module.TRIM_EVERY_MS + 200


def test_a_turn_that_nobody_ends_is_bounded_too_and_loses_its_beginning():
    speech = InputSpeech(lookback_ms=100, max_kept_ms=2_000)
    said(speech, 10_000, chunk_ms=100)
    speech.commit_sent()

    audio = speech.committed("a")

    assert len(audio) <= (2_000 + speech_module.TRIM_EVERY_MS + 200) * MS
    assert audio == sound(10_000 - len(audio) // MS, len(audio) // MS)


def test_starts_that_are_never_committed_do_not_hold_memory():
    speech = InputSpeech(lookback_ms=100)
    speech.is_manual = False
    for n in range(40):
        speech.started(f"item_{n}", n)
    said(speech, 5_000)
    speech.started("last", 4_000)
    speech.stopped("last", 4_500)

    assert speech.committed("last") == sound(4_000, 500)
    said(speech, 2_000)
    assert speech.kept_bytes <= (100 + speech_module.TRIM_EVERY_MS + 100) * MS


@settings(max_examples=50)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_every_millisecond_is_in_exactly_one_manual_turn(turns):
    speech = InputSpeech(lookback_ms=100)
    cut = []

    for turn_ms, n in zip(turns, itertools.count()):
        said(speech, turn_ms, chunk_ms=30)
        speech.commit_sent()
        cut.append(speech.committed(str(n)))

    assert b"".join(cut) == sound(0, sum(turns))


def test_a_time_beyond_all_times_is_the_end():
    speech = InputSpeech()
    speech.append(SECOND)
    speech.started("u", 500)
    speech.stopped("u", 1e308)

    assert speech.committed("u") == SECOND[24_000:]
    speech.started("w", 1e308)
    assert speech.committed("w") == b""


def test_a_commit_of_the_client_while_the_server_detects_turns_is_answered_once():
    speech = InputSpeech()
    speech.append(SECOND)
    speech.started("u", 100)
    speech.commit_sent()

    assert speech.committed("u") == SECOND[4_800:]

    speech.append(SECOND)
    assert speech.committed("next") == SECOND


def test_commits_are_known_by_their_event_until_they_are_answered():
    speech = InputSpeech()
    for event_id in ("commit_1", "commit_2", "commit_3"):
        speech.append(SECOND)
        speech.commit_sent(event_id)

    speech.committed("u")
    speech.commit_failed()

    found = [speech.is_commit(f"commit_{n}") for n in (1, 2, 3)]
    assert found == [False, False, True]

    speech.reset()
    assert not speech.is_commit("commit_3")


def test_of_very_many_commits_without_an_answer_only_the_newest_are_remembered():
    speech = InputSpeech()
    for n in range(MAX_COMMITS + 1):
        speech.commit_sent(f"commit_{n}")

    assert not speech.is_commit("commit_0")
    assert speech.is_commit(f"commit_{MAX_COMMITS}")


def test_sound_that_is_not_known_is_counted_and_what_follows_is_found_where_it_is():
    speech = InputSpeech()
    speech.append(sound(0, 100))
    speech.skip(4_900 * MS)
    said(speech, 1_000)
    speech.started("i1", 4_800.0)
    speech.stopped("i1", 5_400.0)

    assert speech.position_ms == 6_000
    assert speech.committed("i1") == sound(5_000, 400)  # the rest of it is not known
