"""What is put into the message in a real browser, however it comes there."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import Page, expect

from console.app.controller import MAX_MESSAGE_CHARACTERS
from tests.browser.played import Played

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

N_PUT_IN: Final = 40_000
CLIPBOARD: Final = """(text) => {
  const other = document.createElement("textarea");
  other.value = text;
  document.body.append(other);
  other.select();
  document.execCommand("copy");
  other.remove();
}"""


@pytest.mark.parametrize("way", ["pasted", "by a program"])
async def test_a_text_is_put_in_whole_or_not_at_all(
    demo_page: Page, played: Played, way: str
) -> None:
    await played.change(connection={"phase": "connected"})
    box = demo_page.get_by_role("textbox", name="Message")
    await box.press_sequentially("before")

    async def put_in(text: str) -> None:
        if way == "pasted":
            await demo_page.evaluate(CLIPBOARD, text)
            await box.focus()
            await box.press("End")
            await demo_page.keyboard.press("Control+V")
        else:
            await box.press("End")
            await demo_page.keyboard.insert_text(text)

    await put_in("x" * N_PUT_IN)
    told = demo_page.get_by_text(f"this would have {N_PUT_IN + 6:,} characters, and a message")
    await expect(told).to_be_visible()
    await expect(box).to_have_value("before")
    fitting = "x" * (MAX_MESSAGE_CHARACTERS - 6)
    await put_in(fitting)
    await expect(box).to_have_value("before" + fitting)
