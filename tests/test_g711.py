"""The two laws, against a scalar reading of the standard's tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode

EVERY_SAMPLE = np.arange(-32_768, 32_768, dtype="<i2").tobytes()
EVERY_CODE = bytes(range(256))


def ulaw_reference(sample: int) -> int:
    """Look the sample up among the decision values, segment by segment (table 2a)."""
    magnitude = min((~sample if sample < 0 else sample) >> 2, 8158)
    low = 0
    for segment in range(8):
        # The first segment's first step is half as wide: it begins below zero, at -1.
        width = 2 << segment
        first = low - 1 if segment == 0 else low
        if magnitude < first + 16 * width:
            step = (magnitude - first) // width
            break
        low = first + 16 * width
    inverted = 127 - (segment * 16 + step)
    return inverted if sample < 0 else 128 + inverted


def alaw_reference(sample: int) -> int:
    """Look the sample up among the decision values, segment by segment (table 1a)."""
    magnitude = (~sample if sample < 0 else sample) >> 4
    starts = [0, 16, 32, 64, 128, 256, 512, 1024]
    segment = max(each for each in range(8) if magnitude >= starts[each])
    width = max(1, starts[segment] // 16)
    number = segment * 16 + (magnitude - starts[segment]) // width
    return (number + (128 if sample >= 0 else 0)) ^ 0b0101_0101


LAWS = [
    pytest.param(ulaw_encode, ulaw_decode, ulaw_reference, id="u-law"),
    pytest.param(alaw_encode, alaw_decode, alaw_reference, id="a-law"),
]


def linear(codes, decode):
    return np.frombuffer(decode(codes), dtype="<i2").astype(int)


@pytest.mark.parametrize(("encode", "decode", "reference"), LAWS)
def test_every_sample_gets_the_code_of_the_standards_table(encode, decode, reference):
    expected = bytes(reference(sample) for sample in range(-32_768, 32_768))

    assert encode(EVERY_SAMPLE) == expected


@pytest.mark.parametrize(
    ("decode", "code", "sample"),
    [
        (ulaw_decode, 0xFF, 0),
        (ulaw_decode, 0x7F, 0),
        (ulaw_decode, 0xFE, 8),
        (ulaw_decode, 0xEF, 132),
        (ulaw_decode, 0x80, 32_124),
        (ulaw_decode, 0x00, -32_124),
        (alaw_decode, 0xD5, 8),
        (alaw_decode, 0x55, -8),
        (alaw_decode, 0xC5, 264),
        (alaw_decode, 0xAA, 32_256),
        (alaw_decode, 0x2A, -32_256),
    ],
)
def test_known_codes_stand_for_known_samples(decode, code, sample):
    assert linear(bytes([code]), decode).tolist() == [sample]


@pytest.mark.parametrize(("encode", "decode", "reference"), LAWS)
def test_coding_what_was_decoded_changes_nothing(encode, decode, reference):
    once = decode(EVERY_CODE)

    assert decode(encode(once)) == once


@pytest.mark.parametrize(("encode", "decode", "reference"), LAWS)
def test_louder_samples_never_decode_to_softer_ones(encode, decode, reference):
    heard = linear(encode(EVERY_SAMPLE), decode)

    assert np.all(np.diff(heard) >= 0)


@pytest.mark.parametrize(("encode", "decode", "reference"), LAWS)
def test_the_error_is_at_most_half_a_step_of_the_segment(encode, decode, reference):
    samples = np.arange(-32_768, 32_768)
    error = np.abs(linear(encode(EVERY_SAMPLE), decode) - samples)
    # Half a step is a 32nd of where its segment begins (the µ-law's begin 132 lower), and what is
    # beyond the last step is clipped to it.
    within = np.abs(samples) <= 32_124
    assert np.all(error[within] <= np.maximum(8, (np.abs(samples[within]) + 132) / 32))
    assert error.max() <= 32_768 - 32_124


@pytest.mark.parametrize(("encode", "decode", "reference"), LAWS)
@given(codes=st.binary(max_size=64))
def test_a_code_is_one_byte_and_a_sample_two(encode, decode, reference, codes):
    samples = decode(codes)

    assert len(samples) == 2 * len(codes)
    assert len(encode(bytearray(samples))) == len(codes)


@pytest.mark.parametrize("encode", [ulaw_encode, alaw_encode])
def test_half_a_sample_is_refused(encode):
    with pytest.raises(ValueError, match="3 bytes"):
        encode(b"\0\0\0")
