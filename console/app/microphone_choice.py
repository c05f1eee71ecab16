"""Which microphone a session has: a device, or something that stands in for one.

What stands in is heard as a person with a microphone would be: while push-to-talk is held, from its
beginning; or at once, where the server listens all the time, and then silence. Nobody has to hold
a button for the length of a file, though: one call has it said as a turn of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import BinaryIO, Final, Literal, Protocol

from console import tasks
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Microphone, SoundSettings
from console.app.stand_in import MAX_TEXT_CHARS
from console.app.view_model import (
    CaptureMode,
    MicrophoneState,
    Notice,
    NoticeKind,
    Phase,
    ViewModel,
)
from console.audio.played_source import PlayedSource
from console.audio.ports import AudioSource
from console.audio.sound_file import read
from console.audio.sounds import PinkNoise, Recorded, Silence, Sound, Spoken, Tone
from console.audio.source_switch import SourceSwitch
from console.clock import Clock
from console.errors import AudioDeviceError, ConsoleError

NOTICE: Final = "stand-in"
BEFORE_MS: Final = 300
"""Quiet before a file or typed words: a turn detector has to know what silence is."""
AFTER_MS: Final = 300


class Talker(Protocol):
    """Takes the turns of what stands in for the microphone."""

    async def talk(self, is_down: bool, held_ms: float) -> None:
        """Push-to-talk was pressed or released."""

    async def use_microphone(self) -> None:
        """Let the microphone be heard in a session that goes on without one."""


class MicrophoneChoice:
    """Holds the device and what stands in for it; `source` is whichever is chosen."""

    def __init__(
        self,
        view: ViewModel,
        sound: SoundChoice,
        device: AudioSource,
        *,
        set_capture: Callable[[CaptureMode], None],
        let_go: Callable[[], None],
        speak: Callable[[str], AsyncIterator[bytes]],
        clock: Clock,
    ) -> None:
        """Begin with what `sound` has chosen.

        Args:
            view: What the page shows; changed here.
            sound: Where choices are made and told.
            device: The browser's microphone, or this machine's.
            set_capture: Tells the device's side what may be sent.
            let_go: Has the device's side end a press that is held.
            speak: Speaks a text, as PCM16 mono 24 kHz.
            clock: Time.
        """
        self._view = view
        self._sound = sound
        self._device = device
        self._set_capture = set_capture
        self._end_press = let_go
        self._speak = speak
        self._clock = clock
        self._player = PlayedSource(Silence(), clock, is_held=True)
        self._talker: Talker | None = None
        self._mode: CaptureMode = "off"
        self._loaded = Microphone()
        self._file: Sound = Silence()
        self._owned_file: Recorded | None = None
        self._words: Sound = Silence()
        self._speaking: asyncio.Task[None] | None = None
        self._has_played = False
        self._turn_began_s: float | None = None
        """When a turn began that ends with the sound, without a button."""
        self._changes = asyncio.Lock()
        self._turns = asyncio.Lock()
        self.spoken = self._player.spoken
        """What is heard of the stand-in, chunk by chunk."""
        self.source = SourceSwitch(device)
        self.source.changed.connect(lambda _: self._show_microphone())
        self._player.started.connect(lambda _: self._session_began())
        self._player.ended.connect(lambda _: self._sound_ended())
        sound.changed.connect(self._settings_changed)

    @property
    def is_stand_in(self) -> bool:
        """Whether something else than a device is chosen."""
        return self._view.sound.settings.microphone.kind != "device"

    def serve(self, talker: Talker) -> None:
        """Say who takes turns with the microphone."""
        self._talker = talker

    def set_capture(self, mode: CaptureMode) -> None:
        """Say what may be sent of the microphone, whichever it is."""
        was, self._mode = self._mode, mode
        self._set_capture(mode)
        if not self.is_stand_in:
            return
        if mode == was:
            self._show_microphone()
            return
        self._turn_began_s = None
        # What is cut off by a lost line is said again when there is one.
        self._has_played = self._has_played and not self._player.is_playing
        self._begin()

    def let_go(self) -> None:
        """End a press, whichever the microphone is: nothing of it is wanted any more."""
        self._end_press()
        self._turn_began_s = None
        if self.is_stand_in and self._mode == "manual":
            self._hold()

    # What the user does

    async def talk(self, is_down: bool, held_ms: float) -> None:
        """Push-to-talk was pressed or released: what stands in begins, or is cut off."""
        if not self.is_stand_in:
            await self._require_talker().talk(is_down, held_ms)
        elif self._turn_began_s is None:  # a turn without a button is not ended by one
            await self._take_turn(is_down, held_ms)

    async def play(self) -> None:
        """Have the file or the words heard now: again, or as a turn of their own."""
        if obstacle := self._play_obstacle():
            self._tell("warning", obstacle)
            return
        self._view.dismiss(NOTICE)
        await self._require_talker().use_microphone()
        if self._mode == "vad":
            self._play(self._view.stand_in.repeats)
        elif self._mode == "manual" and self._turn_began_s is None:
            self._turn_began_s = self._clock.now_s()
            await self._take_turn(is_down=True, held_ms=0)
            if not self._player.is_playing:  # the session ended meanwhile
                self._turn_began_s = None

    async def stop_playing(self) -> None:
        """Be silent from now on; a turn that had begun ends here."""
        if self._turn_began_s is not None:
            await self._end_turn()
        elif self._player.is_playing:
            self._rest()

    def repeat(self, repeats: bool) -> None:
        """Say whether a file begins again at its end while one listens."""
        self._view.set_stand_in(repeats=repeats)
        if self._player.is_playing and self._turn_began_s is None:
            self._player.repeat(repeats)

    async def say(self, text: str) -> None:
        """Have `text` spoken as the user; it becomes the microphone."""
        text = text.strip()
        if not text:
            return
        if len(text) > MAX_TEXT_CHARS:
            self._tell(
                "warning",
                f"That has {len(text):,} characters; {MAX_TEXT_CHARS:,} can be spoken at once. "
                "Speak it in parts.",
            )
            return
        if self._view.phase is not Phase.CONNECTED:
            self._tell("warning", "Not connected: connect first, then it can be spoken.")
            return
        await self.stop_playing()
        await tasks.cancel(self._speaking)
        speech = self._speak(text)
        try:
            first = await anext(speech)
        except StopAsyncIteration:
            self._tell("warning", "There is nothing in it that can be spoken.")
            return
        except ConsoleError as error:
            self._tell("error", f"The words could not be spoken: {error}")
            return
        words = self._words = Spoken(before_ms=BEFORE_MS, after_ms=AFTER_MS)
        self._speaking = tasks.spawn(self._fill(words, first, speech), name="speech of the user")
        self._view.set_stand_in(text=text)
        await self._choose("text")
        await self.play()

    def begin_with(self, microphone: Microphone, file_name: str, file: Recorded | None) -> None:
        """Take what was chosen before there was a session; its file is shared with others."""
        if file is not None:
            self._file = file
            self._view.set_stand_in(file_name=file_name, file_ms=file.recorded_ms)
        if microphone.kind != "device":
            self._sound.change(microphone=microphone)

    async def use_file(self, name: str, recorded: Recorded) -> None:
        """Make a file the microphone; where one listens all the time, it is heard at once.

        Args:
            name: What people call it.
            recorded: The sound; closed with the session, or when another takes its place.
        """
        await self.stop_playing()
        previous, self._owned_file = self._owned_file, recorded
        self._file = recorded
        self._view.set_stand_in(file_name=name, file_ms=recorded.recorded_ms)
        await self._choose("file")
        if previous is not None:
            previous.close()

    def refuse(self, sentence: str) -> None:
        """Say why a file did not become the microphone."""
        self._tell("error", sentence)

    async def read_file(self, name: str, file: BinaryIO) -> None:
        """Make what somebody has given us the microphone, if it is a sound; `file` stays open.

        Raises:
            AudioDeviceError: It cannot be; the sentence says why, and so does the page.
        """
        self._view.dismiss(NOTICE)
        self._view.set_stand_in(is_loading=True)
        try:
            recorded = await asyncio.to_thread(read, file, before_ms=BEFORE_MS, after_ms=AFTER_MS)
        except ValueError as error:
            sentence = f"{name} cannot be the microphone: {error}."
            self._tell("error", sentence)
            raise AudioDeviceError(sentence) from error
        finally:
            self._view.set_stand_in(is_loading=False)
        await self.use_file(name, recorded)

    async def close(self) -> None:
        """Let go of file and voice."""
        await tasks.cancel(self._speaking)
        if self._owned_file is not None:
            self._owned_file.close()

    # How it goes on

    async def _choose(self, kind: Literal["file", "text"]) -> None:
        microphone = replace(self._view.sound.settings.microphone, kind=kind)
        self._sound.change(microphone=microphone)
        await self._follow(microphone, is_new=True)

    async def _settings_changed(self, settings: SoundSettings) -> None:
        await self._follow(settings.microphone)

    async def _follow(self, microphone: Microphone, *, is_new: bool = False) -> None:
        """Let the chosen microphone be the one that is heard."""
        if microphone.kind != self._loaded.kind:
            await self.stop_playing()
        async with self._changes:
            if microphone != self._view.sound.settings.microphone:
                return  # something else was chosen meanwhile
            before, self._loaded = self._loaded, microphone
            is_other = microphone.kind != before.kind
            if microphone.kind == "device":
                self._hold()
                await self.source.switch(self._device)
                return
            if is_other or is_new or microphone.chunk_ms != before.chunk_ms:
                self._player.load(self._sound_of(microphone), chunk_ms=microphone.chunk_ms)
            if is_other or is_new:
                self._has_played = microphone.kind == "text"
                self._begin()
            await self.source.switch(self._player)
        if is_other and self._view.phase is Phase.CONNECTED:
            await self._require_talker().use_microphone()

    def _sound_of(self, microphone: Microphone) -> Sound:
        match microphone.kind:
            case "file":
                return self._file
            case "text":
                return self._words
            case "tone":
                return Tone()
            case "noise":
                return PinkNoise()
            case _:
                return Silence()

    def _begin(self) -> None:
        self._show_microphone()
        if self._mode == "vad" and not self._has_played:
            self._play(self._view.stand_in.repeats)
        elif self._mode == "vad":
            self._rest()
        else:
            self._hold()

    def _session_began(self) -> None:
        if self._mode == "off":
            # Words are spoken when they are typed, and not again with each session.
            self._has_played = self._loaded.kind == "text"

    async def _take_turn(self, is_down: bool, held_ms: float) -> None:
        # Both halves together: a release must not overtake what its press begins.
        async with self._turns:
            talker = self._require_talker()
            if is_down:
                await talker.talk(True, held_ms)
                if self._view.is_talking and self._mode == "manual":
                    self._play(self._view.stand_in.repeats and self._turn_began_s is None)
            else:
                self._hold()
                await talker.talk(False, held_ms)

    async def _end_turn(self) -> None:
        began_s, self._turn_began_s = self._turn_began_s, None
        if began_s is not None:
            held_ms = (self._clock.now_s() - began_s) * 1000
            await self._take_turn(is_down=False, held_ms=held_ms)

    async def _sound_ended(self) -> None:
        self._view.set_stand_in(is_playing=False)
        await self._end_turn()

    def _play(self, repeats: bool) -> None:
        self._has_played = True
        self._player.play(repeats=repeats)
        self._view.set_stand_in(is_playing=True)

    def _rest(self) -> None:
        self._player.rest()
        self._view.set_stand_in(is_playing=False)

    def _hold(self) -> None:
        self._player.hold()
        self._view.set_stand_in(is_playing=False)

    async def _fill(self, words: Spoken, first: bytes, rest: AsyncIterator[bytes]) -> None:
        async def all_of_it() -> AsyncIterator[bytes]:
            yield first
            async for chunk in rest:
                yield chunk

        try:
            await words.fill(all_of_it())
        except ConsoleError as error:
            self._tell("error", f"Not all of the words could be spoken: {error}")

    def _play_obstacle(self) -> str:
        kind = self._view.sound.settings.microphone.kind
        if self._view.phase is not Phase.CONNECTED:
            return "Not connected: connect first, then it can be heard."
        if kind == "file" and not self._view.stand_in.file_name:
            return "There is no file yet: choose one, or drop it onto the page."
        if kind == "text" and not self._view.stand_in.text:
            return "There are no words yet: type what is to be spoken."
        if kind not in ("file", "text"):
            return "Only a file or typed words can be played: hold Push to talk instead."
        return ""

    def _show_microphone(self) -> None:
        if self._mode != "off":
            self._view.set_microphone(MicrophoneState.ON)

    def _require_talker(self) -> Talker:
        assert self._talker is not None, "serve() comes first"
        return self._talker

    def _tell(self, kind: NoticeKind, sentence: str) -> None:
        self._view.add_notice(Notice(NOTICE, kind, sentence))
