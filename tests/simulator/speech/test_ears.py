from __future__ import annotations

import asyncio
import itertools
import time

import numpy as np
import pytest
import pytest_asyncio

from console import pcm
from console.simulator.senses import Transcript
from console.simulator.speech import drafts
from console.simulator.speech import ears as ears_module
from console.simulator.speech.ears import PocketsphinxEars, prepare, sentence
from console.simulator.speech.growing_transcript import STEP_MS, GrowingTranscript
from tests import speech

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears():
    made = PocketsphinxEars()
    made.worker.start()
    yield made
    await made.worker.close()


def heard(text: str, voice: str) -> bytes:
    return speech.turn(text, voice, before_ms=300, after_ms=500)


@pytest.mark.parametrize("voice", speech.VOICES)
@pytest.mark.parametrize(
    "transcript",
    [
        "What is the weather in Paris?",
        "What is the weather in Tokyo?",
        "What is the weather in Toronto?",
        "What is the weather in San Francisco?",
        "What's the weather like in London today?",
        "Tell me a joke.",
        "Hello.",
        "What time is it?",
        "Stop.",
    ],
)
async def test_clear_sentences_are_recognised(ears, transcript, voice):
    said = transcript.rstrip(".?")

    assert (await ears.transcribe(heard(said, voice))).text == transcript


@pytest.mark.parametrize("voice", speech.VOICES)
@pytest.mark.parametrize("transcript", ["Remember that my name is Ada.", "Count to twenty."])
async def test_the_second_decoding_knows_what_the_assistant_understands(ears, transcript, voice):
    audio = heard(transcript.rstrip("."), voice)

    assert (await ears.transcribe(audio, retry=True)).text == transcript


async def test_the_second_decoding_does_not_make_commands_of_other_sentences(ears):
    audio = heard("the train was late again this morning", "slt")

    first = await ears.transcribe(audio)
    second = await ears.transcribe(audio, retry=True)

    assert first.text == "The train was late again this morning."
    assert second == Transcript("", 0.0)


@pytest.mark.parametrize("audio", [b"", speech.silence(20), speech.silence(2000), b"\0\x40" * 240])
async def test_silence_and_clicks_are_no_words(ears, audio):
    assert await ears.transcribe(audio) == Transcript("", 0.0)


async def test_quiet_speech_is_understood(ears):
    quiet = pcm.from_float(pcm.to_float(heard("tell me a joke", "slt")) * 0.03)

    assert (await ears.transcribe(quiet)).text == "Tell me a joke."


async def test_long_speech_is_understood_in_parts(ears, monkeypatch):
    monkeypatch.setattr(ears_module, "_LONGEST_S", 3)
    monkeypatch.setattr(ears_module, "_CUT_SEARCH_S", 2)
    audio = heard("tell me a joke", "slt") + heard("what time is it", "slt")

    assert len(prepare(audio)) == 2
    text = (await ears.transcribe(audio)).text
    assert text == "Tell me a joke what time is it."


async def test_several_sessions_are_served(ears):
    texts = ("tell me a joke", "what time is it", "hello")

    found = await asyncio.gather(*(ears.transcribe(heard(each, "slt")) for each in texts))

    assert [each.text for each in found] == ["Tell me a joke.", "What time is it?", "Hello."]


async def test_a_cancelled_turn_gives_the_recogniser_free(ears):
    doomed = asyncio.ensure_future(ears.transcribe(heard("what is the weather in paris", "slt")))
    await asyncio.sleep(0)
    doomed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doomed

    assert (await ears.transcribe(heard("hello", "slt"))).text == "Hello."


async def test_the_loop_goes_on_while_a_turn_is_recognised(ears):
    # In time of the processor that this process got: others may have most of the machine.
    ticks_s: list[float] = []

    async def tick() -> None:
        while True:
            ticks_s.append(time.process_time())
            await asyncio.sleep(0.001)

    # It has not been said before, or the recogniser would remember the words.
    audio = heard("tell me whether the weather in san francisco is nice", "slt")
    ticking = asyncio.ensure_future(tick())
    await asyncio.sleep(0)
    await ears.transcribe(audio)
    ticks_s.append(time.process_time())
    ticking.cancel()

    # A recogniser in this process would have held the loop for half a second.
    assert max(later - earlier for earlier, later in itertools.pairwise(ticks_s)) < 0.05


async def test_half_a_sample_is_refused(ears):
    with pytest.raises(ValueError, match="pairs of bytes"):
        await ears.transcribe(b"abc")


async def test_sound_is_brought_to_the_usual_loudness_with_little_silence():
    audio = speech.turn("hello", before_ms=3000, after_ms=3000)

    (part,) = prepare(audio)

    assert 0.45 <= np.max(np.abs(pcm.to_float(part))) <= 0.55
    assert len(part) / 2 / 16_000 < pcm.bytes_to_ms(len(speech.say("hello"))) / 1000 + 0.7


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("", ""),
        ("what time is it in new york", "What time is it in New York?"),
        ("i think i'm in sao paulo", "I think I'm in São Paulo."),
        ("remember that my name is ada", "Remember that my name is Ada."),
        ("see you on monday", "See you on Monday."),
        ("that is nice", "That is nice."),
    ],
)
async def test_words_are_written_as_a_sentence(words, written):
    assert sentence(words) == written


async def test_words_are_sure_while_a_sentence_is_being_spoken(ears, monkeypatch):
    audio = heard("what is the weather in San Francisco", "slt")
    # It is loaded when it has answered once.
    await ears.transcribe(heard("hello", "slt"))
    monkeypatch.setattr(drafts, "REST", 0.0)
    growing, sure, early = GrowingTranscript(), "", ""
    step = STEP_MS * pcm.BYTES_PER_MS
    for start in range(0, len(audio), step):
        growing.hear(audio[start : start + step])
        if (sound := growing.next_sound()) is not None:
            draft = await ears.draft(sound)
            before, sure = sure, growing.drafted(draft.text)
            assert sure.startswith(before)
            early = early or sure

    assert early
    assert early != sure
    assert "What is the weather in San Francisco?".startswith(sure)


async def test_no_draft_is_made_while_there_is_a_turn_to_do(ears):
    (part,) = prepare(heard("tell me a joke", "slt"))
    turn = asyncio.ensure_future(anext(ears.worker.request({"retry": False, "hint": ""}, part)))
    for _ in range(5):
        await asyncio.sleep(0)

    assert await ears.draft(heard("hello", "slt")) is None
    assert (await turn)[0]["text"] == "tell me a joke"
