"""The console without a microphone: files, typed words and tones are heard in its place.

Chromium gives no page the microphone here, so a page that asks for it fails.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from console import wav
from tests import speech
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.chromium import open_chromium
from tests.live_console import Program, WeatherServer, open_console
from tests.pulse import VirtualSoundCard

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(180),
]

QUESTION = "What is the weather in Paris?"
PARIS = re.compile("paris", re.IGNORECASE)
WATCH = """
    globalThis.asked = 0;
    const real = navigator.mediaDevices?.getUserMedia;
    if (real) navigator.mediaDevices.getUserMedia = function (...all) {
      globalThis.asked += 1;
      return real.apply(this, all);
    };
"""
DROP = """
    async ([base64, name]) => {
      const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name));
      for (const type of ["dragenter", "dragover"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
      const veil = document.querySelector(".rc-drop__veil");
      await new Promise(requestAnimationFrame);
      const seen = veil.checkVisibility();
      const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
      document.body.dispatchEvent(drop);
      await new Promise(requestAnimationFrame);
      return { seen, isOurs: drop.defaultPrevented, after: veil.checkVisibility() };
    }
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def deaf_browser(sound_card: VirtualSoundCard) -> AsyncIterator[Browser]:
    """A Chromium that refuses the microphone to everybody."""
    async with open_chromium(sound_card.environment, grant_microphone=False) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def deaf_context(deaf_browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await deaf_browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_init_script(WATCH)
    yield context
    await context.close()


class SourcePage(ConsolePage):
    """The page with what stands in for the microphone."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.bar: Locator = page.get_by_role("group", name="In place of the microphone")

    async def drop(self, name: str, content: bytes) -> None:
        found = await self.page.evaluate(DROP, [base64.b64encode(content).decode(), name])
        assert found == {"seen": True, "isOurs": True, "after": False}

    async def expect_never_asked(self) -> None:
        assert await self.page.evaluate("globalThis.asked") == 0

    async def expect_answer_about_paris(self) -> None:
        await expect(self.items("user").last).to_contain_text(PARIS, timeout=ANSWER_TIMEOUT_MS)
        await expect(self.items("assistant").last).to_contain_text(
            "21.5", timeout=ANSWER_TIMEOUT_MS
        )


async def opened(context: BrowserContext, url: str) -> SourcePage:
    page = SourcePage(await context.new_page())
    await page.open(url)
    return page


def question_wav(rate_hz: int = 24_000) -> bytes:
    return wav.pack(speech.say(QUESTION), rate_hz)


def question_as(path: Path, rate_hz: int, channels: int) -> bytes:
    samples = np.frombuffer(speech.say(QUESTION), dtype="<i2") / 32_768
    both = np.repeat(samples[:, None], channels, axis=1)
    soundfile.write(path, both, rate_hz)
    return path.read_bytes()


async def test_a_dropped_file_is_said_as_one_turn_without_a_microphone(
    deaf_context: BrowserContext, console: Program
) -> None:
    page = await opened(deaf_context, console.url)
    await page.drop("question.wav", question_wav())
    await expect(page.bar).to_contain_text("question.wav")
    await page.start("Manual")

    await page.bar.get_by_role("button", name="Send as one turn").click()

    await page.expect_answer_about_paris()
    await page.expect_never_asked()
    sent = await page.sound_of(page.items("user").first)
    said = np.frombuffer(speech.say(QUESTION), dtype="<i2")
    margin = 300 * 24
    assert np.array_equal(sent[margin : margin + said.size], said)
    assert np.count_nonzero(sent) == np.count_nonzero(said)


async def test_a_chosen_mp3_is_heard_at_once_with_vad_and_again_on_demand(
    deaf_context: BrowserContext, console: Program, tmp_path: Path
) -> None:
    content = question_as(tmp_path / "question.mp3", 24_000, 2)
    page = await opened(deaf_context, console.url)
    await page.drop("first.wav", wav.pack(bytes(4800)))
    await expect(page.bar).to_contain_text("first.wav")
    async with page.page.expect_file_chooser() as chooser:
        await page.bar.get_by_role("button", name="Choose a file").click()
    await (await chooser.value).set_files(
        {"name": "question.mp3", "mimeType": "audio/mpeg", "buffer": content}
    )
    await expect(page.bar).to_contain_text("question.mp3")

    await page.start("VAD")
    await page.expect_answer_about_paris()
    await page.bar.get_by_role("button", name="Play again").click()

    await expect(page.items("user")).to_have_count(2, timeout=ANSWER_TIMEOUT_MS)
    await expect(page.items("user").last).to_contain_text(PARIS, timeout=ANSWER_TIMEOUT_MS)
    await page.expect_never_asked()


async def test_a_file_is_heard_from_its_beginning_while_push_to_talk_is_held(
    deaf_context: BrowserContext, console: Program
) -> None:
    page = await opened(deaf_context, console.url)
    await page.drop("question.wav", question_wav())
    await expect(page.bar).to_contain_text("question.wav")
    await page.start("Manual")

    await expect(page.talk).to_be_enabled()
    await page.talk.hover()
    await page.page.mouse.down()
    await expect(page.bar.get_by_role("button", name="Stop")).to_be_visible()
    # It ends by itself, and silence follows for as long as the button is held.
    await expect(page.bar.get_by_role("button", name="Stop")).to_be_hidden(timeout=10_000)
    await page.page.mouse.up()

    await page.expect_answer_about_paris()
    await page.expect_never_asked()


async def test_typed_words_are_spoken_as_the_user(
    deaf_context: BrowserContext, weather: WeatherServer, tmp_path: Path
) -> None:
    async with open_console(
        tmp_path, "--target", "simulator", "--microphone", "text",
        environment={"CONSOLE_WEATHER_URL": weather.url},
    ) as console:  # fmt: skip
        page = await opened(deaf_context, console.url)
        await page.start("Manual")
        field = page.bar.get_by_role("textbox", name="Speak this as the user")
        await field.fill(QUESTION)
        await field.press("Enter")

        await page.expect_answer_about_paris()
        await expect(field).to_have_value("")
        await page.expect_never_asked()
        assert "Traceback" not in console.errors


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("letter.wav", b"Dear Sir or Madam", "letter.wav cannot be the microphone: it is no sound"),
        ("nothing.wav", b"", "nothing.wav cannot be the microphone: it is empty"),
        ("phone.m4a", b"\0\0\0\x20ftypM4A " + bytes(99), "MP4 sound (.m4a, .mp4) cannot be read"),
    ],
)
async def test_a_bad_file_is_refused_in_a_sentence_and_nothing_changes(
    deaf_context: BrowserContext, console: Program, name: str, content: bytes, sentence: str
) -> None:
    page = await opened(deaf_context, console.url)

    await page.drop(name, content)

    await expect(page.alert).to_contain_text(sentence)
    await expect(page.bar).to_be_hidden()


async def test_a_file_that_is_too_large_is_not_even_sent(
    deaf_context: BrowserContext, console: Program
) -> None:
    page = await opened(deaf_context, console.url)
    requests: list[str] = []
    page.page.on("request", lambda each: requests.append(each.url))

    await page.page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(51 * 1024 ** 2)], "hours.wav"));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }"""
    )

    await expect(page.alert).to_contain_text("hours.wav has 51 MiB; 50 MiB is the most.")
    assert not any("/microphone" in each for each in requests)


async def test_the_page_works_where_browsers_give_no_microphone_at_all(
    deaf_context: BrowserContext, weather: WeatherServer, tmp_path: Path
) -> None:
    # As on plain http from another machine: not a secure context, so no microphone to ask for.
    await deaf_context.add_init_script(
        "Object.defineProperty(window, 'isSecureContext', { value: false });"
        "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
    )
    path = tmp_path / "question.wav"
    path.write_bytes(question_wav())
    async with open_console(
        tmp_path, "--target", "simulator", "--microphone", str(path),
        environment={"CONSOLE_WEATHER_URL": weather.url},
    ) as console:  # fmt: skip
        page = await opened(deaf_context, console.url)
        await page.start("VAD")

        await page.expect_answer_about_paris()
        assert "Traceback" not in console.errors


async def test_the_console_begins_with_a_generated_sound(
    deaf_context: BrowserContext, tmp_path: Path
) -> None:
    arguments = ("--target", "simulator", "--microphone", "noise")
    async with open_console(tmp_path, *arguments, environment={}) as console:
        page = await opened(deaf_context, console.url)
        await page.start("Manual")
        await page.talk.hover()
        await page.page.mouse.down()
        meter = page.page.get_by_role("meter", name="Microphone level")
        await expect(meter).not_to_have_attribute("aria-valuenow", "0")
        await page.expect_events("input_audio_buffer.append")
        await page.talk.hover()
        await page.page.mouse.up()
        await page.expect_events("input_audio_buffer.commit")
        await page.expect_never_asked()
