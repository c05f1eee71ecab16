import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.spending.state import SpendingState
from console.app.view_model import MicrophoneState, Phase, Picture
from console.ui.elements.picture_box import PictureBox
from tests.ui.demo_session import DemoSession, opened_page


def element_named(user: User, label: str) -> ui.element:
    client = user.client
    assert client is not None
    return next(each for each in client.elements.values() if each.props.get("aria-label") == label)


async def test_connect_cancel_and_disconnect_follow_the_connection() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        user.find(kind=ui.button, content="Connect").click()
        await session.asked(["connect", True])

        session.view.set_connection(Phase.CONNECTING, "opening the line")
        await user.should_not_see(kind=ui.button, content="onnect")
        user.find(kind=ui.button, content="Cancel").click()
        await session.asked(["connect", True], ["disconnect"])

        session.be_connected()
        await user.should_not_see(kind=ui.button, content="Cancel")
        await user.should_not_see(kind=ui.button, content="Connect")
        user.find(kind=ui.button, content="Disconnect").click()
        await session.asked(["connect", True], ["disconnect"], ["disconnect"])


async def test_where_a_limit_is_reached_nobody_connects_and_is_told_why() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        (connect,) = user.find(kind=ui.button, content="Connect").elements
        assert isinstance(connect, ui.button)
        assert connect.enabled

        session.view.set_spending(SpendingState(obstacle="The limit for a day is reached."))
        await user.should_see("limit reached")
        assert not connect.enabled
        assert connect.parent_slot is not None
        frame = connect.parent_slot.parent
        assert frame.props["title"] == "The limit for a day is reached."
        assert element_named(user, "Message").props["placeholder"] == "Limit reached"

        session.view.set_spending(SpendingState())
        await user.should_see("connect first")
        assert connect.enabled
        assert frame.props["title"] == ""


async def test_the_buttons_carry_the_marks_that_the_voice_element_looks_for() -> None:
    async with opened_page(DemoSession()) as user:
        (connect,) = user.find(kind=ui.button, content="Connect").elements

        assert "data-rc-connect" in connect.props
        assert "data-rc-talk" in element_named(user, "Push to talk").props


async def test_enter_sends_what_was_typed_and_empties_the_box() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        user.find(kind=ui.input).type("  hello  ").trigger("keydown.enter")

        (box,) = user.find(kind=ui.input).elements
        await session.asked(["send_text", "hello"])
        assert box.props["aria-label"] == "Message"
        assert box.value == ""


async def test_what_was_typed_is_in_the_box_again_if_it_could_not_be_sent() -> None:
    session = DemoSession()
    session.can_send = False
    async with opened_page(session) as user:
        session.be_connected()
        user.find(kind=ui.input).type("hello").trigger("keydown.enter")

        (box,) = user.find(kind=ui.input).elements
        await session.asked(["send_text", "hello"])
        assert box.value == "hello"


async def test_half_a_character_is_not_sent_but_named_and_the_text_stays() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        user.find(kind=ui.input).type("cut in half: \ud83d").trigger("keydown.enter")

        await user.should_see("The message holds half a character, \\ud83d, which cannot be sent")
        (box,) = user.find(kind=ui.input).elements
        assert box.value == "cut in half: \ud83d"
        user.find(kind=ui.input).clear().type("whole").trigger("keydown.enter")
        await session.asked(["send_text", "whole"])


async def test_a_text_that_is_too_long_is_not_put_in_in_part_and_the_limit_is_told() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        (box,) = user.find(kind=ui.input).elements
        assert box.props["maxlength"] == "32000"
        user.find(kind=ui.input).trigger("beforeinput", 2_000_000)

        await user.should_see("this would have 2,000,000 characters")
        await user.should_see("a message may have 32,000")


async def test_an_empty_message_is_not_sent() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        user.find(kind=ui.input).type("   ").trigger("keydown.enter")
        user.find("Send").click()

        await user.should_see("Send")
        assert session.calls == []


async def test_a_picture_is_sent_without_a_word_and_shown_until_then() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        session.view.set_picture(Picture("cat.png", 1))
        (box,) = user.find(kind=PictureBox).elements
        assert box.props["name"] == "cat.png"

        user.find("Send").click()

        await session.asked(["send_text", ""])


async def test_nothing_can_be_sent_before_there_is_a_connection() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        (box,) = user.find(kind=ui.input).elements
        assert not box.enabled
        assert box.props["placeholder"] == "Connect to type"

        session.be_connected()

        assert box.enabled
        assert box.props["placeholder"] == "Type a message"


@pytest.mark.parametrize(
    ("microphone", "turn", "words", "reason"),
    [
        (MicrophoneState.ON, "manual", "hold to speak", ""),
        (MicrophoneState.ON, "vad", "just speak", "VAD listens"),
        (MicrophoneState.DENIED, "manual", "no microphone", "refused the microphone"),
        (MicrophoneState.OFF, "manual", "no microphone", "without a microphone"),
    ],
)
async def test_push_to_talk_says_why_it_cannot_be_pushed(microphone, turn, words, reason) -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.set_turn(turn)
        session.be_connected(microphone)

        talk = element_named(user, "Push to talk")
        assert isinstance(talk, ui.button)
        assert talk.enabled is (reason == "")
        await user.should_see(words)
        assert talk.parent_slot is not None
        assert reason in talk.parent_slot.parent.props["title"]


async def test_push_to_talk_shows_that_the_user_is_heard() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        session.view.set_talking(True)

        await user.should_see("release to send")
        assert "rc-talk--on" in element_named(user, "Push to talk").classes

        session.view.set_talking(False)

        assert "rc-talk--on" not in element_named(user, "Push to talk").classes


async def test_the_turn_is_chosen_in_a_named_group_and_follows_the_session() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        (radio,) = user.find(kind=ui.radio).elements
        radio.value = "vad"
        await session.asked(["set_turn", "vad"])
        assert radio.props["aria-label"] == "Turn detection"

        session.view.set_turn("manual")

        assert radio.value == "manual"
        assert session.calls == [["set_turn", "vad"]]


async def test_the_words_for_the_turn_say_what_they_mean() -> None:
    async with opened_page(DemoSession()) as user:
        (radio,) = user.find(kind=ui.radio).elements
        manual, vad = (str(radio.slots[f"label-{at}"].template) for at in (0, 1))

        assert "hold Push to talk" in manual
        assert "Manual</span>" in manual
        assert "just speak" in vad
        assert "VAD</span>" in vad


async def test_the_space_bar_is_told_of_only_while_it_does_something() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see("or hold space")

        session.be_connected()
        await user.should_see("or hold space")

        session.view.set_turn("vad")
        await user.should_not_see("or hold space")


async def test_while_the_line_is_restored_one_can_only_hang_up() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        session.view.set_connection(Phase.RECONNECTING, "1 of 5")

        await user.should_see(kind=ui.button, content="Disconnect")
        await user.should_not_see(kind=ui.button, content="Cancel")
        await user.should_see("no line")
        (box,) = user.find(kind=ui.input).elements
        assert (box.enabled, box.props["placeholder"]) == (False, "No line")
        talk = element_named(user, "Push to talk")
        assert isinstance(talk, ui.button)
        assert not talk.enabled
