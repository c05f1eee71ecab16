"""The console sessions of this process: each browser tab has one, and finds it again.

A session outlives the page: after a reload or a lost line the tab comes back to it. When nobody
comes back within the grace time, the line to the server is closed and the session is forgotten.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, Literal

from console import tasks
from console.app.backend import Backend
from console.app.controller import Controller
from console.app.conversation_view import ConversationView
from console.app.echo_test import EchoTest
from console.app.event_log import EventLog
from console.app.local_sound import LocalSound, usable_sound
from console.app.microphone_choice import MicrophoneChoice
from console.app.microphone_watch import MicrophoneWatch
from console.app.session_feed import SessionFeed
from console.app.session_tools import SessionTools
from console.app.shared_sources import SharedSources
from console.app.simulator_faults import SimulatorFaults
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.stand_in_meter import StandInMeter
from console.app.view_model import MicrophoneState, Notice, Part, SpeakerState, TurnMode, ViewModel
from console.audio.devices import DeviceWatch
from console.clock import Clock, SystemClock
from console.settings import Settings
from console.ui.channel_wire import Microphone as BrowserMicrophone
from console.ui.session_channel import SessionChannel

GRACE_S = 30.0
_TAB_KEY = "session_id"


class ConsoleSession:
    """One session: the controller, its channel to the browser, and what the page is told."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        clock: Clock,
        devices: DeviceWatch | None = None,
        shared: SharedSources | None = None,
    ) -> None:
        """Make a session that nobody has opened yet.

        Args:
            backend: Whom it talks to.
            settings: Of the console.
            clock: Time.
            devices: Of this machine, whose sound is used then; None is the browser's sound.
            shared: What may stand in for its microphone; closed by whoever has made it.
        """
        self._session_id = secrets.token_urlsafe(32)
        self._callbacks: list[Callable[[frozenset[Part]], None]] = []
        self._changed: set[Part] = set()
        self.log = EventLog()
        self.conversation = ConversationView()
        feed = SessionFeed(self.log, self.conversation)
        self._view = ViewModel(target=backend.target, on_change=self._note_change)
        kind: Literal["browser", "local"] = "browser" if devices is None else "local"
        self.channel = SessionChannel(feed, sound=kind, clock=clock)
        self.sound = SoundChoice(self._view, kind)
        self.local = self._local_sound(devices, clock)
        ports: LocalSound | SessionChannel = self.local or self.channel
        shared = shared or SharedSources(settings)
        self.microphone = MicrophoneChoice(
            self._view,
            self.sound,
            ports.source,
            set_capture=self.channel.set_capture,
            speak=shared.voice.speak,
            clock=clock,
        )
        source, set_capture = self.microphone.source, self.microphone.set_capture
        self._faults = SimulatorFaults(self._view, backend.simulator)
        self.controller = Controller(
            new_client=backend.new_client,
            view=self._view,
            log=self.log,
            conversation=self.conversation,
            feed=feed,
            tools=SessionTools(self._view, settings.weather_url),
            faults=self._faults,
            source=source,
            sink=ports.sink,
            set_capture=set_capture,
            is_source_gated=kind == "browser",
            clock=clock,
        )
        self._echo = EchoTest(self._view, source, ports.sink, set_capture=set_capture, clock=clock)
        self._watch = MicrophoneWatch(self._view)
        self._follow_sound(shared, clock)

    @property
    def session_id(self) -> str:
        """The name of the session in URLs; it cannot be guessed."""
        return self._session_id

    @property
    def view(self) -> ViewModel:
        """What the page shows."""
        return self._view

    async def connect(self, with_microphone: bool = True) -> None:
        """Open the line; without a microphone the user types and listens."""
        await self._echo.give_way()
        await self.controller.connect(with_microphone=with_microphone)

    async def disconnect(self) -> None:
        """Close the line; everything so far stays."""
        await self.controller.disconnect()

    async def set_turn(self, mode: TurnMode) -> None:
        """Say who ends a turn."""
        await self.controller.set_turn(mode)

    async def send_text(self, text: str) -> None:
        """Send what the user typed, and ask for an answer."""
        await self.controller.send_text(text)

    async def continue_answer(self) -> None:
        """Ask for the rest of an answer that was cut off."""
        await self.controller.continue_answer()

    async def decide_approval(self, item_id: str, approve: bool) -> None:
        """Let a call of an MCP tool go on that waits for the user, or not."""
        await self.controller.decide_approval(item_id, approve)

    async def delete_item(self, item_id: str) -> None:
        """Delete an item of the conversation."""
        await self.controller.delete_item(item_id)

    async def set_faults(self, text: str) -> None:
        """Let the simulator do these things wrong in this session; empty for none."""
        self._faults.set(text)

    async def inject_fault(self, text: str) -> None:
        """Let the simulator do something wrong in this session once, now."""
        self._faults.inject(text)

    async def dismiss(self, notice_id: str) -> None:
        """Take a notice away."""
        self._view.dismiss(notice_id)

    async def use_microphone(self) -> None:
        """Let the microphone be heard in a session that goes on without one."""
        await self.controller.spoken.use_microphone()

    async def play_source(self) -> None:
        """Have what stands in for the microphone heard now: again, or as one turn."""
        await self.microphone.play()

    async def stop_source(self) -> None:
        """Silence what stands in for the microphone."""
        await self.microphone.stop_playing()

    async def repeat_source(self, repeats: bool) -> None:
        """Say whether a file begins again at its end."""
        self.microphone.repeat(repeats)

    async def speak_text(self, text: str) -> None:
        """Have typed words spoken as the user."""
        await self.microphone.say(text)

    async def use_file(self, name: str, file: BinaryIO) -> None:
        """Make a sound file the microphone.

        Raises:
            AudioDeviceError: It cannot be; the page has been told so.
        """
        await self.microphone.read_file(name, file)

    async def file_refused(self, sentence: str) -> None:
        """Say why the browser did not send a file."""
        self.microphone.refuse(sentence)

    async def echo_test(self) -> None:
        """Record three seconds, play them back, and tell the round trip."""
        await self._echo.run()

    async def change_sound(
        self, *, microphone: Microphone | None = None, speaker: Speaker | None = None
    ) -> None:
        """Choose microphone and speaker; what is None stays as it is."""
        self.sound.change(microphone=microphone, speaker=speaker)

    def restore_sound(self, settings: SoundSettings) -> None:
        """Begin with what the browser remembers; ignored once something was chosen here."""
        # A file is not remembered; and who comes back wants the microphone, not a test tone.
        microphone = replace(settings.microphone, kind="device")
        self.sound.restore(replace(settings, microphone=microphone))

    def devices_changed(
        self,
        inputs: Sequence[Device],
        outputs: Sequence[Device],
        *,
        can_choose_output: bool,
        remarks: Sequence[str],
    ) -> None:
        """Say which devices the browser has, and what is odd about them."""
        self.sound.list_devices("browser", inputs, outputs, can_choose_output=can_choose_output)
        self.sound.remark("browser", remarks)

    def speaker_changed(self, state: SpeakerState) -> None:
        """Say whether the browser's speaker can be heard."""
        self.controller.speaker_changed(state)

    def subscribe(self, callback: Callable[[frozenset[Part]], None]) -> Callable[[], None]:
        """Call `callback` with the parts of `view` that changed; returns what stops it."""
        self._callbacks.append(callback)

        def stop() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return stop

    async def close(self) -> None:
        """End the session for good."""
        await self._echo.give_way()
        await self.controller.close()
        await self.microphone.close()
        await self.channel.close()
        if self.local is not None:
            await self.local.close()

    def _local_sound(self, devices: DeviceWatch | None, clock: Clock) -> LocalSound | None:
        if devices is None:
            return None
        return LocalSound(
            self._view, self.sound, devices, clock, show_levels=self.channel.show_levels
        )

    def _follow_sound(self, shared: SharedSources, clock: Clock) -> None:
        self._meter = StandInMeter(
            self.microphone.spoken, self.sound, clock, show_levels=self.channel.show_levels
        )
        self.microphone.serve(self.controller.spoken)
        self.microphone.begin_with(shared.microphone, shared.file_name, shared.file)
        self.channel.talk.connect(lambda talk: self.microphone.talk(talk.is_down, talk.held_ms))
        self.channel.microphone.connect(self._microphone_changed)
        self.channel.sink.health_changed.connect(
            lambda health: self._view.set_sound(playback=health)
        )
        self.sound.changed.connect(self.controller.spoken.sound_changed)
        if (local := self.local) is not None:
            local.use_microphone = self.controller.spoken.use_microphone
            self.channel.connected.connect(lambda _: local.opened())
            self.channel.closed.connect(lambda _: local.closed())

    def _microphone_changed(self, microphone: BrowserMicrophone) -> Awaitable[None] | None:
        if self.microphone.is_stand_in:
            return None
        self._watch.changed(microphone.state, microphone.detail)
        is_heard = microphone.state is MicrophoneState.ON
        return None if is_heard else self.controller.spoken.end_speech()

    def _note_change(self, part: Part) -> None:
        # Changes that come together reach the page as one.
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._tell)
        self._changed.add(part)

    def _tell(self) -> None:
        changed = frozenset(self._changed)
        self._changed.clear()
        for callback in tuple(self._callbacks):
            callback(changed)


class SessionRegistry:
    """All sessions of the process, by id."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        *,
        clock: Clock | None = None,
        remark: str = "",
    ) -> None:
        """Begin without sessions.

        Args:
            backend: Whom they talk to.
            settings: Of the console.
            clock: Time.
            remark: What users should know of the sound that was chosen for them.
        """
        self._backend = backend
        self._remark = remark
        self._settings = settings
        self._clock = clock or SystemClock()
        kind, self._no_local_sound = usable_sound(settings.audio)
        self._devices = DeviceWatch() if kind == "local" else None
        self._shared = SharedSources(settings)
        self._sessions: dict[str, ConsoleSession] = {}
        self._farewells: dict[str, asyncio.Task[None]] = {}

    def get(self, session_id: str) -> ConsoleSession | None:
        """Return a session that has not ended."""
        return self._sessions.get(session_id)

    def session_for(self, tab: MutableMapping[str, Any]) -> ConsoleSession:
        """Return the session of a browser tab, a new one at its first visit.

        Args:
            tab: What belongs to the tab and outlives a reload; the id is kept in it.
        """
        session = self._sessions.get(tab.get(_TAB_KEY, ""))
        if session is None:
            session = self._open()
            tab[_TAB_KEY] = session.session_id
        return session

    async def close(self) -> None:
        """End all sessions."""
        for task in tuple(self._farewells.values()):
            await tasks.cancel(task)
        sessions = list(self._sessions.values())
        self._sessions.clear()
        await asyncio.gather(*(each.close() for each in sessions))
        await self._shared.close()

    def _open(self) -> ConsoleSession:
        session = ConsoleSession(
            self._backend, self._settings, self._clock, self._devices, self._shared
        )
        if self._remark:
            session.view.add_notice(Notice("window", "info", self._remark))
            session.sound.remark("window", [self._remark])
        if self._no_local_sound:
            session.view.add_notice(Notice("sound", "warning", self._no_local_sound))
            session.sound.remark("machine", [self._no_local_sound])
        session_id = session.session_id
        self._sessions[session_id] = session
        session.channel.connected.connect(lambda _: self._arrived(session_id))
        session.channel.closed.connect(lambda _: self._left(session_id))
        self._left(session_id)  # until its channel opens
        return session

    def _arrived(self, session_id: str) -> None:
        if (task := self._farewells.pop(session_id, None)) is not None:
            task.cancel()

    def _left(self, session_id: str) -> None:
        self._arrived(session_id)
        self._farewells[session_id] = tasks.spawn(
            self._say_farewell(session_id), name="session grace time"
        )

    async def _say_farewell(self, session_id: str) -> None:
        await self._clock.sleep(GRACE_S)
        self._farewells.pop(session_id, None)
        if (session := self._sessions.pop(session_id, None)) is not None:
            await session.close()
