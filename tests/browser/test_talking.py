"""The console end to end: a person speaks, types and interrupts; what they would hear is measured."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from console import tasks
from tests import speech
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.chromium import open_chromium
from tests.live_console import Program, WeatherServer, open_console, open_simulator
from tests.pulse import (
    RATE_HZ,
    Recording,
    VirtualSoundCard,
    end_in,
    share_found,
    write_wav,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(180),
]

PARIS = (48.86, 2.35)
PARIS_SAID = re.compile("paris", re.IGNORECASE)
"""A recogniser knows words, not their spelling."""
MOST = 0.5
"""Of the pieces of an answer; those with a gap in them, made by a busy machine, are not found."""
RECORDINGS = 3
"""So often, at the most, one is made that a busy machine may tear."""

Speak = Callable[[str], Coroutine[Any, Any, None]]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser_context: BrowserContext, console: Program) -> AsyncIterator[ConsolePage]:
    """The console's page in a fresh browser; the page may not have failed anywhere."""
    plain = await browser_context.new_page()
    failures: list[str] = []
    plain.on("pageerror", lambda error: failures.append(str(error)))
    page = ConsolePage(plain)
    await page.open(console.url)
    yield page
    await plain.close()
    assert failures == []
    assert "Traceback" not in console.errors


@pytest.fixture
def speak(sound_card: VirtualSoundCard, tmp_path: Path) -> Speak:
    """Say something into the microphone; returns when it has been said."""

    async def say(text: str) -> None:
        samples = np.frombuffer(speech.say(text), dtype="<i2")
        await sound_card.play_into_microphone(write_wav(tmp_path / "say.wav", samples, RATE_HZ))

    return say


async def expect_weather_of_paris(page: ConsolePage, weather: WeatherServer) -> None:
    call = page.items("tool").first
    await expect(call).to_contain_text("get_weather", timeout=ANSWER_TIMEOUT_MS)
    await expect(call).to_contain_text("Paris")
    marker = page.weather.get_by_role("button", name="Paris")
    await expect(marker).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    await expect(page.weather).to_contain_text("21.5 °C")
    await expect(page.weather).to_contain_text("12.3 km/h")
    assert weather.asked[-1] == pytest.approx(PARIS, abs=0.1)


async def expect_answer_is_heard(page: ConsolePage, recorded: Recording) -> None:
    answer = page.items("assistant").last
    await expect(answer).to_contain_text(re.compile("Paris.*21.5|21.5.*Paris"))
    sound = await page.sound_of(answer)
    begin = await recorded.wait_for_sound()
    await recorded.wait_for_samples(begin + len(sound), timeout_s=60)
    await recorded.wait_for_silence(begin + len(sound) // 2, timeout_s=60)
    assert len(sound) > RATE_HZ
    assert share_found(recorded.samples(), sound) > MOST


async def test_a_spoken_question_is_heard_answered_and_put_on_the_map_with_vad(
    page: ConsolePage, sound_card: VirtualSoundCard, weather: WeatherServer, speak: Speak
) -> None:
    await page.start("VAD")
    async with sound_card.record_speaker() as recorded:
        await speak("What is the weather in Paris?")

        await expect_weather_of_paris(page, weather)
        await expect(page.items("user").first).to_contain_text(PARIS_SAID)
        await expect_answer_is_heard(page, recorded)

    await page.expect_events(
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "conversation.item.input_audio_transcription.completed",
        "response.function_call_arguments.done",
        "response.output_audio.delta",
    )


async def test_a_question_by_push_to_talk_is_heard_and_answered(
    page: ConsolePage, sound_card: VirtualSoundCard, weather: WeatherServer, speak: Speak
) -> None:
    await page.start("Manual")
    await expect(page.talk).to_be_enabled()
    async with sound_card.record_speaker() as recorded:
        box = await page.talk.bounding_box()
        assert box is not None
        await page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await page.page.mouse.down()
        await speak("What is the weather in Paris?")
        await page.page.mouse.up()

        await expect_weather_of_paris(page, weather)
        await expect(page.items("user").first).to_contain_text(PARIS_SAID)
        await expect_answer_is_heard(page, recorded)

    await page.expect_events("input_audio_buffer.commit", "input_audio_buffer.committed")


async def test_losing_the_service_ends_a_press_and_nothing_of_it_is_sent_later(
    page: ConsolePage,
) -> None:
    await page.start("Manual")
    await expect(page.talk).to_be_enabled()
    await page.talk.hover()
    await page.page.mouse.down()
    await (await page.show_events("input_audio_buffer.append")).first.wait_for()
    for name in ("Simulator faults", "Cut the line"):
        # The mouse is held at another button.
        await page.page.get_by_role("button", name=name).evaluate("(each) => each.click()")
    await expect(page.page.get_by_text("speech was lost").first).to_be_visible()
    held = page.page.locator("[data-rc-held]")
    await expect(held).to_have_count(0)
    await expect(page.page.get_by_text("The connection is back.")).to_be_visible(
        timeout=ANSWER_TIMEOUT_MS
    )
    await expect(page.talk).to_be_enabled()
    # Time for some chunks, while the mouse is still held.
    began_s = await page.page.evaluate("performance.now() / 1000")
    await page.page.wait_for_function(f"performance.now() / 1000 > {began_s} + 0.3")
    await page.page.mouse.up()
    await page.page.keyboard.press("Escape")
    await page.type("Hello")
    await expect(page.items("assistant").first).to_be_visible(timeout=ANSWER_TIMEOUT_MS)

    _, restored = await rows_of(page, "session.created")
    assert max(await rows_of(page, "input_audio_buffer.append")) < restored
    await expect(await page.show_events("input_audio_buffer.commit")).to_have_count(0)


async def rows_of(page: ConsolePage, pattern: str) -> list[int]:
    """Return the indexes of the rows of the event list that a pattern finds."""
    rows = await page.show_events(pattern)
    await expect(rows.first).to_contain_text(pattern)
    indexes = await rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.i))")
    return sorted(indexes)


async def test_a_typed_question_is_answered_aloud(
    page: ConsolePage, sound_card: VirtualSoundCard, weather: WeatherServer
) -> None:
    await page.start("Manual")
    async with sound_card.record_speaker() as recorded:
        await page.message.fill("What is the weather in Paris?")
        await page.send.click()

        await expect_weather_of_paris(page, weather)
        await expect_answer_is_heard(page, recorded)

    await expect(page.items("user")).to_contain_text("What is the weather in Paris?")


@pytest.mark.page
async def test_what_is_to_be_remembered_stands_in_the_memory(page: ConsolePage) -> None:
    await page.start("Manual")
    await page.type("Remember that my name is Ada.")

    await expect(page.memory).to_contain_text("Ada", timeout=ANSWER_TIMEOUT_MS)


async def test_speech_during_an_answer_stops_it_at_once_and_cuts_it_where_it_was_heard(
    page: ConsolePage, console: Program, sound_card: VirtualSoundCard, speak: Speak
) -> None:
    # The moment of the key and the moment of the event that it causes join the two clocks.
    await page.page.evaluate(
        "addEventListener('keydown', (event) => { if (event.key === 'Enter')"
        " window.enteredAt = performance.timeOrigin + performance.now(); }, true)"
    )
    for _ in range(RECORDINGS):
        await page.start("VAD")
        heard = await interrupted_by_speech(page, sound_card, speak)
        if heard is not None:
            break
        await page.disconnect.click()
    assert heard is not None, f"what was heard last is part of none of {RECORDINGS} answers"
    truncated = (await page.events_of("conversation.item.truncate"))[-1]["event"]
    heard_ms = heard * 1000 / RATE_HZ
    assert truncated["audio_end_ms"] == pytest.approx(heard_ms, abs=20), console.errors


async def interrupted_by_speech(
    page: ConsolePage, sound_card: VirtualSoundCard, speak: Speak
) -> int | None:
    """Interrupt an answer; return the sample of it at which what was heard of it ends.

    None says that a busy machine has torn the recording there.
    """
    async with sound_card.record_speaker() as recorded:
        await page.type("Please count to thirty.")
        begin = await recorded.wait_for_sound(timeout_s=30)
        await recorded.wait_for_samples(begin + 2 * RATE_HZ, timeout_s=20)
        speaking = tasks.spawn(speak("Stop. What time is it?"), name="speak")
        end = await recorded.wait_for_silence(begin, 700, timeout_s=20)
        await speaking

    entered_s = await page.page.evaluate("window.enteredAt") / 1000
    typed = (await page.events_of("conversation.item.create"))[0]
    started = (await page.events_of("input_audio_buffer.speech_started"))[-1]
    began_s = entered_s + (started["t"] - typed["t"]) / 1000
    # The key is a little earlier than its event, so this is a little more than it took.
    assert recorded.time_of(end) - began_s < 0.1 + 0.015

    answer = page.items("assistant").first
    await expect(answer).to_contain_text("interrupted here")
    await expect(answer.locator("del")).to_contain_text("twelve")
    truncated = (await page.events_of("conversation.item.truncate"))[-1]["event"]
    assert truncated["item_id"] == await answer.get_attribute("data-id")
    return end_in(await page.sound_of(answer), recorded.samples(end=end))


async def expect_one_sentence_and_connect_ready(page: ConsolePage, sentence: str) -> None:
    await expect(page.alert).to_have_count(1, timeout=ANSWER_TIMEOUT_MS)
    await expect(page.alert).to_contain_text(re.compile(sentence))
    await expect(page.connect).to_be_enabled()
    await expect(page.disconnect).to_be_hidden()


@pytest.mark.page
async def test_a_refused_microphone_is_said_in_one_sentence(
    console: Program, sound_card: VirtualSoundCard
) -> None:
    async with open_chromium(sound_card.environment, grant_microphone=False) as browser:
        page = ConsolePage(await browser.new_page(viewport={"width": 1440, "height": 900}))
        await page.open(console.url)
        await page.connect.click()

        await expect_one_sentence_and_connect_ready(page, "microphone")
        await page.page.get_by_role("button", name="Connect without microphone").click()

        await expect(page.disconnect).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        await page.type("Hello!")
        await expect(page.items("assistant").first).to_be_visible(timeout=ANSWER_TIMEOUT_MS)


@pytest.mark.page
async def test_a_wrong_key_is_said_in_one_sentence(chromium: Browser, tmp_path: Path) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        body = {"error": {"type": "invalid_request_error", "code": "invalid_api_key"}}
        return connection.respond(401, json.dumps(body))

    async def never(connection: ServerConnection) -> None:
        raise AssertionError("the handshake was refused")

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
        port = server.sockets[0].getsockname()[1]
        target = f"ws://127.0.0.1:{port}/v1/realtime"
        environment = {"OPENAI_API_KEY": "sk-planted-wrong-key"}
        async with open_console(tmp_path, "--target", target, environment=environment) as console:
            page = ConsolePage(await chromium.new_page())
            await page.open(console.url)
            await page.connect.click()

            await expect_one_sentence_and_connect_ready(page, "key")
            assert "planted" not in await page.page.content()
            assert "planted" not in console.errors
            await page.page.context.close()


@pytest.mark.page
async def test_an_unreachable_server_is_said_in_one_sentence(
    chromium: Browser, tmp_path: Path
) -> None:
    with_nobody = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = with_nobody.sockets[0].getsockname()[1]
    with_nobody.close()
    await with_nobody.wait_closed()
    target = f"ws://127.0.0.1:{port}/v1/realtime"
    async with open_console(tmp_path, "--target", target, environment={}) as console:
        page = ConsolePage(await chromium.new_page())
        await page.open(console.url)
        await page.connect.click()

        await expect_one_sentence_and_connect_ready(page, "Nothing answers at .*check the address")
        await page.page.context.close()


@pytest.mark.page
async def test_a_server_that_goes_away_in_the_middle_leaves_everything_in_place(
    chromium: Browser, tmp_path: Path
) -> None:
    (tmp_path / "simulator").mkdir()
    (tmp_path / "console").mkdir()
    async with open_simulator(tmp_path / "simulator") as simulator:
        arguments = ("--target", simulator.url)
        async with open_console(tmp_path / "console", *arguments, environment={}) as console:
            page = ConsolePage(await chromium.new_page())
            await page.open(console.url)
            await page.start("Manual")
            await page.type("Hello!")
            answer = page.items("assistant").first
            await expect(answer).to_contain_text(re.compile(r"\w+"), timeout=ANSWER_TIMEOUT_MS)
            simulator.kill()

            await expect(page.page.get_by_text("Connection lost - reconnecting")).to_be_visible()
            await expect_one_sentence_and_connect_ready(page, "Nothing answers")
            await expect(page.items("user").first).to_contain_text("Hello!")
            await expect(answer).to_be_visible()
            await page.expect_events("session.created")
            await page.page.context.close()


async def test_the_console_ends_within_six_seconds_while_somebody_is_connected(
    chromium: Browser, tmp_path: Path
) -> None:
    async with open_console(tmp_path, "--target", "simulator", environment={}) as console:
        page = ConsolePage(await chromium.new_page())
        await page.open(console.url)
        await page.start("Manual")

        status, took_s = await console.end()

        assert status in (0, -signal.SIGTERM)  # ended by itself, then says by what
        assert took_s < 6
        assert "Traceback" not in console.errors
        await page.page.context.close()


@pytest.mark.page
async def test_push_to_talk_can_be_read_while_the_mouse_is_over_it(page: ConsolePage) -> None:
    await page.start("Manual")
    colours = """async (button) => {
        await Promise.all(button.getAnimations().map((each) => each.finished));
        return [getComputedStyle(button).color, getComputedStyle(button).backgroundColor];
    }"""
    at_rest = await page.talk.evaluate(colours)

    await page.talk.hover()

    assert await page.talk.evaluate(colours) == at_rest
    assert at_rest[0] != at_rest[1]


@pytest.mark.page
async def test_the_end_of_a_session_by_its_user_is_no_failure(page: ConsolePage) -> None:
    await page.start("Manual")

    await page.disconnect.click()

    await expect(page.connect).to_be_enabled()
    await expect(page.alert).to_have_count(0)


@pytest.mark.page
async def test_a_console_that_has_gone_is_not_called_connected(
    browser_context: BrowserContext, tmp_path: Path
) -> None:
    async with open_console(tmp_path, "--target", "simulator", environment={}) as program:
        page = ConsolePage(await browser_context.new_page())
        await page.open(program.url)
        await page.start("Manual")
        status = page.page.get_by_text("Connected", exact=True)
        await expect(status).to_be_visible()
        await page.page.get_by_role("button", name="Sound", exact=True).click()
        dialog = page.page.get_by_role("dialog", name="Sound")
        await expect(dialog.get_by_role("button", name="Close")).to_be_visible()

        program.kill()

        await expect(status).to_be_hidden(timeout=ANSWER_TIMEOUT_MS)
        await dialog.get_by_role("button", name="Close").click()
        await expect(dialog).to_be_hidden()
