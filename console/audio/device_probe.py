"""A program that looks for microphones and speakers, again and again, beside the one that uses them.

PortAudio finds new devices only when it is initialised, which ends every stream of its process. So
somebody else looks: each look is a line of JSON on standard output. The program ends when its
input does, so that it never outlives the console.

::

    python -m console.audio.device_probe 2.0
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from collections.abc import Sequence

from console.audio.sounddevice_library import PortAudio
from console.errors import AudioDeviceError


def look(portaudio: PortAudio) -> str:
    """Return what there is now as one line: `inputs` and `outputs`, or why there is none."""
    try:
        return json.dumps(dataclasses.asdict(portaudio.devices(fresh=True)))
    except AudioDeviceError as error:
        return json.dumps({"inputs": [], "outputs": [], "error": str(error)})


def main(argv: Sequence[str] | None = None) -> int:
    """Look every so many seconds, as the one argument says, until the input ends."""
    interval_s = float((sys.argv[1:] if argv is None else argv)[0])
    has_ended = threading.Event()

    def watch_input() -> None:
        sys.stdin.read()
        has_ended.set()

    threading.Thread(target=watch_input, name="end of input", daemon=True).start()
    portaudio = PortAudio()
    while not has_ended.is_set():
        sys.stdout.write(f"{look(portaudio)}\n")
        sys.stdout.flush()
        has_ended.wait(interval_s)
    return 0


if __name__ == "__main__":
    sys.exit(main())
