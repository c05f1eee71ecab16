"""The engines' work for a call: that of any session, and what its media server has to tell."""

from __future__ import annotations

from functools import partial
from typing import Any

from console.simulator.protocol.intents import Outcome
from console.simulator.protocol.session import SimulatorSession
from console.simulator.service.session_work import SessionWork


class CallWork(SessionWork):
    """Runs the session of a call, whose sound comes and goes beside its events."""

    def __init__(self, session: SimulatorSession, *arguments: Any, **options: Any) -> None:
        """Prepare the work of a call.

        Args:
            session: Its state machine; nobody else may step it.
            arguments: Of any session's work.
            options: Of any session's work.
        """
        super().__init__(session, *arguments, **options)
        self._call = session

    def introduce(self) -> Outcome:
        """Return what the caller is told first; nobody else is."""
        return self._call.introduce()

    async def hear(self, audio: bytes) -> None:
        """Hear what the caller says: PCM16 mono 24 kHz."""
        await self._take(partial(self._call.hear, audio))

    def playback_started(self, response_id: str) -> None:
        """Tell that a response begins to be heard."""
        self._carry_out(self._call.playback_started(response_id))

    def playback_stopped(self, response_id: str) -> None:
        """Tell that all of a response was heard."""
        self._carry_out(self._call.playback_stopped(response_id))

    def press(self, key: str) -> None:
        """Tell that the caller has pressed a key of the phone.

        Raises:
            ValueError: Phones have no such key.
        """
        self._carry_out(self._call.dtmf(key))
