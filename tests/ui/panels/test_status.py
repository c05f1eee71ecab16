import time

import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.key_state import KeyState
from console.app.spending.state import SpendingState
from console.app.view_model import MicrophoneState, Phase, Target, UsageBrief
from console.ui.elements.elapsed import Elapsed
from console.ui.panels.status import AS_GUEST, use_words
from tests.ui.demo_session import DemoPeople, DemoSession, opened_page


async def test_the_head_names_target_model_and_voice() -> None:
    async with opened_page(DemoSession()) as user:
        for words in ("Realtime Console", "simulator", "gpt-realtime-2.1", "marin"):
            await user.should_see(words)


async def test_the_newcomer_reads_what_runs_what_to_try_and_how_to_add_a_key() -> None:
    session = DemoSession()
    session.view.key = KeyState(may_change=True)
    async with opened_page(session) as user:
        await user.should_see("Built-in simulator: no key, no network needed")
        await user.should_see("What is the weather in Toronto?")
        await user.should_see("OPENAI_API_KEY")


async def test_a_guest_is_not_told_of_a_key_that_they_may_not_change() -> None:
    async with opened_page(DemoSession()) as user:
        await user.should_see("What is the weather in Toronto?")
        await user.should_not_see("OPENAI_API_KEY")


async def test_a_target_with_a_key_is_not_told_how_to_add_one() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.target = Target(
            "OpenAI", "gpt-realtime-2.1", "cedar", "your key is used", False
        )
        session.view.on_change("target")

        await user.should_see("Your key is used")
        await user.should_see("cedar")
        await user.should_not_see("OPENAI_API_KEY")


async def test_a_guest_is_told_that_the_host_can_watch_and_the_host_is_not() -> None:
    async with opened_page(DemoSession(), people=DemoPeople(is_host=False)) as user:
        await user.should_see(AS_GUEST)
    async with opened_page(DemoSession(), people=DemoPeople(is_host=True)) as user:
        await user.should_not_see(AS_GUEST)


async def test_whoever_is_watched_sees_an_eye_with_their_number_that_leads_to_them() -> None:
    people = DemoPeople(is_host=False)
    async with opened_page(DemoSession(), people=people) as user:
        (eye,) = (each for each in all_buttons(user) if "rc-watched__button" in each.classes)
        assert not eye.visible

        for n_watchers in (1, 3):
            people.n_watchers = n_watchers
            people.changed.emit(None)
            assert eye.visible
            assert eye.props["aria-label"] == f"{n_watchers} watching"
            await user.should_see(str(n_watchers))
        user.find(kind=ui.button, content="visibility").click()
        await user.should_see("Watch link")

        people.n_watchers = 0
        people.changed.emit(None)
        assert not eye.visible


def all_buttons(user: User) -> list[ui.button]:
    assert user.client is not None
    return [each for each in user.client.elements.values() if isinstance(each, ui.button)]


async def test_the_hint_stays_hidden_once_hidden() -> None:
    async with opened_page(DemoSession(), {"rc_hint": "hidden"}) as user:
        await user.should_not_see("Built-in simulator")


async def test_the_hint_goes_away_with_the_first_session_and_does_not_come_back() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_see("Built-in simulator")

        session.be_connected()
        await user.should_not_see("Built-in simulator")
        (target,) = user.find("simulator").elements
        assert target.props["title"].startswith("built-in simulator")

        session.view.set_connection(Phase.DISCONNECTED)
        await user.should_not_see("Built-in simulator")


async def test_a_session_that_ended_is_told_from_none_at_all() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_see("Not connected")

        session.view.set_connection(Phase.CONNECTING, "opening the line")
        session.view.set_connection(Phase.DISCONNECTED)
        await user.should_see("Not connected")

        session.be_connected()
        session.view.set_connection(Phase.DISCONNECTED)
        await user.should_see("Disconnected")


async def test_the_connection_is_told_step_by_step() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_see("Not connected")
        await user.should_not_see(kind=Elapsed)

        session.view.set_connection(Phase.CONNECTING, "opening the line")
        await user.should_see("Connecting: opening the line")

        session.view.set_connection(Phase.CONNECTED, at_s=time.monotonic() - 61)
        await user.should_see("Connected")
        (elapsed,) = user.find(kind=Elapsed).elements
        assert elapsed.props["seconds"] == pytest.approx(61, abs=2)


async def test_the_head_says_who_is_speaking_and_what_keeps_the_microphone() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected(MicrophoneState.DENIED)
        await user.should_see("microphone refused")

        session.view.set_microphone(MicrophoneState.ON)
        session.view.set_answering(True)
        await user.should_see("answering")

        session.view.set_speaking(True)
        await user.should_see("speaking")

        session.view.set_talking(True)
        await user.should_see("hearing you")


async def test_a_lost_line_says_which_attempt_it_is() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        session.view.set_connection(Phase.RECONNECTING, "2 of 5")

        await user.should_see("Reconnecting")
        await user.should_not_see("2 of 5")
        await user.should_not_see(kind=Elapsed)


async def test_faults_are_offered_with_the_simulator_only() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.set_faults("late_deltas")
        (button,) = user.find(kind=ui.button, content="bug_report").elements
        assert button.props["title"] == "Simulator faults: late_deltas"
        assert "rc-header__button--on" in button.classes

        session.view.target = Target("OpenAI", "gpt-realtime-2.1", "cedar", "yours", False)
        session.view.on_change("target")
        await user.should_not_see(kind=ui.button, content="bug_report")


@pytest.mark.parametrize(
    ("turn_ms", "tokens", "dollars", "is_estimate", "words"),
    [
        (None, 0, "", False, ""),
        (812.4, 1_240, "$0.02", False, "turn 812 ms · 1,240 tok · $0.02"),
        (12_340.0, 0, "$0.02", True, "turn 12.3 s · up to $0.02"),
    ],
)
def test_the_head_tells_the_latest_turn_and_what_was_used(
    turn_ms, tokens, dollars, is_estimate, words
):
    view = DemoSession().view
    view.set_usage(UsageBrief(1, turn_ms, tokens))
    view.set_spending(SpendingState(dollars=dollars, is_estimate=is_estimate))

    assert use_words(view) == words


async def test_the_head_follows_what_is_used_and_shows_nothing_before() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see("tok")

        session.view.set_usage(UsageBrief(1, 812.0, 1_240))

        await user.should_see("turn 812 ms · 1,240 tok")
