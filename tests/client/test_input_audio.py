"""The user's audio on its way to the server."""

import pytest

from console import g711, pcm
from console.audio_format import AudioFormat
from console.client import input_audio
from console.client.input_audio import MAX_APPEND_BYTES, MIN_COMMIT_MS, InputAudio
from console.realtime import events
from console.realtime.events import Event
from tests.simulator.fake_senses import tone

SOUND = b"\x01\x00" * 480
SECOND = tone(1000)


def coded(kind: str) -> InputAudio:
    """Input audio of a session that has this format."""
    found = InputAudio()
    found.configured({"audio": {"input": {"format": {"type": kind}}}})
    return found


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


@pytest.mark.parametrize("cut", [input_audio.chunks, lambda pcm: InputAudio().part({"audio": pcm})])
def test_half_a_sample_is_refused(cut):
    with pytest.raises(ValueError, match="pairs of bytes"):
        cut(b"123")


def test_the_audio_of_an_event_is_found():
    assert InputAudio().of_append(append(audio=pcm.encode(SOUND))) == SOUND


@pytest.mark.parametrize("fields", [{}, {"audio": 5}, {"audio": "§"}, {"audio": "AAAA"}])
def test_an_event_without_usable_audio_says_what_it_needs(fields):
    with pytest.raises(ValueError, match="needs 'audio', base64 PCM16"):
        InputAudio().of_append(append(**fields))


@pytest.mark.parametrize("audio", [SOUND, bytearray(SOUND)])
def test_bytes_of_a_content_part_are_encoded_and_the_part_stays_as_it_was(audio):
    part = {"type": "input_audio", "audio": audio}

    assert InputAudio().part(part) == {"type": "input_audio", "audio": pcm.encode(SOUND)}
    assert part["audio"] is audio


@pytest.mark.parametrize(
    "part", [{"type": "input_text", "text": "Hi"}, {"type": "input_audio", "audio": "AAAAAA=="}]
)
def test_what_the_wire_can_carry_stays_as_it_is(part):
    assert InputAudio().part(part) == part


@pytest.mark.parametrize(
    ("pending_ms", "is_too_short"),
    [(0, False), (0.5, True), (MIN_COMMIT_MS - 1, True), (MIN_COMMIT_MS, False)],
)
def test_some_audio_but_less_than_an_item_needs_is_too_short(pending_ms, is_too_short):
    assert input_audio.is_too_short(pending_ms) == is_too_short


def test_too_little_audio_is_told_in_words():
    error = input_audio.too_short(99.0)

    assert str(error) == "Only 99 ms were said; a turn needs at least 100 ms. They were dropped."


@pytest.mark.parametrize(
    ("session", "audio_format"),
    [
        ({}, AudioFormat.PCM),
        ({"audio": None}, AudioFormat.PCM),
        ({"audio": {"input": {"format": {"type": "audio/opus"}}}}, AudioFormat.PCM),
        ({"audio": {"input": {"format": {"type": "audio/pcma"}}}}, AudioFormat.PCMA),
    ],
)
def test_the_format_of_a_session_is_pcm_unless_it_says_another_that_we_know(session, audio_format):
    assert input_audio.format_of(session, "input") is audio_format


def test_pcm_passes_untouched():
    audio = InputAudio()
    event = events.item_create({"content": [{"type": "input_audio", "audio": "AAAA"}]})

    assert audio.encode(SOUND) is SOUND
    assert audio.rest() == b""
    assert audio.item_in_pcm(event) is event


@pytest.mark.parametrize(
    ("kind", "decode"), [("audio/pcmu", g711.ulaw_decode), ("audio/pcma", g711.alaw_decode)]
)
def test_the_microphone_becomes_what_the_session_wants_without_a_gap(kind, decode):
    audio = coded(kind)

    pieces = [audio.encode(SECOND[at : at + 960]) for at in range(0, len(SECOND), 960)]
    wire = b"".join([*pieces, audio.rest()])

    assert len(wire) == 8000
    assert pcm.rms_dbfs(decode(wire)) == pytest.approx(pcm.rms_dbfs(SECOND), abs=0.3)


def test_a_new_stream_begins_after_the_rest():
    audio = coded("audio/pcmu")
    whole = audio.encode(SECOND) + audio.rest()

    again = audio.encode(SECOND) + audio.rest()

    assert again == whole


def test_the_same_format_goes_on_and_another_begins_anew():
    audio = coded("audio/pcmu")
    first = audio.encode(SECOND)
    audio.configured({"audio": {"input": {"format": {"type": "audio/pcmu"}}}})
    assert len(first + audio.rest()) == 8000

    audio.encode(SECOND)
    audio.configured({})

    assert audio.rest() == b""
    assert audio.encode(SOUND) == SOUND


def test_audio_of_an_item_travels_in_the_sessions_format_and_is_kept_as_pcm():
    audio = coded("audio/pcma")
    text = {"type": "input_text", "text": "Hi"}

    part = audio.part({"type": "input_audio", "audio": SECOND})
    event = audio.item_in_pcm(events.item_create({"id": "i", "content": [text, part]}))

    assert len(pcm.decode(part["audio"])) == 8000
    kept = pcm.decode(event.fields["item"]["content"][1]["audio"])
    assert len(kept) == len(SECOND)
    assert pcm.rms_dbfs(kept) == pytest.approx(pcm.rms_dbfs(SECOND), abs=0.3)
    assert event.fields["item"]["content"][0] == text
    assert event.fields["item"]["id"] == "i"


def test_audio_that_cannot_be_read_is_left_to_the_server():
    part = {"type": "input_audio", "audio": "§"}

    event = coded("audio/pcmu").item_in_pcm(events.item_create({"content": [part]}))

    assert event.fields["item"]["content"] == [part]


def test_the_audio_of_an_event_is_read_in_the_sessions_format():
    audio = coded("audio/pcmu")

    found = audio.of_append(append(audio=pcm.encode(bytes([0xFF]) * 80)))

    assert len(found) == 480
    with pytest.raises(ValueError, match="base64 of audio/pcmu"):
        audio.of_append(append(audio="§"))
