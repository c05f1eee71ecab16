from console.client.targets import Target
from console.realtime import session as sessions
from console.ui.panels.session_program import SessionProgram
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation

TARGET = Target(url="ws://127.0.0.1:8082/v1/realtime", model="m")


async def test_either_program_is_shown_and_a_copy_is_told_until_it_changes() -> None:
    made: list[SessionProgram] = []
    async with user_simulation(root=lambda: made.append(SessionProgram())) as user:
        await user.open("/")
        (program,) = made
        program.show(TARGET, sessions.defaults())
        assert "RealtimeClient" in program.text

        tell(program._copy, "click", {})
        assert program._copy.text == "Copied"
        assert user.client is not None
        switches = [each for each in user.client.elements.values() if "rc-toggle" in each.classes]
        tell(switches[1], "click", {})

        assert "AsyncOpenAI" in program.text
        assert program._copy.text == "Copy"


async def test_without_a_server_there_is_no_program() -> None:
    made: list[SessionProgram] = []
    async with user_simulation(root=lambda: made.append(SessionProgram())) as user:
        await user.open("/")

        made[0].show(None, {})

        assert made[0].text == "There is no server to call yet."
