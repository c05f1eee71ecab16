import json
import re
from itertools import pairwise, product

import pytest
from nicegui import ui

from console.ui import theme
from tests.ui.demo_session import DemoSession, opened_page

STYLE = (theme.ASSETS / "style.css").read_text(encoding="utf-8")
SURFACES = ("bg", "surface", "raised", "selected")
MEANINGS = ("text", "muted", "client", "server", "tool", "error")


def tokens(selector: str) -> dict[str, str]:
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", STYLE, re.MULTILINE | re.DOTALL)
    assert block, selector
    return dict(re.findall(r"--rc-([\w-]+): (#[0-9a-f]{6});", block.group(1)))


THEMES = {"light": tokens(":root"), "dark": tokens(":root") | tokens(".body--dark")}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("meaning", "surface"), list(product(MEANINGS, SURFACES)))
def test_text_of_every_meaning_is_readable_on_every_surface(name, meaning, surface) -> None:
    colours = THEMES[name]

    assert contrast(colours[meaning], colours[surface]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [("on-accent", "accent"), ("surface", "client"), ("surface", "error"), ("error", "error-bg"),
     ("text", "chosen"),
     ("text", "error-bg"), ("muted", "error-bg"), ("warning", "warning-bg"),
     ("text", "warning-bg"), ("muted", "warning-bg")],
)  # fmt: skip
def test_text_on_filled_surfaces_is_readable(name, ink, ground) -> None:
    assert contrast(THEMES[name][ink], THEMES[name][ground]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("edge", "surface"), list(product(("edge", "focus"), ("bg", "surface"))))
def test_edges_of_controls_and_focus_can_be_seen(name, edge, surface) -> None:
    assert contrast(THEMES[name][edge], THEMES[name][surface]) >= 3


def test_no_text_is_made_fainter_than_its_colour() -> None:
    faint = re.findall(r"(?<![\w-])opacity: (?!1\b)[^;]+;", STYLE)

    assert faint == []


def test_placeholders_tabs_and_what_is_disabled_are_muted_and_no_fainter() -> None:
    blocks = re.findall(r"^ *([^{}@]+?) \{([^{}]*)\}", STYLE, re.MULTILINE)

    for part in ("::placeholder", ".rc-tab", ".rc-button[disabled]"):
        own = [rules for selector, rules in blocks if part in selector]
        assert any("color: var(--rc-muted)" in rules for rules in own), part
        # What browsers draw fainter by themselves.
        assert any("opacity: 1" in rules for rules in own) or not part.startswith("::")


def test_no_two_stylesheets_give_one_class_its_looks() -> None:
    owners: dict[str, set[str]] = {}
    for name in theme._STYLES:
        sheet = (theme.ASSETS / name).read_text(encoding="utf-8")
        for block in re.findall(r"^(\.[\w-]+) \{", sheet, re.MULTILINE):
            owners.setdefault(block, set()).add(name)

    assert len(owners) > 100
    assert {block: names for block, names in owners.items() if len(names) > 1} == {}


def test_both_themes_define_the_same_colours() -> None:
    assert tokens(":root").keys() == tokens(".body--dark").keys()


def test_the_first_paint_has_the_background_of_the_theme() -> None:
    assert THEMES["light"]["bg"] in theme._FIRST_PAINT
    assert THEMES["dark"]["bg"] in theme._FIRST_PAINT


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("colour", ["text", "muted", "surface", "line"])
def test_a_page_that_is_loading_has_the_colours_of_the_theme(name, colour) -> None:
    assert THEMES[name][colour] in theme._LOADING


def test_every_file_that_the_stylesheet_names_is_shipped_and_nothing_is_fetched_from_elsewhere() -> (
    None
):
    named = re.findall(r"url\(\"?([^\")]+)\"?\)", STYLE)

    assert named
    assert all((theme.ASSETS / each).is_file() for each in named)


def test_fonts_stay_small() -> None:
    fonts = list((theme.ASSETS / "fonts").glob("*.woff2"))

    assert 0 < sum(each.stat().st_size for each in fonts) <= 400_000


def test_fonts_come_with_their_licences() -> None:
    for family in {
        each.name.split("-latin")[0] for each in (theme.ASSETS / "fonts").glob("*.woff2")
    }:
        licence = (theme.ASSETS / "fonts" / f"{family}-LICENSE.txt").read_text(encoding="utf-8")

        assert "SIL Open Font License" in licence


def test_the_outline_of_the_world_has_no_line_across_the_map() -> None:
    world = json.loads((theme.ASSETS / "world.json").read_text(encoding="utf-8"))
    land, borders = (each["geometry"]["coordinates"] for each in world["features"])
    lines = [ring for polygon in land for ring in polygon] + borders

    for line in lines:
        for (x1, y1), (x2, y2) in pairwise(line):
            # Only the edge of Antarctica's drawing, at the pole, spans the whole width.
            assert abs(x2 - x1) <= 60 or y1 == y2 == -90


def test_the_address_of_an_asset_changes_with_its_content() -> None:
    assert re.fullmatch(r"assets/style\.css\?v=[0-9a-f]{12}", theme.asset_url("style.css"))


async def test_the_switch_goes_from_system_to_light_to_dark_and_round() -> None:
    async with opened_page(DemoSession()) as user:
        (dark,) = user.find(kind=ui.dark_mode).elements
        switch = user.find(marker="theme")
        (button,) = switch.elements
        seen = []
        for _ in range(4):
            seen.append((button.props["aria-label"], dark.value))
            switch.click()
            await user.should_see(marker="theme")

        assert seen == [
            ("Theme: system. Switch to light", None),
            ("Theme: light. Switch to dark", False),
            ("Theme: dark. Switch to system", True),
            ("Theme: system. Switch to light", None),
        ]


async def test_the_page_has_the_theme_that_the_browser_remembers() -> None:
    async with opened_page(DemoSession(), {"rc_theme": "dark"}) as user:
        (dark,) = user.find(kind=ui.dark_mode).elements

        assert dark.value is True
