"""The user's audio on its way to the server."""

import pytest

from console import pcm
from console.client import input_audio
from console.client.input_audio import MAX_APPEND_BYTES, MIN_COMMIT_MS
from console.realtime.events import Event

SOUND = b"\x01\x00" * 480


def append(**fields: object) -> Event:
    return Event("input_audio_buffer.append", None, dict(fields))


def test_a_chunk_of_the_microphone_is_one_piece_that_nobody_changes_any_more():
    microphone = bytearray(SOUND)

    pieces = input_audio.chunks(microphone)
    microphone[:] = bytes(len(SOUND))

    assert pieces == [SOUND]


def test_no_audio_is_no_piece():
    assert input_audio.chunks(b"") == []


def test_long_audio_is_cut_into_pieces_that_an_event_may_carry():
    sound = bytes(MAX_APPEND_BYTES) + SOUND

    pieces = input_audio.chunks(sound)

    assert [len(piece) for piece in pieces] == [MAX_APPEND_BYTES, len(SOUND)]
    assert b"".join(pieces) == sound


@pytest.mark.parametrize(
    "cut", [input_audio.chunks, lambda pcm: input_audio.encoded({"audio": pcm})]
)
def test_half_a_sample_is_refused(cut):
    with pytest.raises(ValueError, match="pairs of bytes"):
        cut(b"123")


def test_the_audio_of_an_event_is_found():
    assert input_audio.of_append(append(audio=pcm.encode(SOUND))) == SOUND


@pytest.mark.parametrize("fields", [{}, {"audio": 5}, {"audio": "§"}, {"audio": "AAAA"}])
def test_an_event_without_usable_audio_says_what_it_needs(fields):
    with pytest.raises(ValueError, match="needs 'audio', base64 PCM16"):
        input_audio.of_append(append(**fields))


@pytest.mark.parametrize("audio", [SOUND, bytearray(SOUND)])
def test_bytes_of_a_content_part_are_encoded_and_the_part_stays_as_it_was(audio):
    part = {"type": "input_audio", "audio": audio}

    assert input_audio.encoded(part) == {"type": "input_audio", "audio": pcm.encode(SOUND)}
    assert part["audio"] is audio


@pytest.mark.parametrize(
    "part", [{"type": "input_text", "text": "Hi"}, {"type": "input_audio", "audio": "AAAAAA=="}]
)
def test_what_the_wire_can_carry_stays_as_it_is(part):
    assert input_audio.encoded(part) == part


@pytest.mark.parametrize(
    ("pending_ms", "is_too_short"),
    [(0, False), (0.5, True), (MIN_COMMIT_MS - 1, True), (MIN_COMMIT_MS, False)],
)
def test_some_audio_but_less_than_an_item_needs_is_too_short(pending_ms, is_too_short):
    assert input_audio.is_too_short(pending_ms) == is_too_short


def test_too_little_audio_is_told_in_words():
    error = input_audio.too_short(99.0)

    assert str(error) == "Only 99 ms were said; a turn needs at least 100 ms. They were dropped."
