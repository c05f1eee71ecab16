"""The speaker of a session, followed: which answer sounds, how far it was heard, when it ended."""

from __future__ import annotations

from collections.abc import Callable

from console import pcm as pcm_units
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.view_model import ViewModel
from console.audio.ports import AudioSink, Heard
from console.clock import Clock


class AnswerPlayback:
    """An `AudioSink` around another; tells log, conversation and page what is heard of it.

    Whoever has the device calls `note_heard` and `note_ended`; what is asked of the sink passes
    through.
    """

    def __init__(
        self,
        sink: AudioSink,
        *,
        log: EventLog,
        conversation: ConversationView,
        touch: Callable[[], None],
        view: ViewModel,
        clock: Clock,
    ) -> None:
        """Follow a speaker.

        Args:
            sink: The speaker.
            log: Its turns are told the times.
            conversation: Is told how far each item was heard.
            touch: Called when the conversation has changed by that.
            view: Is told whether an answer sounds.
            clock: Time.
        """
        self._sink = sink
        self._log = log
        self._conversation = conversation
        self._touch = touch
        self._view = view
        self._clock = clock
        self._current: str | None = None

    async def start(self) -> None:
        """Make the speaker ready.

        Raises:
            AudioDeviceError: It cannot be used.
        """
        await self._sink.start()

    async def stop(self) -> None:
        """Silence and release the speaker; safe to call twice."""
        await self._sink.stop()
        self.note_away()

    def play(self, track: str, pcm: bytes) -> None:
        """Queue audio of a track behind what is queued already; never blocks."""
        self._sink.play(track, pcm)

    def finish(self, track: str) -> None:
        """Say that all audio of the track has been queued."""
        self._sink.finish(track)

    async def interrupt(self) -> Heard | None:
        """Stop at once, forget what is queued, and say what was being heard."""
        heard = await self._sink.interrupt()
        if heard is not None:
            self._stopped(heard)
        self.note_away()
        return heard

    async def clear(self) -> None:
        """Forget all tracks, interrupted ones too: a new session begins."""
        await self._sink.clear()
        self.note_away()

    # What the device tells

    def note_heard(self, heard: Heard) -> None:
        """A track sounds, and was heard so far."""
        if heard.n_samples <= 0 or self._conversation.item(heard.track) is None:
            return
        if self._current not in (None, heard.track):
            self._end()
        self._current = heard.track
        self._log.turns.heard(self._now_ms(), heard.track, heard.n_samples)
        self._show(heard, is_speaking=True)
        self._view.set_speaking(True)

    def note_ended(self, track: str) -> None:
        """A track was played to its end."""
        if track == self._current:
            self._end()

    def note_away(self) -> None:
        """Nothing sounds any more, or nobody is there to say so; what was heard stays known."""
        if (track := self._current) is not None:
            self._current = None
            self._log.turns.silent(self._now_ms(), track)
            self._conversation.stop_speaking(track)
            self._touch()
        self._view.set_speaking(False)

    def _stopped(self, heard: Heard) -> None:
        if heard.n_samples > 0 and self._conversation.item(heard.track) is not None:
            self._log.turns.heard(self._now_ms(), heard.track, heard.n_samples)
            self._current = heard.track
            self._show(heard, is_speaking=False)

    def _end(self) -> None:
        """All of the current track was heard."""
        assert self._current is not None
        self._log.turns.silent(self._now_ms(), self._current)
        self._conversation.all_heard(self._current)
        self._current = None
        self._view.set_speaking(False)
        self._touch()

    def _show(self, heard: Heard, *, is_speaking: bool) -> None:
        played_ms = int(pcm_units.samples_to_ms(heard.n_samples))
        self._conversation.set_played(heard.track, played_ms, is_speaking=is_speaking)
        self._touch()

    def _now_ms(self) -> float:
        return self._log.ms_at(self._clock.now_s())
