"""Hides the secrets of a line in all that comes on it: in messages, and in texts sent in pieces."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final

from console.key_mask import SHORTEST, KeyMask
from console.key_pieces import KeyPieces

_PIECE: Final = ".delta"
_SOUND: Final = "audio.delta"
"""Base64 of sound, which nobody joins to a text."""
_ENDS: Final = (".done", ".completed", ".failed")


class WireMask:
    """What the server of one line says, without the keys that it was shown."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Hide these texts; those that are as short as words are left where they stand."""
        # The longer first: one may be a part of another.
        usable = sorted({each for each in secrets if len(each) >= SHORTEST}, key=len, reverse=True)
        self._masks = [KeyMask(each) for each in usable]
        self._pieces = [KeyPieces(each) for each in usable]

    def hide(self, text: str) -> str:
        """Return a text without secrets."""
        for mask in self._masks:
            text = mask.hide(text)
        return text

    def hide_in_message(self, message: str | bytes) -> str | bytes:
        """Return a message without the secrets that are whole in it."""
        for mask in self._masks:
            message = mask.hide_in_message(message)
        return message

    def take(self, stream: Hashable, piece: str) -> str:
        """Return what may be shown after the next piece of a text; see `KeyPieces`."""
        for pieces in self._pieces:
            piece = pieces.take(stream, piece)
        return piece

    def end(self, stream: Hashable) -> str:
        """Return what was kept of a text that has ended."""
        kept = ""
        for pieces in self._pieces:
            kept = pieces.take(stream, kept) + pieces.end(stream)
        return kept

    def hide_in_delta(self, event_type: str, fields: dict[str, Any]) -> None:
        """Change an event that brings a piece of a text, if with the pieces before it says a secret.

        It then says the mark in place of it, or is empty until that is sure. Call it with each event
        in turn, after `hide_in_message`. The event that ends a text tells all of it once more; where
        none comes, what begins like a secret at the very end is never told.

        Args:
            event_type: Of the event, in any dialect.
            fields: Its fields; the `delta` among them may be replaced.
        """
        if event_type.endswith(_PIECE):
            delta = fields.get("delta")
            if event_type.endswith(_SOUND) or not isinstance(delta, str):
                return
            fields["delta"] = self.take(_stream(event_type, fields), delta)
        elif event_type.endswith(_ENDS):
            self.end(_stream(event_type, fields))

    def clear(self) -> None:
        """Forget the texts that grow: the session has ended."""
        for pieces in self._pieces:
            pieces.clear()


def _stream(event_type: str, fields: Mapping[str, Any]) -> Hashable:
    """Return which text an event is about: of one item, of one part, of one kind."""
    item_id, index = fields.get("item_id"), fields.get("content_index")
    return (
        event_type.rpartition(".")[0],
        item_id if isinstance(item_id, str) else "",
        index if type(index) is int else 0,
    )
