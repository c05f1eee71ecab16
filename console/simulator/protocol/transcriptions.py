"""What the user said, in words: which items wait for the recogniser, and what it has found out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from console.simulator.protocol import told_words, transcribers, usage
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.intents import Recognise
from console.simulator.protocol.items import Conversation, Item, Part
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.session_config import SessionConfig
from console.simulator.protocol.transcribers import Transcriber
from console.simulator.senses import BrainTurn, Transcript

_EVENT: Final = "conversation.item.input_audio_transcription"
_SPEAKER: Final = "A"
"""The recogniser does not tell voices apart: all of an item is said by one speaker."""
_LANGUAGE: Final = "en"
"""The only one that the recogniser knows."""
_LEAST_CONFIDENCE: Final = 1e-6


@dataclass(slots=True)
class _Told:
    """What the client knows of an item's words already; it cannot be taken back."""

    item_id: str = ""
    text: str = ""
    logprobs: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Awaited:
    """An item that the recogniser works on."""

    item: Item
    wanted: Mapping[str, Any] | None
    """The session's `transcription` when the item was made; None: for the assistant alone."""
    wants_logprobs: bool
    told: _Told
    """What was told while it was being spoken."""


class Transcriptions:
    """Every spoken item is recognised; its transcript is told where the client wants it.

    A transcript comes when the recogniser is done, before or after anything of a response.
    """

    def __init__(
        self, config: SessionConfig, conversation: Conversation, outbox: Outbox, new_id: NewId
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._outbox = outbox
        self._new_id = new_id
        self._awaited: dict[str, _Awaited] = {}
        self._told = _Told()
        """Of the speech that goes on."""

    def begin(
        self, item: Item, audio: bytes, wanted: Mapping[str, Any] | None, turn: BrainTurn | None
    ) -> None:
        """Ask for the words of an item.

        Args:
            item: One with audio of the user; of the conversation, or of a response alone.
            audio: Its audio.
            wanted: The session's `transcription`; None: for the assistant alone.
            turn: What the assistant would be asked; its last item is this one. None without one.
        """
        told = self._told if self._told.item_id == item.id else _Told(item.id)
        self._awaited[item.id] = _Awaited(item, wanted, self._config.wants_logprobs, told)
        self._outbox.ask(Recognise(item.id, audio, _hint(wanted), turn))

    def overheard(self, item_id: str, so_far: Transcript) -> None:
        """Tell the words that are sure of an item that is still being spoken.

        Args:
            item_id: What it will be.
            so_far: All of them; later calls have more, never others.
        """
        if self._told.item_id != item_id:
            self._told = _Told(item_id)
        new = told_words.rest(self._told.text, so_far.text)
        pieces = told_words.pieces(new)
        self._told.text += new
        logprobs: list[dict[str, Any]] | None = None
        if self._config.wants_logprobs:
            n_pieces = len(so_far.text.split())
            logprobs = _logprobs(pieces, so_far.confidence, n_pieces)
            self._told.logprobs += logprobs
        self._tell_deltas({"item_id": item_id, "content_index": 0}, pieces, logprobs)

    def is_waiting_for(self, items: Sequence[Item]) -> bool:
        """Return whether the words of some of the `items` are still to come."""
        return any(item.id in self._awaited for item in items)

    def transcribed(self, item_id: str, transcript: Transcript) -> None:
        """Take over what was said in an item."""
        if (awaited := self._awaited.pop(item_id, None)) is None:
            return
        if (part := unheard_part(awaited.item)) is None:
            return
        part.heard = transcript.text
        if awaited.wanted is not None and item_id in self._conversation:
            part.transcript = self._tell(awaited, part, transcript)

    def not_transcribed(self, item_id: str) -> None:
        """Tell that the recogniser failed; the turn goes on without a transcript."""
        awaited = self._awaited.pop(item_id, None)
        if awaited is None or awaited.wanted is None or item_id not in self._conversation:
            return
        error = {
            "type": "server_error",
            "code": "transcription_failed",
            "message": f"Input transcription failed for item '{item_id}'.",
            "param": None,
        }
        index = _content_index(awaited.item)
        self._outbox.emit(f"{_EVENT}.failed", item_id=item_id, content_index=index, error=error)

    # ------------------------------------------------------------ on the wire

    def _tell(self, awaited: _Awaited, part: Part, transcript: Transcript) -> str:
        """Tell the words and return them: what was told before stands, though it be wrong."""
        assert awaited.wanted is not None, "only what is wanted is told"
        model, told = awaited.wanted["model"], awaited.told
        new = told_words.rest(told.text, transcript.text)
        text = told.text + new
        transcriber = transcribers.of_model(model)
        where = {"item_id": awaited.item.id, "content_index": awaited.item.content.index(part)}
        pieces = [new] if transcriber.told == "whole" else told_words.pieces(new)
        logprobs: list[dict[str, Any]] | None = None
        if awaited.wants_logprobs and transcriber.has_logprobs:
            n_pieces = len(told.logprobs) + len(pieces)
            logprobs = _logprobs(pieces, transcript.confidence, n_pieces)
        if transcriber.told == "segments":
            self._tell_segment(where, text, part.audio_ms)
        else:
            self._tell_deltas(where, pieces, logprobs)
        self._outbox.emit(
            f"{_EVENT}.completed",
            **where,
            transcript=text,
            **_extras(transcriber, text),
            **({} if logprobs is None else {"logprobs": told.logprobs + logprobs}),
            usage=usage.of_transcription(model, part.audio_ms, text),
        )
        return text

    def _tell_deltas(
        self,
        where: Mapping[str, Any],
        pieces: Sequence[str],
        logprobs: Sequence[Mapping[str, Any]] | None,
    ) -> None:
        for index, piece in enumerate(pieces):
            sure = {} if logprobs is None else {"logprobs": [logprobs[index]]}
            self._outbox.emit_padded(f"{_EVENT}.delta", **where, delta=piece, **sure)

    def _tell_segment(self, where: Mapping[str, Any], text: str, audio_ms: float) -> None:
        if text:
            self._outbox.emit(
                f"{_EVENT}.segment",
                **where,
                id=self._new_id("seg_"),
                speaker=_SPEAKER,
                start=0.0,
                end=round(audio_ms / 1000, 3),
                text=text,
            )


def unheard_part(item: Item | None) -> Part | None:
    """Return the user's audio whose words are not known, if `item` has some."""
    parts = item.content if item is not None and item.role == "user" else []
    return next((each for each in parts if each.type == "input_audio" and each.heard is None), None)


def _hint(wanted: Mapping[str, Any] | None) -> str:
    """Return what the client wants the recogniser to know."""
    given = wanted or {}
    keywords = ", ".join(given.get("keywords") or ())
    return " ".join(filter(None, (given.get("prompt"), keywords)))


def _content_index(item: Item) -> int:
    part = unheard_part(item)
    return 0 if part is None else item.content.index(part)


def _extras(transcriber: Transcriber, text: str) -> dict[str, Any]:
    if not transcriber.has_languages:
        return {}
    return {"languages": [{"code": _LANGUAGE}] if text else []}


def _logprobs(pieces: Sequence[str], confidence: float, n_pieces: int) -> list[dict[str, Any]]:
    """Return how sure the recogniser is of each piece.

    It tells how sure it is of the whole, which has `n_pieces`; the logarithm of that is shared
    out evenly, so that the sum over all pieces is the logarithm of the whole.
    """
    whole = math.log(min(1.0, max(_LEAST_CONFIDENCE, confidence)))
    return [
        {"token": piece, "logprob": whole / n_pieces, "bytes": list(piece.encode())}
        for piece in pieces
    ]
