"""The dialog about others."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.view_model import Phase
from console.ui.elements.elapsed import Elapsed
from console.ui.panels import people as people_panel
from console.ui.panels.people import ALONE, REMOVE, STILL_OPENS, SURE
from console.ui.people import SessionRow
from tests.fakes import settle
from tests.ui.demo_session import DemoPeople, DemoSession, opened_page

HOST = SessionRow("w1", "Host", "127.0.0.1, Chrome on Linux", "Connected", 0, True, False)
GUEST = SessionRow(
    *("w2", "Guest 1", "192.0.2.7, Safari on iPhone", "Connected", 2, False, True),
    phase=Phase.CONNECTED,
    connected_at_s=0.0,
)


async def open_dialog(user: User) -> None:
    user.find(kind=ui.button, content="group").click()
    await user.should_see("Let others watch")


def buttons(user: User) -> list[str]:
    found = user.find(kind=ui.button).elements
    return [str(each.props.get("aria-label") or each.text) for each in found]


async def test_a_guest_is_given_a_link_to_be_watched_by_and_nothing_else() -> None:
    people = DemoPeople(is_host=False)
    async with opened_page(DemoSession(), people=people) as user:
        await open_dialog(user)

        (link,) = (
            each
            for each in user.find(kind=ui.input).elements
            if each.props.get("aria-label") == "Watch link"
        )
        assert link.value == people.watch_link()
        await user.should_not_see("Sessions")
        (dialog,) = user.find(kind=ui.dialog).elements
        assert dialog.props["aria-label"] == "Let others watch"


async def test_the_link_of_the_next_session_takes_the_place_of_one_that_has_ended() -> None:
    people = DemoPeople()
    async with opened_page(DemoSession(), people=people) as user:
        await open_dialog(user)

        people.link = "https://192.0.2.7:8080/watch-next?token=other"
        people.changed.emit(None)

        links = [each.value for each in user.find(kind=ui.input).elements]
        assert people.link in links


async def test_the_host_sees_who_is_here_and_what_can_be_done_about_them() -> None:
    async with opened_page(DemoSession(), people=DemoPeople(HOST, GUEST)) as user:
        await open_dialog(user)

        await user.should_see("Host (this page)")
        await user.should_see("192.0.2.7, Safari on iPhone")
        await user.should_see("2 people watch")
        assert "End session of Guest 1" in buttons(user)
        assert "Remove Guest 1" in buttons(user)
        assert "End session of Host" not in buttons(user)


async def test_a_session_is_ended_at_once_and_a_guest_removed_at_the_second_click() -> None:
    people = DemoPeople(HOST, GUEST)
    async with opened_page(DemoSession(), people=people) as user:
        await open_dialog(user)
        user.find("End session").click()
        user.find(REMOVE).click()
        await user.should_see(SURE)
        await settle()
        assert people.calls == [("end", "w2")]

        user.find(SURE).trigger("blur")
        await user.should_see(REMOVE)
        for words in (REMOVE, SURE):
            user.find(words).click()
        await settle()

        assert people.calls == [("end", "w2"), ("shut_out", "w2")]
        await user.should_see(f"Guest 1 is out. {STILL_OPENS}")
        (told,) = user.find(STILL_OPENS).elements
        assert told.parent_slot is not None
        notice = told.parent_slot.parent
        assert "rc-notice--warning" in notice.classes
        assert notice.visible


async def test_where_there_is_no_session_there_is_none_to_end() -> None:
    idle = replace(GUEST, phase=Phase.DISCONNECTED, connected_at_s=None)
    async with opened_page(DemoSession(), people=DemoPeople(HOST, GUEST, idle)) as user:
        await open_dialog(user)

        ends = [each for each in user.find(kind=ui.button).elements if each.text == "End session"]
        assert sorted(each.enabled for each in ends) == [False, True]


async def test_a_closed_page_of_a_host_is_listed_only_while_there_is_something_behind_it() -> None:
    gone = replace(HOST, watch_id="w3", who="Host, tab 2", is_own=False, is_there=False)
    runs = replace(gone, watch_id="w4", who="Host, tab 3", phase=Phase.CONNECTED)
    seen = replace(gone, watch_id="w5", who="Host, tab 4", n_watchers=1)
    left = replace(GUEST, phase=Phase.DISCONNECTED, is_there=False, connected_at_s=None)
    async with opened_page(DemoSession(), people=DemoPeople(HOST, gone, runs, seen, left)) as user:
        await open_dialog(user)

        names = [
            each.text
            for each in user.find(kind=ui.label).elements
            if "rc-people__name" in each.classes
        ]
        assert sorted(names) == ["Guest 1", "Host (this page)", "Host, tab 3", "Host, tab 4"]


async def test_the_state_of_a_guest_has_its_sign_and_its_time() -> None:
    async with opened_page(DemoSession(), people=DemoPeople(HOST, GUEST)) as user:
        await open_dialog(user)

        assert user.client is not None
        states = [
            each.props["data-phase"]
            for each in user.client.elements.values()
            if "rc-people__state" in each.classes
        ]
        assert states == ["disconnected", "connected"]
        assert (
            len([each for each in user.client.elements.values() if isinstance(each, Elapsed)]) == 2
        )


async def test_clocks_tell_the_time_of_each_opening_not_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = SimpleNamespace(monotonic=lambda: 10.0)
    monkeypatch.setattr(people_panel, "time", now)
    guest = replace(GUEST, connected_at_s=7.0)
    async with opened_page(DemoSession(), people=DemoPeople(guest)) as user:
        await open_dialog(user)
        assert [each.props["seconds"] for each in user.find(kind=Elapsed).elements] == [3.0]
        user.find("Close").click()
        now.monotonic = lambda: 70.0

        user.find(kind=ui.button, content="group").click()

        assert [each.props["seconds"] for each in user.find(kind=Elapsed).elements] == [63.0]


async def test_the_list_follows_who_comes_and_goes() -> None:
    people = DemoPeople(HOST)
    async with opened_page(DemoSession(), people=people) as user:
        await open_dialog(user)
        await user.should_see(ALONE)

        people.shown.append(GUEST)
        people.n_watchers = 1
        people.changed.emit(None)

        await user.should_see("Guest 1")
        await user.should_see("1 person watches your session now.")
        await user.should_not_see(ALONE)


async def test_the_page_asks_no_more_when_it_is_gone() -> None:
    people = DemoPeople(HOST)
    async with opened_page(DemoSession(), people=people) as user:
        assert user.client is not None
        user.client.delete()

        assert not people.changed._handlers
