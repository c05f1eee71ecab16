"""What the examples share: flags, the key, an end without a traceback, and waiting for an answer."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import urlsplit

import soxr
from pydantic import SecretStr, ValidationError

from console import pcm, wav
from console.client import RealtimeClient
from console.client.happenings import ErrorReport
from console.client.input_audio import MIN_COMMIT_MS
from console.client.targets import OPENAI_URL
from console.env_file import check_env_file
from console.errors import ConfigurationError, ConsoleError, NotConnectedError
from console.loopback import is_loopback
from console.realtime.items import Response
from console.realtime.session import SessionType
from console.settings import DEFAULT_MODEL, ENV_FILE, Settings
from console.transport import Closed

ANSWER_TIMEOUT_S: Final = 60.0
_NOBODY_READS: Final = 141
"""The status of programs that end so, as shells tell it."""


def parser(module: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the flags that every example has."""
    found = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=description,
        epilog="The key is OPENAI_API_KEY of the environment or of .env; a server on this "
        "machine gets none. `python main.py simulator` starts such a server.",
    )
    found.add_argument(
        "--url", default=OPENAI_URL, help="WebSocket URL of the server (default: %(default)s)"
    )
    return found


def add_model(to: argparse.ArgumentParser) -> None:
    """Add the flag of the model that answers."""
    to.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")


def client(
    url: str, model: str | None = None, session_type: SessionType = "realtime"
) -> RealtimeClient:
    """Return a client for the server at `url`, not connected yet.

    Raises:
        ConfigurationError: The URL, or a setting in the environment or `.env`, makes no sense.
    """
    try:
        return RealtimeClient(url=url, model=model, session_type=session_type, api_key=_key(url))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(each) for each in wrong["loc"]) or "the settings"
        raise ConfigurationError(sentence(f"{name} cannot be used: {wrong['msg']}")) from error
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _key(url: str) -> SecretStr | None:
    if is_loopback(urlsplit(url).hostname or ""):
        return None
    check_env_file(ENV_FILE)
    return Settings().openai_api_key


def run(program: Coroutine[Any, Any, None]) -> int:
    """Run an example; what goes wrong is told in one sentence.

    It ends early, and says nothing of it, when nobody reads its output any more.

    Returns:
        The exit status.
    """
    output = _Output(sys.stdout)
    try:
        with contextlib.redirect_stdout(output):
            asyncio.run(_while_read(program, output))
    except (ConsoleError, ValueError) as error:
        sys.stderr.write(f"{sentence(str(error))}\n")
        return 1
    except TimeoutError:
        sys.stderr.write("The server did not answer in time.\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except asyncio.CancelledError:
        if not output.is_closed:
            raise
    return _NOBODY_READS if output.is_closed else 0


class _Output(io.TextIOBase):
    """Standard output that may lead to a program which reads no more, such as `head`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.is_closed = False
        self.on_closed: Callable[[], object] = lambda: None

    def write(self, text: str) -> int:
        with self._whether_read():
            self._out.write(text)
        return len(text)

    def flush(self) -> None:
        with self._whether_read():
            self._out.flush()

    @contextlib.contextmanager
    def _whether_read(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            if not self.is_closed:
                self.is_closed = True
                # What is left in its buffer, and all that comes, goes nowhere.
                with Path(os.devnull).open("wb") as nowhere:
                    os.dup2(nowhere.fileno(), self._out.fileno())
                self.on_closed()


async def _while_read(program: Coroutine[Any, Any, None], output: _Output) -> None:
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    loop = asyncio.get_running_loop()
    output.on_closed = lambda: loop.call_soon_threadsafe(task.cancel)
    try:
        await program
    finally:
        output.on_closed = lambda: None
        output.flush()


def sentence(words: str) -> str:
    """Return words with one full stop at their end, whoever wrote them."""
    words = words.rstrip()
    return words if words.endswith(("!", "?", "...")) else f"{words.rstrip('.')}."


async def until(
    client: RealtimeClient, name: str, accept: Callable[[Any], bool], ask: Awaitable[Any] | None
) -> Any:
    """Return the first value of `name` that `accept` agrees to; `ask` is awaited meanwhile.

    Raises:
        ConsoleError: The server told an error, or ended the session.
        TimeoutError: None came in time.
    """
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def came(value: Any) -> None:
        if not future.done() and accept(value):
            future.set_result(value)

    def failed(report: ErrorReport) -> None:
        if not future.done():
            future.set_exception(ConsoleError(report.message))

    def ended(closed: Closed) -> None:
        if not future.done():
            future.set_exception(NotConnectedError("wait for the answer"))

    stops = [client.on(name, came), client.on("error", failed), client.on("close", ended)]
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            if ask is not None:
                await ask
            return await future
    finally:
        for stop in stops:
            stop()
        if future.done() and not future.cancelled():
            future.exception()


async def answer(client: RealtimeClient, ask: Awaitable[Any]) -> Response:
    """Return the finished response that `ask` brings; one that calls tools is followed by another.

    Raises:
        ConsoleError: The server or the model refused.
        TimeoutError: The answer did not come in time.
    """

    def is_last(response: Response) -> bool:
        if response.is_out_of_band:
            return False
        items = [client.conversation.get(item_id) for item_id in response.item_ids]
        calls = any(item is not None and item.type == "function_call" for item in items)
        return response.is_done and not calls

    response: Response = await until(client, "response.updated", is_last, ask)
    if response.status != "completed":
        raise ConsoleError(
            sentence(f"The answer is {response.status}: {response.reason or 'no reason'}")
        )
    return response


def said(client: RealtimeClient, response: Response) -> str:
    """Return what a response says."""
    items = (client.conversation.find(item_id) for item_id in response.item_ids)
    return "\n".join(item.text for item in items if item is not None and item.text)


def read_wav(path: Path) -> bytes:
    """Return a WAV file as PCM16 mono 24 kHz.

    Raises:
        ConsoleError: It cannot be read, is no 16-bit WAV file, or holds nothing to hear.
    """
    try:
        sound, rate_hz = wav.unpack(path.read_bytes())
    except OSError as error:
        raise ConsoleError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        if not path.stat().st_size:
            raise ConsoleError(f"Nothing was said: {path} is empty.") from error
        raise ConsoleError(f"{path} cannot be used: {error}; a 16-bit WAV is needed.") from error
    if not sound:
        raise ConsoleError(f"Nothing was said: {path} holds no sound.")
    if not any(sound):
        raise ConsoleError(f"Nothing was said: {path} holds silence only.")
    samples = soxr.resample(pcm.to_int16(sound), rate_hz, pcm.SAMPLE_RATE_HZ)
    if (long_ms := pcm.samples_to_ms(len(samples))) < MIN_COMMIT_MS:
        raise ConsoleError(
            f"{path} holds only {long_ms:.0f} ms of sound; a turn needs at least "
            f"{MIN_COMMIT_MS} ms."
        )
    return bytes(samples.tobytes())


def check_writable(path: Path) -> None:
    """Find out before a conversation whether its sound can be kept; no file is changed.

    Raises:
        ConsoleError: It cannot be written.
    """
    is_new = not path.exists()
    try:
        with path.open("ab"):
            pass
        if is_new:
            path.unlink()
    except OSError as error:
        raise cannot_be_written(path, error) from error


def cannot_be_written(path: Path, error: OSError) -> ConsoleError:
    """Return the sentence for a file that cannot be written."""
    return ConsoleError(f"{path} cannot be written: {error.strerror}.")
