from console.app.tool_lab.state import ToolEntry
from console.ui.elements.tool_list import ToolList
from tests.fakes import settle
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def built(told):
    async def enable(name, is_on):
        told.append((name, is_on))

    made = []
    async with user_simulation(
        root=lambda: made.append(ToolList(on_enable=enable, on_open=told.append))
    ) as user:
        await user.open("/")
        return made[0]


async def test_each_tool_is_a_line_with_the_first_of_its_words() -> None:
    tools = await built([])

    tools.show([ToolEntry("look", "Looks.\n\nFar.", {}, True, True, ("fails",))], "look")

    assert tools.props["open"] == "look"
    assert tools.props["tools"] == [
        {"name": "look", "about": "Looks.", "enabled": True, "own": True, "remarks": ["fails"]}
    ]


async def test_what_somebody_does_is_told_and_nonsense_is_not() -> None:
    told: list[object] = []
    tools = await built(told)

    tell(tools, "open", "look")
    tell(tools, "open", 3)
    tell(tools, "enable", {"name": "look", "on": False})
    tell(tools, "enable", {"name": "look", "on": 1})
    tell(tools, "enable", None)
    await settle()

    assert told == ["look", ("look", False)]
