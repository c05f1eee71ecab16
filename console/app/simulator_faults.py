"""What the built-in simulator shall do wrong in one session, set from the page."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from console.app.view_model import Notice, ViewModel
from console.client.client import RealtimeClient
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer

NOTICE: Final = "faults"


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
        """Let these faults stand from now on; what cannot be done is told through the view.

        Args:
            text: As `Faults.parse` takes it; empty for none.
        """
        with self._telling():
            server, faults = self._server(), Faults.parse(text)
            self._view.set_faults(faults.text())
            if self._session_id is not None:
                server.set_faults(faults, session_id=self._session_id)

    def inject(self, text: str) -> None:
        """Let something go wrong once, now; what cannot be done is told through the view."""
        with self._telling():
            if self._session_id is None:
                raise ValueError("There is no session to trouble: connect first.")
            self._server().inject(text, session_id=self._session_id)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what is wrong with a request into a notice."""
        self._view.dismiss(NOTICE)
        try:
            yield
        except ValueError as error:
            self._view.add_notice(Notice(NOTICE, "warning", str(error)))

    def _server(self) -> SimulatorServer:
        server = self._simulator()
        if server is None:
            raise ValueError("Only the built-in simulator can be told to fail.")
        return server

    def _began(self, session: dict[str, Any]) -> None:
        session_id = session.get("id")
        self._session_id = session_id if isinstance(session_id, str) else None
        server = self._simulator()
        if server is not None and self._view.faults and self._session_id is not None:
            server.set_faults(Faults.parse(self._view.faults), session_id=self._session_id)

    def _ended(self, _: object) -> None:
        self._session_id = None
