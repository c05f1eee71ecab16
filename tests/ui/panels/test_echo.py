from console.app.echo_report import EchoState
from console.app.view_model import Phase
from console.ui.panels.echo import EchoControls
from tests.ui.demo_session import DemoSession
from tests.ui.simulated_user import user_simulation


async def test_the_button_runs_the_test_and_its_result_is_shown_in_words() -> None:
    session = DemoSession()
    controls: list[EchoControls] = []

    def build() -> None:
        controls.append(EchoControls(session))
        session.changed.connect(lambda _: controls[0].refresh())

    async with user_simulation(root=build) as user:
        await user.open("/")
        user.find("Echo test").click()
        await session.asked(["echo_test"])

        session.view.set_echo(EchoState("recording", "Speak now."))
        await user.should_see("Speak now.")
        assert not controls[0]._button.enabled
        session.view.set_echo(EchoState("done", "Level -20 dBFS, good.", "good", -20.0, 140.0))
        await user.should_see("Level -20 dBFS, good.")
        assert controls[0]._button.enabled


async def test_during_a_session_it_says_why_it_cannot_run() -> None:
    session = DemoSession()
    session.view.set_connection(Phase.CONNECTED, at_s=0.0)

    async with user_simulation(root=lambda: EchoControls(session)) as user:
        await user.open("/")

        await user.should_see("Disconnect first")
