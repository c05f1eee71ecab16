from __future__ import annotations

from dataclasses import replace

from nicegui import ui
from nicegui.testing import User

from console.app.sound_settings import MicrophoneKind
from tests.ui.demo_session import DemoSession, opened_page


def choose(session: DemoSession, kind: MicrophoneKind) -> None:
    before = session.view.sound.settings.microphone
    session.sound.change(microphone=replace(before, kind=kind))


def button(user: User, words: str) -> ui.button:
    (found,) = (each for each in user.find(kind=ui.button).elements if each.text == words)
    return found


async def test_the_bar_is_there_only_while_something_stands_in() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see("Choose a file, or drop one onto the page.")

        choose(session, "file")
        await user.should_see("Choose a file, or drop one onto the page.")
        user.find("Use the microphone").click()
        device = replace(session.view.sound.settings.microphone, kind="device")
        await session.asked(["change_sound", device])

        await user.should_not_see("Choose a file, or drop one onto the page.")


async def test_a_file_is_played_stopped_and_repeated() -> None:
    session = DemoSession()
    session.view.set_stand_in(file_name="question.wav", file_ms=2300)
    choose(session, "file")
    async with opened_page(session) as user:
        await user.should_see("question.wav (2.3 s)")
        await user.should_see("Heard once you are connected.")
        assert not button(user, "Send as one turn").enabled
        session.be_connected()
        user.find("Send as one turn").click()
        await session.asked_times(1)
        session.view.set_stand_in(is_playing=True)
        user.find("Stop").click()
        await session.asked_times(2)
        (repeat,) = (each for each in user.find(kind=ui.switch).elements if each.text == "Repeat")
        repeat.value = True

        await session.asked(["play_source"], ["stop_source"], ["repeat_source", True])
        session.view.set_stand_in(is_playing=False, repeats=True)
        session.view.set_turn("vad")
        await user.should_see("Play again")
        assert len(session.calls) == 3


async def test_typed_words_are_spoken_once_connected() -> None:
    session = DemoSession()
    choose(session, "text")
    async with opened_page(session) as user:
        fields = user.find(kind=ui.input).elements
        (field,) = (each for each in fields if "Speak this" in each.props.get("aria-label", ""))
        assert not field.enabled
        session.be_connected()
        assert field.enabled
        field.value = "  Hello  "
        user.find("Speak").click()

        await session.asked(["speak_text", "Hello"])
        assert field.value == ""


async def test_words_that_are_too_many_are_not_taken_in_part() -> None:
    session = DemoSession()
    choose(session, "text")
    async with opened_page(session) as user:
        session.be_connected()
        fields = user.find(kind=ui.input)
        (field,) = (each for each in fields.elements if "Speak this" in each.props["aria-label"])
        fields.elements.intersection_update({field})
        fields.trigger("beforeinput", 40_000)

        await user.should_see("this would have 40,000 characters, and what is spoken may have")
