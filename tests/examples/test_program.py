"""What the examples share."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console import wav
from console.client.targets import DEFAULT_MODEL, OPENAI_URL
from console.errors import ConfigurationError, ConsoleError
from console.examples import program
from console.signals import Signal
from tests.simulator.fake_senses import tone
from tests.simulator.serving import running

KEY = "sk-secret-key-of-the-test-wxyz"
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def key(monkeypatch, tmp_path) -> str:
    """A key in the environment, and no `.env` that says otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return KEY


def test_openai_gets_the_key_of_the_settings(key):
    target = program.client(OPENAI_URL).target

    assert target.secret == key
    assert target.model == DEFAULT_MODEL


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/v1", "ws://localhost:1/v1", "ws://[::1]:1"])
def test_a_server_on_this_machine_gets_none(key, url):
    assert program.client(url, "m").target.secret is None


def test_a_setting_that_makes_no_sense_is_named(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", "two words")

    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        program.client(OPENAI_URL)


def test_a_target_that_makes_no_sense_is_told_in_words():
    with pytest.raises(ConfigurationError, match="names an existing call"):
        program.client("ws://127.0.0.1:1?call_id=a&model=b")


def test_every_example_explains_itself():
    parser = program.parser("console.examples.text", "Does something.")
    program.add_model(parser)

    text = " ".join(parser.format_help().split())

    assert "python -m console.examples.text" in text
    assert "Does something." in text
    assert DEFAULT_MODEL in text
    assert "OPENAI_API_KEY" in text


async def nothing() -> None:
    return None


async def refused() -> None:
    raise ConsoleError("It cannot be.")


async def wrong() -> None:
    raise ValueError("The picture is too large")


async def late() -> None:
    raise TimeoutError


@pytest.mark.parametrize(
    ("work", "status", "words"),
    [
        (nothing, 0, ""),
        (refused, 1, "It cannot be.\n"),
        (wrong, 1, "The picture is too large.\n"),
        (late, 1, "The server did not answer in time.\n"),
    ],
)
def test_the_end_is_a_status_and_a_sentence(capsys, work, status, words):
    assert program.run(work()) == status
    assert capsys.readouterr().err == words


def test_ctrl_c_is_no_failure_to_explain(capsys):
    async def stop() -> None:
        raise KeyboardInterrupt

    assert program.run(stop()) == 130
    assert capsys.readouterr().err == ""


@contextlib.contextmanager
def unread() -> Iterator[None]:
    """Let standard output lead into a pipe which nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "w", buffering=1, encoding="utf-8") as out,
        contextlib.redirect_stdout(out),
    ):
        yield


@pytest.mark.parametrize("is_in_handler", [False, True])
def test_a_program_that_nobody_reads_ends_quietly_and_cleans_up(capfd, caplog, is_in_handler):
    ended: list[str] = []

    async def talk() -> None:
        told: Signal[str] = Signal("told")
        told.connect(print)
        try:
            if is_in_handler:
                told.emit("Something.")
            else:
                print("Something.")
            await asyncio.get_running_loop().create_future()
        finally:
            print("More.")
            ended.append("cleaned up")

    with unread():
        assert program.run(talk()) == 141
    assert ended == ["cleaned up"]
    assert capfd.readouterr().err == ""
    assert caplog.records == []


def test_what_is_found_unread_at_the_very_end_is_no_failure_either(capfd):
    async def talk() -> None:
        sys.stdout.write("no line that would be written at once")

    with unread():
        assert program.run(talk()) == 141
    assert capfd.readouterr().err == ""


def test_a_program_that_is_cancelled_otherwise_is_not_taken_for_unread():
    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        program.run(give_up())


@pytest.fixture
def sound(tmp_path) -> Path:
    path: Path = tmp_path / "sound.wav"
    path.write_bytes(wav.pack(tone(1000), 48_000))
    return path


def test_a_file_of_another_rate_is_resampled(sound):
    assert len(program.read_wav(sound)) == 500 * 48


def test_a_file_that_is_no_wav_is_named(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no sound", encoding="utf-8")

    with pytest.raises(ConsoleError, match=r"notes\.txt cannot be used: .* a 16-bit WAV is needed"):
        program.read_wav(path)
    with pytest.raises(ConsoleError, match="cannot be read"):
        program.read_wav(tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Nothing was said: {} is empty."),
        (wav.pack(b""), "Nothing was said: {} holds no sound."),
        (wav.pack(bytes(48_000)), "Nothing was said: {} holds silence only."),
        (wav.pack(tone(40)), "{} holds only 40 ms of sound; a turn needs at least 100 ms."),
        (wav.pack(tone(500))[:1045], None),
    ],
)
def test_a_file_in_which_nothing_is_said_says_why(tmp_path, data, words):
    path = tmp_path / "sound.wav"
    path.write_bytes(data)

    with pytest.raises(ConsoleError) as caught:
        program.read_wav(path)

    if words is not None:
        assert str(caught.value) == words.format(path)


@pytest.mark.parametrize("words", ["It is late.", "It is late", "It is late..", "It is late.\n"])
def test_a_sentence_ends_with_one_full_stop(words):
    assert program.sentence(words) == "It is late."


@pytest.mark.parametrize("words", ["Is it?", "Go!", "Waiting..."])
def test_a_sentence_that_ends_otherwise_stays_as_it_is(words):
    assert program.sentence(words) == words


@pytest.mark.parametrize("before", [None, b"old"])
def test_whether_a_file_can_be_written_is_found_out_without_changing_it(tmp_path, before):
    path = tmp_path / "answer.wav"
    if before is not None:
        path.write_bytes(before)

    program.check_writable(path)

    assert (path.read_bytes() if path.exists() else None) == before


def test_a_file_that_cannot_be_written_is_told_in_words(tmp_path):
    with pytest.raises(ConsoleError, match="cannot be written: Is a directory"):
        program.check_writable(tmp_path)


async def test_an_answer_that_fails_is_told():
    async with running() as server:
        client = program.client(server.url)
        await client.update_session(output_modalities=["text"])
        async with client:
            with pytest.raises(ConsoleError, match="The answer is failed"):
                await program.answer(client, client.send_user_message_content("crash"))


async def test_an_answer_beside_the_conversation_is_not_the_one_that_is_waited_for():
    async with running() as server:
        client = program.client(server.url)
        await client.update_session(output_modalities=["text"])
        async with client:

            async def ask() -> None:
                await client.ask_out_of_band("beside")
                await client.send_user_message_content("hello")

            response = await program.answer(client, ask())
            assert program.said(client, response) == "You said hello. What else?"


async def test_an_error_of_the_server_ends_the_wait():
    async with running() as server:
        client = program.client(server.url)
        async with client:
            with pytest.raises(ConsoleError, match="Invalid value: 'x'"):
                await program.answer(client, client.send({"type": "x"}))


async def test_the_end_of_the_session_ends_the_wait():
    async with running() as server:
        client = program.client(server.url)
        async with client:
            waiting = program.until(client, "response.updated", bool, client.disconnect())
            with pytest.raises(ConsoleError, match="wait for the answer"):
                await waiting


@pytest.mark.parametrize("name", ["text", "tools"])
async def test_an_example_runs_as_a_module_of_its_own(name):
    async with running() as server:
        done = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"console.examples.{name}",
            "--url",
            server.url,
            "Hello",
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await done.communicate()

    assert (done.returncode, err) == (0, b"")
    assert b"You said Hello" in out
