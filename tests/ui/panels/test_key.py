from collections.abc import Sequence
from typing import Any

import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.key_state import KeyAnswer, KeyOutcome, KeyState
from console.app.system_keyring import INSTALL, NO_BACKEND, NOT_INSTALLED
from console.ui.panels.key import ABOUT, EMPTIED
from tests.ui.demo_session import DemoSession, opened_page


async def open_dialog(user: User) -> None:
    user.find(kind=ui.button, content="vpn_key").click()
    await user.should_see(ABOUT)


def shown(**fields: Any) -> DemoSession:
    session = DemoSession()
    session.view.key = KeyState(may_change=True, **fields)
    return session


def submit(user: User, *values: Any) -> None:
    """Do what the browser does with the form."""
    happen(user, "submit.prevent", values)


def happen(user: User, event: str, values: Sequence[Any] = ()) -> None:
    assert user.client is not None
    (form,) = (each for each in user.client.elements.values() if each.tag == "form")
    for listener in list(form._event_listeners.values()):
        if listener.type == event:
            form._handle_event({"listener_id": listener.id, "args": list(values)})


async def test_only_who_may_change_the_key_has_the_button() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see(kind=ui.button, content="vpn_key")

        session.view.set_key(KeyState(may_change=True))

        await user.should_see(kind=ui.button, content="vpn_key")


async def test_what_is_typed_goes_to_the_session_and_stays_in_no_element() -> None:
    session = shown(source="none")
    async with opened_page(session) as user:
        await open_dialog(user)
        await user.should_see("There is no key")

        submit(user, "sk-planted-typed", True)
        await session.asked(["use_key", "sk-planted-typed", True])

        assert user.client is not None
        assert "planted" not in str([each._to_dict() for each in user.client.elements.values()])


async def test_of_the_key_its_ends_are_shown_and_it_can_be_forgotten() -> None:
    session = shown(source="typed", masked="sk-...ABCD")
    async with opened_page(session) as user:
        await open_dialog(user)

        await user.should_see("The key was typed in: sk-...ABCD")
        session.key_answer = KeyAnswer("The key is forgotten.")
        user.find("Forget the key").click()
        await session.asked(["forget_key"])
        await user.should_see("The key is forgotten.")


async def test_a_key_of_the_settings_is_not_forgotten_here() -> None:
    async with opened_page(shown(source="settings", masked="sk-...ABCD")) as user:
        await open_dialog(user)

        await user.should_see("environment")
        await user.should_not_see("Forget the key")


async def test_a_system_without_a_keyring_says_so_in_place_of_the_choice() -> None:
    async with opened_page(shown(keyring_problem=NO_BACKEND)) as user:
        await open_dialog(user)

        await user.should_see(NO_BACKEND)
        await user.should_not_see("Keep it in this system's keyring")


async def test_what_the_keyring_needs_is_a_command_to_be_copied() -> None:
    async with opened_page(shown(keyring_problem=NOT_INSTALLED)) as user:
        await open_dialog(user)

        await user.should_see("install it first:")
        fields = {each.props["aria-label"]: each for each in user.find(kind=ui.input).elements}
        assert fields["Command"].value == INSTALL


async def test_without_a_key_typed_in_there_is_none_to_use() -> None:
    async with opened_page(shown()) as user:
        await open_dialog(user)

        (words,) = user.find("Use this key").elements
        assert words.parent_slot is not None
        assert "disabled" in words.parent_slot.parent.props


@pytest.mark.parametrize(
    ("outcome", "icon", "is_invalid", "is_emptied"),
    [
        ("done", "check_circle_outline", "false", False),
        ("warning", "warning_amber", "false", False),
        ("error", "error_outline", "true", True),
    ],
)
async def test_a_refused_key_looks_other_than_one_that_is_used(
    outcome: KeyOutcome, icon: str, is_invalid: str, is_emptied: bool
) -> None:
    session = shown()
    session.key_answer = KeyAnswer("So it went.", outcome)
    async with opened_page(session) as user:
        await open_dialog(user)
        submit(user, "sk-planted-typed", False)

        await user.should_see("So it went.")
        await user.should_see(kind=ui.icon, content=icon)
        assert user.client is not None
        (field,) = (
            each for each in user.client.elements.values() if each.props.get("name") == "key"
        )
        assert field.props["aria-invalid"] == is_invalid
        if is_emptied:
            await user.should_see(EMPTIED)
        else:
            await user.should_not_see(EMPTIED)


@pytest.mark.parametrize("goes_on", ["input", "opened again"])
async def test_what_was_refused_is_told_until_the_next_try_begins(goes_on: str) -> None:
    session = shown()
    session.key_answer = KeyAnswer("That is no key.", "error")
    async with opened_page(session) as user:
        await open_dialog(user)
        submit(user, "wrong", False)
        await user.should_see("That is no key.")

        if goes_on == "input":
            happen(user, "input")
        else:
            user.find(kind=ui.button, content="vpn_key").click()

        await user.should_not_see("That is no key.")
