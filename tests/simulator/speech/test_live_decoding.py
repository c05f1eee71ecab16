from __future__ import annotations

from typing import Any

import pytest

from console import pcm
from console.errors import SpeechEngineError
from console.simulator.speech.live_decoding import ABANDONED_S, ENGINE_RATE_HZ, LiveDecoding
from tests.simulator.fake_senses import tone


class Recogniser:
    """Says how much it has heard in which piece, and forgets when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.sounds: list[bytes] = []
        self.n_heard = 0

    async def request(self, header: dict[str, Any], payload: bytes = b""):
        self.asked.append((header["after"], header["size"]))
        self.sounds.append(payload)
        if header["after"] not in (0, self.n_heard):
            yield {"text": None}, b""
            return
        self.n_heard = header["after"] + header["size"]
        yield {"text": f"{self.n_heard} bytes"}, b""


class Fixture:
    def __init__(self) -> None:
        self.now_s = 100.0
        self.recogniser = Recogniser()
        self.live = LiveDecoding(self.recogniser.request, lambda: self.now_s)


@pytest.fixture
def one() -> Fixture:
    return Fixture()


TURN, OTHER = tone(3000), tone(3000)[1000:] + tone(2000)


async def test_only_what_is_new_of_a_turn_is_decoded(one):
    texts = [await one.live.text(TURN[:n]) for n in (48_000, 96_000, 100_000)]

    assert one.recogniser.asked == [(0, 48_000), (48_000, 48_000), (96_000, 4_000)]
    assert texts == ["48000 bytes", "96000 bytes", "100000 bytes"]


async def test_the_sound_comes_as_the_engine_wants_it_without_a_seam(one):
    for n in range(4_800, len(TURN) + 1, 4_800):
        await one.live.text(TURN[:n])

    heard = pcm.to_float(b"".join(one.recogniser.sounds))
    lasts_s = len(TURN) / 2 / pcm.SAMPLE_RATE_HZ
    assert len(heard) / ENGINE_RATE_HZ == pytest.approx(lasts_s, abs=0.05)
    assert abs(heard).max() == pytest.approx(0.5, abs=0.1)
    # A seam would be a jump in a tone that has none.
    assert abs(heard[1:] - heard[:-1]).max() < 0.5


async def test_another_turn_finds_it_taken_until_nothing_more_comes_of_the_first(one):
    await one.live.text(TURN[:48_000])
    assert await one.live.text(OTHER[:48_000]) is None
    assert await one.live.text(TURN[:96_000]) == "96000 bytes"

    one.now_s += ABANDONED_S
    assert await one.live.text(OTHER[:60_000]) == "60000 bytes"
    assert await one.live.text(TURN[:120_000]) is None


async def test_a_recogniser_that_was_started_again_hears_all_of_it_once_more(one):
    await one.live.text(TURN[:48_000])
    one.recogniser.n_heard = 0

    assert await one.live.text(TURN[:96_000]) == "96000 bytes"
    assert one.recogniser.asked == [(0, 48_000), (48_000, 48_000), (0, 96_000)]


async def test_what_was_given_up_in_the_middle_is_begun_again(one):
    async def fails(header: dict[str, Any], payload: bytes = b""):
        raise SpeechEngineError("It has stopped.")
        yield

    await one.live.text(TURN[:48_000])
    one.live._request = fails
    with pytest.raises(SpeechEngineError):
        await one.live.text(TURN[:96_000])
    one.live._request = one.recogniser.request

    assert await one.live.text(TURN[:100_000]) == "100000 bytes"
    assert one.recogniser.asked[-1] == (0, 100_000)
