from __future__ import annotations

import sys

import pytest

from console import pcm
from console.simulator.speech import whisper_process
from tests.simulator.stub_packages import use


@pytest.fixture
def work(tmp_path, monkeypatch):
    use(monkeypatch)
    monkeypatch.setattr(sys, "argv", ["whisper_process", str(tmp_path)])
    yield whisper_process._load()
    sys.modules.pop("faster_whisper")


def ask(work, is_cancelled=lambda: False, hint=""):
    answers = []
    sound = pcm.from_float([0.1] * 16_000)
    work({"hint": hint}, sound, lambda header, _: answers.append(header), is_cancelled)
    return answers


def test_the_text_of_all_segments_is_answered(work):
    (answer,) = ask(work, hint="tea")

    assert answer["text"] == "1.0 seconds, hint tea."
    assert 0 < answer["confidence"] < 1


def test_what_nobody_wants_any_more_is_not_answered(work):
    assert ask(work, is_cancelled=lambda: True) == []
