import asyncio
import json
from collections.abc import AsyncIterator

import pytest_asyncio
from nicegui import ui
from nicegui.testing import User

from console import tasks
from console.app.reference.form import Edit
from console.app.session_state import SessionState
from console.client import RealtimeClient
from console.client.happenings import ToolCalled
from console.errors import ConsoleError
from console.tools.declared import DeclaredTool
from console.tools.registry import Tool
from console.ui.elements.call_list import CallList
from console.ui.elements.event_form import EventForm
from console.ui.elements.tool_list import ToolList
from console.ui.panels.tools import FAILED, ToolsPane
from tests.fakes import settle
from tests.ui.composer_rig import choose_tab, tell
from tests.ui.demo_session import DemoSession, opened_page
from tests.ui.simulated_user import user_simulation

NAMED = '{"key": "name", "value": "Ada"}'


class Calling:
    """A page, and a model that calls tools."""

    def __init__(self, user: User, session: DemoSession) -> None:
        self.user = user
        self.session = session
        self.client = RealtimeClient(url="ws://127.0.0.1:9")

    def elements(self) -> list[ui.element]:
        assert self.user.client is not None
        return list(self.user.client.elements.values())

    def press(self, text: str) -> None:
        (button,) = (
            each for each in self.elements() if isinstance(each, ui.button) and each.text == text
        )
        tell(button, "click", {})

    async def call(self, arguments: str = NAMED) -> object:
        emit = self.client._signals.tool_called.emit
        emit(ToolCalled("started", "call_1", "item_1", "set_memory", arguments))
        result = await self.client.tools.call("set_memory", arguments, "call_1")
        emit(ToolCalled("finished", "call_1", "item_1", "set_memory", arguments, result))
        return result


class Opened(Calling):
    """A page with the pane alone, and a model that calls tools."""

    def __init__(self, user: User, session: DemoSession, pane: ToolsPane) -> None:
        super().__init__(user, session)
        self.pane = pane

    def edit(self, form: EventForm, *path: str, action: str = "set", value: object = None) -> None:
        tell(form, "edit", {"path": list(path), "action": action, "value": value})

    def problem(self, form: EventForm, label: str) -> str:
        (found,) = (each["problem"] for each in form.shown if each["label"] == label)
        return str(found)

    async def opened(self) -> None:
        await self.session.tools.add_to(self.client)
        with self.user:
            await self.pane.open()

    async def waiting_call(self) -> asyncio.Task[object]:
        tell(self.pane.tools, "open", "set_memory")
        self.edit(self.pane.bench.handling, "approve", action="include")
        task = tasks.spawn(self.call(), name="call")
        await settle()
        return task


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Opened]:
    panes: list[ToolsPane] = []
    session = DemoSession()
    async with user_simulation(root=lambda: panes.append(ToolsPane(session))) as user:
        await user.open("/")
        session.changed.connect(panes[0].refresh)
        yield Opened(user, session, panes[0])


async def test_what_is_opened_again_shows_how_it_stands_and_is_not_built_again(
    page: Opened,
) -> None:
    await page.opened()
    await page.opened()

    assert sum(isinstance(each, ToolList) for each in page.elements()) == 1
    await page.user.should_see("2 of 2 on")
    await page.user.should_see("No calls yet")


async def test_the_page_has_a_tab_for_it() -> None:
    async with opened_page(DemoSession()) as user:
        choose_tab(user, "rc-side__tabs", "Tools")

        await user.should_see("2 of 2 on")


async def test_a_tool_is_switched_off_for_the_session(page: Opened) -> None:
    await page.opened()

    tell(page.pane.tools, "enable", {"name": "get_weather", "on": False})
    await settle()

    await page.user.should_see("1 of 2 on")
    assert [each.name for each in page.client.tools] == ["set_memory"]


async def test_a_line_that_does_not_take_a_change_is_told(page: Opened, monkeypatch) -> None:
    await page.opened()

    async def refuse(tools):
        raise ConsoleError("The line is gone.")

    monkeypatch.setattr(page.client, "set_tools", refuse)
    tell(page.pane.tools, "enable", {"name": "get_weather", "on": False})

    await page.user.should_see("The line is gone.")


async def test_an_open_tool_shows_its_words_definition_and_forms_and_closes_again(
    page: Opened,
) -> None:
    await page.opened()

    tell(page.pane.tools, "open", "set_memory")

    bench = page.pane.bench
    await page.user.should_see("Remembers something about the user")
    assert [each["label"] for each in bench.arguments.shown] == ["key", "value"]
    assert bench.schema.value["parameters"]["required"] == ["key", "value"]
    assert page.pane.tools.props["open"] == "set_memory"

    tell(page.pane.tools, "open", "set_memory")

    assert bench.name == page.pane.tools.props["open"] == ""
    await page.user.should_not_see("Remembers something about the user")


async def test_a_tool_is_tried_with_arguments_from_its_form(page: Opened) -> None:
    await page.opened()
    tell(page.pane.tools, "open", "set_memory")
    page.edit(page.pane.bench.arguments, "key", value="name")
    page.edit(page.pane.bench.arguments, "value", value="Ada")

    page.press("Run")

    await page.user.should_see("Answered")
    assert page.session.view.memory == {"name": "Ada"}
    (call,) = page.pane.calls.props["calls"]
    assert json.loads(call["arguments"]) == {"key": "name", "value": "Ada"}
    assert (call["caller"], call["status"]) == ("you", "done")
    await page.user.should_not_see("No calls yet")


async def test_a_trial_that_fails_has_not_answered(page: Opened) -> None:
    await page.opened()
    tell(page.pane.tools, "open", "set_memory")
    page.edit(page.pane.bench.arguments, "key", value="")

    page.press("Run")

    await page.user.should_see(FAILED)
    (call,) = page.pane.calls.props["calls"]
    assert call["status"] == "failed"


async def test_wrong_arguments_are_named_at_their_field_and_run_nothing(page: Opened) -> None:
    await page.opened()
    tell(page.pane.tools, "open", "get_weather")
    form = page.pane.bench.arguments
    page.edit(form, "lat", value="north")
    assert "must be a number" in page.problem(form, "lat")

    page.press("Run")

    await page.user.should_see("lat: must be a number")
    assert page.pane.calls.props["calls"] == []


async def test_an_answer_that_is_no_json_is_told_at_its_field_and_stays(page: Opened) -> None:
    await page.opened()
    tell(page.pane.tools, "open", "set_memory")
    form = page.pane.bench.handling
    page.edit(form, "answer", action="include")

    page.edit(form, "answer", value="{no")

    (row,) = (each for each in form.shown if each["label"] == "answer")
    assert row["value"] == "{no"
    assert "holds no JSON" in row["problem"]
    assert page.pane.tools.props["tools"][1]["remarks"] == ["answers from here"]


async def test_a_call_that_waits_stands_above_all_until_it_is_decided(page: Opened) -> None:
    await page.opened()
    task = await page.waiting_call()
    assert [each["id"] for each in page.pane.waiting.props["calls"]] == ["call_1"]
    assert page.pane.calls.props["calls"] == []

    tell(page.pane.waiting, "approve", "call_1")
    await task

    assert page.pane.waiting.props["calls"] == []
    assert page.pane.calls.props["calls"][0]["remark"] == "allowed"
    assert page.session.view.memory == {"name": "Ada"}


async def test_an_answer_by_hand_that_is_no_json_is_told_at_its_call(page: Opened) -> None:
    await page.opened()
    task = await page.waiting_call()

    tell(page.pane.waiting, "answer", {"id": "call_1", "text": "done"})
    assert "no JSON" in page.pane.waiting.props["problems"]["call_1"]

    tell(page.pane.waiting, "answer", {"id": "call_1", "text": '"done"'})
    assert await task == "done"
    assert page.pane.waiting.props["problems"] == {}


async def test_the_arguments_of_a_call_can_be_tried_again_and_calls_cleared(page: Opened) -> None:
    await page.opened()
    await page.call()

    tell(page.pane.calls, "reuse", "call_1")
    assert page.pane.bench.name == "set_memory"
    assert [each["value"] for each in page.pane.bench.arguments.shown] == ["name", "Ada"]

    tell(page.pane.calls, "reuse", "call_9")
    await page.user.should_see("no JSON object, or its tool is gone")

    page.press("Clear")
    assert page.pane.calls.props["calls"] == []


async def test_a_file_that_is_not_used_is_named_above_the_tools(page: Opened) -> None:
    await page.opened()

    page.session.tools.lab._own.problem = "tools.py, line 3: invalid syntax."
    page.session.tools.lab._own.changed.emit(None)

    await page.user.should_see("tools.py, line 3: invalid syntax.")


async def test_an_open_tool_follows_its_file_and_closes_when_it_is_gone(page: Opened) -> None:
    await page.opened()
    own = page.session.tools.lab._own

    async def save(*words: str) -> None:
        made = (Tool("mine", each, handler=lambda: 1) for each in words)
        own.tools = tuple(DeclaredTool(each, False, 1) for each in made)
        own.changed.emit(None)
        await settle()

    await save("First.")
    tell(page.pane.tools, "open", "mine")
    await page.user.should_see("It takes no arguments.")

    await save("Second.")
    assert page.pane.bench.schema.value["description"] == "Second."

    await save()
    assert page.pane.bench.name == ""


async def test_in_a_session_without_answers_it_is_said_that_no_tool_is_called(page: Opened) -> None:
    await page.opened()

    page.session.view.set_session(SessionState(requested={"type": "transcription"}))

    await page.user.should_see("no tool is called")


async def test_a_notice_leads_to_the_call_that_waits() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        page = Calling(user, session)
        await session.tools.add_to(page.client)
        bench = session.tools.lab.bench("set_memory")
        assert bench is not None
        bench.handle(Edit(("approve",), "include"))
        task = tasks.spawn(page.call(), name="call")
        await user.should_see("set_memory waits for you to decide")

        page.press("Open tools")

        await user.should_see("2 of 2 on")
        waiting = [each for each in page.elements() if isinstance(each, CallList)]
        assert [len(each.props["calls"]) for each in waiting] == [1, 0]
        await tasks.cancel(task)
