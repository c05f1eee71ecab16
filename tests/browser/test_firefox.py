"""Microphone and speaker in a real Firefox, at a virtual sound card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from console import pcm
from tests.browser.test_speaker import cuts_off_ms
from tests.browser.test_voice_io import contains
from tests.browser.voice_harness import Harness
from tests.firefox import Firefox, Tab, open_firefox
from tests.pulse import RATE_HZ, VirtualSoundCard, share_found, write_wav
from tests.speech import say

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
]

MOST = 0.5
"""Of the pieces of a sound; a busy machine puts a gap into the others."""
SPEECH = np.frombuffer(say("What is the weather in Toronto? Remember that my name is Ada."), "<i2")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def firefox(sound_card: VirtualSoundCard) -> AsyncIterator[Firefox]:
    async with open_firefox(sound_card.environment) as firefox:
        yield firefox


@pytest_asyncio.fixture(loop_scope="session")
async def tab(firefox: Firefox, harness: Harness, url: str) -> AsyncIterator[Tab]:
    """A page that is connected, with its microphone on and its speaker ready."""
    tab = await firefox.new_tab()
    await tab.open(f"{url}/?mode=vad")
    await harness.until(kind="connected")
    await tab.click("[data-rc-connect]:not([data-rc-text-only])")
    await harness.until(kind="microphone", state="on")
    await harness.until(kind="sound", state="running")
    await tab.wait_for("getElement(voiceId).speaker.node !== null")
    yield tab
    await tab.close()
    await harness.until(kind="closed")


async def test_what_is_said_arrives_whole(
    tab: Tab, harness: Harness, sound_card: VirtualSoundCard, tmp_path: Path
) -> None:
    await harness.until(kind="chunk", count=10)
    await sound_card.play_into_microphone(write_wav(tmp_path / "say.wav", SPEECH, RATE_HZ))
    n_chunks = len(await harness.log("chunk"))
    await harness.until(kind="chunk", count=n_chunks + 20)
    heard = np.asarray(pcm.to_int16(pcm.from_float(await harness.pcm())))

    assert share_found(heard, SPEECH) > MOST
    sequence = [each["sequence"] for each in await harness.log("chunk")]
    assert sequence == list(range(len(sequence)))
    # Firefox refuses a microphone in a context of another rate than its device's.
    assert await tab.evaluate("getElement(voiceId).microphone.context.sampleRate") != RATE_HZ


async def test_deltas_of_20_ms_are_rendered_without_a_gap_and_heard_at_the_sound_card(
    tab: Tab, harness: Harness, sound_card: VirtualSoundCard
) -> None:
    await tab.evaluate(
        """(async () => {
          const { context, node } = getElement(voiceId).speaker;
          await context.audioWorklet.addModule("/tests/tap.worklet.js");
          window.tap = new AudioWorkletNode(context, "rc-tap");
          node.connect(window.tap).connect(new GainNode(context, { gain: 0 })).connect(context.destination);
        })()"""
    )
    async with sound_card.record_speaker() as speaker:
        await harness.perform(("a", SPEECH, RATE_HZ // 50))
        await speaker.wait_for_sound()
        log = await harness.until(kind="drained", track="a")
        await speaker.wait_for_samples(speaker.n_samples + RATE_HZ // 2)
    rendered = await tab.evaluate(
        """new Promise((resolve) => {
          tap.port.onmessage = ({ data }) =>
            resolve(data.flatMap((each) => [...each].map((one) => Math.round(one * 32768))));
          tap.port.postMessage("all");
        })"""
    )

    # The microphone's chunks come in between.
    (drained,) = (each for each in log if each["kind"] == "drained")
    assert drained["samples"] == len(SPEECH)
    assert not any(each["underruns"] for each in log if each["kind"] == "heard")
    assert contains(np.asarray(rendered), np.trim_zeros(SPEECH))
    assert share_found(speaker.samples(), SPEECH) > MOST
    reports = [each["samples"] for each in log if each["kind"] == "heard"]
    assert np.diff(reports).max() <= RATE_HZ // 4


async def test_an_interruption_cuts_where_the_card_stopped(
    tab: Tab, harness: Harness, sound_card: VirtualSoundCard
) -> None:
    off_ms = await cuts_off_ms(harness, sound_card)

    assert len(off_ms) >= 3
    # Firefox keeps more sound on its way to the card than Chromium; all of it is heard.
    assert abs(np.median(off_ms)) < 20


async def test_volume_is_heard_and_the_choice_of_a_speaker_is_offered(
    tab: Tab, harness: Harness
) -> None:
    await tab.evaluate("getElement(voiceId).speaker.configure({ is_muted: true })")
    await tab.wait_for("getElement(voiceId).speaker.volume.gain.value < 1e-6")

    assert await tab.evaluate("getElement(voiceId).speaker.canChoose") is True
