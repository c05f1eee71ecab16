"""Whom the console talks to: the built-in simulator, OpenAI, or any server at a URL."""

from __future__ import annotations

import errno
from urllib.parse import urlsplit

from console.app.view_model import Target
from console.client.client import RealtimeClient
from console.errors import ConfigurationError
from console.settings import Settings
from console.simulator.engines import Engines
from console.simulator.server import SimulatorServer

OPENAI_URL = "wss://api.openai.com/v1/realtime"
SIMULATOR_HINT = (
    "Built-in simulator: no key, no network needed; it understands short clear English sentences."
)


async def open_simulator(host: str, port: int) -> SimulatorServer:
    """Start a simulator; its recogniser and voice load in the background.

    Raises:
        ConfigurationError: The address is in use or cannot be had.
    """
    server = SimulatorServer(host=host, port=port, senses=Engines())
    try:
        await server.start()
    except OSError as error:
        await server.stop()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"Port {port} is in use. Try --port {port + 1}.") from error
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error
    return server


class Backend:
    """The server that all sessions of this process talk to; owns the simulator, if any."""

    def __init__(self, settings: Settings) -> None:
        """Choose the target.

        Raises:
            ConfigurationError: The target is no name or WebSocket URL that we know, or OpenAI is
                asked for without a key.
        """
        self._key = settings.openai_api_key
        self._simulator: SimulatorServer | None = None
        self._url: str | None = None
        name = settings.target
        if name == "auto":
            name = "openai" if self._key else "simulator"
        if name == "openai" and self._key is None:
            raise ConfigurationError(
                "--target openai needs a key. Put OPENAI_API_KEY=sk-... into .env or the "
                "environment, or leave --target away to use the simulator."
            )
        if name == "simulator":
            label, hint = "simulator", SIMULATOR_HINT
        elif name == "openai":
            self._url = OPENAI_URL
            label, hint = (
                "OpenAI",
                "OpenAI Realtime API: every minute of talk is billed to your key.",
            )
        else:
            self._url = _checked_url(name, has_key=self._key is not None)
            label = urlsplit(name).netloc
            hint = f"A server of your own at {label}."
        self.target = Target(
            label=label,
            model=settings.model,
            voice=settings.voice,
            hint=hint,
            is_simulator=name == "simulator",
        )

    async def start(self) -> None:
        """Start the simulator when it is the target; its heavy parts load in the background."""
        if self.target.is_simulator:
            self._simulator = await open_simulator("127.0.0.1", 0)
            self._url = self._simulator.url

    async def stop(self) -> None:
        """Stop what was started."""
        if self._simulator is not None:
            await self._simulator.stop()
            self._simulator = None

    def simulator(self) -> SimulatorServer | None:
        """Return the built-in simulator; None where the target is another server."""
        return self._simulator

    def new_client(self) -> RealtimeClient:
        """Return a client for this target; it is not connected yet.

        Raises:
            ConfigurationError: The simulator has not been started.
        """
        if self._url is None:
            raise ConfigurationError("The simulator is not running. Start the console again.")
        # The key goes to the hosts that it was given for, and never to the simulator.
        key = self._key.get_secret_value() if self._key and not self.target.is_simulator else None
        return RealtimeClient(url=self._url, api_key=key, model=self.target.model)


def _checked_url(url: str, *, has_key: bool) -> str:
    """Return `url` if a key may be sent to it and it is a WebSocket URL.

    Raises:
        ConfigurationError: It is not; the sentence says why.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"--target {url}: {error}.") from error
    if parts.scheme not in {"ws", "wss"} or not host:
        raise ConfigurationError(
            f"--target {url} is neither simulator nor openai nor a WebSocket URL such as "
            "wss://example.org/v1/realtime."
        )
    if parts.username or parts.password:
        raise ConfigurationError("--target: leave user names and passwords out of the URL.")
    if parts.scheme == "ws" and has_key and host not in {"127.0.0.1", "localhost", "::1"}:
        raise ConfigurationError(
            f"--target {url} would send your key unencrypted. Use wss://, or unset OPENAI_API_KEY."
        )
    return url
