"""The tool lab and the memory's editor in a real browser, with a real session."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_call_waits_is_answered_by_hand_and_what_was_typed_wrong_stays(
    shown: ConsolePage,
) -> None:
    page = shown.page
    await page.get_by_role("tab", name="Tools").locator("visible=true").click()
    tools = page.get_by_role("region", name="Tools")
    await tools.get_by_role("button", name="set_memory").click()
    await tools.get_by_role("checkbox", name="Include approve").check()
    await expect(tools.get_by_text("asks first")).to_be_visible()

    await page.get_by_role("textbox", name="Message").fill("Remember that my name is Ada.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("set_memory waits for you")).to_be_visible(
        timeout=ANSWER_TIMEOUT_MS
    )
    await tools.get_by_role("button", name="Answer by hand").click()
    answer = tools.get_by_role("textbox", name="Answer as JSON")
    await answer.fill("done")
    await tools.get_by_role("button", name="Send answer").click()
    await expect(tools.get_by_role("alert")).to_contain_text("no JSON")
    await expect(answer).to_have_value("done")
    await answer.fill('{"kept": "elsewhere"}')
    await tools.get_by_role("button", name="Send answer").click()
    await expect(tools.get_by_text("answered by hand")).to_be_visible()
    await expect(shown.conversation).to_contain_text("elsewhere")

    await tools.get_by_role("button", name="Try with these arguments").click()
    await tools.get_by_role("button", name="Run").click()
    await page.get_by_role("tab", name="Weather and memory").click()
    memory = page.get_by_role("region", name="Memory")
    await expect(memory).to_contain_text('"Ada"')
    await memory.get_by_role("button", name="Edit").click()
    name, value = (
        memory.get_by_role("textbox", name=f"{each} of name") for each in ("Name", "Value")
    )
    await value.fill("Eve")
    await name.fill("")
    await name.blur()
    await expect(memory.get_by_role("alert")).to_contain_text("needs a name")
    await expect(value).to_have_value("Eve")
    await name.fill("who")
    await name.blur()
    await memory.get_by_role("button", name="Done").click()
    await expect(memory).to_contain_text('"who": "Eve"')
