import pytest

from console.app.appended_sound import MAX_CHUNKS, AppendedSound


def test_a_place_is_a_time_also_within_a_chunk():
    sound = AppendedSound()
    sound.append(1_000, 100)
    sound.append(1_500, 100)

    assert sound.time_of(100) == 1_400, (
        "the second chunk began to be spoken 100 ms before it was sent"
    )
    assert sound.time_of(50) == 950
    assert sound.time_of(200) == 1_500


def test_what_was_never_sent_has_no_time():
    sound = AppendedSound()
    assert sound.time_of(0) is None
    sound.append(1_000, 100)

    assert sound.time_of(101) is None
    assert sound.time_of(-1) is None


def test_another_session_counts_from_its_own_first_sound():
    sound = AppendedSound()
    sound.append(1_000, 100)
    sound.clear()
    sound.append(9_000, 20)

    assert sound.time_of(20) == 9_000
    assert sound.time_of(100) is None


def test_only_the_latest_sound_is_remembered():
    sound = AppendedSound()
    for n in range(MAX_CHUNKS + 1):
        sound.append(n * 10, 10)

    assert sound.time_of(5) is None
    assert sound.time_of(15) == pytest.approx(5)
