"""What the built-in simulator shall do wrong in one session, set from the page."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from typing import Final

from console.app.view_model import Notice, ViewModel
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer

NOTICE: Final = "faults"


class SimulatorFaults:
    """Sets the faults of a session, which stay through its reconnects."""

    def __init__(self, view: ViewModel, simulator: Callable[[], SimulatorServer | None]) -> None:
        """Prepare to trouble a session.

        Args:
            view: Shows what is on; changed here.
            simulator: Returns the built-in simulator; None where the target is another server.
        """
        self._view = view
        self._simulator = simulator
        self.group = secrets.token_hex(8)
        """Names the connections of this session to the simulator."""

    def set(self, text: str) -> None:
        """Let these faults stand from now on; what cannot be done is told through the view.

        Args:
            text: As `Faults.parse` takes it; empty for none.
        """
        with self._telling():
            server, faults = self._server(), Faults.parse(text)
            self._view.set_faults(faults.text())
            server.set_faults(faults, group=self.group)

    def inject(self, text: str) -> None:
        """Let something go wrong once, now; what cannot be done is told through the view."""
        with self._telling():
            if not self._server().inject(text, group=self.group):
                raise ValueError("There is no session to trouble: connect first.")

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
