import os
import signal

import numpy as np
import pytest
import soxr

from console import pcm
from console.errors import SpeechEngineError
from console.simulator.speech.vad import LocalModel
from console.simulator.speech.vad_process import VadProcess
from console.simulator.speech.vad_program import FRAME_SAMPLES
from tests import speech


@pytest.fixture(scope="module")
def process():
    process = VadProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def frames():
    samples = soxr.resample(pcm.to_float(speech.say("tell me a joke")), 24_000, 16_000)
    n = len(samples) // FRAME_SAMPLES
    return samples[: n * FRAME_SAMPLES].reshape(n, FRAME_SAMPLES).astype(np.float32)


def test_it_judges_as_the_model_does_here(process, frames):
    model, local = process.new_model(), LocalModel()

    judged = [each for at in range(0, len(frames), 3) for each in model.judge(frames[at : at + 3])]

    assert judged == pytest.approx(local.judge(frames))
    assert max(judged) > 0.9


def test_models_do_not_hear_each_other_and_forget_when_told(process, frames):
    one, other = process.new_model(), process.new_model()
    first = one.judge(frames)
    other.judge(frames[::-1])
    one.reset()

    assert one.judge(frames) == first
    one.close()
    assert one.judge(frames) == first


def test_a_process_that_dies_is_started_again(frames, caplog):
    process = VadProcess()
    model = process.new_model()
    expected = model.judge(frames)
    killed = process._process
    assert killed is not None
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    model.reset()

    assert model.judge(frames) == expected
    assert "started again" in caplog.text
    process.close()


def test_a_process_that_cannot_be_started_is_told(monkeypatch, frames):
    monkeypatch.setattr("console.simulator.speech.vad_process.sys.executable", "/absent/python")

    with pytest.raises(SpeechEngineError, match="cannot be started"):
        VadProcess().new_model().judge(frames)


def test_one_that_dies_at_once_is_given_up(monkeypatch, frames):
    monkeypatch.setattr("console.simulator.speech.vad_process.sys.executable", "/bin/false")

    with pytest.raises(SpeechEngineError, match="in the middle of its work"):
        VadProcess().new_model().judge(frames)


def test_nothing_is_judged_after_the_end(frames):
    process = VadProcess()
    model = process.new_model()
    model.judge(frames[:1])
    ended = process._process
    assert ended is not None
    process.close()
    process.close()
    model.close()

    assert ended.poll() is not None
    with pytest.raises(SpeechEngineError, match="closed"):
        model.judge(frames)
