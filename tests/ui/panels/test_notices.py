import time
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.key_state import KeyState
from console.app.view_model import Notice
from console.ui.elements.elapsed import Elapsed
from console.ui.elements.event_list import EventList
from console.ui.elements.line_notices import LineNotices
from console.ui.panels.notices import ENDED, ENDS_IN, UNREACHABLE
from tests.ui.composer_rig import tab_row
from tests.ui.demo_session import DemoSession, opened_page


async def test_an_error_is_an_alert_with_one_sentence_and_one_button() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("n1", "error", "The server cannot be reached.", "retry"))

        await user.should_see("The server cannot be reached.")
        user.find("Try again").click()
        await user.should_not_see("The server cannot be reached.")
        await session.asked(["dismiss", "n1"], ["connect", True])


async def test_going_on_by_typing_connects_without_a_microphone() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("n1", "warning", "Refused.", "type_instead"))

        (button,) = (each for each in user.find("Connect without microphone").elements)
        assert {"data-rc-connect", "data-rc-text-only"} <= button.props.keys()
        user.find("Connect without microphone").click()
        await user.should_not_see("Refused.")
        await session.asked(["dismiss", "n1"], ["connect", False])


async def test_a_key_that_was_refused_can_be_changed_there() -> None:
    session = DemoSession()
    session.view.key = KeyState(may_change=True)
    async with opened_page(session) as user:
        session.view.add_notice(Notice("n1", "error", "The key was not accepted.", "change_key"))

        user.find("Change key").click()
        await user.should_see("Use this key")


async def test_a_session_that_was_ended_can_be_saved_where_that_is_said() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("n1", "error", "The limit is reached.", "save"))

        user.find("Save conversation").click()

        saved = await user.download.next(timeout=10)
        assert saved.request.url.path == "/rt/demo/conversation.md"
        await user.should_see("The limit is reached.")
        assert session.calls == []


async def test_a_choice_has_a_button_each() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("n1", "warning", "Hung up.", "connect", or_else="save"))

        user.find("Save conversation").click()
        await user.download.next(timeout=10)
        (button,) = (each for each in user.find("Connect again").elements)
        assert "data-rc-connect" in button.props
        user.find("Connect again").click()
        await session.asked(["dismiss", "n1"], ["connect", True])


async def test_an_end_that_is_near_is_counted_down_to() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        ends_at_s = time.time() + 61
        session.view.add_notice(Notice("n1", "warning", "Silence.", "stay", ends_at_s=ends_at_s))

        await user.should_see(ENDS_IN)
        (clock,) = (each for each in user.find(kind=Elapsed).elements if each.props["is-left"])
        assert clock.props["seconds"] == pytest.approx(61, abs=2)


async def test_from_messages_that_cannot_be_read_it_is_one_click_to_the_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(EventList, "run_method", lambda _, name: asked.append(name))
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("n1", "warning", "Not JSON.", "show_errors"))

        user.find("Show errors").click()
        await user.should_not_see("Not JSON.")
        await session.asked(["dismiss", "n1"])
        assert asked == ["showErrors"]
        assert tab_row(user, "rc-tabs").value == "Events"


async def test_from_an_error_it_is_one_click_to_the_event_that_caused_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str | bool, ...]] = []
    monkeypatch.setattr(EventList, "run_method", lambda _, *args: asked.append(args))
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(
            Notice("n1", "warning", "Unknown parameter.", "show_event", "event_1", "session.foo")
        )

        user.find("Show the event").click()
        await user.should_not_see("Unknown parameter.")
        assert asked == [("openEvent", "event_1", "session.foo", False)]
        assert tab_row(user, "rc-tabs").value == "Events"


async def test_errors_interrupt_a_screen_reader_and_others_wait() -> None:
    session = DemoSession()
    session.view.notices = [Notice("a", "error", "Bad."), Notice("b", "info", "Good to know.")]
    async with opened_page(session) as user:
        roles = {}
        for words in ("Bad.", "Good to know."):
            (label,) = user.find(words).elements
            assert label.parent_slot is not None
            roles[words] = label.parent_slot.parent.props["role"]

        assert roles == {"Bad.": "alert", "Good to know.": "status"}


async def test_the_most_serious_notice_stands_first() -> None:
    session = DemoSession()
    session.view.notices = [
        Notice("a", "info", "told info"),
        Notice("b", "warning", "told warning"),
        Notice("c", "error", "told error"),
    ]
    async with opened_page(session) as user:
        assert told(user) == ["told error", "told warning", "told info"]


async def test_a_notice_that_stays_is_left_alone_when_others_come_and_go() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("b", "warning", "told warning", "retry"))
        await user.should_see("told warning")
        (before,) = user.find("Try again").elements

        session.view.add_notice(Notice("a", "info", "told info"))
        session.view.add_notice(Notice("c", "error", "told error"))
        await user.should_see("told error")
        assert told(user) == ["told error", "told warning", "told info"]
        session.view.dismiss("c")
        await user.should_not_see("told error")

        assert user.find("Try again").elements == {before}
        user.find("Try again").click()
        await session.asked(["dismiss", "b"], ["connect", True])


def told(user: User) -> list[str]:
    """Return the sentences of the notices in the order of the page."""
    labels: Any = user.find(kind=ui.label, content="told").elements
    rows = [(each.parent_slot.parent, each.text) for each in labels]
    siblings = rows[0][0].parent_slot.children
    return [text for _, text in sorted(rows, key=lambda each: siblings.index(each[0]))]


async def test_an_answer_that_was_cut_off_can_be_gone_on_with() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("moved", "info", "The line is back.", "continue"))
        user.find("Continue answer").click()

        await session.asked(["dismiss", "moved"], ["continue_answer"])


async def test_what_is_said_without_the_console_is_there_from_the_beginning() -> None:
    async with opened_page(DemoSession()) as user:
        (element,) = user.find(kind=LineNotices).elements

        assert element.props["unreachable"] == UNREACHABLE
        assert element.props["ended"] == ENDED


async def test_who_is_silent_can_stay() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("idle", "warning", "Nobody has spoken.", "stay"))

        await user.should_see("Nobody has spoken.")
        user.find("Stay").click()
        await session.asked(["dismiss", "idle"], ["stay"])
