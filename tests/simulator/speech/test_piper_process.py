from __future__ import annotations

import json
import sys

import pytest

from console.simulator.speech import piper_process
from tests.simulator.stub_packages import use


@pytest.fixture
def work(tmp_path, monkeypatch):
    use(monkeypatch)
    described = {
        "num_speakers": 2,
        "audio": {"sample_rate": 16_000},
        "inference": {"length_scale": 1.0},
    }
    (tmp_path / "a.onnx.json").write_text(json.dumps(described))
    monkeypatch.setattr(sys, "argv", ["piper_process", str(tmp_path / "a.onnx")])
    yield piper_process._load()
    sys.modules.pop("piper")


def ask(work, text, is_cancelled=lambda: False):
    chunks: list[bytes] = []
    header = {"text": text, "speaker": 5, "speed": 1.0, "gain_db": 0.0}
    work(header, b"", lambda _, sound: chunks.append(sound), is_cancelled)
    return b"".join(chunks)


def test_sentences_follow_each_other(work):
    assert len(ask(work, "one. two")) == pytest.approx(2 * len(ask(work, "one")), rel=0.02)


def test_a_sentence_that_nobody_wants_any_more_is_not_said(work):
    assert ask(work, "one two three four", is_cancelled=lambda: True) == b""


def test_brackets_are_text_and_no_phonemes(work):
    # One space more, so that the package does not take them for its own.
    assert len(ask(work, "[[a]]")) == len(ask(work, "x" * 6))
