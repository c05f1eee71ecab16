"""The sound of one session: its microphone and its speaker, and who is told what of them."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Protocol

from console.app.answer_playback import AnswerPlayback
from console.app.echo_test import EchoTest
from console.app.local_sound import LocalSound
from console.app.microphone_choice import MicrophoneChoice, Talker
from console.app.microphone_lease import LeasedSource, MicrophoneLease
from console.app.microphone_watch import MicrophoneWatch
from console.app.missing_speech_notice import MissingSpeechNotice
from console.app.presses import Presses
from console.app.shared_sources import SharedSources
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Device, SoundSettings
from console.app.stand_in_meter import StandInMeter
from console.app.view_model import MicrophoneState, Notice, Part, Phase, ViewModel
from console.audio.devices import DeviceWatch
from console.audio.ports import AudioSink, Heard
from console.clock import Clock
from console.ui.channel_wire import BrowserMicrophone
from console.ui.session_channel import SessionChannel


class SpokenInput(Talker, Protocol):
    """What the user says on its way to the service; `SpokenTurns` of the application."""

    def microphone_freed(self) -> None:
        """Another session has given back the microphone that was wanted here."""

    async def sound_changed(self, settings: SoundSettings) -> None:
        """Another microphone or speaker was chosen, or one was muted."""

    async def end_speech(self) -> None:
        """The microphone went silent in the middle of what was said."""


class SessionSound:
    """Holds microphone and speaker of a session, in the browser or on this machine.

    What the devices tell comes from the channel, or from this machine, to here and goes on: what
    was heard to the playback, presses and silence to the spoken input, all else into the view.
    """

    def __init__(
        self,
        view: ViewModel,
        channel: SessionChannel,
        clock: Clock,
        *,
        devices: DeviceWatch | None,
        shared: SharedSources,
        lease: MicrophoneLease,
    ) -> None:
        """Make both; nothing is opened, and nobody is heard before `serve`.

        Args:
            view: What the page shows; changed here.
            channel: To the browser, whose `sound` says whose devices these are.
            clock: Time.
            devices: Of this machine, where its sound is used.
            shared: What may stand in for the microphone.
            lease: Of the microphone, for which other sessions ask too.
        """
        self._view = view
        self._channel = channel
        self._shared = shared
        self.choice = SoundChoice(view, channel.sound)
        """Where microphone and speaker are chosen."""
        self.local = self._local_sound(devices, clock)
        """This machine's devices; None: they are the browser's."""
        ports: LocalSound | SessionChannel = self.local or channel
        self._device = LeasedSource(ports.source, lease)
        self.sink: AudioSink = ports.sink
        """The speaker."""
        self.microphone = MicrophoneChoice(
            view,
            self.choice,
            self._device,
            set_capture=channel.set_capture,
            let_go=channel.let_go,
            speak=shared.voice.speak,
            clock=clock,
        )
        """The microphone, and what stands in for it."""
        self.echo = EchoTest(
            view,
            self.microphone.source,
            self.sink,
            set_capture=self.microphone.set_capture,
            clock=clock,
        )
        """Needs both for itself, while there is no session with the service."""
        self._watch = MicrophoneWatch(view)
        self._missing = MissingSpeechNotice(view, self.choice, clock)
        self._stand_in_meter = StandInMeter(
            self.microphone.spoken, self.choice, clock, show_levels=channel.show_levels
        )
        channel.sink.health_changed.connect(lambda health: view.set_sound(playback=health))
        channel.missing.told.connect(self._speech_missing)

    def report_to(self, playback: AnswerPlayback) -> None:
        """Have `playback` told how far an answer was heard, and that it sounds no more."""
        if self.local is not None:
            self.local.heard.connect(playback.note_heard)
            self.local.drained.connect(playback.note_ended)
            return
        self._channel.sink.heard.connect(
            lambda report: playback.note_heard(Heard(report.track, report.n_samples))
        )
        self._channel.sink.drained.connect(lambda heard: playback.note_ended(heard.track))
        self._channel.closed.connect(lambda _: playback.note_away())

    def serve(self, spoken: SpokenInput) -> None:
        """Let `spoken` have what the user says, from the microphone that the console began with."""
        shared, channel = self._shared, self._channel
        self.microphone.serve(spoken)
        self._device.freed.connect(lambda _: spoken.microphone_freed())
        self.microphone.begin_with(shared.microphone, shared.file_name, shared.file)
        presses = Presses(self.microphone.talk, refused=self._press_refused)
        channel.may_press = lambda: self._view.phase is Phase.CONNECTED and presses.may_press()
        channel.talk.connect(lambda talk: presses.act(talk.is_down, talk.held_ms))
        channel.microphone.connect(lambda told: self._microphone_changed(told, spoken))
        self.choice.changed.connect(spoken.sound_changed)
        if (local := self.local) is not None:
            local.use_microphone = spoken.use_microphone
            channel.connected.connect(lambda _: local.opened())
            channel.closed.connect(lambda _: local.closed())

    def take_over(self) -> None:
        """Have the microphone taken from whichever session has it, when it is opened next."""
        self._device.take_over()

    def restore(self, settings: SoundSettings) -> None:
        """Begin with what the browser remembers; ignored once something was chosen here."""
        # A file is not remembered; and who comes back wants the microphone, not a test tone.
        microphone = replace(settings.microphone, kind="device")
        self.choice.restore(replace(settings, microphone=microphone))

    def list_devices(
        self,
        inputs: Sequence[Device],
        outputs: Sequence[Device],
        *,
        can_choose_output: bool,
        remarks: Sequence[str],
    ) -> None:
        """Say which devices the browser has, and what is odd about them."""
        self.choice.list_devices("browser", inputs, outputs, can_choose_output=can_choose_output)
        self.choice.remark("browser", remarks)

    def view_changed(self, parts: frozenset[Part]) -> None:
        """Follow what has changed of the session."""
        if "turn" in parts and self._view.is_talking:
            self._channel.hush()
        if "connection" in parts:
            self._watch.phase_changed()
        self._missing.view_changed(parts)

    async def close(self) -> None:
        """Give the devices back, and what stood in for them."""
        await self.microphone.close()
        if self.local is not None:
            await self.local.close()

    def _local_sound(self, devices: DeviceWatch | None, clock: Clock) -> LocalSound | None:
        if devices is None:
            return None
        return LocalSound(
            self._view, self.choice, devices, clock, show_levels=self._channel.show_levels
        )

    def _microphone_changed(
        self, microphone: BrowserMicrophone, spoken: SpokenInput
    ) -> Awaitable[None] | None:
        if self.microphone.is_stand_in:
            return None
        self._watch.changed(microphone.state, microphone.detail)
        is_heard = microphone.state is MicrophoneState.ON
        return None if is_heard else spoken.end_speech()

    def _press_refused(self, sentence: str) -> None:
        self._view.add_notice(Notice("talk", "warning", sentence))

    def _speech_missing(self, missing_ms: float) -> None:
        if self.microphone.is_stand_in or self.local is not None:
            return  # not the browser's to lose
        self._missing.lost(missing_ms)
