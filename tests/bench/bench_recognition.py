"""How well the simulator hears: words, and where turns begin and end, in quiet and in noise.

    python tests/bench/bench_recognition.py --sentences 6 --snr 30 20 10

Speech is flite's and eSpeak's, made here; flite must be installed, and so must espeak-ng. Noise
is white, or babble: the other sentences by other voices at once. Its level is told as the
signal-to-noise ratio over the speech. Turns go through the real detector, then the turn that it
cut out goes through the real recogniser, as in a session; so a word can be lost to either.

- words: word error rate of the first decoding, and after the second one (by the grammar) where
  the assistant understands nothing, as in a session.
- asked: the share of sentences whose meaning the assistant gets (all of them are in its grammar).
- begin, end: how long after speech began or ended the detector could tell, in ms of audio.
- missed, false: turns that were not found or did not end, and turns that were none (or halves
  of one).
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import soxr

from console import pcm, wav
from console.pcm import Float32Array
from console.simulator.assistant.brain import RuleBrain
from console.simulator.assistant.scenario import plain
from console.simulator.senses import SpeechStarted
from console.simulator.speech.ears import PocketsphinxEars
from console.simulator.speech.vad import SileroTurnDetector
from tests import speech
from tests.simulator.turns import turn

SENTENCES = (
    "what is the weather in San Francisco",
    "tell me a joke",
    "what time is it in Tokyo",
    "remember that my name is Alice",
    "what is the temperature in London today",
    "count to twenty",
    "do you remember my name",
    "what can you do",
    "is it raining in Berlin",
    "say that again",
    "my favorite color is green",
    "what is the date today",
)
FLITE = ("slt", "rms", "awb", "kal16")
ESPEAK = ("en-us+f3", "en-gb")
BEFORE_MS, AFTER_MS = 1000, 1500
SILENCE_MS, PADDING_MS = 500, 300
CHUNK_MS = 20
SEED = 7


@dataclasses.dataclass(slots=True)
class Tally:
    """What was found under one condition."""

    words: int = 0
    errors: int = 0
    errors_after: int = 0
    understood: int = 0
    begins_ms: list[float] = dataclasses.field(default_factory=list)
    ends_ms: list[float] = dataclasses.field(default_factory=list)
    turns: int = 0
    missed: int = 0
    false: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """A sentence as it was said."""

    text: str
    voice: str
    sound: Float32Array
    """Without silence before or after."""


def word_errors(said: str, heard: str) -> int:
    """Return how many words must be put in, left out or replaced to get what was said."""
    wanted, got = plain(said).split(), plain(heard).split()
    row = list(range(len(got) + 1))
    for n, word in enumerate(wanted, 1):
        above, row[0] = row[0], n
        for m, other in enumerate(got, 1):
            above, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, above + (word != other))
    return row[-1]


def said_by(voice: str, text: str) -> Float32Array:
    """Return a sentence by a voice, cut to where it sounds."""
    samples = pcm.to_float(speech.say(text, voice)) if voice in FLITE else _espeak(voice, text)
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.max(np.abs(samples)))
    return samples[loud[0] : loud[-1] + 1]


def _espeak(voice: str, text: str) -> Float32Array:
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("espeak-ng is needed to speak: apt-get install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([program, "-v", voice, "-s", "150", "-w", str(path), text], check=True)
        samples, rate_hz = wav.unpack(path.read_bytes())
    resampled: Float32Array = soxr.resample(pcm.to_float(samples), rate_hz, pcm.SAMPLE_RATE_HZ)
    return resampled


def noisy(
    sample: Sample, others: Sequence[Sample], kind: str, snr_db: float | None,
    random: np.random.Generator,
) -> Float32Array:  # fmt: skip
    """Return a sentence with quiet before and after it, all of it in noise.

    Args:
        sample: The sentence.
        others: What babble is made of.
        kind: `white` or `babble`.
        snr_db: Level of the speech above the noise; None for none.
        random: Where the noise begins.
    """
    before, after = pcm.ms_to_samples(BEFORE_MS), pcm.ms_to_samples(AFTER_MS)
    # As loud as speech is by the settings of the service: about 20 dB below full scale.
    said = sample.sound * np.float32(0.1 / _rms(sample.sound))
    sound = np.concatenate([np.zeros(before), said, np.zeros(after)]).astype(np.float32)
    if snr_db is None:
        return sound
    if kind == "white":
        noise = random.standard_normal(len(sound)).astype(np.float32)
    else:
        noise = _babble(others, len(sound), random)
    noisy_sound: Float32Array = sound + noise * np.float32(0.1 / _rms(noise) * 10 ** (-snr_db / 20))
    return noisy_sound


def _babble(others: Sequence[Sample], n_samples: int, random: np.random.Generator) -> Float32Array:
    """Return many voices at once, none of which can be understood."""
    noise = np.zeros(n_samples, dtype=np.float32)
    for other in others:
        looped = np.resize(other.sound / _rms(other.sound), n_samples)
        noise += np.roll(looped, int(random.integers(n_samples)))
    return noise


def _rms(samples: Float32Array) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


def turns_in(sound: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield begin and end of each turn, and when each could be told; all in ms of audio."""
    detector = SileroTurnDetector()
    detector.configure(0.5, PADDING_MS, SILENCE_MS)
    started: tuple[int, int] | None = None
    size = CHUNK_MS * pcm.BYTES_PER_MS
    for at in range(0, len(sound), size):
        now_ms = (at + size) // pcm.BYTES_PER_MS
        for found in detector.push(sound[at : at + size]):
            if isinstance(found, SpeechStarted):
                started = (found.audio_start_ms, now_ms)
            elif started is not None:
                yield started[0], found.audio_end_ms, started[1], now_ms
                started = None


async def measure(
    samples: Sequence[Sample], kind: str, snr_db: float | None, ears: PocketsphinxEars
) -> Tally:
    """Return what is heard of all samples under one condition."""
    random, tally = np.random.default_rng(SEED), Tally()
    for sample in samples:
        others = [each for each in samples if each.text != sample.text]
        sound = pcm.from_float(np.clip(noisy(sample, others, kind, snr_db, random), -1, 1))
        end_ms = BEFORE_MS + pcm.samples_to_ms(len(sample.sound))
        found = list(turns_in(sound))
        real = [each for each in found if each[0] < end_ms and each[1] > BEFORE_MS]
        tally.turns += 1
        tally.missed += not real
        tally.false += len(found) - min(1, len(real))
        heard = await _heard(sound, real, sample.text, ears, tally)
        tally.words += len(sample.text.split())
        tally.errors_after += word_errors(sample.text, heard)
        if real:
            tally.begins_ms.append(real[0][2] - BEFORE_MS)
            tally.ends_ms.append(real[-1][3] - end_ms)
    return tally


async def _heard(
    sound: bytes,
    found: Sequence[tuple[int, int, int, int]],
    said: str,
    ears: PocketsphinxEars,
    tally: Tally,
) -> str:
    """Return the words of what the detector took for the turn, as a session would get them."""
    if not found:
        tally.errors += len(said.split())
        return ""
    begin, end = found[0][0] * pcm.BYTES_PER_MS, found[-1][1] * pcm.BYTES_PER_MS
    text = (await ears.transcribe(sound[begin:end])).text
    tally.errors += word_errors(said, text)
    brain = RuleBrain()
    if not brain.understands(turn(text)):
        second = (await ears.transcribe(sound[begin:end], retry=True)).text
        text = second if brain.understands(turn(second)) else text
    meant, got = brain.reply(turn(said)), brain.reply(turn(text))
    tally.understood += (meant.sentences, meant.calls) == (got.sentences, got.calls)
    return text


def show(name: str, tally: Tally, clean: Tally) -> None:
    """Print one line of the table."""

    def middle(values: Sequence[float]) -> str:
        return f"{statistics.median(values):6.0f}" if values else "     -"

    rate = tally.errors_after / tally.words
    ratio = rate / (clean.errors_after / clean.words) if clean.errors_after else float("nan")
    print(
        f"{name:<14} {tally.errors / tally.words:7.1%} {rate:7.1%} {ratio:6.2f} "
        f"{tally.understood / tally.turns:7.0%} {middle(tally.begins_ms)} {middle(tally.ends_ms)} "
        f"{tally.missed / tally.turns:7.0%} {tally.false / tally.turns:7.0%}"
    )


async def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sentences", type=int, default=6, help=f"how many of {len(SENTENCES)}")
    parser.add_argument("--voices", nargs="+", default=[*FLITE, *ESPEAK], help="flite's, eSpeak's")
    parser.add_argument("--snr", nargs="+", type=float, default=[30, 20, 10], help="levels in dB")
    parser.add_argument("--noise", nargs="+", default=["white", "babble"], help="white, babble")
    given = parser.parse_args(arguments)
    samples = [
        Sample(text, voice, said_by(voice, text))
        for text in SENTENCES[: given.sentences]
        for voice in given.voices
    ]
    ears = PocketsphinxEars()
    try:
        print(f"{len(samples)} turns for each line; silence of {SILENCE_MS} ms ends a turn")
        print(
            f"{'':<14} {'words':>7} {'after':>7} {'ratio':>6} {'asked':>7} {'begin':>6} "
            f"{'end':>6} {'missed':>7} {'false':>7}"
        )
        clean = await measure(samples, "white", None, ears)
        show("clean", clean, clean)
        for kind in given.noise:
            for snr_db in given.snr:
                show(f"{kind} {snr_db:g} dB", await measure(samples, kind, snr_db, ears), clean)
        if len(given.voices) > 1:
            for voice in given.voices:
                own = [each for each in samples if each.voice == voice]
                show(f"{voice}, clean", await measure(own, "white", None, ears), clean)
    finally:
        await ears.worker.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
