"""The recogniser's process: decodes one utterance per request. Started by `ears.py`."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import math
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from console.simulator.assistant import gazetteer, grammar
from console.simulator.speech.worker_program import Answer, Header, IsCancelled, Work, serve

_COMMANDS: Final = "commands"
_WORST_WORD: Final = -745.0
"""The engine gives scores as probabilities; the log of the smallest above zero."""
_SHARPEST_LOSS: Final = -1.1
"""A command may fit the sound worse than the free text by this much per frame (measured: what is
a command lies above -1.1, what is not mostly below -1.2)."""
_LONGEST_SILENCE_FRAMES: Final = 70
"""A command that calls more of the sound silence has left words out: 300 ms are the margin."""
_LONGEST_WORD_FRAMES: Final = 120
"""A word stretched over more than 1.2 s covers for words that the grammar does not have."""
_SILENCES: Final = ("<", "[", "(")
_LONGEST_COMMAND_BYTES: Final = 6 * 16_000 * 2
"""What lasts longer than six seconds is no command."""
_MOST_KNOWN: Final = 64
_ALTERNATIVES: Final = 60
"""Among so many texts that fit the sound a hinted word is looked for."""
_LONGEST_HINT: Final = 2000
_SHORTEST_HINTED: Final = 4
"""Shorter words are in every text."""

_USUAL_SPEECH: Final = "51.6,2.6,12.4,19.9,6.8,1.8,2.6,-5.3,-3.1,-2.1,8.1,3.3,6.8"
"""The means of the engine's features over clear speech (measured on two voices): with those that
it begins with by itself, the first words are others."""

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Guess:
    text: str
    score: float
    """Log of the sound's fit, per frame of 10 ms."""
    confidence: float
    is_whole: bool = False
    """Whether it explains all of the sound, without stretching a word or a silence over it."""


class _Recogniser:
    """A decoder with the general language model and the grammar of commands."""

    def __init__(self) -> None:
        # Imported here, in the worker only: it maps a model of 40 MB.
        import pocketsphinx

        # The two limits halve the work at the same word error rate.
        self._decoder: Any = pocketsphinx.Decoder(
            loglevel="FATAL", samprate=16000.0, maxhmmpf=3000, maxwpf=20
        )
        for word, phones in grammar.pronunciations().items():
            if not self._knows(word):
                self._decoder.add_word(word, phones, False)
        self._live = _LiveDecoder()
        names = gazetteer.load().spoken_cities()
        self._decoder.add_jsgf_string(_COMMANDS, grammar.build(names, self._knows))
        self._known: OrderedDict[tuple[bytes, Words], tuple[_Guess, _Guess]] = OrderedDict()

    def work(self, header: Header, sound: bytes, answer: Answer, _: IsCancelled) -> None:
        """Answer with the text and its confidence."""
        if header.get("live"):
            answer({"text": self._live.text(sound, header["after"], header["size"])}, b"")
            return
        if header.get("draft"):
            # It will never be asked for again, so nothing of it is remembered.
            guess = self._decode(sound, None)
            answer({"text": guess.text, "confidence": guess.confidence}, b"")
            return
        wanted = _hinted_words(header["hint"])
        decode = self._as_command if header["retry"] else self._freely
        guess = decode(sound, wanted)
        answer({"text": guess.text, "confidence": guess.confidence}, b"")

    def _knows(self, word: str) -> bool:
        return self._decoder.lookup_word(word) is not None

    def _freely(self, sound: bytes, wanted: Words) -> _Guess:
        general, command = self._guesses(sound, wanted)
        # One word apart and closer to the sound: "my name is eva" was "my name is ada".
        is_closer = command.score > general.score
        if is_closer and command.is_whole and _words_apart(general.text, command.text) == 1:
            return command
        return general

    def _as_command(self, sound: bytes, wanted: Words) -> _Guess:
        general, command = self._guesses(sound, wanted)
        if command.is_whole and command.score - general.score >= _SHARPEST_LOSS:
            return command
        return _Guess("", command.score, 0.0)

    def _guesses(self, sound: bytes, wanted: Words) -> tuple[_Guess, _Guess]:
        """Return the free text and the command; a second question about a sound costs nothing."""
        key = (hashlib.blake2b(sound).digest(), wanted)
        if (known := self._known.pop(key, None)) is None:
            is_short = len(sound) <= _LONGEST_COMMAND_BYTES
            known = (
                self._decode(sound, None, wanted),
                self._decode(sound, _COMMANDS) if is_short else _Guess("", -math.inf, 0.0),
            )
        self._known[key] = known
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known

    def _decode(self, sound: bytes, search: str | None, wanted: Words = frozenset()) -> _Guess:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        # As a whole: the loudness is then normalised over all of it.
        decoder.process_raw(sound, False, True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        if hypothesis is None or not hypothesis.hypstr:
            return _Guess("", -math.inf, 0.0)
        segments = list(decoder.seg())
        scores = (math.log(each.ascore) if each.ascore > 0 else _WORST_WORD for each in segments)
        return _Guess(
            self._with_hinted(hypothesis.hypstr, wanted),
            sum(scores) / max(1, decoder.n_frames()),
            min(1.0, max(0.0, float(hypothesis.prob))),
            all(map(_is_plausible, segments)),
        )

    def _with_hinted(self, text: str, wanted: Words) -> str:
        """Return the likeliest text that has the most of the hinted words."""
        if not wanted:
            return text

        def n_wanted(words: str) -> int:
            return len(wanted.intersection(words.split()))

        others = itertools.islice(self._decoder.nbest(), _ALTERNATIVES)
        texts: list[str] = [
            text,
            *(each.hypstr for each in others if each is not None and each.hypstr),
        ]
        # Of several, the first: they come in the order of their likelihood.
        return max(texts, key=n_wanted)


class _LiveDecoder:
    """A decoder that hears one utterance bit by bit; its last words are guesses."""

    def __init__(self) -> None:
        import pocketsphinx

        # Further passes would begin anew with the whole utterance.
        self._decoder: Any = pocketsphinx.Decoder(
            loglevel="FATAL",
            samprate=16000.0,
            maxhmmpf=3000,
            maxwpf=20,
            fwdflat=False,
            bestpath=False,
        )
        # Later utterances begin with what the one before was like.
        self._decoder.set_cmn(_USUAL_SPEECH)
        self._n_heard = 0
        self._is_open = False

    def text(self, sound: bytes, after: int, size: int) -> str | None:
        """Return all words so far.

        Args:
            sound: What is new, as the engine wants it.
            after: How many bytes of the turn came before, as its client counts; 0: it begins.
            size: How many bytes are new, counted likewise.

        Returns:
            None where what came before is not what has been heard here.
        """
        if not after:
            if self._is_open:
                self._decoder.end_utt()
            self._decoder.start_utt()
            self._is_open, self._n_heard = True, 0
        elif after != self._n_heard:
            return None
        self._n_heard += size
        if sound:
            # A resampler may hold back all of a short piece, and the decoder takes no nothing.
            self._decoder.process_raw(sound, False, False)
        hypothesis = self._decoder.hyp()
        return str(hypothesis.hypstr) if hypothesis is not None else ""


def _hinted_words(hint: str) -> Words:
    """Return the words of a hint that say something."""
    words = re.findall(r"[a-z']+", hint[:_LONGEST_HINT].lower())
    return frozenset(each for each in words if len(each) >= _SHORTEST_HINTED)


def _is_plausible(segment: Any) -> bool:
    is_silence = segment.word.startswith(_SILENCES)
    longest = _LONGEST_SILENCE_FRAMES if is_silence else _LONGEST_WORD_FRAMES
    return bool(segment.end_frame - segment.start_frame <= longest)


def _words_apart(one: str, other: str) -> int:
    """Return how many words must be put in, left out or replaced to get from one to the other."""
    matcher = difflib.SequenceMatcher(None, one.split(), other.split(), autojunk=False)
    return sum(
        max(left_end - left, right_end - right)
        for kind, left, left_end, right, right_end in matcher.get_opcodes()
        if kind != "equal"
    )


def _load() -> Work:
    return _Recogniser().work


if __name__ == "__main__":
    serve(_load)
