"""The sheet of all keys, drawn by the browser: one element, however many keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui


@dataclass(frozen=True, slots=True)
class ShownKeys:
    """What one or several keys do."""

    keys: str
    """As they are written: keys that are held together joined by "+", others apart by blanks; a
    name of two words has "_" between them."""
    words: str
    """What they do."""
    between: str = ""
    """Stands between keys that are apart: "to" for all from the first to the last."""


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that work in the same place."""

    title: str
    rows: tuple[ShownKeys, ...]


class ShortcutSheet(ui.element, component="shortcut_sheet.js"):
    """Lists keys with what they do."""

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        """Make the sheet; nothing of it changes."""
        super().__init__()
        self._props["groups"] = [
            {
                "title": group.title,
                "rows": [
                    {"keys": _chords(each.keys), "words": each.words, "between": each.between}
                    for each in group.rows
                ],
            }
            for group in groups
        ]


def _chords(keys: str) -> list[list[str]]:
    return [
        [key.replace("_", " ") for key in chord.split("+")] for chord in keys.split(" ") if chord
    ]
