"""A question and an answer as files."""

import asyncio
from pathlib import Path

import pytest

from console import pcm, wav
from console.examples import push_to_talk
from tests.examples.serving import run
from tests.simulator.fake_senses import FakeSenses, tone


@pytest.fixture
def question(tmp_path) -> Path:
    """A second and a half at a rate that is not the protocol's."""
    path: Path = tmp_path / "question.wav"
    path.write_bytes(wav.pack(tone(500), 8000))
    return path


@pytest.fixture
def senses() -> FakeSenses:
    found = FakeSenses()
    found.ears.says = ["hello"]
    return found


async def test_the_answer_to_a_file_is_a_file(question, senses, tmp_path, capsys):
    answer = tmp_path / "answer.wav"

    status = await run(push_to_talk.main, str(question), str(answer), senses=senses)

    sound, rate_hz = wav.unpack(answer.read_bytes())
    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert lines[:2] == ["You:   hello", "Model: You said hello. What else?"]
    assert rate_hz == pcm.SAMPLE_RATE_HZ
    assert lines[2] == f"{pcm.bytes_to_ms(len(sound)) / 1000:.1f} s of speech are in {answer}."
    assert pcm.rms_dbfs(sound) > -20


async def test_a_file_that_is_no_sound_is_named(senses, tmp_path, capsys):
    status = await run(push_to_talk.main, str(tmp_path / "none.wav"), "x.wav", senses=senses)

    assert status == 1
    assert "none.wav cannot be read: No such file" in capsys.readouterr().err


async def test_a_file_in_which_nothing_is_said_is_told_before_anybody_is_called(tmp_path, capsys):
    question = tmp_path / "question.wav"
    question.write_bytes(wav.pack(b""))

    # Nobody listens there.
    argv = ["--url", "ws://127.0.0.1:1", str(question), str(tmp_path / "answer.wav")]
    status = await asyncio.to_thread(push_to_talk.main, argv)

    assert status == 1
    assert capsys.readouterr().err == f"Nothing was said: {question} holds no sound.\n"


async def test_an_answer_that_cannot_be_written_is_told_before_anybody_is_called(
    question, tmp_path, capsys
):
    argv = ["--url", "ws://127.0.0.1:1", str(question), str(tmp_path)]

    status = await asyncio.to_thread(push_to_talk.main, argv)

    assert status == 1
    assert capsys.readouterr().err == f"{tmp_path} cannot be written: Is a directory.\n"


async def test_a_file_that_cannot_be_written_is_named(question, senses, tmp_path, capsys):
    answer = tmp_path / "no folder" / "answer.wav"

    status = await run(push_to_talk.main, str(question), str(answer), senses=senses)

    assert status == 1
    assert "answer.wav cannot be written: No such file" in capsys.readouterr().err
