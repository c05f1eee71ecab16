"""Where the turns of all sessions are detected: off the event loop, and off the interpreter's lock.

A thread feeds the detectors, one slice of one session at a time; the trained model judges in a
process of its own. On the loop, or in a thread alone, it would hold the interpreter's lock for
milliseconds on end, and with it whatever else goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from console.simulator.senses import Senses, TurnDetector
from console.simulator.speech.vad import SileroTurnDetector
from console.simulator.speech.vad_process import VadProcess

T = TypeVar("T")


class Hearing:
    """Runs turn detectors; nothing is started before the first of them hears something."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="turn-detection")
        self._process = VadProcess()

    def new_detector(self, senses: Senses) -> TurnDetector:
        """Return the detector of a session."""
        detector = senses.new_detector()
        if isinstance(detector, SileroTurnDetector):
            detector.move(self._process.new_model())
        return detector

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Return what `work` of a detector returns, in its turn among those of all sessions."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def let_go(self, detector: TurnDetector) -> None:
        """Forget the detector of a session that has ended."""
        if isinstance(detector, SileroTurnDetector):
            self._thread.submit(detector.close)

    def close(self) -> None:
        """End thread and process, within a second; sessions must have ended. Safe to call twice."""
        self._process.close()
        self._thread.shutdown(wait=False, cancel_futures=True)
