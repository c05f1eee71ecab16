"""Pictures that go with a typed message: chosen, pasted and dropped, in a real browser."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from console.client.images import MAX_IMAGE_BYTES
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.live_console import Program
from tests.simulator.pictures import jpeg_bytes, png_bytes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

GIVE = """
    ([way, base64, name, type]) => {
      const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type }));
      const options = { bubbles: true, cancelable: true };
      if (way === "paste") {
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
        return "";
      }
      document.body.dispatchEvent(new DragEvent("dragenter", { ...options, dataTransfer: data }));
      document.body.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: data }));
      return document.querySelector(".rc-drop__words").textContent;
    }
"""


class PicturePage(ConsolePage):
    """The page with what goes with the next message."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.attached = page.locator(".rc-picture__chip img")

    async def choose(self, name: str, content: bytes, kind: str = "image/png") -> None:
        file = FilePayload(name=name, mimeType=kind, buffer=content)
        await self.page.locator("[data-rc-picture]").set_input_files(file)

    async def give(self, way: str, name: str, content: bytes) -> None:
        text = base64.b64encode(content).decode()
        await self.page.evaluate(GIVE, [way, text, name, "image/png"])

    async def expect_attached(self, name: str) -> None:
        await expect(self.attached).to_have_attribute("alt", f"Attached: {name}")
        await expect(self.attached).to_have_js_property("complete", True)
        assert await self.attached.evaluate("(image) => image.naturalWidth") == 2


@pytest_asyncio.fixture(loop_scope="session")
async def pictures(browser_context: BrowserContext, console: Program) -> AsyncIterator[PicturePage]:
    page = PicturePage(await browser_context.new_page())
    await page.open(console.url)
    yield page


async def test_a_picture_is_seen_before_it_is_sent_and_in_the_conversation(
    pictures: PicturePage,
) -> None:
    await pictures.start("Manual")
    await pictures.choose("dot.png", png_bytes())
    await pictures.expect_attached("dot.png")
    attach = pictures.page.get_by_role("button", name="Attach a picture")
    button, chip = await attach.bounding_box(), await pictures.attached.bounding_box()
    assert button
    assert chip
    assert button["x"] + button["width"] <= chip["x"]  # beside it, not below

    await pictures.type("What is this?")

    said = pictures.items("user").first
    await expect(said).to_contain_text("What is this?", timeout=ANSWER_TIMEOUT_MS)
    await expect(said.get_by_role("img", name="Picture 1")).to_be_visible()
    await expect(pictures.attached).to_have_count(0)
    (sent,) = await pictures.events_of("conversation.item.create")
    kinds = [each["type"] for each in sent["event"]["item"]["content"]]
    assert kinds == ["input_text", "input_image"]


async def test_a_picture_may_be_pasted_or_dropped_and_taken_away(pictures: PicturePage) -> None:
    await pictures.give("paste", "pasted.png", png_bytes())
    await pictures.expect_attached("pasted.png")
    await pictures.give("drop", "dropped.png", png_bytes())
    await pictures.expect_attached("dropped.png")

    await pictures.page.get_by_role("button", name="Remove dropped.png").click()

    await expect(pictures.attached).to_have_count(0)


async def test_what_cannot_be_attached_is_said_and_the_picture_before_stays(
    pictures: PicturePage,
) -> None:
    await pictures.choose("good.jpg", jpeg_bytes(), "image/jpeg")
    await expect(pictures.attached).to_have_count(1)

    await pictures.choose("moving.gif", b"GIF89a", "image/gif")
    await expect(pictures.page.get_by_text("moving.gif is neither PNG nor JPEG")).to_be_visible()
    await pictures.choose("wall.png", bytes(MAX_IMAGE_BYTES + 1024**2))
    too_large = pictures.page.get_by_text("wall.png has 11 MiB; 10 MiB is the most. Scale it down.")
    await expect(too_large).to_be_visible()

    await expect(pictures.attached).to_have_attribute("alt", "Attached: good.jpg")
