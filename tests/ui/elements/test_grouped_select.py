from types import SimpleNamespace

from nicegui import ElementFilter

from console.ui.elements.grouped_select import Group, GroupedSelect
from tests.ui.simulated_user import user_simulation

GROUPS = [Group("Letters", [("a", "A"), ("b", "B")]), Group("", [("1", "one")])]


def told(element, value):
    """Say what the browser says when somebody chooses."""
    for listener in element._event_listeners.values():
        if listener.type == "chosen":
            return listener.handler(SimpleNamespace(args=value))
    raise AssertionError("nobody listens")


async def built(**arguments):
    made = []
    async with user_simulation(
        root=lambda: made.append(GroupedSelect("It", GROUPS, **arguments))
    ) as user:
        await user.open("/")
        assert ElementFilter is not None
        return made[0]


async def test_the_browser_gets_groups_and_what_is_chosen() -> None:
    select = await built(value="b")

    assert select.value == "b"
    assert select.props["groups"][0] == {"label": "Letters", "options": [["a", "A"], ["b", "B"]]}


async def test_a_choice_is_told_and_stays() -> None:
    chosen: list[str] = []
    select = await built(on_chosen=chosen.append)

    told(select, "1")

    assert chosen == ["1"]
    assert select.value == "1"


async def test_a_menu_shows_its_prompt_again() -> None:
    chosen: list[str] = []
    select = await built(prompt="Choose", on_chosen=chosen.append)

    told(select, "a")

    assert chosen == ["a"]
    assert select.value == ""


async def test_what_was_not_offered_is_not_taken() -> None:
    chosen: list[str] = []
    select = await built(on_chosen=chosen.append)

    for value in ("c", None, ["a"]):
        told(select, value)
    select.offer([Group("", [("c", "C")])])
    told(select, "a")

    assert chosen == []
