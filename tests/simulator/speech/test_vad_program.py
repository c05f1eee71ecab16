import io

import numpy as np
import pytest

from console.simulator.speech.vad_program import (
    FORGET,
    FRAME_SAMPLES,
    HEADER,
    JUDGE,
    RESET,
    serve,
)


class CountingModel:
    """Answers with how many frames it has judged since the last reset."""

    made = 0

    def __init__(self):
        CountingModel.made += 1
        self.n = 0

    def process_samples(self, samples):
        assert len(samples) == FRAME_SAMPLES
        self.n += 1
        return self.n

    def reset(self):
        self.n = 0


def frames(n):
    return np.zeros((n, FRAME_SAMPLES), np.float32).tobytes()


def judge(number, n):
    return HEADER.pack(number, JUDGE, n) + frames(n)


@pytest.fixture(autouse=True)
def nothing_made():
    CountingModel.made = 0


def answers_to(*requests):
    out = io.BytesIO()
    serve(io.BytesIO(b"".join(requests)), out, CountingModel)
    return np.frombuffer(out.getvalue(), np.float32).tolist()


def test_each_detector_has_a_model_that_remembers():
    assert answers_to(judge(1, 2), judge(2, 1), judge(1, 1)) == [1, 2, 1, 3]
    assert CountingModel.made == 2


def test_a_reset_forgets_what_was_heard_and_keeps_the_model():
    assert answers_to(judge(1, 2), HEADER.pack(1, RESET, 0), judge(1, 1)) == [1, 2, 1]
    assert CountingModel.made == 1


def test_a_model_that_is_let_go_of_is_gone():
    forget = HEADER.pack(1, FORGET, 0)

    assert answers_to(judge(1, 1), forget, forget, judge(1, 1)) == [1, 1]
    assert CountingModel.made == 2


def test_it_ends_with_its_requests():
    assert answers_to() == []
    assert answers_to(b"\x00") == []
