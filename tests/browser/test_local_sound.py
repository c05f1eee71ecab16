"""The console with this machine's sound: PortAudio on a virtual sound card, the page in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import orjson
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from tests import speech
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.live_console import Program, open_console
from tests.pulse import RATE_HZ, VirtualSoundCard, write_wav

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(180),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def local_console(
    sound_card: VirtualSoundCard, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Program]:
    directory = tmp_path_factory.mktemp("local sound")
    arguments = ("--target", "simulator", "--audio", "local")
    async with open_console(directory, *arguments, environment=sound_card.environment) as program:
        yield program


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    browser_context: BrowserContext, local_console: Program
) -> AsyncIterator[ConsolePage]:
    page = ConsolePage(await browser_context.new_page())
    await page.open(local_console.url)
    yield page
    if await page.disconnect.is_visible():  # the machine has one microphone for all sessions
        await page.disconnect.click()
        await expect(page.connect).to_be_visible(timeout=ANSWER_TIMEOUT_MS)


async def test_what_is_said_into_the_machine_is_answered_by_the_machine(
    page: ConsolePage, sound_card: VirtualSoundCard, tmp_path: Path
) -> None:
    await page.start("Manual")
    samples = np.frombuffer(speech.say("What is my name?"), dtype="<i2")
    question = write_wav(tmp_path / "question.wav", samples, RATE_HZ)

    async with sound_card.record_speaker() as recorded:
        await page.talk.hover()
        await page.page.mouse.down()
        await expect(page.talk).to_contain_text("release to send")
        await sound_card.play_into_microphone(question)
        await page.page.mouse.up()
        answer = page.items("assistant").first
        await expect(answer).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        await recorded.wait_for_sound(timeout_s=30)

    await expect(page.items("user").first).to_contain_text("name")


async def test_the_page_lists_the_machines_devices_and_what_their_sound_cannot_do(
    page: ConsolePage,
) -> None:
    await page.page.get_by_role("button", name="Sound").click()
    dialog = page.page.get_by_role("dialog", name="Sound")

    await expect(dialog).to_contain_text("Hold the microphone back", timeout=ANSWER_TIMEOUT_MS)
    await dialog.get_by_role("combobox", name="Speaker").click()
    await expect(page.page.get_by_role("option", name="pulse (")).to_be_visible()


async def test_levels_of_the_machines_microphone_reach_the_browser(
    page: ConsolePage, sound_card: VirtualSoundCard, tmp_path: Path
) -> None:
    frames: list[str] = []
    page.page.on(
        "websocket",
        lambda line: line.on(
            "framereceived", lambda frame: frames.append(frame) if isinstance(frame, str) else None
        ),
    )
    await page.page.reload()
    await page.start("Manual")
    samples = np.frombuffer(speech.say("What is my name?"), dtype="<i2")
    await sound_card.play_into_microphone(write_wav(tmp_path / "q.wav", samples, RATE_HZ))

    levels = [
        message["microphone"]
        for frame in frames
        if frame.startswith("[")
        for message in orjson.loads(frame)
        if message.get("k") == "levels"
    ]
    assert max(max(bars) for bars in levels) > 0.3


async def test_without_a_sound_card_one_sentence_says_so_and_the_browsers_sound_is_used(
    browser_context: BrowserContext, tmp_path: Path
) -> None:
    silent = {"PULSE_SERVER": f"unix:{tmp_path}/nobody", "HOME": str(tmp_path)}
    arguments = ("--target", "simulator", "--audio", "local")
    async with open_console(tmp_path, *arguments, environment=silent) as program:
        page = ConsolePage(await browser_context.new_page())
        await page.open(program.url)
        await expect(page.page.get_by_text("neither a microphone nor a speaker")).to_be_visible()

        await page.connect.click()
        await expect(page.disconnect).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        await page.type("Hello")
        await expect(page.items("assistant").first).to_contain_text(
            "Hello", timeout=ANSWER_TIMEOUT_MS
        )
