import numpy as np
import pytest
from av import CodecContext
from av.packet import Packet

from console import pcm
from console.simulator.service import opus_encoder
from console.simulator.service.call_speaker import FRAME_BYTES
from console.simulator.service.opus_encoder import OpusEncoder
from tests.simulator.fake_senses import tone


def frames(audio):
    return [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]


def decoded(packets):
    codec = CodecContext.create("libopus", "r")
    out = [f.to_ndarray() for p in packets for f in codec.decode(Packet(bytes(p)))]
    return np.concatenate([each.reshape(-1) for each in out]).astype(np.float64)


def test_packets_follow_each_other_by_20_ms_of_rtp_time():
    encoder = OpusEncoder()
    packets = [encoder.encode(each) for each in [*frames(tone(100)), None, None]]

    assert [each.pts for each in packets] == [960 * n for n in range(7)]
    assert {each.time_base for each in packets} == {opus_encoder._RTP_TIME}


def test_what_was_said_can_be_heard():
    encoder = OpusEncoder()
    heard = decoded([encoder.encode(each) for each in frames(tone(1000))])
    middle = heard[len(heard) // 4 : -len(heard) // 4]
    rate_hz = len(heard)  # of one second
    spectrum = np.abs(np.fft.rfft(middle))

    assert np.argmax(spectrum) * rate_hz / len(middle) == pytest.approx(440, abs=4)


def test_long_silence_costs_nothing_and_is_silent(monkeypatch):
    encoder = OpusEncoder()
    encoded = []
    original = encoder._encoded

    def count(audio):
        encoded.append(audio)
        return original(audio)

    monkeypatch.setattr(encoder, "_encoded", count)
    speech = [encoder.encode(each) for each in frames(tone(200))]
    silent = [encoder.encode(None) for _ in range(100)]
    heard = decoded([*speech, *silent])

    assert encoder.is_settled
    assert len(encoded) == 10 + opus_encoder.SETTLING_FRAMES
    assert bytes(silent[-1]) == bytes(silent[20])
    loud, late = heard[: len(heard) // 11], heard[len(heard) // 2 :]
    assert np.abs(late).max() < np.abs(loud).max() / 1000


def test_after_silence_it_goes_on():
    encoder = OpusEncoder()
    packets = [encoder.encode(each) for each in [*[None] * 50, *frames(tone(1000))]]

    assert not encoder.is_settled
    heard = decoded(packets)

    assert np.abs(heard[-len(heard) // 4 :]).max() > np.abs(heard).max() / 2
    assert pcm.bytes_to_ms(FRAME_BYTES) == 20
