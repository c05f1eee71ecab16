"""A session editor whose server is the test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.app.session_editor import SessionEditor
from console.app.session_state import SessionState
from console.app.view_model import Phase, Target, ViewModel
from console.client import targets
from console.client.client import RealtimeClient
from console.realtime import session as sessions
from tests.client.conftest import SESSION
from tests.fakes import FakeTransport, settle

URL = "wss://server.test/v1/realtime"


class Rig:
    """The editor with its view; `connect` begins a session by a client of its own."""

    def __init__(
        self, *, is_guest: bool = False, url: str = URL, call_id: str | None = None
    ) -> None:
        model = None if call_id or "?" in url else "m"
        self.server = targets.Target(url=url, model=model, call_id=call_id)
        self.view = ViewModel(target=Target("server", "m", "marin", "", is_simulator=False))
        self.transport = FakeTransport()
        self.client: RealtimeClient | None = None
        self.n_new = 0
        self.n_turns = 0
        self.editor = SessionEditor(
            self.view,
            lambda: self.server,
            is_guest=is_guest,
            call_anew=self._call_anew,
            turn_changed=self._turn_changed,
        )

    def _call_anew(self) -> None:
        self.n_new += 1

    def _turn_changed(self) -> None:
        self.n_turns += 1

    def new_client(self) -> RealtimeClient:
        target = replace(self.server, model=self.editor.model or self.server.model)
        if self.editor.session_type == "transcription":
            target = replace(self.server, model=None, session_type="transcription")
        return RealtimeClient(target=target, open_transport=self.transport.open, reconnect=None)

    async def connect(self) -> dict[str, Any]:
        """Begin a session, and return what was asked of it."""
        if self.transport.closed is not None:
            self.transport = FakeTransport()
        self.client = self.new_client()
        await self.editor.configure(self.client)
        self.transport.deliver("session.created", session=SESSION)
        await self.client.connect()
        self.view.set_connection(Phase.CONNECTED)
        self.editor.show()
        asked = (await self.transport.expect("session.update"))["session"]
        assert isinstance(asked, dict)
        return asked

    @property
    def state(self) -> SessionState:
        return self.view.session

    def wanted(self, **fields: Any) -> dict[str, Any]:
        """Return what is asked for, with these fields changed."""
        return sessions.merge(self.state.requested, sessions.expand(fields))

    async def answer(self, event_type: str, **fields: Any) -> None:
        """Say something as the server, and let it be heard."""
        self.transport.deliver(event_type, **fields)
        await settle()
