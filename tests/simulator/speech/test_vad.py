from __future__ import annotations

import numpy as np
import pytest

from console import pcm
from console.simulator.senses import SpeechStarted, SpeechStopped
from console.simulator.speech.vad import FRAME_MS, LocalModel, SileroTurnDetector
from tests import speech

SENTENCE = "what is the weather in paris"


def push_all(detector: SileroTurnDetector, audio: bytes, chunk_ms: int = 20):
    size = chunk_ms * pcm.BYTES_PER_MS
    parts = (audio[at : at + size] for at in range(0, len(audio), size))
    return [each for part in parts for each in detector.push(part)]


def onset_ms(audio: bytes) -> float:
    """Where the audio first is louder than a hundredth of full scale."""
    return pcm.samples_to_ms(int(np.argmax(np.abs(pcm.to_float(audio)) > 0.01)))


@pytest.mark.parametrize("voice", speech.VOICES)
def test_one_sentence_is_one_turn_around_the_speech(voice):
    said = speech.say(SENTENCE, voice)
    began_ms = 1000 + onset_ms(said)
    ended_ms = 1000 + pcm.bytes_to_ms(len(said))

    started, stopped = push_all(SileroTurnDetector(), speech.turn(SENTENCE, voice, before_ms=1000))

    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    # The padding of 300 ms must keep the first sound, and not much more.
    assert began_ms - 400 <= started.audio_start_ms <= began_ms
    assert ended_ms + 200 <= stopped.audio_end_ms <= ended_ms + 500 + 2 * FRAME_MS


def test_boundaries_lie_on_frames_of_32_ms():
    detector = SileroTurnDetector()
    detector.configure(threshold=0.5, prefix_padding_ms=301, silence_duration_ms=250)

    started, stopped = push_all(detector, speech.turn(SENTENCE, before_ms=1000))

    assert (started.audio_start_ms + 301) % FRAME_MS == 0
    assert stopped.audio_end_ms % FRAME_MS == 0


def test_the_start_is_never_before_the_first_sample():
    detector = SileroTurnDetector()
    detector.configure(threshold=0.5, prefix_padding_ms=5000, silence_duration_ms=500)

    started, _ = push_all(detector, speech.turn(SENTENCE))

    assert started == SpeechStarted(0)


@pytest.mark.parametrize("chunk_ms", [1, 7, 100, 100_000])
def test_the_size_of_the_chunks_changes_nothing(chunk_ms):
    audio = speech.turn(SENTENCE) + speech.turn("tell me a joke", "rms")

    assert push_all(SileroTurnDetector(), audio, chunk_ms) == push_all(SileroTurnDetector(), audio)


def test_a_longer_silence_duration_joins_what_a_shorter_one_parts():
    audio = speech.turn("hello", after_ms=100) + speech.turn("tell me a joke", before_ms=100)
    patient, hasty = SileroTurnDetector(), SileroTurnDetector()
    patient.configure(threshold=0.5, prefix_padding_ms=0, silence_duration_ms=800)
    hasty.configure(threshold=0.5, prefix_padding_ms=0, silence_duration_ms=200)

    assert len(push_all(patient, audio)) == 2
    assert len(push_all(hasty, audio)) == 4


def test_settings_can_change_in_the_middle_of_speech():
    audio = speech.turn(SENTENCE, before_ms=0, after_ms=0)
    detector = SileroTurnDetector()
    assert len(push_all(detector, audio)) == 1

    detector.configure(threshold=0.5, prefix_padding_ms=300, silence_duration_ms=1500)

    assert push_all(detector, speech.silence(1300)) == []
    assert len(push_all(detector, speech.silence(1000))) == 1


@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "clicks"])
def test_what_is_not_speech_starts_nothing(kind):
    n_samples = 5 * pcm.SAMPLE_RATE_HZ
    rng = np.random.default_rng(1)
    clicks = np.zeros(n_samples)
    clicks[:: pcm.SAMPLE_RATE_HZ // 3] = 0.9
    signal = {
        "silence": np.zeros(n_samples),
        "noise": rng.normal(0, 0.05, n_samples),
        "hum": 0.3 * np.sin(2 * np.pi * 50 * np.arange(n_samples) / pcm.SAMPLE_RATE_HZ),
        "clicks": clicks,
    }[kind]

    assert push_all(SileroTurnDetector(), pcm.from_float(signal)) == []


def test_speech_is_found_in_noise_as_loud_as_a_fifth_of_it():
    audio = speech.turn(SENTENCE, before_ms=1000, after_ms=1500)
    loud = pcm.to_float(audio)
    level = float(np.std(pcm.to_float(speech.say(SENTENCE))))
    noise = np.random.default_rng(2).normal(0, level / 5, len(loud))

    started, _ = push_all(SileroTurnDetector(), pcm.from_float(loud + noise))

    assert 600 <= started.audio_start_ms <= 1100


def test_a_reset_forgets_the_speech_and_counts_from_the_given_position():
    detector = SileroTurnDetector()
    push_all(detector, speech.turn(SENTENCE, after_ms=0))
    fresh = push_all(SileroTurnDetector(), speech.turn(SENTENCE, before_ms=1000))

    detector.reset(position_ms=320_000)
    started, stopped = push_all(detector, speech.turn(SENTENCE, before_ms=1000))

    assert started.audio_start_ms == 320_000 + fresh[0].audio_start_ms
    assert stopped.audio_end_ms == 320_000 + fresh[1].audio_end_ms


def test_after_a_reset_between_two_frames_boundaries_still_lie_on_frames():
    detector = SileroTurnDetector()

    detector.reset(position_ms=1005)
    started, stopped = push_all(detector, speech.turn(SENTENCE, before_ms=1000))

    assert (started.audio_start_ms + 300) % FRAME_MS == 0
    assert stopped.audio_end_ms % FRAME_MS == 0


def test_the_start_is_never_before_the_position_of_the_reset():
    detector = SileroTurnDetector()

    detector.reset(position_ms=5000)
    started, _ = push_all(detector, speech.turn(SENTENCE, before_ms=0))

    assert started == SpeechStarted(5000)


def test_half_a_sample_is_refused():
    with pytest.raises(ValueError, match="pairs of bytes"):
        SileroTurnDetector().push(b"abc")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ((1.1, 0, 0), "threshold"),
        ((-0.1, 0, 0), "threshold"),
        ((0.5, -1, 0), "-1"),
        ((0.5, 0, -1), "-1"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings, named):
    with pytest.raises(ValueError, match=named):
        SileroTurnDetector().configure(*settings)


def test_a_negative_position_is_refused():
    with pytest.raises(ValueError, match="position"):
        SileroTurnDetector().reset(-1)


class CountingModel(LocalModel):
    n_frames = 0

    def judge(self, frames):
        self.n_frames += len(frames)
        return super().judge(frames)


def test_long_silence_costs_next_to_nothing():
    detector, model = SileroTurnDetector(), CountingModel()
    detector.move(model)
    detector.push(speech.silence(60_000))

    assert model.n_frames <= 10


def test_turns_after_long_silence_are_found_where_they_are():
    said = speech.say("tell me a joke")
    frames = 100
    soon = SileroTurnDetector().push(speech.silence(960) + said + speech.silence(960))
    late = SileroTurnDetector().push(
        speech.silence(960 + frames * FRAME_MS) + said + speech.silence(960)
    )

    assert [(type(each), position_ms(each)) for each in late] == [
        (type(each), position_ms(each) + frames * FRAME_MS) for each in soon
    ]
    assert len(soon) == 2


def position_ms(boundary):
    if isinstance(boundary, SpeechStarted):
        return boundary.audio_start_ms
    return boundary.audio_end_ms


def test_soft_speech_is_no_silence():
    softly = pcm.from_float(pcm.to_float(speech.turn("tell me a joke")) * 0.03)

    assert [type(each) for each in SileroTurnDetector().push(softly)] == [
        SpeechStarted,
        SpeechStopped,
    ]
