"""A Redis of the tests' own: on a Unix socket, empty, and forgotten with its process."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis

PROGRAMS = ("redis-server", "valkey-server")
_READY = "eady to accept connections"
_END_TIMEOUT_S = 5


def find_redis() -> str | None:
    """Return the path of a Redis, or of the program that took its place on some systems."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class RedisServer:
    """A server that a test may stop and start again."""

    def __init__(self, directory: Path) -> None:
        """Prepare it.

        Args:
            directory: For its socket; its path is short, or no socket can be there.
        """
        self._socket = directory / "redis.sock"
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"unix://{self._socket}"

    def client(self, **options: Any) -> redis.Redis:
        """Return a client of the library's own, to look into it; closed by whoever asks."""
        return redis.Redis.from_url(self.url, **options)

    def start(self) -> None:
        """Start it empty, and return when it answers.

        Raises:
            RuntimeError: It has not begun.
        """
        program = find_redis()
        assert program is not None, "tests/system_packages.py tells how to get it"
        self._process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(self._socket), "--save", "",
             "--appendonly", "no", "--dir", str(self._socket.parent)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        if not any(_READY in line for line in self._process.stdout):
            raise RuntimeError(f"{program} has not begun")

    def stop(self) -> None:
        """End it as a crash would; all that it knew is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=_END_TIMEOUT_S)
            self._process = None

    def freeze(self) -> None:
        """Have it take connections and answer nothing, as a machine that hangs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def locked(self, password: str) -> Iterator[str]:
        """Let in only those who know a password, while the block runs; gives the URL for them."""
        with self.client() as client:
            client.config_set("requirepass", password)
        try:
            yield f"unix://:{password}@{self._socket}"
        finally:
            with self.client(password=password) as client:
                client.config_set("requirepass", "")

    def reset(self) -> None:
        """Make it as new for the next test."""
        if self._process is None:
            self.start()
        with self.client() as client:
            client.flushall()
