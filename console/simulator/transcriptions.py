"""What the user said, in words: which items wait for the recogniser, and what it has found out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.simulator import usage
from console.simulator.intents import Recognise
from console.simulator.items import Conversation, Item, Part
from console.simulator.outbox import Outbox
from console.simulator.senses import BrainTurn, Transcript

_EVENT: Final = "conversation.item.input_audio_transcription"


class Transcriptions:
    """Every spoken item is recognised; its transcript is told where the client wants it."""

    def __init__(self, conversation: Conversation, outbox: Outbox) -> None:
        self._conversation = conversation
        self._outbox = outbox
        self._wanted: dict[str, Mapping[str, Any] | None] = {}
        """Items that the recogniser works on, with the transcription that the client wants."""

    def begin(
        self, item: Item, audio: bytes, wanted: Mapping[str, Any] | None, turn: BrainTurn
    ) -> None:
        """Ask for the words of an item.

        Args:
            item: One with audio of the user.
            audio: Its audio.
            wanted: The session's `transcription`; None: for the assistant alone.
            turn: What the assistant would be asked; its last item is this one.
        """
        self._wanted[item.id] = wanted
        hint = (wanted or {}).get("prompt") or ""
        self._outbox.ask(Recognise(item.id, audio, hint, turn))

    def is_waiting_for(self, items: Sequence[Item]) -> bool:
        """Return whether the words of some of the `items` are still to come."""
        return any(item.id in self._wanted for item in items)

    def transcribed(self, item_id: str, transcript: Transcript) -> None:
        """Take over what was said in an item."""
        wanted = self._wanted.pop(item_id, None)
        part = unheard_part(self._conversation.get(item_id))
        if part is not None:
            part.heard = transcript.text
            if wanted is not None:
                part.transcript = transcript.text
                self._emit(item_id, part, transcript.text, wanted["model"])

    def not_transcribed(self, item_id: str) -> None:
        """Tell that the recogniser failed; the turn goes on without a transcript."""
        wanted = self._wanted.pop(item_id, None)
        if wanted is not None and item_id in self._conversation:
            error = {
                "type": "server_error",
                "code": "transcription_failed",
                "message": f"Input transcription failed for item '{item_id}'.",
                "param": None,
            }
            self._outbox.emit(f"{_EVENT}.failed", item_id=item_id, content_index=0, error=error)

    def _emit(self, item_id: str, part: Part, text: str, model: str) -> None:
        # The oldest model does not stream: its one delta is everything.
        pieces = [text] if model == "whisper-1" else re.findall(r"\s*\S+", text)
        for piece in pieces:
            self._outbox.emit(f"{_EVENT}.delta", item_id=item_id, content_index=0, delta=piece)
        self._outbox.emit(
            f"{_EVENT}.completed",
            item_id=item_id,
            content_index=0,
            transcript=text,
            usage=usage.of_transcription(model, part.audio_ms, text),
        )


def unheard_part(item: Item | None) -> Part | None:
    """Return the user's audio whose words are not known, if `item` has some."""
    parts = item.content if item is not None and item.role == "user" else []
    return next((each for each in parts if each.type == "input_audio" and each.heard is None), None)
