"""The event list in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.played import Played, row

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TIMES = "\N{MULTIPLICATION SIGN}"
ROWS = '[role="row"]:not(.rc-row--head)'


async def in_list(page: Page, expression: str) -> object:
    return await page.eval_on_selector(".rc-events__scroll", f"(list) => {expression}")


async def test_an_empty_list_says_what_will_appear(demo_page: Page) -> None:
    await expect(demo_page.get_by_role("region", name="Events")).to_contain_text("No events yet")


async def test_a_row_shows_time_gap_direction_type_count_and_summary(kept_page, replayed) -> None:
    await replayed.send_rows(
        row(0, t=61_204.0, g=None, s="client", y="session.update", d="2 tools", b=812),
        row(1, t=3_723_450.0, g=1210.0, y="response.output_audio.delta", d="", n=22, a=1100),
    )

    cells = kept_page.locator(ROWS).nth(0).get_by_role("gridcell")
    await expect(cells).to_have_text(
        ["01:01.20", "", "client", "session.update", "", "812 B", "2 tools"]
    )
    cells = kept_page.locator(ROWS).nth(1).get_by_role("gridcell")
    await expect(cells).to_have_text(
        [
            "1:02:03.45",
            "+1.2 s",
            "server",
            "response.output_audio.delta",
            f"{TIMES}22",
            "1.2 kB",
            "1.1 s of audio",
        ]
    )


async def test_a_row_that_comes_again_is_replaced_in_its_place(kept_page, replayed) -> None:
    await replayed.send_rows(row(0), row(1, n=1), row(2))
    await replayed.send_rows(row(1, v=9, n=125, d="grown"))

    rows = kept_page.locator(ROWS + ":visible")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text(f"{TIMES}125")
    await expect(rows.nth(1)).to_contain_text("grown")


async def test_text_of_events_is_never_markup(kept_page, replayed) -> None:
    await replayed.send_rows(row(0, y="<b>x</b>", d='<img src=x onerror="window.hacked=1">'))

    await expect(kept_page.locator(ROWS).first).to_contain_text("<img src=x")
    assert await kept_page.evaluate("window.hacked") is None


async def test_ten_thousand_rows_are_a_few_dozen_elements(kept_page, replayed) -> None:
    await replayed.send_rows(*(row(i) for i in range(10_000)))

    await expect(kept_page.get_by_role("region", name="Events")).to_contain_text("10,000")
    assert await in_list(kept_page, "list.scrollHeight") == 240_000
    assert await kept_page.locator(ROWS).count() < 60
    await expect(kept_page.get_by_role("row").filter(has_text="summary 9999")).to_be_in_viewport()


async def test_the_tail_is_followed_until_the_user_scrolls_up(kept_page, replayed) -> None:
    await replayed.send_rows(*(row(i) for i in range(100)))
    await expect(kept_page.get_by_text("summary 99", exact=True)).to_be_in_viewport()

    await kept_page.locator(".rc-events__scroll").hover()
    await kept_page.mouse.wheel(0, -600)
    await expect(kept_page.get_by_text("summary 99", exact=True)).not_to_be_in_viewport()
    top = await in_list(kept_page, "list.scrollTop")
    await replayed.send_rows(row(100), row(101))

    fresh = kept_page.get_by_role("button", name="2 new")
    await expect(fresh).to_be_visible()
    assert await in_list(kept_page, "list.scrollTop") == top

    await fresh.click()
    await expect(kept_page.get_by_text("summary 101", exact=True)).to_be_in_viewport()
    await expect(fresh).to_be_hidden()
    await replayed.send_rows(row(102))
    await expect(kept_page.get_by_text("summary 102", exact=True)).to_be_in_viewport()


async def test_a_click_opens_the_json_with_base64_folded(kept_page, replayed) -> None:
    await replayed.keep_events(0, {"type": "response.output_audio.delta", "delta": "AQID" * 400})
    await replayed.send_rows(row(0))
    await kept_page.locator(ROWS).first.click()

    detail = kept_page.get_by_role("complementary", name="Event JSON")
    await expect(detail).to_contain_text('"type": "response.output_audio.delta"')
    await expect(detail).to_contain_text("base64, 1.2 kB")
    await expect(detail).not_to_contain_text("AQIDAQID")


async def test_the_events_of_a_run_can_be_paged_through(kept_page, replayed) -> None:
    await replayed.keep_events(0, *({"n": n} for n in range(60)))
    await replayed.send_rows(row(0, n=60))
    await kept_page.locator(ROWS).first.click()
    detail = kept_page.get_by_role("complementary", name="Event JSON")
    await expect(detail).to_contain_text("1 of 60")
    await expect(detail.get_by_role("button", name="Previous event")).to_be_disabled()

    for _ in range(51):
        await detail.get_by_role("button", name="Next event").click()

    await expect(detail).to_contain_text("52 of 60")
    await expect(detail).to_contain_text('"n": 51')


async def test_a_run_that_grows_while_it_is_open_can_be_paged_further(kept_page, replayed) -> None:
    await replayed.keep_events(0, {"n": 0})
    await replayed.send_rows(row(0))
    await kept_page.locator(ROWS).first.click()
    detail = kept_page.get_by_role("complementary", name="Event JSON")
    await expect(detail).to_contain_text('"n": 0')

    await replayed.keep_events(0, {"n": 0}, {"n": 1})
    await replayed.send_rows(row(0, v=2, n=2))
    await detail.get_by_role("button", name="Next event").click()

    await expect(detail).to_contain_text('"n": 1')


async def test_an_event_that_is_gone_is_said_to_be_gone(kept_page, replayed) -> None:
    await replayed.send_rows(row(0))
    await kept_page.locator(ROWS).first.click()

    await expect(kept_page.get_by_role("alert")).to_have_text(
        "This event is no longer kept on the server."
    )


async def test_the_keyboard_moves_opens_and_closes(kept_page, replayed) -> None:
    for index in range(3):
        await replayed.keep_events(index, {"n": index})
    await replayed.send_rows(row(0), row(1), row(2))
    await expect(kept_page.get_by_text("summary 2")).to_be_visible()
    grid = kept_page.get_by_role("grid", name="Event list")
    await grid.focus()

    await grid.press("ArrowUp")
    await grid.press("ArrowUp")
    await grid.press("Enter")
    detail = kept_page.get_by_role("complementary", name="Event JSON")
    await expect(detail).to_contain_text('"n": 1')
    await grid.press("ArrowDown")
    await expect(detail).to_contain_text('"n": 2')
    active = await grid.get_attribute("aria-activedescendant")
    await expect(kept_page.locator(f"#{active}")).to_contain_text("summary 2")
    await grid.press("Escape")

    await expect(detail).to_be_hidden()
    await expect(grid).to_be_focused()


async def test_copy_gives_the_whole_event(kept_page, replayed) -> None:
    await kept_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await replayed.keep_events(0, {"delta": "AQID" * 100})
    await replayed.send_rows(row(0))
    await kept_page.locator(ROWS).first.click()
    await expect(kept_page.get_by_text("base64")).to_be_visible()
    await kept_page.get_by_role("button", name="Copy JSON").click()

    await expect(kept_page.get_by_role("button", name="Copied")).to_be_visible()
    assert "AQID" * 100 in await kept_page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(
    ("text", "left"),
    [("response done", [2]), ("/^session\\./", [0]), ("item_7", [1]), ("/(/", [])],
)
async def test_the_filter_takes_words_and_expressions(kept_page, replayed, text, left) -> None:
    await replayed.send_rows(
        row(0, y="session.created", d="zero"),
        row(1, y="response.created", d="one", item="item_7"),
        row(2, y="response.done", d="two"),
    )
    await kept_page.get_by_role("searchbox", name="Filter events").fill(text)

    await expect(kept_page.locator(ROWS + ":visible")).to_have_count(len(left))
    for index in left:
        await expect(kept_page.locator(ROWS + ":visible")).to_contain_text(
            [["zero", "one", "two"][index]]
        )


async def test_an_expression_that_is_none_is_said_to_be_none(kept_page, replayed) -> None:
    await replayed.send_rows(row(0))
    box = kept_page.get_by_role("searchbox", name="Filter events")
    await box.fill("/(/")

    await expect(kept_page.get_by_text("Not a regular expression")).to_be_visible()
    await expect(box).to_have_attribute("aria-invalid", "true")

    await box.fill("zzz")
    await expect(kept_page.get_by_text("Change the words above.")).to_be_visible()
    await expect(box).to_have_attribute("aria-invalid", "false")


async def test_directions_and_errors_can_be_chosen(demo_page, played) -> None:
    await played.send_rows(row(0, s="client"), row(1), row(2, e=True, y="error"))
    rows = demo_page.locator(ROWS + ":visible")
    await expect(rows).to_have_count(3)

    await demo_page.get_by_role("button", name="client").click()
    await expect(rows).to_have_count(2)
    await demo_page.get_by_role("button", name="errors 1").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("error")
    await played.send_rows(row(3), row(4, e=True))
    await expect(rows).to_have_count(2)


async def test_a_long_type_loses_its_middle_and_keeps_the_word_that_tells_it_apart(
    demo_page, played
) -> None:
    await played.send_rows(row(0, y="conversation.item.input_audio_transcription.completed"))
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


async def test_a_phone_is_told_of_errors_before_the_list_is_open(demo_page, played) -> None:
    await demo_page.set_viewport_size({"width": 390, "height": 844})
    await expect(demo_page.get_by_role("tab", name="Events", exact=True)).to_be_visible()
    await played.send_rows(row(0), row(1, e=True, y="error"), row(2, e=True, y="error"))

    await demo_page.get_by_role("tab", name="Events 2").click()
    await expect(demo_page.get_by_text("summary 1")).to_be_visible()


async def test_the_open_event_is_named_with_its_time_gap_and_size(kept_page, replayed) -> None:
    await replayed.keep_events(0, {"n": 0})
    await replayed.send_rows(row(0, s="client", y="session.update", g=6.0, b=2100, n=3))
    await kept_page.locator(ROWS).first.click()

    detail = kept_page.get_by_role("complementary", name="Event JSON")
    await expect(detail.get_by_role("heading")).to_have_text("client session.update")
    await expect(detail).to_contain_text("00:01.00 · +6 ms · 2.1 kB in all")


async def test_a_new_epoch_begins_an_empty_list(demo_page, played) -> None:
    await played.send_rows(row(0), row(1))
    await expect(demo_page.locator(ROWS + ":visible")).to_have_count(2)
    await played.send({"k": "welcome", "epoch": "other", "sound": "browser"})

    await expect(demo_page.get_by_role("region", name="Events")).to_contain_text("No events yet")


async def test_the_browser_holds_a_bounded_number_of_rows_and_says_what_it_let_go(
    kept_page: Page, replayed: Played
) -> None:
    await kept_page.evaluate(
        """async () => {
          const { RowStore } = await import("rc/row_store.js");
          const store = new RowStore(100);
          for (let i = 0; i < 250; i += 1) store.upsert([{ i, s: "server", y: "t", d: "" }]);
          window.kept = [store.all.length, store.dropped, store.all.at(-1).i];
        }"""
    )

    held, dropped, newest = await kept_page.evaluate("window.kept")
    assert held <= 100
    assert held + dropped == 250
    assert newest == 249
