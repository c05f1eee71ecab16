"""The page of those who watch."""

from nicegui import ui

from console.app.view_model import Phase
from console.ui.elements.line_notices import LineNotices
from console.ui.pages.watch import OVER, WATCHING, WatchPage
from console.ui.panels.notices import WATCH_ENDED
from tests.ui.demo_session import DemoSession
from tests.ui.simulated_user import user_simulation


async def test_who_watches_sees_everything_and_can_do_nothing() -> None:
    session = DemoSession()
    session.view.memory = {"name": "Ada"}
    async with user_simulation(root=lambda: WatchPage(session, "Guest 2")) as user:
        await user.open("/")

        assert user.client is not None
        elements = list(user.client.elements.values())
        regions = {each.props["aria-label"] for each in elements if "rc-panel" in each.classes}
        assert regions == {"Events", "Conversation", "Weather", "Memory"}
        await user.should_see(WATCHING)
        await user.should_see("Guest 2")
        assert user.client.title == "Guest 2 - Realtime Console"
        (line_notices,) = user.find(kind=LineNotices).elements
        assert line_notices.props["ended"] == WATCH_ENDED
        await user.should_see("No place yet.")
        await user.should_not_see("Toronto")
        buttons = [each for each in elements if isinstance(each, ui.button) and each.visible]
        names = {str(each.props.get("aria-label") or each.text).split(":")[0] for each in buttons}
        assert names == {"Keyboard shortcuts", "Theme"}
        assert not any("rc-actions" in each.classes for each in elements)


async def test_the_page_follows_the_session_until_it_is_gone() -> None:
    session = DemoSession()
    async with user_simulation(root=lambda: WatchPage(session, "Guest 2")) as user:
        await user.open("/")
        session.view.set_connection(Phase.CONNECTED, at_s=0.0)
        await user.should_see("Connected")

        assert session.changed.n_handlers == 1
        assert user.client is not None
        user.client.delete()
        assert session.changed.n_handlers == 0


async def test_who_watches_is_told_that_the_session_has_ended() -> None:
    session = DemoSession()
    session.be_connected()
    async with user_simulation(root=lambda: WatchPage(session, "Guest 2")) as user:
        await user.open("/")
        session.is_over = True
        session.view.set_connection(Phase.DISCONNECTED)

        await user.should_see(OVER)
        await user.should_not_see(WATCHING)
        assert "visibility_off" in {each.name for each in user.find(ui.icon).elements}
        await user.should_see("Disconnected")
