"""The recogniser at work on speech that still goes on, where a session wants words at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from console import tasks
from console.errors import SpeechEngineError
from console.simulator.senses import Ears, Transcript
from console.simulator.speech.growing_transcript import GrowingTranscript

logger = logging.getLogger(__name__)


class LiveHearing:
    """Drafts the words of one session's speech, one draft after the other.

    Drafts give way: while the recogniser has whole turns to do, none is made.
    """

    def __init__(self, ears: Ears, on_sure: Callable[[str, Transcript], None]) -> None:
        """Prepare; nothing runs until something is heard.

        Args:
            ears: The recogniser.
            on_sure: Told the item and all of its words that are sure so far.
        """
        self._ears = ears
        self._on_sure = on_sure
        self._item_id = ""
        self._growing = GrowingTranscript()
        self._drafting: asyncio.Task[None] | None = None

    def hear(self, item_id: str, pcm24k: bytes) -> None:
        """Take the next of the speech that will be this item."""
        if item_id != self._item_id:
            self.stop()
            self._item_id = item_id
        self._growing.hear(pcm24k)
        if self._drafting is None and (sound := self._growing.next_sound()) is not None:
            self._drafting = tasks.spawn(self._draft(sound), name=f"overhear {item_id}")

    def stop(self) -> None:
        """Leave the speech alone: it is over, or nobody wants its words any more."""
        if self._drafting is not None:
            self._drafting.cancel()
            self._drafting = None
        self._item_id = ""
        self._growing = GrowingTranscript()

    async def close(self) -> None:
        """Stop, and wait until all work has ended."""
        drafting = self._drafting
        self.stop()
        await tasks.cancel(drafting)

    async def _draft(self, sound: bytes | None) -> None:
        item_id, growing = self._item_id, self._growing
        try:
            while sound is not None and (draft := await self._ears.draft(sound)) is not None:
                sure = growing.drafted(draft.text)
                self._on_sure(item_id, Transcript(sure, draft.confidence))
                sound = growing.next_sound()
        except SpeechEngineError as error:
            logger.warning("item %s was not overheard: %s", item_id, error)
        except Exception:
            logger.exception("item %s was not overheard", item_id)
        finally:
            # Another may have begun since this one was stopped.
            if self._drafting is asyncio.current_task():
                self._drafting = None
