"""Whom the console talks to: the built-in simulator, OpenAI, Azure, or any server at a URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from console.app.local_simulator import open_simulator
from console.app.view_model import Target
from console.client import targets
from console.client.client import RealtimeClient
from console.errors import ConfigurationError
from console.settings import Settings
from console.simulator.server import SimulatorServer

OPENAI_URL = targets.OPENAI_URL
SIMULATOR_HINT = (
    "Built-in simulator: no key, no network needed; it understands short clear English sentences."
)


class Backend:
    """The server that all sessions of this process talk to; owns the simulator, if any."""

    def __init__(self, settings: Settings) -> None:
        """Choose the target.

        Raises:
            ConfigurationError: The target is no name or WebSocket URL that we know, or it is asked
                for without the key or the address that it needs.
        """
        self._settings = settings
        self._simulator: SimulatorServer | None = None
        self._server: targets.Target | None = None
        name = settings.target
        if name == "auto":
            name = "openai" if settings.openai_api_key else "simulator"
        if name == "simulator":
            label, hint = "simulator", SIMULATOR_HINT
        elif name == "openai":
            self._server = _openai(settings)
            label = "OpenAI"
            hint = "OpenAI Realtime API: every minute of talk is billed to your key."
        elif name == "azure":
            self._server = _azure(settings)
            label = "Azure"
            hint = "Azure OpenAI: every minute of talk is billed to your resource."
        else:
            self._server = _any(name, settings)
            label = urlsplit(name).netloc
            hint = f"A server of your own at {label}."
        model = self._server.model if self._server is not None else None
        self.target = Target(
            label=label,
            model=model or settings.model,
            voice=settings.voice,
            hint=hint,
            is_simulator=name == "simulator",
        )

    async def start(self) -> None:
        """Start the simulator when it is the target; its heavy parts load in the background."""
        if self.target.is_simulator:
            self._simulator = await open_simulator(self._settings, "127.0.0.1", 0)
            # Our own key opens it, if it was told to ask for one; no other key ever goes there.
            self._server = targets.Target(
                url=self._simulator.url,
                model=self.target.model,
                api_key=_text(self._settings.simulator_key),
            )

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
        if self._server is None:
            raise ConfigurationError("The simulator is not running. Start the console again.")
        return RealtimeClient(target=self._server, keep_audio=self._settings.keep_audio)


def _openai(settings: Settings) -> targets.Target:
    if settings.openai_api_key is None:
        raise ConfigurationError(
            "--target openai needs a key. Put OPENAI_API_KEY=sk-... into .env or the "
            "environment, or leave --target away to use the simulator."
        )
    return targets.openai(settings.model, api_key=_text(settings.openai_api_key))


def _azure(settings: Settings) -> targets.Target:
    if not settings.azure_openai_endpoint or settings.azure_openai_api_key is None:
        raise ConfigurationError(
            "--target azure needs AZURE_OPENAI_ENDPOINT (https://RESOURCE.openai.azure.com) and "
            "AZURE_OPENAI_API_KEY in .env or the environment."
        )
    try:
        return targets.azure(
            settings.azure_openai_endpoint,
            settings.azure_deployment or settings.model,
            api_key=_text(settings.azure_openai_api_key),
            api_version=settings.azure_api_version or None,
        )
    except ValueError as error:
        raise ConfigurationError(f"--target azure: {error}") from error


def _any(url: str, settings: Settings) -> targets.Target:
    """Return the target at `url` if a key may be sent to it and it is a WebSocket URL.

    Raises:
        ConfigurationError: It is not; the sentence says why.
    """
    _check_url(url, has_key=settings.openai_api_key is not None)
    try:
        # What the URL itself says that the session is about counts more than the model.
        return targets.Target(url=url, model=settings.model, api_key=_text(settings.openai_api_key))
    except ValueError as error:
        raise ConfigurationError(f"--target: {error}") from error


def _check_url(url: str, *, has_key: bool) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"--target {url}: {error}.") from error
    if parts.scheme not in {"ws", "wss"} or not host:
        raise ConfigurationError(
            f"--target {url} is none of simulator, openai and azure, nor a WebSocket URL such as "
            "wss://example.org/v1/realtime."
        )
    if parts.username or parts.password:
        raise ConfigurationError("--target: leave user names and passwords out of the URL.")
    if parts.scheme == "ws" and has_key and host not in {"127.0.0.1", "localhost", "::1"}:
        raise ConfigurationError(
            f"--target {url} would send your key unencrypted. Use wss://, or unset OPENAI_API_KEY."
        )


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
