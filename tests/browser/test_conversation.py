"""The conversation in a real browser."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.played import item

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

ITEMS = ".rc-item"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MARKED = "() => [...(CSS.highlights.get('rc-found-now') ?? [])].map(String)"
LISTEN = """async (session) => {
  const { bus } = await import("rc/bus.js");
  window.told = [];
  window.stopTelling?.();
  window.stopTelling = bus(session).on("selected", (message) => window.told.push(message));
}"""
HOLD_TIMERS = """() => {
  const real = window.setTimeout;
  window.held = [];
  window.setTimeout = (act, ms, ...rest) => ms === 3000 ? window.held.push([act, ms]) : real(act, ms, ...rest);
}"""
CHOOSE = """async ([session, item]) => {
  const { bus } = await import("rc/bus.js");
  bus(session).share("selected", { item, response: null, from: "events", reveal: true });
}"""


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


async def test_an_answer_that_failed_stands_where_it_was_and_leads_to_its_events(
    kept_page, replayed
) -> None:
    sentence = "The answer failed: no beds."
    failed = item("resp_1", type="response", status="incomplete", error=sentence)
    await replayed.send(items(item("a", role="user", text="Hello"), failed, order=["a", "resp_1"]))
    row = kept_page.locator(ITEMS).nth(1)
    await expect(row).to_contain_text("assistant")
    await expect(row.locator(".rc-item__note--error")).to_have_text(sentence)
    await expect(row.locator(".rc-item__note--error .rc-icon")).to_be_visible()
    await kept_page.evaluate(LISTEN, replayed.session)

    await row.hover()
    await row.get_by_role("button", name="Show its events").click()

    (told,) = await kept_page.evaluate("window.told")
    assert (told["item"], told["response"]) == (None, "resp_1")
    await expect(row).to_have_attribute("aria-current", "true")


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

    why = "The session ended before this was decided."
    await replayed.send(items(asks | {"id": "b", "approval": "pending"}))
    await replayed.send(items(asks | {"id": "b", "approval": "lapsed", "note": why}))
    await expect(row.last).to_contain_text(why)
    await expect(row.get_by_role("button", name="Approve")).to_have_count(0)


async def test_an_answer_that_sounds_says_so_and_tells_what_is_still_to_be_heard(
    kept_page, replayed
) -> None:
    words = "One, two, three."
    await replayed.send(items(item("a", text=words, audio_ms=3_000, playable=True)))
    shown = kept_page.locator(ITEMS)
    await expect(shown.get_by_text("speaking")).to_be_hidden()

    place = {"id": "a", "played": 9, "played_ms": 1_400, "speaking": True}
    await replayed.send({"k": "playing", "places": [place]})

    await expect(shown.get_by_text("speaking")).to_be_visible()
    await expect(shown.locator(".rc-item__ahead")).to_have_text(" three.")
    await expect(shown.locator(".rc-item__text")).to_have_text(words)
    await expect(shown.locator(".rc-player__length")).to_have_text("0:01 / 0:03")

    over = {"id": "a", "played": None, "played_ms": None, "speaking": False}
    await replayed.send({"k": "playing", "places": [over]})
    await expect(shown.get_by_text("speaking")).to_be_hidden()
    await expect(shown.locator(".rc-item__ahead")).to_have_count(0)
    await expect(shown.locator(".rc-player__length")).to_have_text("0:03")


async def test_words_that_come_while_an_answer_sounds_are_still_to_be_heard(
    kept_page, replayed
) -> None:
    await replayed.send(
        items(item("a", text="One, two", status="in_progress", played=4, speaking=True))
    )
    await replayed.send({"k": "text", "deltas": [["a", ", three"]]})

    await expect(kept_page.locator(".rc-item__ahead")).to_have_text(" two, three")


async def test_a_transcript_that_does_not_come_is_called_late(demo_page, played) -> None:
    await demo_page.evaluate(HOLD_TIMERS)
    await played.send(items(item("a", role="user", pending=True)))
    await expect(demo_page.get_by_text("transcribing…")).to_be_visible()

    assert await demo_page.evaluate("window.held.map(([, ms]) => ms)") == [3_000]
    await demo_page.evaluate("window.held[0][0]()")
    await expect(demo_page.get_by_text("the transcript is late…")).to_be_visible()

    await played.send(items(item("a", role="user", text="Hello")))
    await expect(demo_page.get_by_text("the transcript is late…")).to_have_count(0)


async def test_an_item_outside_the_conversation_is_set_apart_in_words(kept_page, replayed) -> None:
    await replayed.send(items(item("a", text="Aside.", apart=True), item("b", text="To you.")))

    aside = kept_page.locator(ITEMS).first
    await expect(aside).to_contain_text("out of band")
    await aside.hover()
    await expect(aside.get_by_role("button", name="Delete item")).to_be_hidden()
    await expect(kept_page.locator(ITEMS).last).not_to_contain_text("out of band")


async def test_pictures_are_shown_and_one_that_lies_elsewhere_is_named_and_not_loaded(
    kept_page, replayed
) -> None:
    base = f"**/rt/{replayed.session}/items/a/images"
    detail = "The picture lies elsewhere, and is not loaded from there: https://example.org/a.png"
    await kept_page.route(
        f"{base}/0", lambda route: route.fulfill(body=PIXEL, content_type="image/png")
    )
    await kept_page.route(
        f"{base}/1", lambda route: route.fulfill(status=415, json={"detail": detail})
    )
    await replayed.send(items(item("a", role="user", text="See", images=2)))

    first = kept_page.get_by_role("img", name="Picture 1")
    await expect(first).to_be_visible()
    assert await first.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 1
    await expect(kept_page.locator(ITEMS)).to_contain_text(detail)
    await kept_page.unroute_all(behavior="wait")


async def test_words_are_found_marked_and_counted_newest_first(kept_page, replayed) -> None:
    await replayed.send(
        items(
            item("a", text="The wind (in Toronto)"),
            item("b", text="No WIND here", heard=7, cut=True),
            item("c", text="sunny"),
        )
    )
    search = kept_page.get_by_role("searchbox", name="Search the conversation")
    found = kept_page.locator(".rc-conversation__found")

    await search.fill("wind")
    await expect(found).to_have_text("2 of 2")
    assert await kept_page.evaluate(MARKED) == ["WIND"]
    await search.press("Enter")
    await expect(found).to_have_text("1 of 2")
    assert await kept_page.evaluate(MARKED) == ["wind"]

    await search.fill("(in")
    await expect(found).to_have_text("1 of 1")
    await search.fill("interrupted")
    await expect(found).to_have_text("not found")
    await search.press("Escape")
    await expect(found).to_be_empty()
    assert await kept_page.evaluate(MARKED) == []


async def test_words_that_come_later_are_found_too(kept_page, replayed) -> None:
    await replayed.send(items(item("a", text="wind")))
    search = kept_page.get_by_role("searchbox", name="Search the conversation")
    found = kept_page.locator(".rc-conversation__found")
    await search.fill("wind")
    await expect(found).to_have_text("1 of 1")
    await replayed.send(items(item("b", text="more wind")))

    await expect(found).to_have_text("1 of 2")
    await search.press("Escape")


async def test_the_conversation_is_copied_and_can_be_saved_in_each_form(
    kept_page, replayed
) -> None:
    await kept_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    url = f"**/rt/{replayed.session}/conversation.md"
    await kept_page.route(url, lambda route: route.fulfill(body="# Conversation"))
    await kept_page.bring_to_front()
    await kept_page.get_by_role("button", name="Copy or save the conversation").click()
    links = kept_page.get_by_role("menu").get_by_role("menuitem").filter(has_text="Save as")
    addresses = [await each.get_attribute("href") for each in await links.all()]
    assert [each.rpartition(".")[2] for each in addresses] == ["md", "txt", "srt", "json"]
    assert all(f"/rt/{replayed.session}/conversation." in each for each in addresses)

    await kept_page.get_by_role("menuitem", name="Copy as Markdown").click()

    await expect(kept_page.get_by_role("button", name="Copied")).to_be_visible()
    assert await kept_page.evaluate("navigator.clipboard.readText()") == "# Conversation"
    await expect(kept_page.get_by_role("menu")).to_be_hidden()
    await kept_page.unroute_all(behavior="wait")


async def test_the_menu_is_worked_by_keys_and_left_by_escape(kept_page, replayed) -> None:
    button = kept_page.locator(".rc-menu > button")
    await button.focus()
    await kept_page.keyboard.press("Enter")
    await expect(kept_page.get_by_role("menuitem", name="Copy as Markdown")).to_be_focused()
    await kept_page.keyboard.press("ArrowUp")
    await expect(kept_page.get_by_role("menuitem", name="Save as JSON")).to_be_focused()
    await kept_page.keyboard.press("Escape")

    await expect(kept_page.get_by_role("menu")).to_be_hidden()
    await expect(button).to_be_focused()


async def test_an_item_that_is_chosen_is_marked_and_told_to_the_events_and_the_other_way_round(
    kept_page, replayed
) -> None:
    await replayed.send(items(item("a", text="one"), item("b", text="two")))
    await kept_page.evaluate(LISTEN, replayed.session)

    await kept_page.locator(".rc-item__text").first.click()
    await expect(kept_page.locator(".rc-item--selected")).to_have_text(re.compile("one"))
    chosen = {"item": "a", "response": None, "from": "conversation", "reveal": True}
    assert await kept_page.evaluate("window.told") == [chosen]

    await kept_page.evaluate(CHOOSE, [replayed.session, "b"])
    await expect(kept_page.locator(".rc-item--selected")).to_have_text(re.compile("two"))
    await kept_page.evaluate(CHOOSE, [replayed.session, None])
    await expect(kept_page.locator(".rc-item--selected")).to_have_count(0)
