"""The conversation in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.played import item

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ITEMS = ".rc-item"


def items(*views, order=None):
    return {"k": "items", "items": list(views)} | ({"order": order} if order else {})


async def test_an_empty_conversation_says_how_to_begin(demo_page: Page) -> None:
    await expect(demo_page.get_by_role("region", name="Conversation")).to_contain_text(
        "No messages yet"
    )


async def test_streamed_text_grows_in_one_text_node(kept_page, replayed) -> None:
    await replayed.send(items(item("a", status="in_progress")))
    await replayed.send({"k": "text", "deltas": [["a", "It is "], ["a", "19 degrees"]]})
    text = kept_page.locator(".rc-item__text")
    await expect(text).to_have_text("It is 19 degrees")
    await kept_page.evaluate("window.first = document.querySelector('.rc-item__text').firstChild")
    await replayed.send({"k": "text", "deltas": [["a", " <b>in</b> Toronto"]]})

    await expect(text).to_have_text("It is 19 degrees <b>in</b> Toronto")
    assert await kept_page.evaluate(
        "window.first === document.querySelector('.rc-item__text').firstChild"
    )


async def test_an_update_of_an_item_replaces_what_was_streamed(kept_page, replayed) -> None:
    await replayed.send(items(item("a", status="in_progress")))
    await replayed.send({"k": "text", "deltas": [["a", "It is"]]})
    await replayed.send(items(item("a", text="It is warm.")))

    await expect(kept_page.locator(".rc-item__text")).to_have_text("It is warm.")


async def test_items_stand_in_the_order_of_the_protocol(kept_page, replayed) -> None:
    await replayed.send(items(item("b", text="second"), item("c", text="third")))
    await replayed.send(items(item("a", text="first", role="user"), order=["a", "b", "c"]))

    await expect(kept_page.locator(".rc-item__text")).to_have_text(["first", "second", "third"])


async def test_heard_and_cut_text_are_told_apart_in_words(kept_page, replayed) -> None:
    # The count is of characters: the sun is one, though it takes two units in JavaScript.
    await replayed.send(items(item("a", text="Sun \U0001f31e and wind.", heard=5, cut=True)))

    await expect(kept_page.locator(ITEMS + " del")).to_have_text(" and wind.")
    await expect(kept_page.locator(ITEMS)).to_contain_text("Not heard:")
    await expect(kept_page.locator(".rc-item__text")).to_have_text(
        "Sun \U0001f31e interrupted here Not heard:  and wind."
    )


@pytest.mark.parametrize(
    ("heard_ms", "words"), [(4_100, "0:04 of 0:13"), (0, "0:00 of 0:13"), (13_000, "0:13")]
)
async def test_the_player_of_a_cut_item_says_how_much_was_heard(
    kept_page, replayed, heard_ms, words
) -> None:
    cut = item("a", text="One, two", heard=4, heard_ms=heard_ms, cut=True, audio_ms=13_000)
    await replayed.send(items(cut | {"playable": True}))

    await expect(kept_page.locator(".rc-player__length")).to_have_text(words)


async def test_a_tool_call_shows_arguments_result_and_duration(kept_page, replayed) -> None:
    call = item(
        "t", type="function_call", role=None, name="get_weather",
        arguments='{"location":"Toronto","days":[1,2]}', output='{"temperature": 19.4}', duration_ms=214.0,
    )  # fmt: skip
    await replayed.send(items(call))

    shown = kept_page.locator(ITEMS)
    for words in (
        "tool",
        'get_weather({"location": "Toronto", "days": [1, 2]})',
        '{"temperature": 19.4}',
        "214 ms",
    ):
        await expect(shown).to_contain_text(words)


async def test_a_call_that_took_no_time_is_not_said_to_take_none(kept_page, replayed) -> None:
    call = item("t", type="function_call", name="f", arguments="{}", output="1", duration_ms=0.2)
    await replayed.send(items(call))

    await expect(kept_page.locator(".rc-call__duration")).to_have_text("<1 ms")


async def test_a_tool_that_failed_says_so(kept_page, replayed) -> None:
    call = item("t", type="function_call", name="f", arguments="{}", error="No such city.")
    await replayed.send(items(call))

    await expect(kept_page.locator(".rc-call__result--error")).to_have_text("No such city.")


async def test_a_late_and_a_failed_transcript_are_named_as_what_they_are(
    kept_page, replayed
) -> None:
    await replayed.send(items(item("a", role="user", pending=True)))
    await expect(kept_page.locator(ITEMS)).to_contain_text("transcribing…")

    await replayed.send(items(item("a", role="user", note="transcription failed: too noisy")))

    await expect(kept_page.locator(ITEMS)).to_contain_text("transcription failed: too noisy")
    await expect(kept_page.locator(ITEMS)).not_to_contain_text("transcribing")


async def test_the_sound_of_an_item_can_be_played_and_downloaded(kept_page, replayed) -> None:
    await replayed.keep_sound("a", 400)
    await replayed.send(items(item("a", text="Hello.", audio_ms=2400, playable=True)))
    shown = kept_page.locator(ITEMS)
    await expect(shown).to_contain_text("0:02")
    save = shown.get_by_role("link", name="Download audio")
    assert (await save.get_attribute("href")).endswith(f"/rt/{replayed.session}/items/a.wav")
    assert await kept_page.locator("audio").count() == 0

    await shown.get_by_role("button", name="Play").click()

    await expect(shown.get_by_role("button", name="Pause")).to_be_visible()
    await expect(shown.get_by_role("button", name="Play")).to_be_visible()


async def test_sound_that_cannot_be_had_is_said_so(kept_page, replayed) -> None:
    await replayed.send(items(item("without", text="Hello.", audio_ms=2400, playable=True)))
    await kept_page.get_by_role("button", name="Play", exact=True).click()

    await expect(kept_page.get_by_role("button", name="The sound cannot be had")).to_be_visible()


async def test_delete_asks_the_session_and_removed_takes_the_item_away(kept_page, replayed) -> None:
    await replayed.send(items(item("a", text="one"), item("b", text="two")))
    await kept_page.locator(ITEMS).first.hover()
    await kept_page.get_by_role("button", name="Delete item").first.click()
    sure = kept_page.get_by_role("button", name="Delete for good")
    await expect(sure).to_have_count(1)
    await kept_page.locator(ITEMS).last.hover()
    await expect(sure).to_have_count(0)

    await kept_page.get_by_role("button", name="Delete item").first.focus()
    await kept_page.keyboard.press("Enter")
    await kept_page.keyboard.press("Enter")

    await replayed.asked(["delete_item", "a"])
    await replayed.send({"k": "removed", "ids": ["a"]})

    await expect(kept_page.locator(".rc-item__text")).to_have_text(["two"])


async def test_a_cleared_conversation_is_empty_again(kept_page, replayed) -> None:
    await replayed.send(items(item("a", text="one")))
    await expect(kept_page.locator(ITEMS)).to_have_count(1)
    await replayed.send({"k": "cleared"})

    await expect(kept_page.locator(ITEMS)).to_have_count(0)
    await expect(kept_page.get_by_text("No messages yet")).to_be_visible()


async def test_a_message_is_announced_once_when_it_is_finished(demo_page, played) -> None:
    live = demo_page.locator(".rc-conversation [aria-live]")
    await played.send(items(item("a", status="in_progress")))
    await played.send({"k": "text", "deltas": [["a", "It is"]]})
    await expect(demo_page.locator(".rc-item__text")).to_have_text("It is")
    await expect(live).to_be_empty()

    await played.send(items(item("a", text="It is warm.")))

    await expect(live).to_have_text("assistant: It is warm.")


async def test_reading_back_is_not_disturbed_by_new_text(kept_page, replayed) -> None:
    await replayed.send(items(*(item(f"i{n}", text=f"message {n}") for n in range(60))))
    await expect(kept_page.get_by_text("message 59")).to_be_in_viewport()
    await kept_page.locator(".rc-conversation__scroll").hover()
    await kept_page.mouse.wheel(0, -500)
    await expect(kept_page.get_by_role("button", name="latest")).to_be_visible()
    top = await kept_page.eval_on_selector(".rc-conversation__scroll", "(e) => e.scrollTop")

    await replayed.send(items(item("new", text="the newest")))
    await expect(kept_page.get_by_text("the newest")).to_have_count(1)

    assert await kept_page.eval_on_selector(".rc-conversation__scroll", "(e) => e.scrollTop") == top
    await kept_page.get_by_role("button", name="latest").click()
    await expect(kept_page.get_by_text("the newest")).to_be_in_viewport()


async def test_the_end_stays_in_view_when_the_window_changes_its_size(demo_page, played) -> None:
    words = "and it goes on for as long as a line of a large window, which a phone has to break. "
    await played.send(items(*(item(f"i{n}", text=f"message {n} {words * 2}") for n in range(30))))
    last = demo_page.get_by_text("message 29")
    await expect(last).to_be_in_viewport(ratio=1)

    for width, height in ((390, 844), (1024, 768), (1440, 900)):
        await demo_page.set_viewport_size({"width": width, "height": height})

        await expect(last).to_be_in_viewport(ratio=1)
        await expect(demo_page.get_by_role("button", name="latest")).to_be_hidden()


async def test_a_call_that_waits_for_approval_is_decided_by_its_buttons(
    kept_page, replayed
) -> None:
    asks = item("a", type="mcp_approval_request", name="add", arguments='{"a": 1}', server="demo")
    await replayed.send(items(asks | {"approval": "pending"}))
    row = kept_page.locator(ITEMS)
    await expect(row).to_contain_text("demo: add")
    await expect(row).to_contain_text("waiting for you")
    await expect(row.get_by_role("button", name="Deny")).to_be_visible()

    await row.get_by_role("button", name="Approve").click()
    await expect(row.get_by_role("button", name="Deny")).to_be_disabled()

    await replayed.send(items(asks | {"approval": "approved"}))
    await expect(row).to_contain_text("approved")
    await expect(row.get_by_role("button", name="Approve")).to_have_count(0)
