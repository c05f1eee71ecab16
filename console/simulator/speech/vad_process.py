"""The trained model of turn detection in a process of its own, for many detectors."""

from __future__ import annotations

import contextlib
import itertools
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import numpy as np

import console
from console.errors import SpeechEngineError
from console.pcm import Float32Array
from console.simulator.speech.vad_program import FORGET, HEADER, JUDGE, RESET

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S: Final = 0.8
_CODE_ROOT: Final = Path(console.__file__).parents[1]

_Process = subprocess.Popen[bytes]


class VadProcess:
    """Judges frames elsewhere. Its calls wait, without the interpreter's lock: use a thread.

    It is started by the first frame. When it dies it is started again for the next one; what its
    models had heard is lost then, and the detectors go on.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._process: _Process | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def new_model(self) -> RemoteModel:
        """Return a model for one detector."""
        return RemoteModel(self, next(self._numbers))

    def judge(self, number: int, frames: Float32Array) -> list[float]:
        """Return how likely each frame is speech.

        Args:
            number: Whose frames they are.
            frames: (n_frames, 512) float32 in [-1, 1], 16 kHz.

        Raises:
            SpeechEngineError: The process cannot be started, or has died twice.
        """
        message = HEADER.pack(number, JUDGE, len(frames)) + frames.astype(np.float32).tobytes()
        with self._lock:
            for _ in range(2):
                answer = self._ask(message, 4 * len(frames))
                if answer is not None:
                    return [float(each) for each in np.frombuffer(answer, np.float32)]
                if not self._is_closed:
                    logger.warning("the turn detection has died; it is started again")
        raise SpeechEngineError("The turn detection has stopped in the middle of its work.")

    def tell(self, number: int, kind: int) -> None:
        """Reset or forget a model; one that does not exist is fine."""
        with self._lock:
            if (process := self._process) is not None and process.stdin is not None:
                # One that has died has forgotten everything.
                with contextlib.suppress(OSError):
                    process.stdin.write(HEADER.pack(number, kind, 0))
                    process.stdin.flush()

    def close(self) -> None:
        """End the process, kindly and then not. Safe to call twice, and from another thread."""
        self._is_closed = True
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(CLOSE_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
            _end(process)

    def _ask(self, message: bytes, answer_bytes: int) -> bytes | None:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(message)
            process.stdin.flush()
            answer = process.stdout.read(answer_bytes)
        except (OSError, ValueError):  # a pipe that broke, or was closed by `close`
            answer = b""
        if len(answer) == answer_bytes:
            return answer
        if self._process is process:
            self._process = None
            process.kill()
            _end(process)
        return None

    def _running(self) -> _Process:
        if self._is_closed:
            raise SpeechEngineError("The turn detection has been closed.")
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "console.simulator.speech.vad_program"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    # `-m` looks into the working directory first: the program is ours.
                    cwd=_CODE_ROOT,
                    start_new_session=True,
                )
            except OSError as error:
                raise SpeechEngineError(
                    f"The turn detection cannot be started: {error}."
                ) from error
        return self._process


class RemoteModel:
    """One detector's model there."""

    def __init__(self, process: VadProcess, number: int) -> None:
        self._process = process
        self._number = number

    def judge(self, frames: Float32Array) -> list[float]:
        """Return how likely each frame is speech."""
        return self._process.judge(self._number, frames)

    def reset(self) -> None:
        """Forget what was heard."""
        self._process.tell(self._number, RESET)

    def close(self) -> None:
        """Let go of the model."""
        self._process.tell(self._number, FORGET)


def _end(process: _Process) -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        # What could not be written any more is of no use to anybody.
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
