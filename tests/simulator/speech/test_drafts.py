import asyncio

import pytest

from console.errors import SpeechEngineError
from console.simulator.senses import Transcript
from console.simulator.speech.drafts import REST, Drafts


class Recogniser:
    """Stands for a worker, and takes two seconds for a draft."""

    def __init__(self):
        self.is_idle = True
        self.now_s = 100.0
        self.fails = False

    async def draft(self):
        await asyncio.sleep(0)
        self.now_s += 2
        if self.fails:
            raise SpeechEngineError("It has stopped.")
        return Transcript("Hello")


@pytest.fixture
def recogniser():
    return Recogniser()


@pytest.fixture
def drafts(recogniser):
    return Drafts(recogniser, lambda: recogniser.now_s)


async def test_who_speaks_alone_is_drafted_on_and_on(drafts, recogniser):
    for _ in range(3):
        assert await drafts.make(recogniser.draft) == Transcript("Hello")


async def test_after_a_draft_that_kept_others_waiting_there_is_a_rest_in_proportion(
    drafts, recogniser
):
    made = await asyncio.gather(*(drafts.make(recogniser.draft) for _ in range(2)))
    assert made == [Transcript("Hello"), None]

    recogniser.now_s += 2 * REST - 0.1
    assert await drafts.make(recogniser.draft) is None
    recogniser.now_s += 0.1
    assert await drafts.make(recogniser.draft) == Transcript("Hello")


async def test_one_draft_is_made_at_a_time(drafts, recogniser):
    made = await asyncio.gather(*(drafts.make(recogniser.draft) for _ in range(3)))

    assert made == [Transcript("Hello"), None, None]


async def test_while_there_is_something_to_do_no_draft_is_made(drafts, recogniser):
    recogniser.is_idle = False

    assert await drafts.make(recogniser.draft) is None


async def test_a_draft_that_fails_is_not_the_last(drafts, recogniser):
    recogniser.fails = True
    with pytest.raises(SpeechEngineError):
        await drafts.make(recogniser.draft)

    recogniser.fails = False
    recogniser.now_s += 2 * REST
    assert await drafts.make(recogniser.draft) == Transcript("Hello")
