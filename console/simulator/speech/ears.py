"""Speech recognition: short clear English sentences, by pocketsphinx in a process of its own."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import Final

import numpy as np
import soxr

from console import pcm
from console.pcm import Float32Array
from console.simulator.assistant import gazetteer, grammar
from console.simulator.senses import Transcript
from console.simulator.speech.drafts import Drafts
from console.simulator.speech.live_decoding import ENGINE_RATE_HZ, LiveDecoding
from console.simulator.speech.worker import Worker
from console.simulator.speech.worker_program import Header

LIVE_CONFIDENCE: Final = 0.5
"""The live decoder does not tell how sure it is."""
_LONGEST_S: Final = 15
"""A longer turn is decoded in parts, so that other sessions have their turn in between."""
_CUT_SEARCH_S: Final = 5
"""The cut lies at the quietest place of so many seconds before the limit."""
_FRAME: Final = ENGINE_RATE_HZ // 50
_SILENT_DB: Final = -35.0
"""A frame this far below the loudest is taken for silence."""
_MARGIN_FRAMES: Final = 15
"""300 ms of silence stay around the speech: the decoder wants to hear some."""
_SHORTEST: Final = ENGINE_RATE_HZ // 10
_LOUDEST: Final = 0.5
_MOST_GAIN: Final = 30.0
_NOISE_FLOOR: Final = 0.002
"""Nothing louder than this means that nothing was said."""
_ASKING_WORDS: Final = "what who where when why how which is are do does can could will would"
_ASKING: Final = frozenset(_ASKING_WORDS.split())
_DAYS: Final = "monday tuesday wednesday thursday friday saturday sunday"
_PLAIN: Final = frozenset({"mark", "frank", "jack", "bob", "la", "nice", "rio", "max", "male"})
"""Names that are words as well stay in lower case."""


class PocketsphinxEars:
    """Implements `senses.Ears`; one recogniser for all sessions, first come first served."""

    def __init__(self) -> None:
        self._worker = Worker("console.simulator.speech.recognition_process", "speech recogniser")
        self._drafts = Drafts(self._worker)
        self._live = LiveDecoding(self._worker.request)

    @property
    def worker(self) -> Worker:
        """The recogniser's process."""
        return self._worker

    async def draft(self, pcm24k: bytes) -> Transcript | None:
        """Return what can be made out of speech that goes on, unless this is not the time for it.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
            ValueError: Half a sample is missing.
        """
        pcm.check_chunk(pcm24k)
        return await self._drafts.make(lambda: self._drafted(pcm24k))

    async def _drafted(self, pcm24k: bytes) -> Transcript:
        words = await self._live.text(pcm24k)
        if words is None:
            # Another speaker has the live decoder; this draft decodes everything again.
            return await self._heard(pcm24k, {"draft": True})
        return Transcript(await asyncio.to_thread(sentence, words), LIVE_CONFIDENCE)

    async def transcribe(self, pcm24k: bytes, *, retry: bool = False, hint: str = "") -> Transcript:
        """Return what was said in one turn; waits until the recogniser is loaded.

        Args:
            pcm24k: The whole turn, PCM16 mono 24 kHz.
            retry: Decode by the grammar of what the assistant understands; the text is empty
                when the sound fits no sentence of it.
            hint: Words that may occur; of texts that fit the sound about as well, the one with
                the most of them is taken.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
            ValueError: Half a sample is missing.
        """
        return await self._heard(pcm24k, {"retry": retry, "hint": hint})

    async def _heard(self, pcm24k: bytes, question: Header) -> Transcript:
        pcm.check_chunk(pcm24k)
        parts = await asyncio.to_thread(prepare, pcm24k)
        texts: list[str] = []
        confidences: list[float] = []
        for part in parts:
            async for answer, _ in self._worker.request(question, part):
                if answer["text"]:
                    texts.append(answer["text"])
                    confidences.append(answer["confidence"])
        # In a thread as well: the first call builds the table of names.
        text = await asyncio.to_thread(sentence, " ".join(texts))
        return Transcript(text, min(confidences, default=0.0))


def prepare(pcm24k: bytes) -> list[bytes]:
    """Return the turn as the engine wants it: 16 kHz, as loud as usual, little silence, in parts.

    Nothing is returned for what is shorter than 100 ms or not louder than a quiet room.
    """
    loud = soxr.resample(pcm.to_float(pcm24k), pcm.SAMPLE_RATE_HZ, ENGINE_RATE_HZ)
    peak = float(np.max(np.abs(loud), initial=0.0))
    if peak < _NOISE_FLOOR or len(loud) < _SHORTEST:
        return []
    loud = _without_silence(loud) * np.float32(min(_MOST_GAIN, _LOUDEST / peak))
    return [pcm.from_float(part) for part in _parts(loud)]


def sentence(words: str) -> str:
    """Return the recogniser's words as a transcript is written: "What is the time in Paris?"."""
    if not words:
        return ""
    spoken = " ".join("I" + each[1:] if _is_i(each) else each for each in words.split())
    spoken = _names().sub(lambda match: _spelling()[match.group()], spoken)
    spoken = spoken[0].upper() + spoken[1:]
    return spoken + ("?" if words.split()[0].split("'")[0] in _ASKING else ".")


def _is_i(word: str) -> bool:
    return word == "i" or word.startswith("i'")


@functools.cache
def _spelling() -> dict[str, str]:
    """Return how names are written, by how the recogniser writes them."""
    places = gazetteer.load().spoken_cities()
    people = {each: each.capitalize() for each in grammar.FIRST_NAMES.split()}
    days = {each: each.capitalize() for each in _DAYS.split()}
    return {each: name for each, name in (places | people | days).items() if each not in _PLAIN}


@functools.cache
def _names() -> re.Pattern[str]:
    longest_first = sorted(_spelling(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def _levels_db(samples: Float32Array) -> Float32Array:
    n_frames = max(1, len(samples) // _FRAME)
    frames = np.resize(samples, (n_frames, _FRAME)) if len(samples) < _FRAME else samples
    frames = frames.ravel()[: n_frames * _FRAME].reshape(n_frames, _FRAME)
    levels: Float32Array = 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10)
    return levels


def _without_silence(samples: Float32Array) -> Float32Array:
    levels = _levels_db(samples)
    speech = np.flatnonzero(levels > levels.max() + _SILENT_DB)
    begin = max(0, int(speech[0]) - _MARGIN_FRAMES) * _FRAME
    end = (int(speech[-1]) + 1 + _MARGIN_FRAMES) * _FRAME
    return samples[begin:end]


def _parts(samples: Float32Array) -> list[Float32Array]:
    parts: list[Float32Array] = []
    longest, search = _LONGEST_S * ENGINE_RATE_HZ, _CUT_SEARCH_S * ENGINE_RATE_HZ
    while len(samples) > longest:
        begin = longest - search
        quietest = int(np.argmin(_levels_db(samples[begin:longest])))
        cut = begin + quietest * _FRAME + _FRAME // 2
        parts.append(samples[:cut])
        samples = samples[cut:]
    return [*parts, samples]
