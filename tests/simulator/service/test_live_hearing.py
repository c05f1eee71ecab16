import asyncio

import pytest

from console import pcm
from console.errors import SpeechEngineError
from console.simulator.senses import Transcript
from console.simulator.service.live_hearing import LiveHearing
from console.simulator.speech.growing_transcript import STEP_MS

STEP = bytes(STEP_MS * pcm.BYTES_PER_MS)


class HeldEars:
    """Drafts when the test lets it."""

    def __init__(self):
        self.asked: asyncio.Queue[int] = asyncio.Queue()
        self.answers: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.n_cancelled = 0

    async def draft(self, pcm24k):
        self.asked.put_nowait(len(pcm24k) // len(STEP))
        try:
            answer = await self.answers.get()
        except asyncio.CancelledError:
            self.n_cancelled += 1
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer if answer is None else Transcript(answer, 0.5)

    async def transcribe(self, pcm24k, *, retry=False, hint=""):
        raise AssertionError("nobody asks for a whole turn")


@pytest.fixture
def ears():
    return HeldEars()


@pytest.fixture
def sures():
    return []


@pytest.fixture
async def live(ears, sures):
    made = LiveHearing(ears, lambda item_id, sure: sures.append((item_id, sure)))
    yield made
    await made.close()


async def test_one_draft_is_made_after_the_other(live, ears, sures):
    live.hear("item_1", STEP)
    assert await ears.asked.get() == 1
    live.hear("item_1", STEP)
    live.hear("item_1", STEP)
    assert ears.asked.empty()

    ears.answers.put_nowait("What is")
    assert await ears.asked.get() == 3
    ears.answers.put_nowait("What is the")
    live.hear("item_1", STEP)
    await ears.asked.get()

    assert sures == [("item_1", Transcript("", 0.5)), ("item_1", Transcript("What is", 0.5))]


@pytest.mark.parametrize("nothing", [None, SpeechEngineError("It has stopped."), KeyError("bug")])
async def test_without_a_draft_the_next_sound_is_tried(live, ears, nothing, sures):
    live.hear("item_1", STEP)
    await ears.asked.get()
    ears.answers.put_nowait(nothing)
    for _ in range(3):
        await asyncio.sleep(0)

    live.hear("item_1", STEP)

    assert await ears.asked.get() == 2
    assert sures == []


async def test_speech_of_another_item_begins_anew(live, ears):
    live.hear("item_1", STEP)
    await ears.asked.get()
    live.hear("item_2", STEP)

    assert await ears.asked.get() == 1
    assert ears.n_cancelled == 1


async def test_what_is_stopped_is_told_no_more(live, ears, sures):
    live.hear("item_1", STEP)
    await ears.asked.get()
    live.stop()
    ears.answers.put_nowait("too late")
    await live.close()

    assert sures == []


async def test_closing_ends_the_draft_that_is_being_made(live, ears):
    live.hear("item_1", STEP)
    await ears.asked.get()
    await live.close()

    assert ears.n_cancelled == 1
