"""Record from a microphone of this machine, show how loud it is, save it and play it back.

::

    python -m console.examples.record_and_play --list
    python -m console.examples.record_and_play said.wav --seconds 3
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console import pcm
from console.audio import Bars, Recorder, SoundDevices, SounddeviceSink, StreamPlayer, analyse
from console.examples import program

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
TRACK: Final = "recording"
DELAY_S: Final = 0.2
"""More than what lies between the player and the ear."""


def show_devices(found: SoundDevices) -> None:
    """Print the microphones and speakers with the rates that they offer."""
    for what, devices in (("Microphones", found.inputs), ("Speakers", found.outputs)):
        print(f"{what}:")
        for each in devices:
            default = "  (default)" if each.is_default else ""
            print(f"  {each.name}  {each.rate_hz:,} Hz{default}")


async def record(path: Path, seconds: float, microphone: str | None) -> bytes:
    """Record for so many seconds and return the sound, which is in the file as well."""
    await asyncio.to_thread(program.check_writable, path)
    enough = asyncio.Event()
    bars = Bars()

    def take(chunk: bytes) -> None:
        bars.push(chunk)
        print(picture(bars.frame()))
        if recorder.duration_ms >= seconds * 1000:
            enough.set()

    def give_up(sentence: str) -> None:
        print(sentence)
        enough.set()

    async with Recorder() as recorder:
        recorder.stopped.connect(give_up)
        await recorder.begin(microphone)
        await recorder.record(take, chunk_samples=pcm.SAMPLE_RATE_HZ // 10)
        await enough.wait()
        try:
            saved = await recorder.end(path)
        except OSError as error:
            raise program.cannot_be_written(path, error) from error
        assert saved is not None
        print(f"{saved.duration_ms / 1000:.1f} s are in {saved.path}.")
        return recorder.read()


async def play(sound: bytes, speaker: str | None) -> None:
    """Play the sound to its end, and say how much of it was heard."""
    player = StreamPlayer(SounddeviceSink(speaker))
    await player.connect()
    try:
        player.add(sound, TRACK)
        await asyncio.sleep(pcm.bytes_to_ms(len(sound)) / 1000 + DELAY_S)
        heard = await player.interrupt()
    finally:
        await player.close()
    if heard is not None:
        print(f"{heard.time_s:.1f} s of it were heard.")


async def record_and_play(
    path: Path, seconds: float, microphone: str | None, speaker: str | None
) -> None:
    """Do both, and say which note was the strongest at the end."""
    sound = await record(path, seconds, microphone)
    notes = analyse(sound, "voice", max_dbfs=0)
    print(f"At the end the strongest note is {notes.labels[int(notes.values.argmax())]}.")
    await play(sound, speaker)


def picture(levels: Sequence[float]) -> str:
    """Return bars as characters."""
    return "".join(BLOCKS[round(each * (len(BLOCKS) - 1))] for each in levels)


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = argparse.ArgumentParser(
        prog="python -m console.examples.record_and_play",
        description="Record from a microphone of this machine and play it back.",
    )
    parser.add_argument(
        "path", type=Path, nargs="?", default=Path("recording.wav"), help="default: %(default)s"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="default: %(default)s")
    parser.add_argument("--microphone", help="its name, or a part of it (default: the system's)")
    parser.add_argument("--speaker", help="its name, or a part of it (default: the system's)")
    parser.add_argument("--list", action="store_true", help="show the devices and do nothing else")
    given = parser.parse_args(argv)
    if given.list:
        return program.run(_list())
    return program.run(record_and_play(given.path, given.seconds, given.microphone, given.speaker))


async def _list() -> None:
    show_devices(await asyncio.to_thread(Recorder.list_devices))


if __name__ == "__main__":
    sys.exit(main())
