"""Where audio goes that is not kept in memory: a port, for files are not of the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class AudioShelf(Protocol):
    """Holds audio by key, outside memory. Nothing here raises: what cannot be held is lost."""

    def put(self, key: int, audio: bytes) -> bool:
        """Append audio to what is held under `key`.

        Returns:
            False when it cannot be held; nothing is held under that key any more.
        """
        ...

    def get(self, key: int) -> bytes | None:
        """Return all that is held under `key`; None when nothing is, or it cannot be read."""
        ...

    def drop(self, key: int) -> None:
        """Forget what is held under `key`, if anything is."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


@dataclass(slots=True)
class Shelved:
    """The beginning of a part's audio, moved to a shelf."""

    shelf: AudioShelf
    key: int
    n_bytes: int = 0

    def read(self) -> bytes | None:
        """Return the audio; None when it is gone."""
        return self.shelf.get(self.key)
