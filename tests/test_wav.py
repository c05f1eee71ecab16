"""PCM16 to WAV and back."""

import io
import struct
import wave

import pytest

from console import wav

SOUND = bytes(range(100))


def written(channels: int = 1, width: int = 2, rate: int = 24_000, data: bytes = SOUND) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(data)
    return file.getvalue()


def test_the_file_is_what_the_standard_library_writes():
    assert wav.pack(SOUND, 16_000) == written(rate=16_000)


def test_the_size_in_the_header_counts_the_data():
    file = wav.pack(SOUND)

    assert int.from_bytes(file[4:8], "little") == len(file) - 8
    assert len(wav.header(100)) == 44


def test_there_and_back_is_the_same():
    assert wav.unpack(wav.pack(SOUND, 8_000)) == (SOUND, 8_000)


def test_of_two_channels_the_first_is_taken():
    data = b"".join(SOUND[at : at + 2] + b"\xff\xff" for at in range(0, 100, 2))

    assert wav.unpack(written(channels=2, data=data))[0] == SOUND


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("n_cut", [1, 2, 3])
def test_a_file_that_was_cut_in_mid_sample_gives_the_whole_ones(channels, n_cut):
    first, _ = wav.unpack(written(channels=channels))

    cut, _ = wav.unpack(written(channels=channels)[:-n_cut])

    n_whole = (len(SOUND) - n_cut) // (2 * channels)
    assert cut == first[: 2 * n_whole]


def test_half_a_sample_is_refused():
    with pytest.raises(ValueError, match="pairs of bytes"):
        wav.pack(b"1")


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a file at all, but long enough for a header"])
def test_what_is_no_wav_file_is_refused(data):
    with pytest.raises(ValueError, match=r"not a WAV file that can be read: \w"):
        wav.unpack(data)


def test_other_sample_sizes_are_refused():
    with pytest.raises(ValueError, match="expected 16-bit samples, got 8-bit"):
        wav.unpack(written(width=1))


def extensible(subformat: str, *, before: bytes = b"", data: bytes = SOUND) -> bytes:
    """Return a WAV file of one channel, 16 bits, 48 kHz, that names its format in the long way."""
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 48_000, 96_000, 2, 16, 22, 16, 0)
    form += bytes.fromhex(subformat)
    chunks = before + b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize("before", [b"", b"JUNK\x03\0\0\0abc\0"])
def test_pcm_that_is_named_in_the_long_way_is_read(before):
    file = extensible("0100000000001000800000aa00389b71", before=before)

    assert wav.unpack(file) == (SOUND, 48_000)


def test_other_formats_that_are_named_in_the_long_way_are_refused():
    floats = extensible("0300000000001000800000aa00389b71")

    with pytest.raises(ValueError, match="not a WAV file that can be read: unknown"):
        wav.unpack(floats)


def test_the_type_of_a_wav_file_is_that_of_wav():
    assert wav.MIME_TYPE == "audio/wav"
