"""One console session: the controller, its channel to the browser, and what its page is told."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import BinaryIO, Literal

from console.app.answer_playback import AnswerPlayback
from console.app.attached_picture import AttachedPicture
from console.app.backend import Backend
from console.app.composer import SessionComposer
from console.app.controller import Controller
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.kept_memory import KeptMemory
from console.app.key_state import KeyAnswer
from console.app.microphone_lease import MicrophoneLease
from console.app.own_tools import OwnTools
from console.app.session_editor import SessionEditor
from console.app.session_feed import SessionFeed
from console.app.session_key import SessionKey
from console.app.session_tools import SessionTools
from console.app.shared_sources import SharedSources
from console.app.simulator_faults import SimulatorFaults
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.spending import idle, meter
from console.app.spending.budget import Budget
from console.app.spending.caps import OWNER, Payer, idle_minutes
from console.app.spending.idle import IdleWatch
from console.app.spending.meter import SessionMeter
from console.app.tool_lab.lab import Held
from console.app.usage_watch import UsageWatch
from console.app.view_changes import ViewChanges
from console.app.view_model import Notice, NoticeAction, Phase, SpeakerState, TurnMode, ViewModel
from console.audio.devices import DeviceWatch
from console.client.audio_files import TemporaryAudioFile
from console.client.client import RealtimeClient
from console.clock import Clock
from console.realtime.audio_shelf import AudioShelf
from console.settings import Settings
from console.ui.session_channel import SessionChannel
from console.ui.session_sound import SessionSound
from console.ui.watch_channel import WatchChannel
from console.ui.watching import WatchedSession, Watching


def _new_shelf(settings: Settings) -> AudioShelf | None:
    return TemporaryAudioFile() if settings.keep_audio == "disk" else None


def _new_log(settings: Settings) -> EventLog:
    return EventLog(
        shelf=_new_shelf(settings),
        max_held_bytes=settings.keep_events_mib * 1024 * 1024,
    )


class ConsoleSession:
    """One session: the controller, its channel to the browser, and what the page is told."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        clock: Clock,
        devices: DeviceWatch | None = None,
        shared: SharedSources | None = None,
        *,
        payer: Payer = OWNER,
        budget: Budget | None = None,
        lease: MicrophoneLease | None = None,
        own_tools: OwnTools | None = None,
        kept: KeptMemory | None = None,
    ) -> None:
        """Make a session that nobody has opened yet.

        Args:
            backend: Whom it talks to.
            settings: Of the console.
            clock: Time.
            devices: Of this machine, whose sound is used then; None is the browser's sound.
            shared: What may stand in for its microphone; closed by whoever has made it.
            payer: Whose limits hold.
            budget: Of the process; without one the session counts for itself.
            lease: Of the microphone, for which other sessions ask too.
            own_tools: The tools of the host.
            kept: What the session's person has the console remember.
        """
        self._session_id = secrets.token_urlsafe(32)
        self._changes = ViewChanges()
        self.changed = self._changes.told
        """Tells the parts of `view` that changed."""
        self._is_beginning = False
        self.log = _new_log(settings)
        self.conversation = ConversationView(clock.now_s)
        feed = SessionFeed(self.log, self.conversation)
        self._view = ViewModel(target=backend.target, on_change=self._changes.note)
        kind: Literal["browser", "local"] = "browser" if devices is None else "local"
        self.channel = SessionChannel(feed, sound=kind, clock=clock, shelf=_new_shelf(settings))
        self.watching = Watching(self._view, self.changed, feed, clock)
        """Those who look on."""
        self.sound = SessionSound(
            self._view,
            self.channel,
            clock,
            devices=devices,
            shared=shared or SharedSources(settings),
            lease=lease or MicrophoneLease(),
        )
        self.changed.connect(self.sound.view_changed)
        self.picture = AttachedPicture(self._view)
        self._backend = backend
        budget = budget or Budget.open(settings, None, clock)
        self._meter, self._idle = self._limits(budget, payer, idle_minutes(settings, payer), clock)
        self._usage = UsageWatch(self.log, self._meter, self._view, clock)
        self._playback = self._followed_playback(feed, clock)
        self._faults = SimulatorFaults(self._view, backend.simulator)
        self._tools = self._session_tools(settings, payer, clock, own_tools, kept)
        self._show_held_calls(feed)
        self.controller = self._new_controller(feed, clock, payer)
        self._composer = self._new_composer(clock)
        self._key = SessionKey(
            backend, self._view, self.controller.call_anew, is_owner=not payer.is_guest
        )
        self.sound.serve(self.controller.spoken)

    @property
    def session_id(self) -> str:
        """The name of the session in URLs; it cannot be guessed."""
        return self._session_id

    @property
    def watch_id(self) -> str:
        """Its name in the URLs of those who watch it, another one for each session."""
        return self.watching.shown.session_id

    @property
    def watchers(self) -> WatchChannel:
        """The lines to the browsers of those who watch it."""
        return self.watching.channel

    @property
    def view(self) -> ViewModel:
        """What the page shows."""
        return self._view

    @property
    def tools(self) -> SessionTools:
        """Changes tools, memory and units."""
        return self._tools

    @property
    def composer(self) -> SessionComposer:
        """Sends what is composed on the page."""
        return self._composer

    @property
    def editor(self) -> SessionEditor:
        """Changes what is asked of the session."""
        return self.controller.editor

    @property
    def usage(self) -> UsageWatch:
        """Tells what the session has used."""
        return self._usage

    async def connect(self, with_microphone: bool = True) -> None:
        """Open the line; without a microphone the user types and listens."""
        if self._view.phase is not Phase.DISCONNECTED or self._is_beginning:
            return
        self._is_beginning = True  # a second click shall not count as a second beginning
        try:
            if refusal := await self._meter.begin():
                self._view.add_notice(Notice(meter.NOTICE, "error", refusal))
                return
            self._key.take_over_target()
            self.editor.prepare()
            await self.sound.echo.give_way()
            await self.controller.connect(with_microphone=with_microphone)
        finally:
            self._is_beginning = False

    async def disconnect(self) -> None:
        """Close the line; everything so far stays."""
        await self.controller.disconnect()

    async def use_key(self, text: str, *, keep: bool) -> KeyAnswer:
        """Use a key that was typed in, from the next session on; the owner's sessions only."""
        return await self._key.use(text, keep=keep)

    async def forget_key(self) -> KeyAnswer:
        """Forget the key that was typed in; the owner's sessions only."""
        return await self._key.forget()

    async def stay(self) -> None:
        """Go on with a session in which nobody has spoken or written for long."""
        self._idle.stay()

    async def end(self, sentence: str) -> None:
        """Close the line for a reason that the user has not given; everything so far stays."""
        await self.controller.disconnect()
        self._view.add_notice(Notice("ended", "error", sentence, "save"))

    async def set_turn(self, mode: TurnMode) -> None:
        """Say who ends a turn."""
        await self.controller.set_turn(mode)

    async def send_text(self, text: str) -> bool:
        """Send what the user typed, with the picture that was attached, and ask for an answer.

        Returns:
            Whether it was sent; if not, the user has been told why.
        """
        is_sent = await self.controller.send_text(text, self.picture.content)
        if is_sent:
            self.picture.take_away()
        return is_sent

    async def picture_refused(self, sentence: str) -> None:
        """Say why the browser did not send a picture."""
        self.picture.refuse(sentence)

    async def remove_picture(self) -> None:
        """Let the next message go without the picture."""
        self.picture.take_away()

    async def continue_answer(self) -> None:
        """Ask for the rest of an answer that was cut off."""
        await self.controller.continue_answer()

    async def decide_approval(self, item_id: str, approve: bool) -> None:
        """Let a call of an MCP tool go on that waits for the user, or not."""
        await self.controller.conversation.decide_approval(item_id, approve)

    async def delete_item(self, item_id: str) -> None:
        """Delete an item of the conversation."""
        await self.controller.conversation.delete_item(item_id)

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

    async def take_microphone(self) -> None:
        """Take the microphone from another session, and connect with it if there is no session."""
        self.sound.take_over()
        if self._view.phase is Phase.DISCONNECTED:
            await self.connect()
        else:
            await self.controller.spoken.use_microphone()

    async def play_source(self) -> None:
        """Have what stands in for the microphone heard now: again, or as one turn."""
        await self.sound.microphone.play()

    async def stop_source(self) -> None:
        """Silence what stands in for the microphone."""
        await self.sound.microphone.stop_playing()

    async def repeat_source(self, repeats: bool) -> None:
        """Say whether a file begins again at its end."""
        self.sound.microphone.repeat(repeats)

    async def speak_text(self, text: str) -> None:
        """Have typed words spoken as the user."""
        await self.sound.microphone.say(text)

    async def use_file(self, name: str, file: BinaryIO) -> None:
        """Make a sound file the microphone.

        Raises:
            AudioDeviceError: It cannot be; the page has been told so.
        """
        await self.sound.microphone.read_file(name, file)

    async def file_refused(self, sentence: str) -> None:
        """Say why the browser did not send a file."""
        self.sound.microphone.refuse(sentence)

    async def echo_test(self) -> None:
        """Record three seconds, play them back, and tell the round trip."""
        await self.sound.echo.run()

    async def change_sound(
        self, *, microphone: Microphone | None = None, speaker: Speaker | None = None
    ) -> None:
        """Choose microphone and speaker; what is None stays as it is."""
        self.sound.choice.change(microphone=microphone, speaker=speaker)

    def restore_sound(self, settings: SoundSettings) -> None:
        """Begin with what the browser remembers; ignored once something was chosen here."""
        self.sound.restore(settings)

    def devices_changed(
        self,
        inputs: Sequence[Device],
        outputs: Sequence[Device],
        *,
        can_choose_output: bool,
        remarks: Sequence[str],
    ) -> None:
        """Say which devices the browser has, and what is odd about them."""
        self.sound.list_devices(
            inputs, outputs, can_choose_output=can_choose_output, remarks=remarks
        )

    def speaker_changed(self, state: SpeakerState) -> None:
        """Say whether the browser's speaker can be heard."""
        self.controller.speaker_changed(state)

    def to_watch(self) -> WatchedSession:
        """Return what the page of somebody shows who watches."""
        return self.watching.shown

    async def close(self) -> None:
        """End the session for good."""
        await self.sound.echo.give_way()
        self._key.close()
        await self._idle.close()
        await self.controller.close()
        self._tools.close()
        await self._meter.close()
        await self._usage.close()
        await self.watching.close()
        await self.channel.close()
        await self.sound.close()
        self.log.close()

    def _new_composer(self, clock: Clock) -> SessionComposer:
        editor = self.controller.editor
        self.changed.connect(lambda parts: editor.show() if "connection" in parts else None)
        return SessionComposer(
            lambda: self.controller.client, self.log, clock, editor.send, editor.check_response
        )

    def _new_controller(self, feed: SessionFeed, clock: Clock, payer: Payer) -> Controller:
        microphone = self.sound.microphone
        return Controller(
            new_client=self._new_client,
            view=self._view,
            log=self.log,
            conversation=self.conversation,
            feed=feed,
            tools=self._tools,
            source=microphone.source,
            sink=self._playback,
            set_capture=microphone.set_capture,
            let_go=microphone.let_go,
            is_source_gated=self.sound.local is None,
            clock=clock,
            server=lambda: self._backend.server,
            is_guest=payer.is_guest,
        )

    def _session_tools(
        self,
        settings: Settings,
        payer: Payer,
        clock: Clock,
        own: OwnTools | None,
        kept: KeptMemory | None,
    ) -> SessionTools:
        url, is_guest = settings.weather_url, payer.is_guest
        return SessionTools(self._view, url, own=own, kept=kept, clock=clock, is_guest=is_guest)

    def _limits(
        self, budget: Budget, payer: Payer, minutes: float, clock: Clock
    ) -> tuple[SessionMeter, IdleWatch]:
        """Return what ends the session when it costs too much, or nobody is there."""
        return (
            SessionMeter(budget, payer, self._view, clock, hang_up=self._hang_up),
            IdleWatch(self._view, clock, minutes, hang_up=self._hang_up_idle),
        )

    def _new_client(self) -> RealtimeClient:
        client = self._backend.new_client(
            self.editor.model, self.editor.session_type, fault_group=self._faults.group
        )
        self._meter.follow(client)  # first of all: what it costs is counted before it is shown
        self._idle.follow(client)
        self._usage.follow(client)
        return client

    async def _hang_up_idle(self, sentence: str) -> None:
        await self._hang_up(sentence, "connect", "save")

    async def _hang_up(
        self, sentence: str, action: NoticeAction = "save", or_else: NoticeAction | None = None
    ) -> None:
        """End the session for a reason that the user has not given, and that is no fault."""
        await self.controller.disconnect()
        for notice in list(self._view.notices):
            if notice.notice_id.startswith(meter.NOTICE):  # what was close is over now
                self._view.dismiss(notice.notice_id)
        self._view.dismiss(idle.NOTICE)
        self._view.add_notice(Notice(meter.NOTICE, "warning", sentence, action, or_else=or_else))

    def _show_held_calls(self, feed: SessionFeed) -> None:
        def show(held: Held) -> None:
            self.conversation.hold(held.call_id, held.why)
            feed.touch()

        self._tools.lab.held.connect(show)

    def _followed_playback(self, feed: SessionFeed, clock: Clock) -> AnswerPlayback:
        """Return the speaker such that log, conversation and page are told what is heard of it."""

        def touch() -> None:
            feed.touch()
            self._usage.touch()

        playback = AnswerPlayback(
            self.sound.sink,
            log=self.log,
            conversation=self.conversation,
            touch=touch,
            view=self._view,
            clock=clock,
        )
        self.sound.report_to(playback)
        return playback
