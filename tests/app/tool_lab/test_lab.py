"""The tool lab of a session: what the model's calls meet, and what the page does."""

import asyncio
import math

import pytest

from console import tasks
from console.app.own_tools import OwnTools
from console.app.reference.form import Edit
from console.app.tool_lab.lab import (
    ASKS,
    CHOSEN,
    UNUSED,
    WAITING,
    Held,
    ToolChosenError,
    ToolLab,
)
from console.app.view_model import Target, ViewModel
from console.client import RealtimeClient
from console.client.happenings import ToolCalled
from console.errors import ConsoleError, NotConnectedError, ToolError
from console.tools.declared import DeclaredTool
from console.tools.registry import Tool
from tests.fakes import ManualClock, settle

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class Bench:
    """A lab with one tool of the console's, and what it was called with."""

    def __init__(self, is_guest=False):
        self.called: list[str] = []
        self.view = ViewModel(Target("simulator", "m", "v", "", True))
        self.clock = ManualClock()
        self.own = OwnTools()
        self.client = RealtimeClient(url="ws://127.0.0.1:9")
        look = Tool("look", "Looks.", handler=self.look, parameters=CITY)
        self.lab = ToolLab(self.view, [look], self.own, self.clock, is_guest=is_guest)

    async def look(self, city):
        self.called.append(city)
        if city == "Nowhere":
            raise ToolError("There is no such city.")
        return {"seen": city}

    async def model_calls(self, call_id="call_1", arguments='{"city": "Oslo"}'):
        """Do what the client does when the model calls a tool."""
        started = ToolCalled("started", call_id, "item_1", "look", arguments)
        self.client._signals.tool_called.emit(started)
        result, error = None, None
        try:
            result = await self.client.tools.call("look", arguments, call_id)
            return result
        except ToolError as failure:
            error = str(failure)
            raise
        finally:
            self.client._signals.tool_called.emit(
                ToolCalled(
                    "finished", call_id, "item_1", "look", arguments, result, error, duration_s=0.5
                )
            )

    @property
    def bench(self):
        bench = self.lab.bench("look")
        assert bench is not None
        return bench

    def set(self, field, value=None):
        bench = self.bench
        bench.handle(Edit((field,), "include"))
        if value is not None:
            bench.handle(Edit((field,), "set", value))
        self.lab.handling_changed()

    def type(self, city):
        self.bench.edit_arguments(Edit(("city",), "set", city))

    @property
    def calls(self):
        return self.view.tools.calls

    @property
    def notices(self):
        return {each.notice_id: each for each in self.view.notices}


@pytest.fixture
async def rig():
    made = Bench()
    await made.lab.add_to(made.client)
    return made


def own(name, *, guests=False):
    return DeclaredTool(Tool(name, "Own.", handler=lambda: 1), guests, 1)


async def test_the_client_has_all_tools_at_first(rig):
    (entry,) = rig.view.tools.tools

    assert [each.name for each in rig.client.tools] == ["look"]
    assert (entry.name, entry.description, entry.is_enabled) == ("look", "Looks.", True)
    assert entry.parameters == CITY


async def test_a_tool_is_taken_away_and_given_back_at_once(rig):
    await rig.lab.enable("look", False)
    assert [each.name for each in rig.client.tools] == []
    assert not rig.view.tools.tools[0].is_enabled

    await rig.lab.enable("look", True)
    await rig.lab.enable("nothing", True)
    assert [each.name for each in rig.client.tools] == ["look"]


async def test_what_was_taken_away_is_so_for_the_next_client(rig):
    await rig.lab.enable("look", False)
    another = RealtimeClient(url="ws://127.0.0.1:9")

    await rig.lab.add_to(another)
    await rig.lab.add_to(another)

    assert len(another.tools) == 0


async def test_while_the_line_is_restored_a_choice_waits_for_it(rig, monkeypatch):
    async def no_line(tools):
        raise NotConnectedError("change the session")

    monkeypatch.setattr(rig.client, "set_tools", no_line)

    await rig.lab.enable("look", False)

    assert not rig.view.tools.tools[0].is_enabled


async def test_a_tool_that_the_session_shall_call_stays_switched_on(rig):
    choice = {"type": "function", "name": "look"}
    await rig.client.update_session(tool_choice=choice)

    with pytest.raises(ToolChosenError, match="Set tool_choice to something else first"):
        await rig.lab.enable("look", False)

    assert rig.view.tools.tools[0].is_enabled
    assert "look" in rig.client.tools
    await rig.client.update_session(tool_choice="auto")
    await rig.lab.enable("look", False)
    assert "look" not in rig.client.tools


async def choose_a_tool_that_leaves(rig) -> None:
    """Have the session choose a tool of the host's file, which is then taken out of it."""
    rig.own.tools = (own("mine"),)
    rig.own.changed.emit(None)
    await settle()
    await rig.client.update_session(tool_choice={"type": "function", "name": "mine"})
    rig.own.tools = ()
    rig.own.changed.emit(None)
    await settle()


async def test_a_chosen_tool_that_leaves_the_hosts_file_stays_with_the_session(rig):
    await choose_a_tool_that_leaves(rig)

    assert "its tool_choice names one that would go" in rig.notices[CHOSEN].sentence
    assert "mine" in rig.client.tools
    await rig.client.update_session(tool_choice="auto")
    rig.own.changed.emit(None)
    await settle()
    assert CHOSEN not in rig.notices
    assert "mine" not in rig.client.tools


async def test_the_next_session_goes_without_a_chosen_tool_that_left_the_hosts_file(rig):
    await choose_a_tool_that_leaves(rig)
    rig.view.dismiss_all()

    await rig.lab.begin(rig.client)

    assert [each.name for each in rig.client.tools] == ["look"]
    assert rig.client.session_config["tool_choice"] == "auto"
    told = rig.notices[CHOSEN].sentence
    assert told.startswith(
        "The tool mine, which tool_choice named, is not among the tools any more"
    )


async def test_a_session_whose_tools_are_all_there_begins_as_it_was_asked_for(rig):
    choice = {"type": "function", "name": "look"}
    await rig.client.update_session(tool_choice=choice)

    await rig.lab.begin(rig.client)
    await rig.lab.begin(RealtimeClient(url="ws://127.0.0.1:9"))

    assert rig.client.session_config["tool_choice"] == choice
    assert rig.notices == {}


async def test_a_call_is_listed_with_arguments_result_and_time(rig):
    assert await rig.model_calls() == {"seen": "Oslo"}

    (call,) = rig.calls
    assert (call.name, call.caller, call.status) == ("look", "model", "done")
    assert call.arguments == '{"city": "Oslo"}'
    assert '"seen": "Oslo"' in call.result
    assert call.duration_ms == 500
    assert call.at_s == rig.clock.wall_s()


async def test_a_call_that_fails_is_listed_with_its_reason(rig):
    with pytest.raises(ToolError):
        await rig.model_calls(arguments='{"town": 1}')

    assert rig.calls[0].status == "failed"
    assert "'city' is missing" in rig.calls[0].error


async def test_a_mocked_tool_does_not_run(rig):
    rig.set("answer", '{"seen": "nothing"}')

    assert await rig.model_calls(arguments="no json at all") == {"seen": "nothing"}

    assert rig.called == []
    assert rig.calls[0].remark == "answered from here"
    assert rig.view.tools.tools[0].remarks == ("answers from here",)


async def test_a_tool_fails_when_it_shall(rig):
    rig.set("fail", "The service is down.")

    with pytest.raises(ToolError, match="service is down"):
        await rig.model_calls()

    assert rig.called == []
    assert (rig.calls[0].error, rig.calls[0].remark) == ("The service is down.", "failed from here")


async def test_an_answer_is_delayed_as_long_as_it_shall_be(rig):
    rig.set("delay_s", "3")
    task = tasks.spawn(rig.model_calls(), name="call")

    await rig.clock.advance(2.9)
    assert not task.done()
    assert rig.called == []

    await rig.clock.advance(0.2)
    assert await task == {"seen": "Oslo"}


async def test_a_call_waits_until_it_is_approved(rig):
    rig.set("approve")
    task = tasks.spawn(rig.model_calls(), name="call")
    await settle()

    assert rig.calls[0].status == "waiting"
    assert rig.notices[WAITING].action == "show_tools"
    assert "look waits" in rig.notices[WAITING].sentence
    assert rig.called == []

    rig.lab.approve("call_1")

    assert await task == {"seen": "Oslo"}
    assert (rig.calls[0].status, rig.calls[0].remark) == ("done", "allowed")
    assert WAITING not in rig.notices


async def test_a_refused_call_is_told_to_the_model_as_such(rig):
    rig.set("approve")
    task = tasks.spawn(rig.model_calls(), name="call")
    await settle()

    rig.lab.refuse("call_1")

    with pytest.raises(ToolError, match="The user refused this call"):
        await asyncio.shield(task)
    assert rig.called == []
    assert rig.calls[0].remark == "not allowed"


async def test_a_call_is_answered_by_hand(rig):
    rig.set("approve")
    task = tasks.spawn(rig.model_calls(), name="call")
    await settle()

    with pytest.raises(ConsoleError, match="no JSON"):
        rig.lab.answer("call_1", "nothing")
    rig.lab.answer("call_1", '"nothing"')

    assert await task == "nothing"
    assert rig.calls[0].remark == "answered by hand"
    assert rig.called == []


async def test_the_end_of_the_session_ends_the_wait(rig):
    rig.set("approve")
    task = tasks.spawn(rig.model_calls(), name="call")
    await settle()

    await tasks.cancel(task)

    assert WAITING not in rig.notices
    assert rig.calls[0].status == "done"


async def test_a_tool_that_was_taken_away_is_not_answered_from_here(rig):
    rig.set("answer", "1")
    await rig.lab.enable("look", False)

    with pytest.raises(ToolError, match="no tool named 'look'"):
        await rig.model_calls()


async def test_while_a_call_is_held_it_is_told_for_what(rig):
    told: list[Held] = []
    rig.lab.held.connect(told.append)
    rig.set("approve")
    rig.set("delay_s", "3")
    task = tasks.spawn(rig.model_calls(), name="call")
    await settle()
    assert told == [Held("call_1", ASKS)]

    rig.lab.approve("call_1")
    await settle()
    assert told[1:] == [Held("call_1", ""), Held("call_1", "held for 3 s, as set in Tools")]
    assert rig.called == []

    await rig.clock.advance(3)
    await task
    assert told[-1] == Held("call_1", "")
    assert rig.called == ["Oslo"]


async def test_a_call_that_is_given_up_while_it_is_held_is_held_no_more(rig):
    told: list[Held] = []
    rig.lab.held.connect(told.append)
    rig.set("approve")
    task = tasks.spawn(rig.model_calls(), name="call")
    await settle()

    await tasks.cancel(task)

    assert told == [Held("call_1", ASKS), Held("call_1", "")]


async def test_a_tool_is_tried_without_a_session():
    rig = Bench()
    rig.type("Oslo")

    assert await rig.lab.try_out("look")

    (call,) = rig.calls
    assert rig.called == ["Oslo"]
    assert (call.caller, call.status) == ("you", "done")
    assert '"seen": "Oslo"' in call.result


async def test_a_trial_that_fails_says_why(rig):
    rig.type("Nowhere")

    assert not await rig.lab.try_out("look")

    assert rig.calls[0].error == "There is no such city."


async def test_a_trial_whose_answer_json_cannot_carry_says_where(rig):
    rig.bench.renew(Tool("look", "Looks.", handler=lambda city: {city: math.inf}, parameters=CITY))
    rig.type("Oslo")

    await rig.lab.try_out("look")

    (call,) = rig.calls
    assert (call.status, call.result) == ("failed", "")
    assert call.error == "look answered what JSON cannot carry: 'Oslo' is infinity."


async def test_a_trial_with_wrong_arguments_runs_nothing(rig):
    rig.bench.edit_arguments(Edit(("city",), "leave_out"))

    with pytest.raises(ConsoleError, match="city: is missing"):
        await rig.lab.try_out("look")
    with pytest.raises(ConsoleError, match="no tool gone any more"):
        await rig.lab.try_out("gone")

    assert rig.calls == ()


async def test_one_tool_is_tried_at_a_time(rig, monkeypatch):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(city):
        begun.set()
        await go_on.wait()
        return city

    rig.bench.renew(Tool("look", "Looks.", handler=slow, parameters=CITY))
    task = tasks.spawn(rig.lab.try_out("look"), name="try")
    await begun.wait()

    with pytest.raises(ConsoleError, match="look is still at work"):
        await rig.lab.try_out("look")
    await tasks.cancel(task)

    assert "closed before" in rig.calls[0].error
    go_on.set()
    await rig.lab.try_out("look")
    assert rig.calls[-1].status == "done"


async def test_the_arguments_of_a_call_can_be_tried(rig):
    await rig.model_calls(arguments='{"city": "Rome"}')

    assert rig.lab.use_arguments("call_1") == "look"
    assert rig.lab.use_arguments("call_9") == ""
    await rig.lab.try_out("look")

    assert rig.called == ["Rome", "Rome"]


async def test_calls_are_cleared(rig):
    await rig.model_calls()

    rig.lab.clear_calls()

    assert rig.calls == ()


async def test_the_hosts_tools_come_and_go_with_their_file(rig):
    rig.own.tools = (own("mine"),)
    rig.own.changed.emit(None)
    await settle()
    assert [each.name for each in rig.client.tools] == ["look", "mine"]
    assert [each.is_own for each in rig.view.tools.tools] == [False, True]

    rig.lab.close()
    rig.own.tools = ()
    rig.own.changed.emit(None)
    await settle()
    assert [each.name for each in rig.client.tools] == ["look", "mine"]


async def test_guests_have_those_of_the_hosts_tools_that_say_so():
    rig = Bench(is_guest=True)
    rig.own.tools = (own("secret"), own("open", guests=True))
    rig.own.problem = "/home/host/tools.py, line 3: no."
    rig.own.changed.emit(None)
    await settle()

    assert [each.name for each in rig.view.tools.tools] == ["look", "open"]
    assert rig.view.tools.problem == ""
    assert rig.notices == {}


async def test_a_version_of_the_file_that_is_not_used_is_told_until_one_is(rig):
    rig.own.problem = "tools.py, line 3: invalid syntax."
    rig.own.changed.emit(None)
    await settle()
    assert "line 3" in rig.view.tools.problem
    assert "Your tools stay as they were. tools.py, line 3" in rig.notices[UNUSED].sentence

    rig.own.problem = ""
    rig.own.changed.emit(None)
    await settle()
    assert rig.view.tools.problem == ""
    assert UNUSED not in rig.notices
