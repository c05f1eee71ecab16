"""Streams between the wire's formats and PCM16 24 kHz."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console import pcm
from console.audio_format import AudioFormat, Decoder, Encoder, of_wire

PHONE = [AudioFormat.PCMU, AudioFormat.PCMA]


def tone(hz, duration_ms, rate_hz=24_000, level=0.5):
    t = np.arange(duration_ms * rate_hz // 1000) / rate_hz
    return pcm.from_float(level * np.sin(2 * np.pi * hz * t))


def in_chunks(convert, data, size):
    """Push `data` through in chunks of `size` and end the stream."""
    starts = range(0, len(data), size)
    ready = [convert(data[at : at + size]) for at in starts]
    return b"".join(ready) + convert(b"", last=True)


def strength_db(pcm24k, hz):
    """How strong one frequency is, against full scale."""
    samples = pcm.to_float(pcm24k)[1200:-1200]
    t = np.arange(len(samples)) / 24_000
    found = 2 * abs(np.mean(samples * np.exp(-2j * np.pi * hz * t)))
    return 20 * np.log10(found + 1e-9)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"type": "audio/pcm", "rate": 24_000}, AudioFormat.PCM),
        ({"type": "audio/pcmu"}, AudioFormat.PCMU),
        ({"type": "audio/pcma"}, AudioFormat.PCMA),
    ],
)
def test_a_format_is_read_and_shown_as_on_the_wire(shown, expected):
    assert of_wire(shown) is expected
    assert expected.wire() == shown


@pytest.mark.parametrize("shown", [{}, {"type": "audio/mp3"}, {"type": None}, {"type": ["x"]}])
def test_an_unknown_format_is_named_with_the_known_ones(shown):
    with pytest.raises(ValueError, match="known are audio/pcm, audio/pcmu, audio/pcma"):
        of_wire(shown)


def test_durations_follow_the_rate_and_the_size_of_a_sample():
    assert AudioFormat.PCM.duration_ms(48_000) == 1000
    assert AudioFormat.PCMU.duration_ms(8000) == 1000


def test_pcm_passes_through_untouched():
    chunk = b"\x01\x02\x03\x04"

    assert Encoder(AudioFormat.PCM).encode(chunk) is chunk
    assert Decoder(AudioFormat.PCM).decode(chunk, last=True) is chunk
    assert Decoder(AudioFormat.PCM).n_held == 0


@pytest.mark.parametrize("audio_format", list(AudioFormat))
def test_half_a_sample_of_pcm_is_refused_and_the_stream_goes_on(audio_format):
    encoder = Encoder(audio_format)
    with pytest.raises(ValueError, match="5 bytes"):
        encoder.encode(b"\0" * 5)

    assert encoder.encode(b"\0" * 4800, last=True) == Encoder(audio_format).encode(
        b"\0" * 4800, last=True
    )


def test_half_a_sample_of_pcm_from_the_wire_is_refused():
    with pytest.raises(ValueError, match="1 bytes"):
        Decoder(AudioFormat.PCM).decode(b"\0")


@pytest.mark.parametrize("audio_format", PHONE)
@given(n_samples=st.integers(0, 5000), size=st.integers(40, 3000))
@settings(max_examples=30, deadline=None)
def test_the_way_of_cutting_a_stream_makes_no_difference(audio_format, n_samples, size):
    audio = tone(440, 250)[: 2 * n_samples]
    whole = Encoder(audio_format).encode(audio, last=True)

    assert in_chunks(Encoder(audio_format).encode, audio, 2 * size) == whole
    decoded = in_chunks(Decoder(audio_format).decode, whole, size)
    assert decoded == Decoder(audio_format).decode(whole, last=True)


@pytest.mark.parametrize("audio_format", PHONE)
@given(n_samples=st.integers(0, 30_000))
@settings(max_examples=30, deadline=None)
def test_durations_agree_within_one_sample_of_the_lower_rate(audio_format, n_samples):
    wire = Encoder(audio_format).encode(bytes(2 * n_samples), last=True)
    back = Decoder(audio_format).decode(wire, last=True)

    assert abs(len(wire) - n_samples / 3) < 1
    assert len(back) == 2 * 3 * len(wire)


@pytest.mark.parametrize("audio_format", PHONE)
def test_less_than_80_ms_are_held_back_and_the_last_chunk_brings_them(audio_format):
    decoder = Decoder(audio_format)
    n_given = n_got = 0
    for _ in range(50):
        n_got += len(decoder.decode(bytes(160))) // 2
        n_given += 3 * 160

        assert decoder.n_held == n_given - n_got
        assert 0 <= pcm.samples_to_ms(decoder.n_held) < 80
    n_got += len(decoder.decode(b"", last=True)) // 2

    assert (n_got, decoder.n_held) == (n_given, 0)


@pytest.mark.parametrize("audio_format", PHONE)
def test_speech_frequencies_arrive_in_place_and_in_strength(audio_format):
    sent = tone(1000, 500)
    heard = Decoder(audio_format).decode(Encoder(audio_format).encode(sent, last=True), last=True)

    # A quarter of a period late would already be an error of the tone's own size.
    difference = pcm.to_float(heard)[1200:-1200] - pcm.to_float(sent)[1200:-1200]
    assert np.abs(difference).max() < 0.03
    assert abs(strength_db(heard, 1000) - strength_db(sent, 1000)) < 0.2
    for hz in (300, 3400):
        loud = tone(hz, 500)
        coded = Encoder(audio_format).encode(loud, last=True)
        heard = Decoder(audio_format).decode(coded, last=True)
        assert abs(strength_db(heard, hz) - strength_db(loud, hz)) < 0.5


@pytest.mark.parametrize("audio_format", PHONE)
def test_what_a_telephone_cannot_carry_does_not_fold_back(audio_format):
    coded = Encoder(audio_format).encode(tone(5000, 500), last=True)
    heard = Decoder(audio_format).decode(coded, last=True)

    assert strength_db(heard, 3000) < -60
    assert strength_db(heard, 5000) < -60


@pytest.mark.parametrize("audio_format", PHONE)
def test_after_the_last_chunk_a_new_stream_begins(audio_format):
    encoder = Encoder(audio_format)
    first = encoder.encode(tone(440, 100), last=True)

    assert encoder.encode(tone(440, 100), last=True) == first
