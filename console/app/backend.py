"""Whom the console talks to: the built-in simulator, OpenAI, Azure, or any server at a URL."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from console import tasks
from console.app import service_target
from console.app.local_simulator import new_simulator, open_simulator
from console.app.service_key import ServiceKey
from console.app.view_model import Target
from console.client import targets
from console.client.address import with_query
from console.client.client import RealtimeClient
from console.errors import ConfigurationError
from console.realtime.session import SessionType
from console.settings import Settings
from console.signals import Signal
from console.simulator.server import SimulatorServer

OPENAI_URL = targets.OPENAI_URL
SIMULATOR_HINT = (
    "Built-in simulator: no key, no network needed; it understands short clear English sentences."
)
OPENAI_HINT = "OpenAI Realtime API: every minute of talk is billed to your key."
OPENAI_GUEST_HINT = "OpenAI Realtime API: every minute of talk is billed to the host's key."


class Backend:
    """The server that all sessions of this process talk to; owns the simulator, if any."""

    def __init__(self, settings: Settings, key: ServiceKey | None = None) -> None:
        """Choose the target.

        Args:
            settings: Of the console.
            key: Of the OpenAI API; by default that of the settings.

        Raises:
            ConfigurationError: The target is no name or WebSocket URL that we know, or it is asked
                for without the key or the address that it needs.
        """
        self._settings = settings
        self._simulator: SimulatorServer | None = None
        self._server: targets.Target | None = None
        self.key = key or ServiceKey(settings.openai_api_key)
        """Of the OpenAI API; it goes to no other host."""
        self.changed: Signal[Target] = Signal("target changed")
        """When whom the console talks to has changed: a key was typed in, or forgotten."""
        self.target = self._choose()
        self.key.changed.connect(lambda _: self._key_changed())

    @property
    def server(self) -> targets.Target | None:
        """The target as the client knows it; None while there is none to call."""
        return self._server

    @property
    def takes_key(self) -> bool:
        """Whether a key that is typed in would be used: not where another server was chosen."""
        return self._settings.target in ("auto", "openai", "simulator")

    def _choose(self) -> Target:
        settings, name = self._settings, self._settings.target
        if self.takes_key and self.key.is_own:
            name = "openai"  # who types a key in wants to use it
        elif name == "auto":
            name = "openai" if self.key.value else "simulator"
        if name == "simulator":
            self._server = self._simulator_target()
            label, hint, guest_hint = "simulator", SIMULATOR_HINT, ""
        elif name == "openai":
            self._server = service_target.openai(settings, self.key.value)
            label, hint, guest_hint = "OpenAI", OPENAI_HINT, OPENAI_GUEST_HINT
        elif name == "azure":
            self._server = service_target.azure(settings)
            label = "Azure"
            hint = "Azure OpenAI: every minute of talk is billed to your resource."
            guest_hint = "Azure OpenAI: every minute of talk is billed to the host's resource."
        else:
            self._server = service_target.at_url(name, settings)
            label = urlsplit(name).netloc
            hint, guest_hint = f"A server of your own at {label}.", f"A server at {label}."
        model = self._server.model if self._server is not None else None
        return Target(
            label=label,
            model=model or settings.model,
            voice=settings.voice,
            hint=hint,
            is_simulator=name == "simulator",
            guest_hint=guest_hint,
        )

    def _key_changed(self) -> None:
        before = self._server
        try:
            target = self._choose()
        except ConfigurationError:
            # The key was forgotten, and there is no other for the target that was asked for.
            self._server, target = None, self.target
        if target.is_simulator and self._simulator is None:
            tasks.spawn(self._start_simulator(), name="start the simulator")
        if target != self.target or self._server != before:
            self.target = target
            self.changed.emit(target)

    def check(self) -> None:
        """Refuse what the simulator could not be started with; nothing is started.

        Raises:
            ConfigurationError: One of its settings cannot be used; the sentence says which.
        """
        if self.target.is_simulator:
            new_simulator(self._settings, "127.0.0.1", 0)

    async def start(self) -> None:
        """Look for a key, and start the simulator; its heavy parts load in the background."""
        if self.takes_key:
            await self.key.load()
        if self.target.is_simulator:
            await self._start_simulator()

    async def _start_simulator(self) -> None:
        self._simulator = await open_simulator(self._settings, "127.0.0.1", 0)
        if self.target.is_simulator:
            self._server = self._simulator_target()

    def _simulator_target(self) -> targets.Target | None:
        if self._simulator is None:
            return None
        # Our own key opens it, if it was told to ask for one; no other key ever goes there.
        return targets.Target(
            url=self._simulator.url,
            model=self._settings.model,
            api_key=service_target.shown(self._settings.simulator_key),
        )

    async def stop(self) -> None:
        """Stop what was started."""
        if self._simulator is not None:
            await self._simulator.stop()
            self._simulator = None

    def simulator(self) -> SimulatorServer | None:
        """Return the built-in simulator; None where the target is another server."""
        return self._simulator

    def new_client(
        self,
        model: str | None = None,
        session_type: SessionType | None = None,
        *,
        fault_group: str = "",
    ) -> RealtimeClient:
        """Return a client for this target; it is not connected yet.

        Args:
            model: Instead of the target's.
            session_type: Likewise.
            fault_group: Under which the built-in simulator can be told what to do wrong on its
                connections; nothing to any other server.

        Raises:
            ConfigurationError: The simulator has not been started, or the key was forgotten.
        """
        if self._server is None and not self.target.is_simulator:
            raise ConfigurationError("There is no key for OpenAI any more. Type one in.")
        if self._server is None:
            raise ConfigurationError("The simulator is not running. Start the console again.")
        target = self._server
        if session_type == "transcription" and target.session_type != session_type:
            target = replace(target, model=None, session_type=session_type)
        elif model is not None and target.model is not None:
            target = replace(target, model=model)
        if fault_group and self.target.is_simulator:
            target = replace(target, url=with_query(target.url, fault_group=fault_group))
        return RealtimeClient(target=target, keep_audio=self._settings.keep_audio)
