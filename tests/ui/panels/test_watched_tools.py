from nicegui import ui

from console.app.tool_lab.state import CallEntry, ToolEntry, ToolsState
from console.ui.elements.call_list import CallList
from console.ui.pages.watch import WatchPage
from console.ui.panels.tools import NO_CALLS
from tests.ui.composer_rig import choose_tab
from tests.ui.demo_session import DemoSession
from tests.ui.simulated_user import user_simulation

CALL = CallEntry("call_1", 5.0, "look", "model", '{"at": 1}', "done", '{"seen": 2}', "", 31.0)


def lists(user):
    assert user.client is not None
    return [each for each in user.client.elements.values() if isinstance(each, CallList)]


async def test_who_watches_sees_each_call_as_it_comes_and_has_no_button() -> None:
    session = DemoSession()
    async with user_simulation(root=lambda: WatchPage(session, "Guest 1")) as user:
        await user.open("/")
        choose_tab(user, "rc-side__tabs", "Tools")
        await user.should_see(NO_CALLS)

        session.view.set_tools(
            ToolsState(tools=(ToolEntry("look", "Looks.", {}, True, False),), calls=(CALL,))
        )

        (calls,) = lists(user)
        (shown,) = calls.props["calls"]
        assert (shown["arguments"], shown["result"], shown["ms"]) == (
            '{"at": 1}',
            '{"seen": 2}',
            31.0,
        )
        assert calls.props["decides"] is False
        await user.should_see("look")
        await user.should_not_see(NO_CALLS)
        buttons = {each.text for each in user.find(kind=ui.button).elements}
        assert not buttons & {"Clear", "Run", "Approve"}

        session.view.set_tools(ToolsState())

        await user.should_see("none is on")
        await user.should_see(NO_CALLS)
