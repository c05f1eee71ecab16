"""Where the sound of items is kept: in memory, on disk too, or nowhere."""

from __future__ import annotations

import logging
import os
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, assert_never

from console.client import choices
from console.realtime.conversation import Conversation

logger = logging.getLogger(__name__)

KeepAudio = Literal["disk", "memory", "none"]
"""`disk`: the newest seconds in memory, the rest of the newest hour in a file. `memory`: the newest
hour in memory. `none`: sound is played and not kept."""

BLOCK_BYTES: Final = 16 * 1024
"""A third of a second. Blocks of audio that is gone are written again, so the file stays small."""
MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""An hour is 173 MB; many short items fill their last blocks in part only."""


@dataclass(slots=True)
class _Stored:
    blocks: list[int] = field(default_factory=list)
    n_bytes: int = 0


class TemporaryAudioFile:
    """A shelf in one file without a name, which nobody else can open and no crash leaves behind.

    The file is made when the first audio comes. Slices are small enough for the event loop: one of
    256 KiB takes a fraction of a millisecond, since the system writes to the disk by itself. When
    the disk is full or cannot be written, that is told once, and audio that comes later is refused;
    what is there stays readable.
    """

    def __init__(
        self,
        *,
        directory: Path | None = None,
        on_failed: Callable[[str], None] | None = None,
        max_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        """Prepare a shelf; nothing is written yet.

        Args:
            directory: Where the file is made; None is the system's place for such files.
            on_failed: Called with a sentence, once, when audio cannot be written.
            max_bytes: How large the file may grow; audio beyond it is refused.
        """
        self._directory = directory
        self._on_failed = on_failed
        self._max_blocks = max_bytes // BLOCK_BYTES
        self._descriptor: int | None = None
        self._close_file: Callable[[], object] | None = None
        self._is_broken = False
        self._has_told = False
        self._forget()

    def _forget(self) -> None:
        self._stored: dict[int, _Stored] = {}
        self._free: list[int] = []
        self._n_blocks = 0

    @property
    def file_bytes(self) -> int:
        """How large the file is at the most."""
        return self._n_blocks * BLOCK_BYTES

    def put(self, key: int, audio: bytes) -> bool:
        """Append audio to what is held under `key`.

        Returns:
            False when it cannot be held; nothing is held under that key any more.
        """
        try:
            if not self._is_broken and self._has_room_for(key, len(audio)):
                self._append(self._stored.setdefault(key, _Stored()), memoryview(audio))
                return True
        except OSError as error:
            self._fail(error)
        self.drop(key)
        return False

    def get(self, key: int) -> bytes | None:
        """Return all that is held under `key`; None when nothing is, or it cannot be read."""
        stored = self._stored.get(key)
        if stored is None or self._descriptor is None:
            return None
        pieces = []
        try:
            for first, n_blocks in _runs(stored.blocks):
                os.lseek(self._descriptor, first * BLOCK_BYTES, os.SEEK_SET)
                pieces.append(os.read(self._descriptor, n_blocks * BLOCK_BYTES))
        except OSError as error:
            logger.warning("the sound of an item could not be read: %s", error.strerror)
            return None
        audio = b"".join(pieces)[: stored.n_bytes]
        return audio if len(audio) == stored.n_bytes else None

    def drop(self, key: int) -> None:
        """Forget what is held under `key`, if anything is."""
        if (stored := self._stored.pop(key, None)) is not None:
            self._free += stored.blocks

    def clear(self) -> None:
        """Forget everything and give its room back; what failed before is tried again."""
        self.close()
        self._is_broken = False

    def close(self) -> None:
        """Remove the file. It is removed too when this object or the program ends."""
        self._forget()
        if self._close_file is not None:
            self._close_file()
        self._descriptor = self._close_file = None

    def _has_room_for(self, key: int, n_bytes: int) -> bool:
        stored = self._stored.get(key, _Stored())
        n_needed = -(-(stored.n_bytes + n_bytes) // BLOCK_BYTES)
        n_unused = self._max_blocks - self._n_blocks + len(self._free)
        return n_needed - len(stored.blocks) <= n_unused

    def _append(self, stored: _Stored, audio: memoryview) -> None:
        descriptor = self._open()
        while audio:
            at = stored.n_bytes % BLOCK_BYTES
            if not at:
                stored.blocks.append(self._new_block())
            os.lseek(descriptor, stored.blocks[-1] * BLOCK_BYTES + at, os.SEEK_SET)
            # A disk that is nearly full takes less than it is given, and refuses the rest.
            n_written = os.write(descriptor, audio[: BLOCK_BYTES - at])
            stored.n_bytes += n_written
            audio = audio[n_written:]

    def _new_block(self) -> int:
        if self._free:
            return self._free.pop()
        self._n_blocks += 1
        return self._n_blocks - 1

    def _open(self) -> int:
        if self._descriptor is None:
            file = tempfile.TemporaryFile(  # noqa: SIM115 (lives as long as this object)
                buffering=0, prefix="realtime-console-", dir=self._directory
            )
            self._close_file = weakref.finalize(self, file.close)
            self._descriptor = file.fileno()
        return self._descriptor

    def _fail(self, error: OSError) -> None:
        self._is_broken = True
        why = error.strerror or type(error).__name__
        logger.warning("the sound of old items cannot be kept on disk: %s", why)
        if not self._has_told and self._on_failed is not None:
            self._on_failed(
                f"The sound of older items cannot be kept on disk ({why}); it is dropped instead. "
                "Make room, or choose to keep sound in memory."
            )
        self._has_told = True


def _runs(blocks: list[int]) -> list[tuple[int, int]]:
    """Return the first block and the length of each run of blocks that follow one another."""
    runs: list[tuple[int, int]] = []
    for block in blocks:
        if runs and block == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((block, 1))
    return runs


def new_conversation(
    keep_audio: KeepAudio, *, on_failed: Callable[[str], None] | None = None
) -> Conversation:
    """Return a conversation that keeps the sound of its items by the policy.

    Args:
        keep_audio: The policy.
        on_failed: Called with a sentence, once, when sound cannot be kept on disk.

    Raises:
        ValueError: There is no such policy.
    """
    choices.check("keep_audio", keep_audio, KeepAudio)
    match keep_audio:
        case "disk":
            return Conversation(shelf=TemporaryAudioFile(on_failed=on_failed))
        case "memory":
            return Conversation()
        case "none":
            return Conversation(max_kept_audio_ms=0)
        case _:
            assert_never(keep_audio)
