"""A worker program for tests: echoes, fails, dies and hangs on demand."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from console.simulator.speech.worker_program import Answer, Header, IsCancelled, Work, serve


def work(header: Header, payload: bytes, answer: Answer, is_cancelled: IsCancelled) -> None:
    if "print" in header:
        os.write(1, header["print"].encode())
        print(header["print"], flush=True)
    if "fail" in header:
        raise ValueError(header["fail"])
    if "arguments" in header:
        answer({}, "|".join(sys.argv[1:]).encode())
    for _ in range(header.get("times", 0)):
        answer({}, payload)
    if "die" in header:
        os._exit(3)
    if "die_once" in header and not (mark := Path(header["die_once"])).exists():
        mark.touch()
        os._exit(3)
    while header.get("until_cancelled") and not is_cancelled():
        time.sleep(0.002)
    if "sleep_s" in header:
        time.sleep(header["sleep_s"])


def load() -> Work:
    return work


if __name__ == "__main__":
    serve(load)
