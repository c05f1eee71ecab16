"""The event list in a real browser."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.played import Played, event, said

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

TIMES = "\N{MULTIPLICATION SIGN}"
ROWS = '[role="row"]:not(.rc-row--head):visible'
AUDIO = base64.b64encode(bytes(4_800)).decode()


async def in_list(page: Page, expression: str) -> object:
    return await page.eval_on_selector(".rc-events__scroll", f"(list) => {expression}")


def events_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Events")


def detail_of(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Event JSON")


def delta(text: str, at_s: float = 0.0, item: str = "item_1") -> dict[str, object]:
    return event("response.output_text.delta", at_s=at_s, item_id=item, delta=text)


def sound(at_s: float = 0.0, item: str = "item_1") -> dict[str, object]:
    return event("response.output_audio.delta", at_s=at_s, item_id=item, delta=AUDIO)


async def test_an_empty_list_says_what_will_appear(demo_page: Page) -> None:
    await expect(events_of(demo_page)).to_contain_text("No events yet")


async def test_a_row_shows_time_gap_direction_type_count_and_summary(kept_page, replayed) -> None:
    await replayed.add(
        event("session.update", source="client", size=812, session={"instructions": "x"}),
        *(sound(3_723.45 + n / 100) for n in range(22)),
    )

    cells = kept_page.locator(ROWS).nth(0).get_by_role("gridcell")
    await expect(cells).to_have_text(
        ["00:00.00", "", "client", "session.update", "", "812 B", "instructions"]
    )
    cells = kept_page.locator(ROWS).nth(1).get_by_role("gridcell")
    await expect(cells).to_have_text(
        [
            "1:02:03.45",
            "+1.0 h",
            "server",
            "response.output_audio.delta",
            f"{TIMES}22",
            "27.1 kB",
            "2.2 s of audio",
        ]
    )
    await expect(cells.nth(1)).to_have_class("rc-row__gap rc-row__gap--long")


async def test_a_run_that_grows_stays_in_its_place(kept_page, replayed) -> None:
    await replayed.add(said("zero"), delta("one"))
    rows = kept_page.locator(ROWS)
    await expect(rows.nth(1)).to_contain_text("one")
    await replayed.add(sound(0.1), delta(" and more", 0.2))

    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text("one and more")
    await expect(rows.nth(1)).to_contain_text(f"{TIMES}2")


async def test_text_of_events_is_never_markup(kept_page, replayed) -> None:
    await replayed.add(event("<b>x</b>", item_id='<img src=x onerror="window.hacked=1">'))

    await expect(kept_page.locator(ROWS).first).to_contain_text("<img src=x")
    assert await kept_page.evaluate("window.hacked") is None


async def test_ten_thousand_rows_are_a_few_dozen_elements(kept_page, replayed) -> None:
    await replayed.add(*(said(str(i), at_s=i / 100) for i in range(10_000)))

    await expect(events_of(kept_page)).to_contain_text("10,000")
    await expect(kept_page.get_by_role("row").filter(has_text="9999")).to_be_in_viewport()
    assert await in_list(kept_page, "list.scrollHeight") == 240_000
    assert await kept_page.locator(ROWS).count() < 60


async def test_rows_far_up_are_fetched_when_they_are_scrolled_to(kept_page, replayed) -> None:
    await replayed.add(*(said(f"row {i}.", at_s=i / 100) for i in range(5_000)))
    await expect(kept_page.get_by_text("row 4999.")).to_be_in_viewport()

    await in_list(kept_page, "list.scrollTop = 2500 * 24")
    await expect(kept_page.get_by_text("row 2501.")).to_be_in_viewport()
    await in_list(kept_page, "list.scrollTop = 0")

    await expect(kept_page.get_by_text("row 0.")).to_be_in_viewport()


async def test_the_tail_is_followed_until_the_user_scrolls_up(kept_page, replayed) -> None:
    await replayed.add(*(said(f"row {i}.") for i in range(100)))
    await expect(kept_page.get_by_text("row 99.")).to_be_in_viewport()

    await kept_page.locator(".rc-events__scroll").hover()
    await kept_page.mouse.wheel(0, -600)
    await expect(kept_page.get_by_text("row 99.")).not_to_be_in_viewport()
    top = await in_list(kept_page, "list.scrollTop")
    await replayed.add(said("row 100."), said("row 101."))

    fresh = kept_page.get_by_role("button", name="2 new")
    await expect(fresh).to_be_visible()
    assert await in_list(kept_page, "list.scrollTop") == top

    await fresh.click()
    await expect(kept_page.get_by_text("row 101.")).to_be_in_viewport()
    await expect(fresh).to_be_hidden()
    await replayed.add(said("row 102."))
    await expect(kept_page.get_by_text("row 102.")).to_be_in_viewport()


async def test_the_same_log_is_seen_at_three_zooms(demo_page, played) -> None:
    await played.add(
        event("session.created"),
        event("input_audio_buffer.committed", at_s=1, item_id="user_1"),
        event("response.created", at_s=1.5, response={"id": "resp_1"}),
        *(delta("a", 2 + n / 10) for n in range(5)),
        event("response.done", at_s=3, response={"id": "resp_1", "status": "completed"}),
    )
    rows = demo_page.locator(ROWS)
    await expect(rows).to_have_count(5)

    await demo_page.get_by_role("button", name="frames").click()
    await expect(rows).to_have_count(9)
    await demo_page.get_by_role("button", name="turns").click()
    await expect(rows).to_have_count(2)
    await expect(rows.nth(1)).to_contain_text("response +500 ms, done +2.0 s")

    await rows.nth(1).click()
    detail = detail_of(demo_page)
    await expect(detail).to_contain_text('"turn": 1')
    await detail.get_by_role("button", name="Show its events").click()
    await expect(rows).to_have_count(5)
    await expect(demo_page.get_by_role("row", selected=True)).to_contain_text("committed")


async def test_a_click_opens_the_json_with_base64_folded_and_to_be_heard(
    kept_page, replayed
) -> None:
    await replayed.add(sound())
    await kept_page.locator(ROWS).first.click()

    detail = detail_of(kept_page)
    await expect(detail).to_contain_text('"type": "response.output_audio.delta"')
    await expect(detail).to_contain_text("base64, 4.8 kB, 100 ms")
    await expect(detail).not_to_contain_text("AAAAAA")
    async with kept_page.expect_response("**/rows/0.wav?zoom=spans&offset=0&limit=1") as answer:
        await detail.get_by_role("button", name="Play", exact=True).click()
    assert (await (await answer.value).body())[:4] == b"RIFF"


async def test_a_picture_is_folded_to_its_kind_and_size(kept_page, replayed) -> None:
    address = "data:image/png;base64," + "A" * 399 + "="
    item = {"role": "user", "content": [{"type": "input_image", "image_url": address}]}
    await replayed.add(event("conversation.item.create", source="client", item=item))
    await kept_page.locator(ROWS).first.click()

    detail = detail_of(kept_page)
    await expect(detail).to_contain_text("image/png, base64, 299 B")
    await expect(detail).not_to_contain_text("AAAAAA")


async def test_the_events_of_a_run_can_be_paged_through(kept_page, replayed) -> None:
    await replayed.add(*(delta(f"word {n}.") for n in range(60)))
    await kept_page.locator(ROWS).first.click()
    detail = detail_of(kept_page)
    await expect(detail).to_contain_text("1 of 60")
    await expect(detail.get_by_role("button", name="Previous event")).to_be_disabled()

    for _ in range(51):
        await detail.get_by_role("button", name="Next event").click()

    await expect(detail).to_contain_text("52 of 60")
    await expect(detail).to_contain_text("word 51.")


async def test_a_run_that_grows_while_it_is_open_can_be_paged_further(kept_page, replayed) -> None:
    await replayed.add(delta("one"))
    await kept_page.locator(ROWS).first.click()
    detail = detail_of(kept_page)
    await expect(detail).to_contain_text('"delta": "one"')

    await replayed.add(delta("two"))
    await detail.get_by_role("button", name="Next event").click()

    await expect(detail).to_contain_text('"delta": "two"')


async def test_an_event_that_is_gone_is_said_to_be_gone(kept_page, replayed) -> None:
    await replayed.add(said("zero"))
    await kept_page.route("**/rows/0?*", lambda route: route.fulfill(status=404))
    await kept_page.locator(ROWS).first.click()

    await expect(kept_page.get_by_role("alert")).to_have_text(
        "This event is no longer kept on the server."
    )
    await kept_page.unroute_all()


async def test_the_keyboard_moves_opens_and_closes(kept_page, replayed) -> None:
    await replayed.add(said("zero"), said("one"), said("two"))
    await expect(kept_page.locator(ROWS)).to_have_count(3)
    grid = kept_page.get_by_role("grid", name="Event list")
    await grid.focus()

    await grid.press("ArrowUp")
    await grid.press("ArrowUp")
    await grid.press("Enter")
    detail = detail_of(kept_page)
    await expect(detail).to_contain_text('"text": "one"')
    await grid.press("ArrowDown")
    await expect(detail).to_contain_text('"text": "two"')
    active = await grid.get_attribute("aria-activedescendant")
    await expect(kept_page.locator(f"#{active}")).to_contain_text("two")
    await grid.press("Escape")

    await expect(detail).to_be_hidden()
    await expect(grid).to_be_focused()


async def test_two_rows_tell_the_time_between_them_and_are_copied_with_what_is_between(
    kept_page, replayed
) -> None:
    await kept_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await replayed.add(said("zero"), said("one", at_s=0.25), said("two", at_s=1.5))
    await expect(kept_page.locator(ROWS)).to_have_count(3)
    grid = kept_page.get_by_role("grid", name="Event list")
    await grid.focus()
    await grid.press("Home")
    await grid.press("Shift+ArrowDown")
    await expect(
        kept_page.get_by_text("250.0 ms from 00:00.00 to 00:00.25, 2 rows")
    ).to_be_visible()
    await grid.press("Shift+ArrowDown")
    await expect(kept_page.get_by_text("1.500 s from 00:00.00 to 00:01.50, 3 rows")).to_be_visible()

    await grid.press("Control+c")

    await expect(kept_page.get_by_text("Copied", exact=True)).to_have_count(1)
    lines = str(await kept_page.evaluate("navigator.clipboard.readText()")).splitlines()
    assert len(lines) == 3
    assert '"source":"server"' in lines[2]
    await expect(kept_page.get_by_role("button", name="Copied")).to_be_visible()
    await grid.press("Escape")
    await expect(kept_page.get_by_text("1.500 s from")).to_be_hidden()


async def test_more_events_than_can_be_copied_are_said_to_be_too_many(kept_page, replayed) -> None:
    await replayed.fill(5_001)
    await kept_page.get_by_role("button", name="frames").click()
    await expect(kept_page.get_by_role("row").filter(has_text="5000")).to_be_in_viewport()
    grid = kept_page.get_by_role("grid", name="Event list")
    await grid.focus()
    await grid.press("Home")
    await expect(kept_page.locator(".rc-row[data-i='0'][aria-selected='true']")).to_be_visible()
    await grid.press("Shift+End")
    await expect(kept_page.get_by_text("5001 rows")).to_be_visible()

    await grid.press("Control+c")

    failure = "Not copied: these are too many events; export them"
    await expect(kept_page.locator(".rc-between").get_by_text(failure)).to_be_visible()
    await kept_page.get_by_role("button", name="spans").click()


async def test_copy_gives_the_whole_event(kept_page, replayed) -> None:
    await kept_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await replayed.add(sound())
    await kept_page.locator(ROWS).first.click()
    await expect(kept_page.get_by_text("base64")).to_be_visible()
    await kept_page.get_by_role("button", name="Copy JSON").click()

    await expect(kept_page.get_by_role("button", name="Copied")).to_be_visible()
    assert AUDIO in await kept_page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(
    ("text", "left"),
    [("response done", ["two"]), ("/^session\\./", ["zero"]), ("item_7", ["one"])],
)
async def test_the_filter_takes_words_and_expressions(kept_page, replayed, text, left) -> None:
    await replayed.add(
        event("session.created", session={"model": "zero"}),
        event("response.created", item_id="item_7", response={"status": "one"}),
        event("response.done", response={"status": "two"}),
    )
    await expect(kept_page.locator(ROWS)).to_have_count(3)
    await kept_page.get_by_role("searchbox", name="Filter events").fill(text)

    await expect(kept_page.locator(ROWS)).to_have_count(len(left))
    await expect(kept_page.locator(ROWS)).to_contain_text(left)
    await expect(events_of(kept_page)).to_contain_text("1 of 3")


async def test_a_filter_that_is_none_says_why(kept_page, replayed) -> None:
    await replayed.add(said("zero"))
    box = kept_page.get_by_role("searchbox", name="Filter events")
    for text, why in (("/(/", "it is no regular expression: missing )"), ("/a/x", "x is no flag")):
        await box.fill(text)

        await expect(kept_page.get_by_text("The filter cannot be used")).to_be_visible()
        await expect(kept_page.get_by_text(f"{text} - {why}")).to_be_visible()
        await expect(box).to_have_attribute("aria-invalid", "true")

    await box.fill("zzz")
    await expect(kept_page.get_by_text("Change the words above.")).to_be_visible()
    await expect(box).to_have_attribute("aria-invalid", "false")


async def test_directions_and_errors_can_be_chosen(demo_page, played) -> None:
    await played.add(event("session.update", source="client"), said("one"), event("error"))
    rows = demo_page.locator(ROWS)
    await expect(rows).to_have_count(3)

    await demo_page.get_by_role("button", name="client").click()
    await expect(rows).to_have_count(2)
    await demo_page.get_by_role("button", name="errors 1").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("error")
    await played.add(said("more"), event("error"))
    await expect(rows).to_have_count(2)


async def test_types_are_chosen_by_their_counts(demo_page, played) -> None:
    await played.add(*(said(str(n)) for n in range(3)), event("error"), event("response.done"))
    await demo_page.get_by_role("button", name="Types of events").click()
    sheet = demo_page.get_by_role("dialog", name="Types of events")
    await expect(sheet.locator(".rc-types__line")).to_have_text(
        ["conversation.item.done3", "error1", "response.done1"]
    )

    await sheet.get_by_role("button", name="None").click()
    await expect(events_of(demo_page)).to_contain_text("Choose more types.")
    await sheet.get_by_role("checkbox", name="response.done").check()

    await expect(demo_page.locator(ROWS)).to_have_count(1)
    await expect(demo_page.get_by_role("button", name="Types of events: 1 shown")).to_be_visible()
    await expect(sheet.locator(".rc-types__line").first).to_contain_text("3")
    await sheet.get_by_role("button", name="All").click()
    await expect(demo_page.locator(ROWS)).to_have_count(5)


async def test_a_time_can_be_jumped_to(demo_page, played) -> None:
    await played.add(*(said(f"row {n}.", at_s=n) for n in range(300)))
    await demo_page.get_by_role("button", name="Jump to a time").click()
    box = demo_page.get_by_role("textbox", name="Time since the session began")
    await box.fill("soon")
    await box.press("Enter")
    await expect(demo_page.get_by_role("alert")).to_have_text(
        "Write seconds, or minutes and seconds: 1:23.5"
    )

    await box.fill("2:03")
    await box.press("Enter")

    await expect(demo_page.get_by_role("row", selected=True)).to_contain_text("row 123.")
    await expect(demo_page.get_by_text("row 123.")).to_be_in_viewport()


async def test_an_error_leads_to_the_field_of_the_event_that_caused_it(demo_page, played) -> None:
    wrong = {"type": "realtime", "audio": {"input": {"turn_detecton": {"type": "x"}}}}
    await played.add(
        event("session.update", source="client", event_id="event_1", session=wrong),
        *(said(f"row {n}.", at_s=n / 10) for n in range(500)),
        event(
            "error",
            at_s=60,
            error={
                "code": "unknown_parameter",
                "param": "session.audio.input.turn_detecton",
                "event_id": "event_1",
            },
        ),
    )
    await demo_page.get_by_role("button", name="errors 1").click()
    await demo_page.locator(ROWS).first.click()
    detail = detail_of(demo_page)
    await expect(detail).to_contain_text("Field session.audio.input.turn_detecton")

    await detail.get_by_role("button", name="Show the event that caused it").click()

    await expect(detail.get_by_role("heading")).to_have_text("client session.update")
    await expect(detail.locator(".rc-json__marked")).to_contain_text("turn_detecton")
    await expect(demo_page.get_by_role("row", selected=True)).to_contain_text("session.update")
    await expect(detail.get_by_role("button", name="What is this")).to_be_visible()


async def test_an_error_that_names_no_event_leads_to_the_one_that_probably_caused_it(
    demo_page, played
) -> None:
    await played.add(
        event("response.create", source="client", response={"zap": 1}),
        event("response.create", source="client", response={}),
        event("error", at_s=1, error={"code": "unknown_parameter", "param": "response.zap"}),
    )
    await demo_page.get_by_role("button", name="errors 1").click()
    await demo_page.locator(ROWS).first.click()
    detail = detail_of(demo_page)

    await detail.get_by_role("button", name="Show the event that probably caused it").click()

    await expect(detail.get_by_role("heading")).to_have_text("client response.create")
    await expect(detail.locator(".rc-json__marked")).to_contain_text("zap")


async def test_words_are_found_in_the_tree_also_where_it_is_folded(kept_page, replayed) -> None:
    deep = {"a": {"b": {"c": {"d": {"e": {"needle": 1}}}}}}
    await replayed.add(event("x", deep=deep, list=["Needle", "hay"]))
    await kept_page.locator(ROWS).first.click()
    detail = detail_of(kept_page)
    await expect(detail).to_contain_text("hay")
    await expect(detail.get_by_text('"needle"', exact=True)).to_be_hidden()
    box = detail.get_by_role("searchbox", name="Find in this event")

    await box.fill("needle")
    await expect(detail.get_by_text('"needle"', exact=True)).to_be_visible()
    await expect(detail).to_contain_text("1 of 2")
    await box.press("Enter")
    await expect(detail).to_contain_text("2 of 2")
    await expect(detail.locator(".rc-json__found--here")).to_contain_text("Needle")
    await box.fill("nowhere")
    await expect(detail).to_contain_text("none")
    await box.fill("")


async def test_events_of_the_same_item_and_response_are_marked_and_can_be_left_alone(
    demo_page, played
) -> None:
    await played.add(
        delta("a", item="item_1"),
        delta("b", item="item_2"),
        event("response.done", item_id="item_1"),
        said("other"),
    )
    await demo_page.locator(ROWS).first.click()

    linked = demo_page.locator(".rc-row--linked:visible")
    await expect(linked).to_have_count(2)
    await detail_of(demo_page).get_by_role("button", name="Only this item").click()
    await expect(demo_page.locator(ROWS)).to_have_count(2)
    await expect(demo_page.get_by_role("searchbox", name="Filter events")).to_have_value("item_1")


async def test_what_is_selected_in_the_conversation_is_marked_in_the_list(
    demo_page, played
) -> None:
    await played.add(
        delta("first", item="item_1"), *(said(f"row {n}.", at_s=n) for n in range(300))
    )
    await expect(demo_page.get_by_text("row 299.")).to_be_in_viewport()

    await demo_page.evaluate(
        """async (session) => {
          const { bus } = await import("rc/bus.js");
          bus(session).share("selected", { item: "item_1", from: "conversation", reveal: true });
        }""",
        played.session,
    )

    await expect(demo_page.locator(".rc-row--linked")).to_contain_text("first")
    await expect(demo_page.locator(".rc-row--linked")).to_be_in_viewport()


async def test_all_events_can_be_taken_along_by_whose_they_are(demo_page, played) -> None:
    await played.add(said("zero"), said("one"))
    await demo_page.get_by_role("button", name="Export all events").click()
    async with demo_page.expect_download() as download:
        await demo_page.get_by_role("link", name="JSONL").click()

    path = await (await download.value).path()
    assert len(path.read_text().splitlines()) == 2
    await expect(demo_page.get_by_role("link", name="HAR")).to_be_visible()


async def test_a_long_type_loses_its_middle_and_keeps_the_word_that_tells_it_apart(
    demo_page, played
) -> None:
    await played.add(event("conversation.item.input_audio_transcription.completed"))
    await demo_page.set_viewport_size({"width": 390, "height": 844})
    await demo_page.get_by_role("tab", name="Events").click()
    shown = demo_page.locator(ROWS).first
    await expect(shown).to_be_visible()

    def is_whole(part: str) -> str:
        return f"(row) => ((e) => e.scrollWidth <= e.clientWidth)(row.querySelector('{part}'))"

    assert not await shown.evaluate(is_whole(".rc-row__family"))
    assert await shown.evaluate(is_whole(".rc-row__type"))
    kind = shown.locator(".rc-row__kind")
    await expect(kind).to_have_text("completed")
    await expect(kind).to_be_in_viewport(ratio=1)
    # The arrow stands for its word, which is still there to be read aloud.
    await expect(shown.get_by_role("gridcell").nth(1)).to_have_text("server")


async def test_a_summary_has_room_for_some_words_beside_a_long_type(demo_page, played) -> None:
    await played.add(event("conversation.item.input_audio_transcription.completed"))
    await demo_page.set_viewport_size({"width": 1024, "height": 768})

    room = await demo_page.locator(ROWS).first.locator(".rc-row__summary").bounding_box()
    assert room["width"] >= 150


async def test_a_phone_is_told_of_errors_before_the_list_is_open(demo_page, played) -> None:
    await demo_page.set_viewport_size({"width": 390, "height": 844})
    await expect(demo_page.get_by_role("tab", name="Events", exact=True)).to_be_visible()
    await played.add(said("zero"), event("error", error={"message": "odd"}), event("error"))

    await demo_page.get_by_role("tab", name="Events 2").click()
    await expect(demo_page.get_by_text("odd")).to_be_visible()


async def test_the_open_event_is_named_with_its_time_gap_and_size(kept_page, replayed) -> None:
    await replayed.add(said("zero"), *(delta(str(n), 1.006) for n in range(3)))
    await kept_page.locator(ROWS).nth(1).click()

    detail = detail_of(kept_page)
    await expect(detail.get_by_role("heading")).to_have_text("server response.output_text.delta")
    await expect(detail).to_contain_text("00:01.00 · +1.0 s · 3.7 kB in all")


async def test_a_narrow_list_has_the_gaps_too_and_the_narrowest_the_long_ones(
    demo_page, played
) -> None:
    await played.add(
        said("zero"),
        event("response.created", at_s=0.25),
        *(sound(3.5 + n / 10) for n in range(5)),
        event("error", at_s=9.0, error={"message": "It is wrong. " * 20}),
    )
    gaps = demo_page.locator(f"{ROWS} >> css=.rc-row__gap:visible")
    await demo_page.set_viewport_size({"width": 1024, "height": 768})
    await expect(gaps).to_have_text(["+250 ms", "+3.3 s", "+5.5 s"])

    await demo_page.locator(ROWS).nth(1).click()
    await demo_page.set_viewport_size({"width": 1800, "height": 900})
    await expect(detail_of(demo_page)).to_be_visible()
    await expect(gaps).to_have_text(["+3.3 s", "+5.5 s"])
    await demo_page.get_by_role("button", name="Close event JSON").click()

    await demo_page.set_viewport_size({"width": 390, "height": 844})
    await demo_page.get_by_role("tab", name="Events").locator("visible=true").click()
    await expect(gaps).to_have_text(["+3.3 s", "+5.5 s"])
    places = [await each.bounding_box() for each in await gaps.all()]
    run, error = demo_page.locator(ROWS).nth(2), demo_page.locator(ROWS).nth(3)
    count = await run.locator(".rc-row__count").bounding_box()
    words = await error.locator(".rc-row__summary").bounding_box()
    assert places[0]["x"] + places[0]["width"] <= count["x"]
    assert words["x"] + words["width"] <= places[1]["x"]
    assert places[1]["x"] + places[1]["width"] <= 390

    await played.add(
        event("input_audio_buffer.committed", at_s=20.0, item_id="user_1"),
        event("response.created", at_s=20.5, response={"id": "resp_1"}),
    )
    await demo_page.get_by_role("button", name="turns", exact=True).click()
    await expect(demo_page.locator(ROWS).last).to_contain_text("response +500 ms")
    await expect(gaps.last).to_have_text("+20.0 s")
    words = await demo_page.locator(ROWS).last.locator(".rc-row__summary").bounding_box()
    place = await gaps.last.bounding_box()
    assert words["x"] + words["width"] <= place["x"]
    assert place["x"] + place["width"] <= 390

    await demo_page.set_viewport_size({"width": 1024, "height": 768})
    await expect(gaps.last).to_have_text("+20.0 s")


async def test_a_new_epoch_begins_an_empty_list(demo_page, played) -> None:
    await played.add(said("zero"), said("one"))
    await expect(demo_page.locator(ROWS)).to_have_count(2)
    await played.begin_again(demo_page)

    await expect(events_of(demo_page).get_by_text("No events yet")).to_be_visible()
    await expect(demo_page.locator(ROWS)).to_have_count(0)


async def test_the_browser_holds_what_is_in_view_and_a_little_more(
    kept_page: Page, replayed: Played
) -> None:
    await kept_page.evaluate(
        """async () => {
          const { RowWindow } = await import("rc/row_window.js");
          const held = new RowWindow((message) => {});
          const row = (p) => ({ p, i: p });
          const message = (first, rows) => ({
            k: "rows", view: 0, first, count: 100, total: 100000, all: 100000, gone: 0, errors: 0,
            longest: 1, wrong: "", types: null, anew: false, cut: 0, rows: rows.map(row),
          });
          const numbers = (from) => Array.from({ length: 100 }, (_, n) => from + n);
          for (let first = 0; first < 50000; first += 100) held.receive(message(first, numbers(first)));
          window.kept = [held.rows.size, held.at(49999).i, held.total];
        }"""
    )

    assert await kept_page.evaluate("window.kept") == [100, 49_999, 100_000]
