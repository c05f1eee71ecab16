from __future__ import annotations

import numpy as np
import pytest

from console import pcm
from console.simulator.speech import speech_process
from console.simulator.speech.voice import VOICES

REQUEST = {"voice": "en-us", "gain_db": 0.0, "pitch": 50, "rate": 165, "gap": 0}


@pytest.fixture(scope="module")
def work():
    return speech_process._load()


def ask(work, is_cancelled=lambda: False, **changes) -> list[bytes]:
    chunks: list[bytes] = []
    request = {**REQUEST, "text": "hello there", **changes}
    work(request, b"", lambda _, sound: chunks.append(sound), is_cancelled)
    return chunks


def test_sound_comes_in_chunks_of_100_ms(work):
    chunks = ask(work)

    assert len(chunks) > 5
    assert {pcm.bytes_to_ms(len(each)) for each in chunks[:-1]} == {100}
    assert 0 < pcm.bytes_to_ms(len(chunks[-1])) <= 100


def test_a_cancelled_sentence_stops_at_once(work):
    taken: list[bytes] = []
    request = {**REQUEST, "text": "one two three " * 100}

    work(request, b"", lambda _, sound: taken.append(sound), lambda: len(taken) >= 2)

    # What had been resampled already may still come; the sentence lasts a minute.
    assert len(taken) <= 3


def test_the_gain_is_applied(work):
    loud = pcm.rms_dbfs(b"".join(ask(work, gain_db=0.0)))
    quiet = pcm.rms_dbfs(b"".join(ask(work, gain_db=-6.0)))

    assert loud - quiet == pytest.approx(6, abs=0.2)


def test_loud_sound_is_bent_not_clipped(work):
    sound = pcm.to_float(b"".join(ask(work, gain_db=10.0)))

    # A gain of ten would push a tenth of these samples over the edge.
    assert np.count_nonzero(np.abs(sound) > 0.9999) < len(sound) / 100


@pytest.mark.parametrize("voice", [each.name for each in VOICES.values()])
def test_every_voice_of_the_table_exists(work, voice):
    assert ask(work, voice=voice)


def test_an_unknown_voice_is_refused(work):
    with pytest.raises(ValueError, match="no voice 'martian'"):
        ask(work, voice="martian")


def test_markup_is_read_out_as_text(work):
    plain = ask(work, text="hello")
    marked = ask(work, text="<prosody rate='slow'>hello</prosody>")

    assert len(marked) > 2 * len(plain)


def test_no_text_is_no_speech(work):
    assert len(ask(work, text="")) <= 3
