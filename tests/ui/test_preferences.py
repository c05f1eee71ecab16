import re

import pytest
from nicegui import ui

from console.app.sound_settings import Microphone, SoundSettings
from console.ui import preferences
from console.ui.preferences import Panes, Preferences
from tests.ui.simulated_user import user_simulation


def test_without_cookies_the_defaults_hold() -> None:
    assert Preferences.of_cookies({}) == Preferences("system", Panes(), shows_hint=True)


def test_cookies_are_read_back() -> None:
    cookies = {"rc_theme": "dark", "rc_panes": "70.0-40.5-33.3", "rc_hint": "hidden"}

    assert Preferences.of_cookies(cookies) == Preferences("dark", Panes(70.0, 40.5, 33.3), False)


def test_panes_are_written_as_they_are_read() -> None:
    panes = Panes(70.0, 40.5, 33.3)

    assert Panes.parse(str(panes)) == panes


@pytest.mark.parametrize(
    "text", ["", "70", "a-b-c", "70-40-30-20", "nan-50-50", "0-50-50", "50-50-100"]
)
def test_panes_that_cannot_be_used_give_the_defaults(text) -> None:
    assert Panes.parse(text) == Panes()


def test_an_unknown_theme_counts_as_not_set() -> None:
    assert Preferences.of_cookies({"rc_theme": "<script>"}).theme == "system"


def test_units_are_metric_unless_they_were_chosen() -> None:
    found = [
        Preferences.of_cookies(cookies).units
        for cookies in ({}, {"rc_units": "imperial"}, {"rc_units": "x"})
    ]

    assert found == ["metric", "imperial", "metric"]


def test_keys_work_unless_they_were_switched_off() -> None:
    found = [
        Preferences.of_cookies(cookies).uses_keys
        for cookies in ({}, {"rc_keys": "off"}, {"rc_keys": "on"})
    ]

    assert found == [True, False, True]


async def test_remember_sets_a_cookie_that_no_other_site_can_use(monkeypatch) -> None:
    scripts: list[str] = []

    def page() -> None:
        monkeypatch.setattr(ui, "run_javascript", scripts.append)
        preferences.remember("theme", "dark")

    async with user_simulation(root=page) as user:
        await user.open("/")

    assert len(scripts) == 1
    assert 'document.cookie = "rc_theme=dark; path=/;' in scripts[0]
    assert "samesite=strict" in scripts[0]


async def test_what_was_chosen_of_the_sound_comes_back_whatever_the_device_is_called(
    monkeypatch,
) -> None:
    scripts: list[str] = []
    named = SoundSettings(Microphone(device_id="a1", label='Ann\'s "desk"; \u00e9\n</script>'))

    def page() -> None:
        monkeypatch.setattr(ui, "run_javascript", scripts.append)
        preferences.remember("sound", named.to_text())

    async with user_simulation(root=page) as user:
        await user.open("/")

    kept = re.fullmatch(r'document.cookie = "rc_sound=([\w%.~-]+); path=/;.*"', scripts[0])
    assert kept is not None
    assert Preferences.of_cookies({"rc_sound": kept[1]}).sound == named
