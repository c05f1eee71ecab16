"""Composing, sending and reading about events in a real browser, with a real session."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, expect

from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]


async def open_composer(page: Page) -> None:
    await page.get_by_role("tab", name="Composer").locator("visible=true").click()
    await expect(page.get_by_role("button", name="Send event")).to_be_visible(
        timeout=ANSWER_TIMEOUT_MS
    )


async def test_events_are_composed_by_form_and_json_sent_and_answered(
    shown: ConsolePage,
) -> None:
    page = shown.page
    await open_composer(page)
    text = page.get_by_role("textbox", name="text", exact=True)
    written = page.get_by_role("textbox", name="Event as JSON")
    sent = page.get_by_text("Sent as event_")

    await text.fill("What is the weather in Toronto?")
    await text.press("Control+Enter")
    await expect(sent).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    assert json.loads(await written.input_value())["item"]["content"] == [
        {"type": "input_text", "text": "What is the weather in Toronto?"}
    ]
    await expect(shown.items("user")).to_contain_text("Toronto", timeout=ANSWER_TIMEOUT_MS)

    await written.fill('{"type": "response.create", "response": {"output_modalities": ["txt"]}}')
    await expect(page.get_by_text("did you mean text?").first).to_be_visible()
    await page.get_by_role("button", name="Send event").click()
    await expect(page.get_by_role("button", name="Send anyway")).to_be_visible()
    kind = page.get_by_role("combobox", name="Value of 0")
    await kind.select_option("text")
    await expect(written).to_have_value(json_of({"output_modalities": ["text"]}))
    await page.get_by_role("button", name="Send event").click()
    await expect(sent).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    await expect(shown.items("assistant").first).to_be_visible(timeout=ANSWER_TIMEOUT_MS)

    kept = page.get_by_role("combobox", name="Saved events and those sent last")
    await expect(kept.get_by_role("option")).to_have_count(3)


def json_of(response: object) -> str:
    return json.dumps({"type": "response.create", "response": response}, indent=2)


async def test_an_event_of_the_list_is_explained_and_sent_again(
    shown: ConsolePage,
) -> None:
    page = shown.page

    rows = await shown.show_events("session.update")
    await rows.filter(has_text="session.update").first.click()
    await shown.events.get_by_role("button", name="What is this").click()
    article = page.get_by_role("article").filter(has_text="Sent by the client")
    await expect(article).to_contain_text("update the session", timeout=ANSWER_TIMEOUT_MS)
    await expect(article).to_contain_text("Seen once in this session")

    await article.get_by_text("realtime (", exact=False).click()
    await expect(article).to_contain_text("output_modalities")
    search = page.get_by_role("searchbox", name="Find an event")
    await search.fill("speech has been detected")
    await search.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article").filter(has_text="Sent by the server")).to_contain_text(
        "input_audio_buffer.speech_started"
    )

    await shown.events.get_by_role("button", name="Send again").click()
    written = page.get_by_role("textbox", name="Event as JSON")
    event = json.loads(await written.input_value())
    assert event["type"] == "session.update"
    assert "event_id" not in event
    await page.get_by_role("button", name="Send event").click()
    await expect(page.get_by_text("Sent as event_")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    # What was sent, and what the server says to it, now and when the session began.
    await expect(rows).to_have_count(4, timeout=ANSWER_TIMEOUT_MS)


async def test_an_unknown_parameter_shows_field_event_and_documentation_in_two_clicks(
    shown: ConsolePage,
) -> None:
    page = shown.page
    await open_composer(page)
    wrong = {"type": "realtime", "audio": {"input": {"turn_detecton": {"type": "server_vad"}}}}
    written = page.get_by_role("textbox", name="Event as JSON")
    await written.fill(json.dumps({"type": "session.update", "session": wrong}))
    await expect(page.get_by_text("did you mean turn_detection?").first).to_be_visible()
    await page.get_by_role("button", name="Send event").click()
    await page.get_by_role("button", name="Send anyway").click()
    rows = shown.events.locator(".rc-row[data-i]:visible")
    error = rows.filter(has_text="unknown_parameter")
    await expect(error).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    detail = shown.events.get_by_role("complementary", name="Event JSON")

    await error.click()
    await expect(detail).to_contain_text("Field session.audio.input.turn_detecton")
    await detail.get_by_role("button", name="Show the event that caused it").click()

    await expect(detail.get_by_role("heading")).to_have_text("client session.update")
    await expect(detail.locator(".rc-json__marked")).to_contain_text("turn_detecton")
    article = page.get_by_role("article").filter(has_text="Sent by the client")
    await expect(article.locator(".rc-fields__term--marked")).to_contain_text("input")
    await expect(article.get_by_text("turn_detection", exact=True).first).to_be_visible()

    tab = page.get_by_role("tab", name="Session").locator("visible=true")
    await tab.click()
    fields = page.get_by_role("region", name="Session")
    await fields.get_by_role("button", name="Show the event", exact=True).first.click()
    await expect(detail.locator(".rc-json__marked")).to_contain_text("turn_detecton")
    await expect(detail.get_by_role("region", name="Documentation")).to_be_visible()
    await expect(fields.locator(".rc-field--marked")).to_contain_text("refused: Unknown parameter")
    await expect(fields.locator(".rc-field--marked")).to_be_in_viewport()


async def test_on_a_phone_field_event_and_documentation_are_one_view_two_clicks_away(
    shown: ConsolePage,
) -> None:
    page = shown.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_composer(page)
    wrong = {"type": "conversation.item.truncate", "item_id": "item_1", "foo": 1}
    wrong |= {"content_index": 0, "audio_end_ms": 5}
    await page.get_by_role("textbox", name="Event as JSON").fill(json.dumps(wrong))
    await page.get_by_role("button", name="Send event").click()
    await page.get_by_role("button", name="Send anyway").click()
    detail = shown.events.get_by_role("complementary", name="Event JSON")
    marked = detail.locator(".rc-json__marked")
    note = detail.get_by_role("region", name="Documentation")

    # From what the page says of the error it is one click.
    await page.get_by_role("button", name="Show the event").click(timeout=ANSWER_TIMEOUT_MS)
    await expect(detail.get_by_role("heading")).to_have_text("client conversation.item.truncate")
    await expect(marked).to_be_in_viewport(ratio=1)
    await expect(note).to_contain_text("There is no foo in it. It has: type, ")
    await expect(note).to_contain_text("audio_end_ms")
    await expect(note).to_be_in_viewport(ratio=1)

    # From the list it is two.
    await detail.get_by_role("button", name="Close event JSON").click()
    rows = shown.events.locator(".rc-row[data-i]:visible")
    await rows.filter(has_text="error").click()
    await expect(note).to_be_hidden()
    await detail.get_by_role("button", name="Show the event that caused it").click()
    await expect(marked).to_be_in_viewport(ratio=1)
    await expect(note).to_contain_text("There is no foo in it.")

    await note.get_by_role("button", name="Read on").click()
    article = page.get_by_role("article").filter(has_text="Sent by the client")
    await expect(article).to_contain_text("conversation.item.truncate")


async def test_a_variable_goes_where_one_was_typing_and_a_phone_has_all_of_it(
    shown: ConsolePage,
) -> None:
    page = shown.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_composer(page)

    text = page.get_by_role("textbox", name="text", exact=True)
    await text.fill("I said ")
    await page.get_by_role("combobox", name="Insert what the session has").select_option(
        "{{$last_item_id}}"
    )
    await expect(text).to_have_value("I said {{$last_item_id}}")
    await expect(page.get_by_text("last_item_id has no value yet").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390

    await page.get_by_role("checkbox", name="Include previous_item_id").check()
    await expect(page.get_by_role("textbox", name="previous_item_id", exact=True)).to_have_value(
        "{{$last_item_id}}"
    )
