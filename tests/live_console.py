"""Our programs as processes of their own, as a user starts them, and a weather service for them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S = 60
END_TIMEOUT_S = 6
_OURS = ("PYTEST_", "NICEGUI_", "CONSOLE_", "OPENAI_")


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port of an address of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Site:
    """A console as its visitors see it."""

    def __init__(self, url: str, trust: ssl.SSLContext | None = None) -> None:
        self.url = url
        """What its ready line says; of the console the whole link, which lets a browser in."""
        self.trust = trust or ssl.create_default_context()
        """Whose certificates its visitors believe."""
        self._cookie = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port of its URL: the origin of its pages."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"

    async def cookie(self) -> dict[str, str]:
        """Return the header that lets a program in, the same each time."""
        if not self._cookie:
            self._cookie = (await self.new_cookie())["cookie"]
        return {"cookie": self._cookie}

    async def new_cookie(self) -> dict[str, str]:
        """Return the header of one more person, as opening the link in another browser gives it."""
        async with httpx.AsyncClient(verify=self.trust) as client:
            answer = await client.get(self.url)
            assert answer.status_code == 303, answer.text
            pairs = (f"{name}={value}" for name, value in client.cookies.items())
            return {"cookie": "; ".join(pairs)}


class Program(Site):
    """A running program of ours."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        super().__init__("")
        self._process = process
        self._errors = errors

    @property
    def directory(self) -> Path:
        """Where it runs."""
        return self._errors.parent

    @property
    def errors(self) -> str:
        """What it has written to stderr so far."""
        return self._errors.read_text(errors="replace")

    @property
    def memory_kib(self) -> int:
        """What it holds of the machine's memory now."""
        return self._status("VmRSS")

    @property
    def peak_memory_kib(self) -> int:
        """The most that it has ever held of it."""
        return self._status("VmHWM")

    @property
    def open_files(self) -> int:
        """How many files and sockets it has open now."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    async def wait_for_error(self, text: str, times: int = 1) -> str:
        """Wait until it has written `text` to stderr so many times; return all of it.

        Raises:
            TimeoutError: It has not within 30 s.
        """
        async with asyncio.timeout(30):
            while self.errors.count(text) < times:  # noqa: ASYNC110  # another process's file tells nobody
                await asyncio.sleep(0.02)
        return self.errors

    def _status(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(each for each in status.splitlines() if each.startswith(f"{name}:"))
        return int(line.split()[1])

    def kill(self) -> None:
        """End it as a crash would, without a word to its peers."""
        self._process.kill()

    async def wait_until_ready(self, sign: str) -> None:
        """Read its output up to the line that begins with `sign`.

        Raises:
            RuntimeError: It ended, or took too long; says what it wrote.
        """
        self.url = await self.line_of(sign)

    async def line_of(self, sign: str) -> str:
        """Read its output up to the line that begins with `sign`; return the rest of that line.

        Raises:
            RuntimeError: It ended, or took too long; says what it wrote.
        """
        assert self._process.stdout is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_TIMEOUT_S):
                async for line in self._process.stdout:
                    if line.decode().startswith(sign):
                        return line.decode().removeprefix(sign).strip()
        raise RuntimeError(f"no line {sign!r} within {READY_TIMEOUT_S} s:\n{self.errors}")

    async def end(self) -> tuple[int, float]:
        """End it with SIGTERM; return its exit status and how many seconds it took.

        Raises:
            TimeoutError: It did not end within 6 s; it was killed.
        """
        began_s = time.monotonic()
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self._process.communicate()
        except TimeoutError:
            self._process.kill()
            await self._process.communicate()
            raise
        assert self._process.returncode is not None
        return self._process.returncode, time.monotonic() - began_s


@contextlib.asynccontextmanager
async def open_program(
    directory: Path,
    *arguments: str,
    ready: str,
    environment: Mapping[str, str],
    entry: Path = ROOT / "main.py",
) -> AsyncIterator[Program]:
    """Run ``python main.py`` with `arguments` in an empty `directory` until the block ends.

    Args:
        directory: Where it runs.
        arguments: Of its command line.
        ready: How the line begins that says where it is.
        environment: What it is told beside the command line.
        entry: Another program that runs ours.

    Raises:
        RuntimeError: Its ready line did not come.
        TimeoutError: It did not end in time.
    """
    clean = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    errors = directory / "stderr.txt"
    with errors.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(entry),
            *arguments,
            cwd=directory,
            env=clean | {"PYTHONPATH": str(ROOT)} | dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
        )
    program = Program(process, errors)
    try:
        await program.wait_until_ready(ready)
        yield program
    finally:
        await program.end()


def open_console(
    directory: Path,
    *arguments: str,
    environment: Mapping[str, str],
    entry: Path = ROOT / "main.py",
) -> contextlib.AbstractAsyncContextManager[Program]:
    """Run the console on a free port, without opening a browser; it keeps its state in `directory`."""
    return open_program(
        directory,
        *("--port", "0", "--no-show", *arguments),
        ready="Console ready at ",
        environment={"CONSOLE_STATE_DIR": str(directory / "state")} | dict(environment),
        entry=entry,
    )


def open_simulator(directory: Path) -> contextlib.AbstractAsyncContextManager[Program]:
    """Run the simulator alone on a free port."""
    return open_program(
        directory, "simulator", "--port", "0", ready="Simulator ready at ", environment={}
    )


class WeatherServer:
    """What the console asks of open-meteo, on this machine."""

    TEMPERATURE_C = 21.5
    WIND_KMH = 12.3

    def __init__(self) -> None:
        self.asked: list[tuple[float, float]] = []
        """Latitude and longitude of each question."""
        self.url = ""

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[WeatherServer]:
        """Answer on a free port until the block ends."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        query = parse_qs(urlsplit(head.split()[1].decode()).query)
        self.asked.append((float(query["latitude"][0]), float(query["longitude"][0])))
        body = json.dumps(
            {
                "current": {
                    "temperature_2m": self.TEMPERATURE_C,
                    "wind_speed_10m": self.WIND_KMH,
                },
                "current_units": {"temperature_2m": "°C", "wind_speed_10m": "km/h"},
            }
        ).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
