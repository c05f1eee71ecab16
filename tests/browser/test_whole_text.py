"""What is put into the fields of forms, and into JSON, in a real browser: as a whole or not at all."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import Locator, Page, expect

from console.app.reference.form_draft import MAX_CHARACTERS
from tests.browser.test_message import CLIPBOARD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

N_PASTED: Final = 1_200_000
"""More than one message to the server may have, too."""


async def paste(page: Page, box: Locator, text: str) -> None:
    await page.evaluate(CLIPBOARD, text)
    await box.focus()
    await box.press("Control+End")
    await page.keyboard.press("Control+V")


@pytest.mark.parametrize(
    ("tab", "name"),
    [
        ("Session", "instructions"),
        ("Session", "Session as JSON"),
        ("Composer", "text"),
        ("Composer", "Event as JSON"),
    ],
)
async def test_what_does_not_fit_is_not_put_in_and_both_numbers_are_told(
    demo_page: Page, tab: str, name: str
) -> None:
    page = demo_page
    await page.set_viewport_size({"width": 390, "height": 844})  # the boxes are long there
    await page.get_by_role("tab", name=tab).locator("visible=true").click()
    if name == "instructions":
        include = page.get_by_role("checkbox", name="Include instructions")
        await include.check()
    if name == "Session as JSON":
        await page.get_by_role("button", name="JSON", exact=True).click()
    box = page.get_by_role("textbox", name=name, exact=True)
    await expect(box).to_be_visible()
    before = await box.input_value()

    await paste(page, box, "x" * N_PASTED)
    told = page.get_by_role("alert").filter(visible=True)
    await expect(told).to_have_text(
        f"With what was put in, this would have {len(before) + N_PASTED:,} characters, "
        f"and {MAX_CHARACTERS:,} is the most. Nothing was put in: do it in parts."
    )
    await expect(told).to_be_in_viewport(ratio=1)
    await expect(box).to_have_value(before)

    room = MAX_CHARACTERS - len(before)
    fitting = (f"{' ' * 79}\n" * (room // 80 + 1))[:room]
    await paste(page, box, fitting)
    await expect(told).to_have_count(0)
    await expect(box).to_have_value(before + fitting)
    await box.press("Enter")
    await expect(told).to_contain_text(f"would have {MAX_CHARACTERS + 1:,} characters")
    await box.press("Backspace")
    await expect(told).to_have_count(0)
