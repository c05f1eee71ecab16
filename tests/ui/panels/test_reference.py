from console.realtime.events import Event
from console.ui.panels.reference import ReferencePanel
from tests.app.reference.rig import catalogue
from tests.ui.demo_session import DemoComposer
from tests.ui.simulated_user import user_simulation


async def test_it_opens_at_the_first_event_and_counts_what_the_session_saw() -> None:
    panels: list[ReferencePanel] = []
    composer = DemoComposer()

    def build() -> None:
        panels.append(ReferencePanel(composer, catalogue(), lambda event_type: None))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (panel,) = panels
        assert panel.view.open_type == catalogue().events[0].type

        composer.log.add(0.0, "server", Event("response.done"), 9)
        panel.open("response.done")
        assert panel.view.props["seen"] == {"response.done": 1}

        panel.open("response.magic")
        await user.should_see(f"no documentation of the installed openai {catalogue().version}")
        assert panel.view.open_type == "response.done"

        composer.log.add(0.0, "server", Event("response.done"), 9)
        panel.refresh()
        assert panel.view.props["seen"] == {"response.done": 2}
        await user.should_see("no documentation of the installed")
