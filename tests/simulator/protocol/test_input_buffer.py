from hypothesis import given
from hypothesis import strategies as st

from console.pcm import BYTES_PER_MS
from console.simulator.protocol.input_buffer import InputBuffer


def audio(first_ms, end_ms):
    """Audio in which every millisecond carries its own position."""
    return b"".join(bytes([ms % 251]) * BYTES_PER_MS for ms in range(first_ms, end_ms))


def test_take_returns_the_audio_between_two_positions_and_keeps_the_rest():
    buffer = InputBuffer()
    buffer.append(audio(0, 100))
    taken = buffer.take(20, 60)

    assert taken == audio(20, 60)
    assert (buffer.n_samples, buffer.end_ms) == (40 * 24, 100)


def test_positions_go_on_after_a_clear():
    buffer = InputBuffer()
    buffer.append(audio(0, 50))
    buffer.clear()
    buffer.append(audio(50, 90))

    assert (buffer.n_samples, buffer.end_ms) == (40 * 24, 90)
    assert buffer.take(50, 60) == audio(50, 60)


def test_keep_last_drops_the_oldest():
    buffer = InputBuffer()
    buffer.append(audio(0, 100))
    buffer.keep_last(30)

    assert buffer.take_all() == audio(70, 100)
    assert buffer.n_samples == 0


def test_what_is_no_longer_or_not_yet_there_is_left_out():
    buffer = InputBuffer()
    buffer.append(audio(0, 100))
    buffer.keep_last(50)

    assert buffer.take(10, 500) == audio(50, 100)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60), st.integers(0, 60)), max_size=12))
def test_every_take_equals_the_same_slice_of_all_audio_still_held(steps):
    buffer, appended, dropped = InputBuffer(), 0, 0
    for added, start, length in steps:
        buffer.append(audio(appended, appended + added))
        appended += added
        end = min(start + length, appended)
        expected = audio(max(start, dropped), end) if end > max(start, dropped) else b""

        assert buffer.take(start, start + length) == expected
        dropped = max(dropped, end)
        assert buffer.n_samples == (appended - dropped) * 24
        assert buffer.end_ms == appended
