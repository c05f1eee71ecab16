"""The session as its user wants it: changed while it goes on, or before it begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, get_args

from console.app.guest_fields import closed_to_guests
from console.app.reference.checks import Path, written
from console.app.session_defaults import initial_session, turn_detection
from console.app.session_state import Refusal, SessionState
from console.app.view_model import Phase, TurnMode, ViewModel
from console.client import address
from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport, RealtimeEvent
from console.client.targets import Target
from console.errors import ConsoleError
from console.realtime import session
from console.realtime.session import SessionType

MAX_REFUSALS: Final = 8
VOICE: Final[Path] = ("audio", "output", "voice")
KEPT_TYPE: Final = "A session keeps its type. Disconnect to begin one of the other type."
KEPT_MODEL: Final = "A session keeps its model. Disconnect to begin one with another model."
KEPT_VOICE: Final = (
    "The model has spoken with this voice, and a session keeps it from then on. Disconnect to "
    "begin one with another voice."
)
NAMED: Final = "The address of the server names it, so it cannot be chosen here."
FOREIGN: Final = "The session belongs to whoever made the call."
_UPDATE: Final = "session.update"
_STEP: Final = re.compile(r"[^.\[\]]+")


class SessionEditor:
    """Holds what is asked for, tells it to the client, and shows it beside what the server made of it."""

    def __init__(
        self,
        view: ViewModel,
        server: Callable[[], Target | None],
        *,
        is_guest: bool,
        call_anew: Callable[[], None],
        turn_changed: Callable[[], None],
    ) -> None:
        """Begin with what the console asks for by itself.

        Args:
            view: What the page shows; `session`, `turn` and the target's model are changed here.
            server: Returns whom the next session will be with; None while nobody knows.
            is_guest: Whether it is a guest's session, who may not change what concerns the host.
            call_anew: Has the next session begun by a new client.
            turn_changed: Told that in a session that goes on somebody else ends the turns now: the
                user, or the server.
        """
        self._view = view
        self._server = server
        self._is_guest = is_guest
        self._call_anew = call_anew
        self._turn_changed = turn_changed
        self._client: RealtimeClient | None = None
        self._has_spoken = False
        self._refusals: tuple[Refusal, ...] = ()
        self._model: str | None = None
        self._kind: SessionType | None = None
        self._wanted: dict[SessionType, dict[str, Any]] = {}
        self._detection = turn_detection("vad")
        self.show()

    # What is asked for

    @property
    def session_type(self) -> SessionType:
        """Of the next session, or of the one that goes on."""
        server = self._server()
        return self._kind or (server.session_type if server is not None else "realtime")

    @property
    def model(self) -> str | None:
        """The model that was chosen here; None: the target's."""
        return self._model

    @property
    def requested(self) -> dict[str, Any]:
        """What is asked for, as the wire has it, without model and tools of the console."""
        if self._client is not None:
            return self._client.session_config
        kind = self.session_type
        if kind not in self._wanted:
            own = {} if self._is_call else session.defaults(kind)
            asked = (
                {} if self._is_call else initial_session(self._view.target, self._view.turn, kind)
            )
            self._wanted[kind] = session.merge(own, asked)
        return self._wanted[kind]

    @property
    def _is_call(self) -> bool:
        server = self._server()
        return server is not None and server.is_call

    @property
    def target(self) -> Target | None:
        """Whom the next session will be with, as far as anybody knows."""
        return self._server()

    def choose_type(self, kind: str) -> None:
        """Begin the next session as one of this type, with what was asked of such a one last.

        Raises:
            ConsoleError: There is no such type, or it cannot be chosen now.
        """
        known = next((each for each in get_args(SessionType) if each == kind), None)
        if known is None:
            raise ConsoleError(
                f"A session is of type {' or '.join(get_args(SessionType))}, not {kind}."
            )
        if known == self.session_type:
            return
        if why := self._fixed().get(("type",)):
            raise ConsoleError(f"type: {why}")
        self._change_kind(known)
        self._follow_turn()

    def completed(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return a session with what it leaves out and cannot be changed now: that stays as it is."""
        present, whole = self._shown(), dict(wanted)
        for path in self._fixed():
            value = _at(present, path)
            if value is not None and _lacks(whole, path):
                for name in reversed(path):
                    value = {name: value}
                whole = session.merge(whole, value)
        return whole

    async def change(self, wanted: Mapping[str, Any]) -> None:
        """Ask for this session: what differs is told to the server, if there is one.

        Args:
            wanted: The whole session, as `SessionState.requested` has it, or without what cannot be
                changed now.

        Raises:
            ConsoleError: It changes what is fixed, or the line is gone; nothing has changed.
            ValueError: It holds what JSON cannot carry, or what a transcription session lacks.
        """
        wanted = self.completed(wanted)
        self._refuse_fixed(self._shown(), wanted)
        self._refusals = ()
        kind = session.session_type(wanted)
        if kind != self.session_type:
            self._change_kind(kind)
        if "model" in wanted and wanted["model"] != self._view.target.model:
            self._change_model(str(wanted["model"]))
        fields = {name: value for name, value in wanted.items() if name != "model"}
        if not self._is_call and session.turn_detection(fields) is None:
            # Left out, the server would end the turns, and the page say that the user does.
            fields = session.merge(fields, {"audio": {"input": {"turn_detection": None}}})
        await self._apply(fields)

    async def set_turn(self, mode: TurnMode) -> None:
        """Say who ends a turn; the server does it as it did before.

        Raises:
            ConsoleError: The line is gone.
        """
        detection = None if mode == "manual" else dict(self._detection or {})
        if detection is not None and self.session_type == "transcription":
            for name in ("create_response", "interrupt_response"):
                detection.pop(name, None)
        audio = {"audio": {"input": {"turn_detection": detection}}}
        await self._apply(session.merge(self.requested, audio))

    async def send(self, event: Mapping[str, Any]) -> str:
        """Send a `session.update` that somebody has written, as it is; returns its id.

        Raises:
            ConsoleError: It cannot be sent, or a guest changes what concerns the host.
            ValueError: It holds what JSON cannot carry.
        """
        client = self._client
        assert client is not None, "whoever sends has asked whether there is a line"
        change = event.get("session")
        if isinstance(change, Mapping):
            self._refuse_guest(change, "session")
            self._take_turn(session.merge(self.requested, change))
        was_manual = client.get_turn_detection_type() is None
        try:
            event_id = await client.send(event)
            if not was_manual and client.get_turn_detection_type() is None:
                await client.clear_input_audio()
        finally:
            self._follow_turn()
        return event_id

    def check_response(self, event: Mapping[str, Any]) -> None:
        """Look at a `response.create` that somebody has written: it overrules the session's fields.

        Raises:
            ConsoleError: A guest changes what concerns the host.
        """
        wanted = event.get("response")
        if isinstance(wanted, Mapping):
            self._refuse_guest(wanted, "response")

    # The client

    def prepare(self) -> None:
        """Show the model that was chosen here: the next session is about to begin with it."""
        if self._model is not None and not self._is_live:
            self._view.set_target(replace(self._view.target, model=self._model))

    async def configure(self, client: RealtimeClient) -> None:
        """Give a new client what is asked for, and follow it from now on."""
        wanted = self.requested
        self._client = client
        client.on("realtime.event", self._event)
        client.on("session.created", self._begun)
        client.on("session.updated", self._told)
        client.on("error", self._error)
        await client.update_session(session.difference(client.session_config, wanted))
        client.leave_out_of_session(*session.left_out(client.session_config, wanted))

    def show(self) -> None:
        """Show how it stands; also when the connection has changed."""
        view = self._view
        view.set_session(
            SessionState(
                requested=self._shown(),
                effective=self._client.session
                if self._client is not None and self._is_live
                else {},
                fixed=self._fixed(),
                refusals=self._refusals,
                own_tools=()
                if self._client is None
                else tuple(each.name for each in self._client.tools),
                is_live=self._is_live,
            )
        )

    @property
    def _is_live(self) -> bool:
        return self._client is not None and self._view.phase is not Phase.DISCONNECTED

    def _shown(self) -> dict[str, Any]:
        fields = dict(self.requested)
        if self._is_call or self.session_type == "transcription":
            return fields
        return {"type": fields.pop("type", "realtime"), "model": self._view.target.model, **fields}

    # Changing

    async def _apply(self, fields: Mapping[str, Any]) -> None:
        present = self.requested
        self._take_turn(fields)
        try:
            if self._client is None:
                self._wanted[self.session_type] = dict(fields)
            else:
                if patch := session.difference(present, fields):
                    await self._client.update_session(patch)
                self._client.leave_out_of_session(*session.left_out(present, fields))
        finally:
            self._follow_turn()

    def _change_kind(self, kind: SessionType) -> None:
        self._begin_anew()
        self._kind = kind

    def _change_model(self, model: str) -> None:
        self._begin_anew()
        self._model = model
        self._view.set_target(replace(self._view.target, model=model))

    def _begin_anew(self) -> None:
        if self._client is not None:
            self._wanted[self.session_type] = self._client.session_config
            self._client = None
        self._call_anew()

    def _take_turn(self, fields: Mapping[str, Any]) -> None:
        """Go over to who ends the turns of a session, before the server is told so."""
        detection = session.turn_detection(fields)
        if detection is None and self._is_call:
            return  # nothing was asked for, so nobody knows
        if detection is not None:
            self._detection = detection
        mode: TurnMode = "manual" if detection is None else "vad"
        if mode != self._view.turn:
            self._view.set_turn(mode)
            if self._view.phase in (Phase.CONNECTED, Phase.RECONNECTING):
                self._turn_changed()

    def _follow_turn(self) -> None:
        """Show what came of a change: it may not have been sent, or be taken back."""
        self._take_turn(self.requested)
        self.show()

    # What is fixed

    def _fixed(self) -> dict[Path, str]:
        found: dict[Path, str] = {}
        server = self._server()
        if self._is_call:
            return {("type",): FOREIGN, ("model",): FOREIGN}
        if server is not None and address.query_of(server.url).keys() & {
            "model",
            "deployment",
            "intent",
        }:
            found |= {("type",): NAMED, ("model",): NAMED}
        if self._is_live:
            found |= {("type",): KEPT_TYPE, ("model",): KEPT_MODEL}
            if self._has_spoken:
                found[VOICE] = KEPT_VOICE
        return found | (closed_to_guests() if self._is_guest else {})

    def _refuse_fixed(self, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        for path, why in self._fixed().items():
            if _at(present, path) != _at(wanted, path):
                raise ConsoleError(f"{written(path)}: {why}")

    def _refuse_guest(self, change: Mapping[str, Any], where: str) -> None:
        for path, why in (closed_to_guests() if self._is_guest else {}).items():
            if _at(change, path) is not None:
                raise ConsoleError(f"{where}.{written(path)}: {why}")

    # What the client tells

    def _event(self, event: RealtimeEvent) -> None:
        if event.event.type == "response.output_audio.delta" and not self._has_spoken:
            self._has_spoken = True
            self.show()

    def _told(self, _: dict[str, Any]) -> None:
        self.show()

    def _begun(self, _: dict[str, Any]) -> None:
        self._has_spoken, self._refusals = False, ()
        self.show()

    def _error(self, report: ErrorReport) -> None:
        is_caused = report.cause is not None and report.cause.type == _UPDATE
        if not is_caused and (report.param or "").partition(".")[0] != "session":
            return
        cause_id = report.cause.event_id if report.cause is not None else report.event_id
        param = report.param or ""
        refusal = Refusal(report.message, report.code or "", param, _path(param), cause_id or "")
        self._refusals = (*self._refusals, refusal)[-MAX_REFUSALS:]
        self._follow_turn()


def _at(fields: Mapping[str, Any], path: Path) -> Any:
    """Return what is at a path; None: nothing."""
    found: Any = fields
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _lacks(fields: Mapping[str, Any], path: Path) -> bool:
    """Return whether nothing at all is said of what is at a path."""
    found: Any = fields
    for name in path:
        if not isinstance(found, Mapping):
            return False
        if name not in found:
            return True
        found = found[name]
    return False


def _path(param: str) -> Path:
    """Return what an error is about within the session: of `session.tools[0].name` all but the first."""
    steps = _STEP.findall(param)
    return tuple(int(each) if each.isdigit() else each for each in steps[1:])
