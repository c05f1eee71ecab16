from typing import TypeVar

from nicegui import ui
from nicegui.testing import User

from console.app.view_model import Phase
from console.simulator.faults import Faults
from tests.ui.composer_rig import tell
from tests.ui.demo_session import DemoSession, opened_page

E = TypeVar("E", bound=ui.element)


def dialog(user: User) -> ui.dialog:
    dialogs = user.find(kind=ui.dialog).elements
    (found,) = (each for each in dialogs if each.props["aria-label"] == "Simulator faults")
    return found


async def open_dialog(user: User) -> None:
    user.find(kind=ui.button, content="bug_report").click()
    await user.should_see("What goes wrong in your session")


def chosen(user: User, words: str) -> ui.switch:
    (found,) = (each for each in user.find(kind=ui.switch).elements if each.text == words)
    return found


def only(user: User, kind: type[E], label: str) -> E:
    found = user.find(kind=kind).elements
    (each,) = (each for each in found if each.props.get("label") == label)
    return each


async def test_the_dialog_opens_from_the_head_of_the_page() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see("What goes wrong in your session")
        await open_dialog(user)

        assert dialog(user).value


async def test_a_switch_adds_its_fault_and_keeps_the_others() -> None:
    session = DemoSession()
    session.view.faults = "expire_after=60,late_deltas"
    async with opened_page(session) as user:
        await open_dialog(user)
        await user.should_see("Errors name no client event")
        assert chosen(user, "Deltas after a cancel").value

        chosen(user, "Errors name no client event").value = True
        await session.asked(["set_faults", "late_deltas,null_event_id,expire_after=60"])


async def test_values_become_part_of_the_text() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_dialog(user)
        (select,) = user.find(kind=ui.select).elements
        select.value = "insufficient_quota"
        await session.asked(["set_faults", "fail_response=insufficient_quota"])

        for delay in user.find(kind=ui.number).elements:
            if delay.props.get("label", "").startswith("Delay events"):
                delay.value = 50
        await session.asked_times(2)
        assert session.calls[-1] == ["set_faults", "fail_response=insufficient_quota,slow_ms=50"]


async def test_all_can_be_switched_off_at_once() -> None:
    session = DemoSession()
    session.view.faults = "slow_ms=50"
    async with opened_page(session) as user:
        await open_dialog(user)
        user.find("All off").click()

        await session.asked(["set_faults", ""])
        assert session.view.faults == ""


async def test_every_fault_can_be_set_as_text_and_a_mistake_is_named() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_dialog(user)
        text = only(user, ui.input, "All of them as text")
        text.value = "refuse=503,times=two"
        tell(text, "change", {})
        await user.should_see("needs a whole number")
        assert session.calls == []

        text.value = "times=2,refuse=503,fail_response=model_overloaded"
        tell(text, "change", {})
        await session.asked(["set_faults", "times=2,refuse=503,fail_response=model_overloaded"])
        assert text.error is None
        chosen(user, "Errors name no client event").value = True
        await session.asked_times(2)
        assert Faults.parse(session.calls[-1][1]) == Faults.parse(
            "times=2,refuse=503,fail_response=model_overloaded,null_event_id"
        )


async def test_the_line_is_closed_with_the_code_of_choice() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_dialog(user)
        session.be_connected()
        (code,) = (
            each
            for each in user.find(kind=ui.number).elements
            if each.props.get("aria-label") == "Close code"
        )
        code.value = 4000
        user.find("Close with").click()
        await session.asked(["inject_fault", "close_after=0,close_code=4000"])


async def test_what_happens_at_once_needs_a_session() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_dialog(user)
        (cut,) = user.find(kind=ui.button, content="Cut the line").elements
        assert not cut.enabled

        session.be_connected()
        assert session.view.phase is Phase.CONNECTED
        user.find("Cut the line").click()
        await session.asked(["inject_fault", "drop"])
