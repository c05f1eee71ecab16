"""What the user says: from the microphone to the server, by push-to-talk or on and on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from console import pcm, tasks
from console.app import microphone_lease
from console.app.dead_silence import DeadSilence
from console.app.microphone_lease import MicrophoneTakenError
from console.app.microphone_watch import GO_ON, NOTICE
from console.app.session_notices import SessionNotices
from console.app.sound_settings import SoundSettings
from console.app.view_model import CaptureMode, MicrophoneState, Phase, TurnMode, ViewModel
from console.audio.ports import AudioSource
from console.client.client import RealtimeClient
from console.errors import AudioDeviceError, NotConnectedError

MINIMUM_TALK_MS = 100
END_OF_SPEECH_MS = 1000
"""Longer than the silence by which the server finds the end of a turn."""
TOO_SHORT = "Hold the button while you speak: that was too short to be heard."


class SpokenTurns:
    """The microphone of one session, and what is a turn of it."""

    def __init__(
        self,
        view: ViewModel,
        notices: SessionNotices,
        source: AudioSource,
        *,
        set_capture: Callable[[CaptureMode], None],
        let_go: Callable[[], None],
        is_source_gated: bool,
        current_client: Callable[[], RealtimeClient | None],
        interrupt: Callable[[], Awaitable[None]],
    ) -> None:
        """Prepare; nothing is heard before `hear`.

        Args:
            view: What the page shows; changed here.
            notices: Tells the user what is wrong.
            source: The microphone.
            set_capture: Tells the microphone's side what may be sent.
            let_go: Has the microphone's side end a press that is held.
            is_source_gated: Whether the source itself heeds `set_capture` and the button;
                one that does not is heard only while the button is held, here.
            current_client: Returns who speaks with the server, once somebody does.
            interrupt: Stops the answer that is being heard.
        """
        self._view = view
        self._notices = notices
        self._source = source
        self._set_capture = set_capture
        self._let_go = let_go
        self._is_source_gated = is_source_gated
        self._silence = DeadSilence(view, notices, may_be_held_back=not is_source_gated)
        self._current_client = current_client
        self._interrupt = interrupt
        self._client: RealtimeClient | None = None
        """Who gets what is said; None while nothing is heard."""
        self._pump: asyncio.Task[None] | None = None
        self._turn_order = asyncio.Lock()
        """Presses and releases of the button act one after the other, as they came."""

    @property
    def are_heard(self) -> bool:
        """Whether the microphone is open."""
        return self._client is not None

    async def open(self) -> None:
        """Have the microphone opened, perhaps after asking the user.

        Raises:
            AudioDeviceError: It cannot be.
        """
        await self._source.start()

    def hear(self, client: RealtimeClient) -> None:
        """Send what an opened microphone hears to `client` from now on."""
        self._client = client
        if not self._is_source_gated:
            self._view.set_microphone(MicrophoneState.ON)
        self._pump = tasks.spawn(self._send(client), name="microphone")

    def begin(self) -> None:
        """Tell the microphone's side how turns are taken now."""
        self._set_capture(self._view.turn if self.are_heard else "off")

    def change_mode(self) -> None:
        """Go on with the other way of taking turns."""
        self._view.set_talking(False)
        self.begin()

    def line_lost(self) -> None:
        """End what is being said: the next line begins without it, and so a press must begin anew.

        The client has told how much of it was lost.
        """
        self._view.set_talking(False)
        if self._view.turn == "manual":
            self._let_go()

    async def stop(self) -> None:
        """Close the microphone."""
        self._set_capture("off")
        await self._forget_source()

    async def _forget_source(self) -> None:
        self._silence.begin()
        await tasks.cancel(self._pump)
        self._pump = None
        self._client = None
        self._notices.take_back(microphone_lease.NOTICE)
        await self._source.stop()

    def microphone_freed(self) -> None:
        """No other tab has the microphone any more: what was told of that tab is not true now."""
        if not any(each.notice_id == microphone_lease.NOTICE for each in self._view.notices):
            return
        if self._view.phase is Phase.DISCONNECTED:
            self._notices.take_back(microphone_lease.NOTICE)
        else:
            self._notices.tell(
                microphone_lease.NOTICE, "info", microphone_lease.FREE, "use_microphone"
            )

    async def use_microphone(self) -> None:
        """Let the microphone be heard in a session that began or went on without one.

        One that the session has, and that gave no sound, is opened anew.
        """
        is_silent = self._silence.is_told
        self._silence.begin()
        client = self._current_client()
        if client is None or self._view.phase is not Phase.CONNECTED:
            return
        if self.are_heard and (self._is_source_gated or not is_silent):
            return  # the browser itself opens it again
        if self.are_heard:
            await self.stop()
        else:
            # A browser opens it within the click, and would take "off" for the end of that.
            await self._forget_source()
        try:
            await self._source.start()
        except AudioDeviceError as error:
            self._set_capture("off")
            self._tell_silence(error)
            return
        if self._view.phase is Phase.CONNECTED:
            self._notices.take_back(NOTICE)
            self.hear(client)
            self.begin()

    async def talk(self, is_down: bool, held_ms: float) -> None:
        """Push-to-talk was pressed or released.

        Args:
            is_down: Whether it was pressed.
            held_ms: At a release, how long it was held.
        """
        async with self._turn_order:
            client = self._client
            if client is None or not self._is_open_for("manual"):
                return
            with self._notices.report("send what you said"):
                if is_down:
                    self._notices.take_back("talk")
                    self._silence.press()
                    self._view.set_talking(True)
                    await self._interrupt()
                elif self._view.is_talking:
                    await self._end_turn(client, held_ms)

    async def sound_changed(self, settings: SoundSettings) -> None:
        """Something else was chosen of microphone and speaker."""
        if settings.microphone.is_muted:
            await self.end_speech()

    async def end_speech(self) -> None:
        """The microphone fell silent in mid-sentence: have the server notice that the turn is over.

        It finds the end of a turn by the silence behind it, and now nothing more is sent at all.
        """
        client = self._client
        if client is not None and self._is_open_for("vad") and self._view.is_talking:
            with self._notices.report("end what you said"), contextlib.suppress(NotConnectedError):
                await client.append_input_audio(bytes(END_OF_SPEECH_MS * pcm.BYTES_PER_MS))

    def _is_open_for(self, mode: TurnMode) -> bool:
        return self._view.phase is Phase.CONNECTED and self._view.turn == mode

    async def _send(self, client: RealtimeClient) -> None:
        try:
            async for chunk in self._source.chunks():
                if client.is_connected and self._may_be_heard():
                    # The line may end meanwhile; what is said until it is back is not sent late.
                    self._silence.heard(chunk)
                    with contextlib.suppress(NotConnectedError):
                        await client.append_input_audio(chunk)
        except AudioDeviceError as error:
            self._client = None
            self.change_mode()
            self._view.set_microphone(MicrophoneState.FAILED)
            self._tell_silence(error)

    def _tell_silence(self, error: AudioDeviceError) -> None:
        if isinstance(error, MicrophoneTakenError):
            self._notices.tell(
                microphone_lease.NOTICE, "warning", f"{error} {GO_ON}", "take_microphone"
            )
            if error.is_over:
                self.microphone_freed()
        else:
            self._notices.tell(NOTICE, "error", f"{error} {GO_ON}", "use_microphone")

    def _may_be_heard(self) -> bool:
        if self._view.sound.settings.microphone.is_muted:
            return False
        return self._is_source_gated or self._view.turn == "vad" or self._view.is_talking

    async def _end_turn(self, client: RealtimeClient, held_ms: float) -> None:
        await self._source.wait_until_read()
        if not self._view.is_talking:
            return  # the line was lost meanwhile, and what was said with it
        self._view.set_talking(False)
        if held_ms < MINIMUM_TALK_MS:
            await client.clear_input_audio()
            self._notices.tell("talk", "info", TOO_SHORT)
        else:
            await client.create_response()
