"""A session in the hands of a test: what the page shows is set, what it asks for is noted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
from nicegui.testing import User

from console.app.composer import SessionComposer
from console.app.event_log import EventLog
from console.app.key_state import KeyAnswer
from console.app.session_editor import SessionEditor
from console.app.session_tools import SessionTools
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.view_model import (
    MicrophoneState,
    Part,
    Phase,
    SpeakerState,
    Target,
    TurnMode,
    ViewModel,
)
from console.client.targets import Target as ServerTarget
from console.clock import SystemClock
from console.errors import ConsoleError
from console.signals import Signal
from console.ui.pages.console import build_page
from console.ui.people import SessionRow
from tests.ui.demo_usage import DemoUsage
from tests.ui.simulated_user import user_simulation

DEMO_TARGET = ServerTarget(url="ws://127.0.0.1:8082/v1/realtime", model="gpt-realtime-2.1")
SIMULATOR = Target(
    label="simulator",
    model="gpt-realtime-2.1",
    voice="marin",
    hint="built-in simulator: no key, no network needed; it understands short clear English sentences",
    is_simulator=True,
)


class DemoComposer(SessionComposer):
    """Sends to the test instead of a server; `refusal` is what the line says."""

    def __init__(self) -> None:
        self.log = EventLog()
        super().__init__(lambda: None, self.log, SystemClock())
        self.sent: list[dict[str, Any]] = []
        self.refusal = ""

    async def send(self, event: Mapping[str, Any]) -> str:
        if self.refusal:
            raise ConsoleError(self.refusal)
        self.sent.append(dict(event))
        return f"event_{len(self.sent)}"


class DemoSession:
    """What the page sees of a session."""

    def __init__(self, session_id: str = "demo") -> None:
        self.session_id = session_id
        self.can_send = True
        self.is_over = False
        self.key_answer = KeyAnswer("The key is used.")
        self.view = ViewModel(target=SIMULATOR)
        self.changed: Signal[frozenset[Part]] = Signal("view changed")
        self.view.on_change = self._tell
        self.sound = SoundChoice(self.view)
        self.composer = DemoComposer()
        self.editor = SessionEditor(
            self.view,
            lambda: DEMO_TARGET,
            is_guest=False,
            call_anew=lambda: self._note("call_anew"),
            turn_changed=lambda: None,
        )
        self.usage = DemoUsage()
        self.tools = SessionTools(self.view, "http://127.0.0.1:9")
        self.calls: list[list[Any]] = []
        self._called = asyncio.Event()

    def _tell(self, part: Part) -> None:
        self.changed.emit(frozenset({part}))

    def be_connected(self, microphone: MicrophoneState = MicrophoneState.ON) -> None:
        self.view.set_connection(Phase.CONNECTED, at_s=0.0)
        self.view.set_microphone(microphone)

    async def asked(self, *calls: list[Any]) -> None:
        """Wait until the page has asked for exactly these, in this order."""
        async with asyncio.timeout(5):
            await self.asked_times(len(calls))
        assert self.calls == list(calls)

    async def asked_times(self, count: int) -> None:
        """Wait until the page has asked for something this many times."""
        while len(self.calls) < count:
            self._called.clear()
            await self._called.wait()

    def _note(self, *call: Any) -> None:
        self.calls.append(list(call))
        self._called.set()

    async def connect(self, with_microphone: bool = True) -> None:
        self._note("connect", with_microphone)

    async def disconnect(self) -> None:
        self._note("disconnect")

    async def use_key(self, text: str, *, keep: bool) -> KeyAnswer:
        self._note("use_key", text, keep)
        return self.key_answer

    async def forget_key(self) -> KeyAnswer:
        self._note("forget_key")
        return self.key_answer

    async def stay(self) -> None:
        self._note("stay")

    async def set_turn(self, mode: TurnMode) -> None:
        self._note("set_turn", mode)
        self.view.set_turn(mode)

    async def send_text(self, text: str) -> bool:
        self._note("send_text", text)
        return self.can_send

    async def picture_refused(self, sentence: str) -> None:
        self._note("picture_refused", sentence)

    async def remove_picture(self) -> None:
        self._note("remove_picture")

    async def continue_answer(self) -> None:
        self._note("continue_answer")

    async def decide_approval(self, item_id: str, approve: bool) -> None:
        self._note("decide_approval", item_id, approve)

    async def delete_item(self, item_id: str) -> None:
        self._note("delete_item", item_id)

    async def use_microphone(self) -> None:
        self._note("use_microphone")

    async def take_microphone(self) -> None:
        self._note("take_microphone")

    async def play_source(self) -> None:
        self._note("play_source")

    async def stop_source(self) -> None:
        self._note("stop_source")

    async def repeat_source(self, repeats: bool) -> None:
        self._note("repeat_source", repeats)

    async def speak_text(self, text: str) -> None:
        self._note("speak_text", text)

    async def file_refused(self, sentence: str) -> None:
        self._note("file_refused", sentence)

    async def echo_test(self) -> None:
        self._note("echo_test")

    async def change_sound(
        self, *, microphone: Microphone | None = None, speaker: Speaker | None = None
    ) -> None:
        self._note("change_sound", microphone or speaker)
        self.sound.change(microphone=microphone, speaker=speaker)

    def restore_sound(self, settings: SoundSettings) -> None:
        self.sound.restore(settings)

    def devices_changed(
        self,
        inputs: Sequence[Device],
        outputs: Sequence[Device],
        *,
        can_choose_output: bool,
        remarks: Sequence[str],
    ) -> None:
        self.sound.list_devices("browser", inputs, outputs, can_choose_output=can_choose_output)
        self.sound.remark("browser", remarks)

    def speaker_changed(self, state: SpeakerState) -> None:
        self._note("speaker_changed", state)

    async def set_faults(self, text: str) -> None:
        self._note("set_faults", text)
        self.view.set_faults(text)

    async def inject_fault(self, text: str) -> None:
        self._note("inject_fault", text)

    async def dismiss(self, notice_id: str) -> None:
        self._note("dismiss", notice_id)
        self.view.dismiss(notice_id)


class DemoPeople:
    """Who is here, as a test says it; what the page asks for is noted."""

    def __init__(self, *rows: SessionRow, is_host: bool = True) -> None:
        self.is_host = is_host
        self.n_watchers = 0
        self.link = "https://192.0.2.7:8080/watch-abc?token=secret"
        self.shown = list(rows)
        self.calls: list[tuple[str, str]] = []
        self.changed: Signal[None] = Signal("people changed")

    def watch_link(self) -> str:
        return self.link

    def rows(self) -> list[SessionRow]:
        return self.shown

    async def end(self, watch_id: str) -> None:
        self.calls.append(("end", watch_id))

    def shut_out(self, watch_id: str) -> None:
        self.calls.append(("shut_out", watch_id))


@contextlib.asynccontextmanager
async def opened_page(
    session: DemoSession,
    cookies: dict[str, str] | None = None,
    people: DemoPeople | None = None,
) -> AsyncIterator[User]:
    """Open the page of a session as NiceGUI's simulated user."""
    async with user_simulation(root=lambda: build_page(session, people or DemoPeople())) as user:
        user.http_client.base_url = httpx.URL("http://127.0.0.1")
        for name, value in (cookies or {}).items():
            user.http_client.cookies.set(name, value)
        await user.open("/")
        yield user
