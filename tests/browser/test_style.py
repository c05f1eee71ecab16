"""What the stylesheets make of the page together, in a real browser."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.played import Played, event

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

# What of a control a finger finds: 19 px from its middle each way, when it is in the middle of its pane.
TOO_SMALL = """() => {
  const isOf = (control, x, y) => {
    const found = document.elementFromPoint(x, y);
    return found && (control.contains(found) || found.closest("label")?.contains(control)
      || found.closest("label")?.control === control);
  };
  const controls = document.querySelectorAll(".rc-panel :is(button, a, input, select, textarea)");
  return [...controls].filter((control) => control.checkVisibility()).filter((control) => {
    control.scrollIntoView({ block: "center", behavior: "instant" });
    const { left, right, top, bottom } = control.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const around = [[0, 0], [0, -19], [0, 19], [-19, 0], [19, 0]];
    return !around.every(([dx, dy]) => isOf(control, x + dx, y + dy));
  }).map((control) => control.getAttribute("aria-label") || control.outerHTML.slice(0, 200));
}"""
TILES = "https://tile.openstreetmap.org/**"
TILE = '<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"/>'
FAINT_TEXT = """() => [...document.querySelectorAll(".rc-page *")].filter((element) =>
  element.checkVisibility() && Number(getComputedStyle(element).opacity) < 1
  && (element.textContent.trim() || element.querySelector("input")))
  .map((element) => element.className)"""
OPACITY_DISABLED = """(kind) => {
  const control = document.createElement(kind);
  control.disabled = true;
  document.querySelector(".rc-panel").append(control);
  const { opacity } = getComputedStyle(control);
  control.remove();
  return opacity;
}"""
CHROME = """() => {
  const { top, bottom } = document.querySelector(".rc-panel--conversation").getBoundingClientRect();
  return 1 - (bottom - top) / innerHeight;
}"""


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_text_is_fainter_than_its_colour(demo_page: Page, width: int) -> None:
    await demo_page.set_viewport_size({"width": width, "height": 844})

    assert await demo_page.evaluate(FAINT_TEXT) == []


@pytest.mark.parametrize("kind", ["input", "select", "textarea"])
async def test_what_is_disabled_is_as_readable_as_its_colour(kept_page: Page, kind: str) -> None:
    opacity = await kept_page.evaluate(OPACITY_DISABLED, kind)

    assert opacity == "1"


@pytest.mark.parametrize(
    ("line", "shown"),
    [("open", []), ("closed", ["not reachable"]), ("ended", ["not in use"]), ("refused", [])],
)
async def test_the_page_itself_says_that_the_console_does_not_answer(
    kept_page: Page, line: str, shown: list[str]
) -> None:
    tell = "(line) => (document.documentElement.dataset.rcLine = line)"
    await kept_page.evaluate(tell, line)

    await expect(kept_page.get_by_role("alert")).to_contain_text(shown)
    await kept_page.evaluate(tell, "open")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("open", "none"),
        ("closed", '"not reachable"'),
        ("ended", '"not in use"'),
        ("refused", '"new link needed"'),
    ],
)
async def test_the_button_to_talk_does_not_ask_to_go_on_when_the_console_does_not_answer(
    kept_page: Page, line: str, shown: str
) -> None:
    tell = "(line) => (document.documentElement.dataset.rcLine = line)"
    await kept_page.evaluate(tell, line)
    hint = kept_page.locator("#rc-talk-hint")

    assert await hint.evaluate("(hint) => getComputedStyle(hint, '::after').content") == shown
    await expect(hint.locator("> *").first).to_be_visible(visible=line == "open")
    await kept_page.evaluate(tell, "open")


@pytest.mark.parametrize(("width", "height", "most"), [(390, 844, 0.3), (844, 390, 0.4)])
async def test_a_phone_in_use_leaves_most_of_its_screen_to_the_pane(
    demo_page: Page, played: Played, width: int, height: int, most: float
) -> None:
    await demo_page.set_viewport_size({"width": width, "height": height})
    await played.change(connection={"phase": "connected", "at_s": 0}, microphone="on")
    await demo_page.get_by_role("button", name="Disconnect").wait_for()

    await expect(demo_page.get_by_role("region")).to_have_count(1)
    # The page is told of its new size, and of the microphone, when it has time to lay itself out.
    await demo_page.wait_for_function(f"(most) => ({CHROME})() <= most", arg=most, timeout=10_000)


async def test_what_to_try_first_takes_no_room_of_other_panes_on_a_phone(demo_page: Page) -> None:
    await demo_page.set_viewport_size({"width": 390, "height": 844})
    panes = demo_page.get_by_role("tablist", name="Panes")
    await expect(demo_page.locator(".rc-hint")).to_be_visible()

    await panes.get_by_role("tab", name="Session").dispatch_event("click")
    await expect(demo_page.locator(".rc-hint")).to_be_hidden()

    await panes.get_by_role("tab", name="Conversation").dispatch_event("click")
    await expect(demo_page.locator(".rc-hint")).to_be_visible()


async def test_the_tab_that_is_chosen_is_in_sight_on_a_phone(demo_page: Page) -> None:
    await demo_page.set_viewport_size({"width": 390, "height": 844})
    tabs = demo_page.get_by_role("tablist", name="Panes").get_by_role("tab")
    await expect(tabs.last).not_to_be_in_viewport(ratio=0.9)

    # The event alone: a click would bring the tab into sight before.
    await tabs.last.dispatch_event("click")

    await expect(tabs.last).to_be_in_viewport(ratio=0.9)


HEIGHT = "(element) => element.getBoundingClientRect().height"


async def test_what_a_finger_goes_to_is_as_large_as_a_fingertip(
    chromium: Browser, demo_url: str, played: Played
) -> None:
    context = await chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    # With tiles the map has a link more, to those who made them.
    await context.route(TILES, lambda route: route.fulfill(body=TILE, content_type="image/svg+xml"))
    page = await context.new_page()
    await page.goto(f"{demo_url}/?session={played.session}")
    await page.get_by_role("region", name="Conversation").wait_for()
    small: dict[str, list[str]] = {}

    for name in ("Conversation", "Events", "Weather", "Memory", "Session", "Composer", "Usage"):
        tab = page.get_by_role("tablist", name="Panes").get_by_role("tab", name=name)
        await tab.dispatch_event("click")
        pane = page.get_by_role("region", name=name, exact=True)
        await pane.locator("button").locator("visible=true").first.wait_for()
        if name == "Weather":  # before, its map is as Leaflet makes it
            await pane.locator('[data-outline="drawn"]').wait_for()
            await expect(pane.get_by_role("link", name="OpenStreetMap")).to_be_visible()
        small[name] = await page.evaluate(TOO_SMALL)

    assert small == {name: [] for name in small}

    await played.add(*(event("response.created", at_s=float(n)) for n in range(50)))
    await page.get_by_role("tab", name="Events").dispatch_event("click")
    last = page.locator(".rc-row[data-i]:visible", has_text="00:49.00")
    await expect(last).to_be_in_viewport(ratio=1)
    assert await last.evaluate(HEIGHT) == 40
    await last.click()
    fold = page.locator(".rc-detail .rc-json__head").first
    await expect(fold).to_be_visible()
    assert await fold.evaluate(HEIGHT) >= 40
    await context.close()


FIELDS = """() => [...document.querySelectorAll(".rc-panel--composer .rc-field")].map((field) => ({
  depth: Number(field.style.getPropertyValue("--rc-depth")),
  name: field.querySelector(".rc-field__name")?.getBoundingClientRect().left,
  value: field.querySelector(":scope > :is(.rc-field__input, .rc-field__fixed)")?.getBoundingClientRect().left,
})).filter(({ name, value }) => name !== undefined && value !== undefined)"""


async def test_names_of_nested_fields_are_indented_and_what_they_hold_stands_in_one_column(
    demo_page: Page,
) -> None:
    await demo_page.get_by_role("tab", name="Composer").locator("visible=true").click()
    await expect(demo_page.get_by_role("button", name="Send event")).to_be_visible()

    fields = await demo_page.evaluate(FIELDS)

    assert len({each["depth"] for each in fields}) > 1
    assert len({each["value"] for each in fields}) == 1
    names = [each["name"] for each in sorted(fields, key=lambda each: each["depth"])]
    assert names == sorted(names)
    assert names[0] < names[-1]


PLACES = """() => [...document.querySelectorAll(".rc-panel--session .rc-field")]
  .filter((field) => field.checkVisibility()).map((field) => {
    const left = (part) => field.querySelector(part)?.getBoundingClientRect().left;
    const value = ":scope > :is(.rc-field__input:not(textarea), .rc-field__suggested, .rc-field__fixed)";
    return {
      depth: Number(field.style.getPropertyValue("--rc-depth")),
      name: left(".rc-field__name"),
      kind: left(".rc-field__variant"),
      value: field.querySelector(value)?.checkVisibility() ? left(value) : undefined,
    };
  })"""


async def test_names_of_the_session_stand_in_line_by_their_depth_and_choices_with_the_values(
    demo_page: Page,
) -> None:
    await demo_page.set_viewport_size({"width": 1440, "height": 900})
    await demo_page.get_by_role("tab", name="Session").locator("visible=true").click()
    await expect(demo_page.get_by_role("combobox", name="Kind of turn_detection")).to_be_visible()

    fields = await demo_page.evaluate(PLACES)

    names = {(each["depth"], round(each["name"])) for each in fields if each.get("name")}
    assert len(names) == len({depth for depth, _ in names}) > 1
    assert [each for each in fields if each.get("kind")]
    held = {round(each[key]) for each in fields for key in ("kind", "value") if each.get(key)}
    assert len(held) == 1


async def test_the_part_of_a_slider_that_takes_the_focus_has_its_name_and_value(
    demo_page: Page,
) -> None:
    await demo_page.get_by_role("button", name="Sound", exact=True).click()
    volume = demo_page.get_by_role("slider", name="Volume")

    await volume.focus()
    await expect(volume).to_be_focused()
    await volume.press("ArrowLeft")

    await expect(volume).to_have_attribute("aria-valuenow", "95")
    await expect(demo_page.locator(".q-slider[role]")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_before_any_script_has_come_the_page_says_that_it_is_loading(
    chromium: Browser, played: Played, theme: Literal["light", "dark"]
) -> None:
    context = await chromium.new_context(color_scheme=theme)
    page = await context.new_page()
    await page.route("**/*.js", hold_back)

    await page.goto(f"{played.url}/?session={played.session}", wait_until="commit")
    loading = page.get_by_role("status").filter(has_text="Loading the console")
    await expect(loading).to_be_visible()
    colour = {"light": "rgb(89, 98, 111)", "dark": "rgb(153, 163, 176)"}[theme]
    await expect(loading).to_have_css("color", colour)

    await page.unroute_all(behavior="ignoreErrors")
    await played.open(page)
    await expect(loading).to_be_hidden()
    await context.close()


async def test_without_scripts_the_page_says_that_it_needs_them_and_nothing_else(
    chromium: Browser, played: Played
) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()

    await page.goto(f"{played.url}/?session={played.session}")

    words = page.locator("noscript .rc-loading__word")  # by text it is not found
    await expect(words).to_be_visible()
    assert "The console needs JavaScript" in (await words.text_content() or "")
    await expect(page.get_by_text("Loading the console")).to_be_hidden()
    await expect(page.get_by_text("ES modules")).to_be_hidden()
    await context.close()


async def hold_back(_: Route) -> None:
    """Answer a request never."""
