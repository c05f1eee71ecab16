"""The pages about relays."""

from dataclasses import replace

from nicegui import ui

from console.app.view_model import Notice, Phase
from console.realtime.observed import ListedSession
from console.ui.elements.shortcut_keys import ShortcutKeys
from console.ui.elements.voice_io import VoiceIO
from console.ui.pages.relays import NO_SESSIONS, WATCH_PATH, WATCHING, RelayedPage, RelaysPage
from console.ui.relay_watches import RelayList
from tests.ui.demo_session import DemoSession
from tests.ui.simulated_user import user_simulation

LISTED = ListedSession(
    "s/1", token="shop", model="m", agent="pizza-bot/2", address="192.0.2.7", dialect="ga"
)


class Lists:
    """What the relays say, for the test to change."""

    def __init__(self, *lists):
        self.now = list(lists)

    async def lists(self):
        return self.now


def client_of(user):
    assert user.client is not None
    return user.client


async def page_of(lists):
    await RelaysPage(lists).refresh()


async def test_each_session_of_each_relay_is_a_row_with_a_link_to_watch_it():
    ended = replace(LISTED, id="s2", token="old", ended="by the client, 1000", dialect="beta")
    lists = Lists(
        RelayList(0, "one:1", (LISTED, ended)), RelayList(1, "two:2", problem="Not there.")
    )
    async with user_simulation(root=lambda: page_of(lists)) as user:
        await user.open("/")

        for words in ("one:1", "shop", "192.0.2.7 pizza-bot/2", "two:2", "Not there."):
            await user.should_see(words)
        await user.should_see("Goes on · m · today's protocol")
        await user.should_see("Ended by the client, 1000 · m · beta")
        links = [each for each in client_of(user).elements.values() if isinstance(each, ui.link)]
        assert f"{WATCH_PATH}?relay=0&session=s%2F1" in [each.props["href"] for each in links]


async def test_a_list_that_is_empty_says_how_it_is_filled_and_fills_by_itself():
    lists = Lists(RelayList(0, "one:1"))
    shown: list[RelaysPage] = []

    async def page():
        shown.append(RelaysPage(lists))
        await shown[0].refresh()

    async with user_simulation(root=page) as user:
        await user.open("/")
        await user.should_see(NO_SESSIONS)
        lists.now = [RelayList(0, "one:1", (LISTED,))]
        await shown[0].refresh()

        await user.should_see("shop")
        await user.should_not_see(NO_SESSIONS)
        before = list(client_of(user).elements)
        counted = replace(LISTED, seconds=161.4, up_events=7, down_events=1234, dollars=0.0123)
        lists.now = [RelayList(0, "one:1", (counted,))]
        await shown[0].refresh()
        await user.should_see("02:41 · 7 up, 1,234 down · $0.0123")
        lists.now = [RelayList(0, "one:1", (replace(counted, seconds=4503, dollars=0),))]
        await shown[0].refresh()
        await user.should_see("1:15:03 · 7 up, 1,234 down · $0.00")
        assert list(client_of(user).elements) == before  # what only counts on leaves the page alone


async def test_who_watches_sees_events_and_conversation_and_hears_when_they_want():
    session = DemoSession()
    async with user_simulation(root=lambda: RelayedPage(session)) as user:
        await user.open("/")

        elements = list(client_of(user).elements.values())
        regions = {each.props["aria-label"] for each in elements if "rc-panel" in each.classes}
        assert regions == {"Events", "Conversation"}
        (keys,) = (each for each in elements if isinstance(each, ShortcutKeys))
        assert {each["key"] for each in keys.props["actions"]} == {"/", "e", "f", "?"}
        await user.should_see(WATCHING)
        (voice,) = [each for each in elements if isinstance(each, VoiceIO)]
        muted = voice.props["sound"]["speaker"]["is_muted"]
        user.find("Listen").click()
        assert (muted, voice.props["sound"]["speaker"]["is_muted"]) == (True, False)


async def test_the_page_follows_the_session_until_it_is_gone():
    session = DemoSession()
    async with user_simulation(root=lambda: RelayedPage(session)) as user:
        await user.open("/")
        session.view.set_connection(Phase.CONNECTED, at_s=0.0)
        await user.should_see("Connected")
        session.view.set_target(replace(session.view.target, voice="marin"))
        await user.should_see("marin")
        session.view.add_notice(Notice("watch", "info", "The session has ended."))
        await user.should_see("The session has ended.")
        session.view.set_answering(True)
        await user.should_see("answering")
        await user.should_see("Listen")
        session.view.set_connection(Phase.DISCONNECTED)
        await user.should_not_see("Listen")

        client_of(user).delete()
        assert session.changed.n_handlers == 0
