"""PCM16: units and conversions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import pcm

CHUNKS = st.binary(max_size=200).map(lambda data: data[: len(data) & ~1])


def test_a_second_is_24000_samples_and_48000_bytes():
    assert pcm.samples_to_ms(24_000) == 1000
    assert pcm.bytes_to_ms(48_000) == 1000
    assert pcm.ms_to_samples(1000) == 24_000
    assert pcm.ms_to_samples(0.99) == 23


@given(CHUNKS)
def test_base64_there_and_back_is_the_same(chunk):
    assert pcm.decode(pcm.encode(chunk)) == chunk


@given(CHUNKS)
def test_float_there_and_back_is_the_same(chunk):
    assert pcm.from_float(pcm.to_float(chunk)) == chunk


@given(st.lists(st.floats(width=32), min_size=20, max_size=20))
def test_any_float_becomes_a_sample(samples):
    chunk = pcm.from_float(samples)

    assert len(chunk) == 40
    pcm.check_chunk(chunk)


def test_floats_outside_are_clipped_and_nan_is_silence():
    chunk = pcm.from_float([2.0, -2.0, float("nan"), float("inf"), 0.5])

    assert pcm.to_int16(chunk).tolist() == [32_767, -32_768, 0, 32_767, 16_384]


def test_encoding_a_slice_encodes_the_slice_only():
    recording = bytearray(range(100))

    assert pcm.decode(pcm.encode(memoryview(recording)[2:6])) == bytes([2, 3, 4, 5])


@pytest.mark.parametrize("text", ["A", "AA=", "A§==", "AAAA AAAA"])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        pcm.decode(text)


@pytest.mark.parametrize("chunk", [b"1", bytearray(3)])
def test_half_a_sample_is_refused_with_what_to_do(chunk):
    with pytest.raises(ValueError, match=f"has {len(chunk)} bytes; pass whole samples"):
        pcm.check_chunk(chunk)


def test_levels_are_in_db_below_full_scale():
    full = pcm.from_float([1.0, -1.0] * 100)
    half = pcm.from_float([0.5, -0.5] * 100)

    assert pcm.rms_dbfs(full) == pytest.approx(0, abs=0.01)
    assert pcm.rms_dbfs(half) == pytest.approx(-6.02, abs=0.01)
    assert pcm.rms_dbfs(bytes(100)) == -120
    assert pcm.rms_dbfs(b"") == -120
