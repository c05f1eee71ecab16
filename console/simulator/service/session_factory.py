"""New sessions: of each kind and dialect, and with what a client secret has settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from console.realtime.dialect import BetaClientDialect, BetaServerDialect
from console.simulator.protocol import defaults
from console.simulator.protocol.beta import BetaSession
from console.simulator.protocol.call_playback import Speaker
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session import SimulatorSession
from console.simulator.service.handshake import Admission
from console.simulator.service.secrets import ClientSecret, Kind
from console.simulator.service.session_work import Session
from console.simulator.service.translation import TranslationSession


class SessionFactory:
    """Makes the state machines of sessions."""

    def __init__(self, new_id: NewId, now: Callable[[], datetime]) -> None:
        """Prepare to make sessions.

        Args:
            new_id: Makes identifiers.
            now: The present time, with its time zone.
        """
        self._new_id = new_id
        self._now = now

    def admitted(self, admission: Admission) -> Session:
        """Return the session that a connection has been admitted to."""
        kind: Kind = "transcription" if admission.kind == "transcription" else "realtime"
        return self._new(kind, admission.model, is_beta=admission.is_beta)

    def translation(self, model: str, *, translates: bool = False) -> TranslationSession:
        """Return a session that interprets."""
        return TranslationSession(model, new_id=self._new_id, now=self._now, translates=translates)

    def call(self, model: str, speaker: Speaker | None = None) -> SimulatorSession:
        """Return the session of a call, whose sound does not travel over WebSockets.

        Args:
            model: Its name on the wire.
            speaker: Where its sound comes out; without it nobody hears it.
        """
        return SimulatorSession(
            model, new_id=self._new_id, now=self._now, is_call=True, speaker=speaker
        )

    def shown(
        self, kind: Kind, model: str, settings: Mapping[str, Any], *, is_beta: bool = False
    ) -> dict[str, Any]:
        """Return the session that `settings` lead to, as its client would be shown it.

        Raises:
            Refusal: The settings are wrong.
        """
        session: Session
        if kind == "translation":
            session = self.translation(model)
        else:
            session = self._new(kind, model, is_beta=is_beta)
        session.open()
        outcome = session.receive(first_update(kind, settings, is_beta=is_beta))
        for event in outcome.events:
            if event["type"] == "error":
                error = event["error"]
                raise Refusal(error["message"], code=error["code"], param=error["param"])
        return dict(outcome.events[0]["session"])

    def _new(self, kind: Kind, model: str, *, is_beta: bool) -> Session:
        session = SimulatorSession(
            model,
            new_id=self._new_id,
            now=self._now,
            kind="transcription" if kind == "transcription" else "realtime",
            length_s=defaults.session_length_s(is_beta=is_beta),
        )
        return BetaSession(session) if is_beta else session


def settled(admission: Admission) -> str | None:
    """Return what a connection's client secret says in the place of its client, if anything.

    It is the first `session.update`, in the dialect of the connection.
    """
    if (secret := admission.secret) is None:
        return None
    if secret.is_beta == admission.is_beta:
        return first_update(secret.kind, secret.session, is_beta=secret.is_beta)
    return _translated(secret)


def first_update(kind: Kind, settings: Mapping[str, Any], *, is_beta: bool = False) -> str:
    """Return the message that lets a session take `settings`."""
    return orjson.dumps(_update_event(kind, settings, is_beta=is_beta)).decode()


def _translated(secret: ClientSecret) -> str:
    event = _update_event(secret.kind, secret.session, is_beta=secret.is_beta)
    dialect = BetaClientDialect().from_client if secret.is_beta else BetaServerDialect().to_server
    (translated,) = dialect(event)
    return orjson.dumps(translated).decode()


def _update_event(kind: Kind, settings: Mapping[str, Any], *, is_beta: bool) -> dict[str, Any]:
    prefix = "transcription_" if is_beta and kind == "transcription" else ""
    return {"type": f"{prefix}session.update", "session": dict(settings)}
