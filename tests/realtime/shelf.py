"""A shelf for tests: it holds audio in a dictionary, and refuses when it is told to."""

from __future__ import annotations


class MemoryShelf:
    """Holds everything, until `is_full` makes it refuse."""

    def __init__(self) -> None:
        self.held: dict[int, bytes] = {}
        self.sizes: list[int] = []
        self.is_full = False

    def put(self, key: int, audio: bytes) -> bool:
        self.sizes.append(len(audio))
        if self.is_full:
            self.drop(key)
            return False
        self.held[key] = self.held.get(key, b"") + audio
        return True

    def get(self, key: int) -> bytes | None:
        return self.held.get(key)

    def drop(self, key: int) -> None:
        self.held.pop(key, None)

    def clear(self) -> None:
        self.held.clear()
