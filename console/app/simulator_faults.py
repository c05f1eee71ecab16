"""What the built-in simulator shall do wrong in one session, set from the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.app.view_model import ViewModel
from console.client.client import RealtimeClient
from console.errors import ConfigurationError
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer


class SimulatorFaults:
    """Keeps the faults of a session, also through its reconnects."""

    def __init__(self, view: ViewModel, simulator: Callable[[], SimulatorServer | None]) -> None:
        """Prepare to trouble a session.

        Args:
            view: Shows what is on; changed here.
            simulator: Returns the built-in simulator; None where the target is another server.
        """
        self._view = view
        self._simulator = simulator
        self._session_id: str | None = None

    def follow(self, client: RealtimeClient) -> None:
        """Apply the faults to each session that `client` begins."""
        client.on("session.created", self._began)
        client.on("close", self._ended)

    def set(self, text: str) -> None:
        """Let these faults stand from now on.

        Args:
            text: As `Faults.parse` takes it; empty for none.

        Raises:
            ConfigurationError: The text names no faults, or there is no simulator.
        """
        try:
            faults = Faults.parse(text)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
        server = self._server()
        self._view.set_faults(faults.text())
        if self._session_id is not None:
            server.set_faults(faults, session_id=self._session_id)

    def inject(self, text: str) -> None:
        """Let something go wrong once, now.

        Raises:
            ConfigurationError: There is no such fault, no session, or no simulator.
        """
        server = self._server()
        if self._session_id is None:
            raise ConfigurationError("There is no session to trouble: connect first.")
        try:
            server.inject(text, session_id=self._session_id)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error

    def _server(self) -> SimulatorServer:
        server = self._simulator()
        if server is None:
            raise ConfigurationError("Only the built-in simulator can be told to fail.")
        return server

    def _began(self, session: dict[str, Any]) -> None:
        session_id = session.get("id")
        self._session_id = session_id if isinstance(session_id, str) else None
        server = self._simulator()
        if server is not None and self._view.faults and self._session_id is not None:
            server.set_faults(Faults.parse(self._view.faults), session_id=self._session_id)

    def _ended(self, _: object) -> None:
        self._session_id = None
