"""The tool lab of a session: which tools the model has, what its calls meet, and what came of them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from console.app.own_tools import OwnTools
from console.app.tool_lab.bench import ToolBench
from console.app.tool_lab.call_list import CallList
from console.app.tool_lab.state import CallEntry, Caller, ToolEntry, ToolsState
from console.app.tool_lab.waiting import WaitingCalls
from console.app.view_model import Notice, ViewModel
from console.client.client import RealtimeClient
from console.client.happenings import ToolCalled
from console.clock import Clock
from console.errors import ConsoleError, NotConnectedError, ToolError
from console.signals import Signal
from console.tools.registry import Call, Tool

logger = logging.getLogger(__name__)

WAITING: Final = "tool waiting"
"""The notice that a call waits for a decision."""
UNUSED: Final = "own tools"
"""The notice that a version of the host's file is not used."""
CHOSEN: Final = "tool chosen"
"""The notice that the session keeps a tool that the host's file has no more."""
ASKS: Final = "waits for a decision, in Tools"
_CHOSEN: Final = (
    "The session keeps the tools that it has: its tool_choice names one that would go. Set "
    "tool_choice to something else first."
)


@dataclass(frozen=True, slots=True)
class Held:
    """A call whose tool is not begun yet."""

    call_id: str
    why: str
    """In words; empty: now it is begun, or never will be."""


class ToolChosenError(ConsoleError):
    """The session has been told to call a tool that would be taken away."""


class ToolLab:
    """The tools of one session. What is changed here concerns no other session."""

    def __init__(
        self,
        view: ViewModel,
        tools: Iterable[Tool],
        own: OwnTools,
        clock: Clock,
        *,
        is_guest: bool,
    ) -> None:
        """Begin with all tools given to the model.

        Args:
            view: What the page shows; changed here.
            tools: Those of the console.
            own: Those of the host, which change with their file.
            clock: Time.
            is_guest: Whose session it is: guests have those of the host's that say so.
        """
        self.held: Signal[Held] = Signal("call held")
        """A call waits here, or does no more."""
        self._view = view
        self._own = own
        self._clock = clock
        self._is_guest = is_guest
        self._built_in = tuple(tools)
        self._benches: dict[str, ToolBench] = {}
        self._disabled: set[str] = set()
        self._client: RealtimeClient | None = None
        self._calls = CallList()
        self._waiting = WaitingCalls(self._waiting_changed)
        self._tried: str | None = None
        self._numbers = itertools.count(1)
        self._telling = asyncio.Lock()
        self._stop_following = own.changed.connect(self._own_changed)
        self._take_tools()

    async def add_to(self, client: RealtimeClient) -> None:
        """Give a client the tools, and stand between it and them."""
        if client is not self._client:
            self._client = client
            client.tools.interceptor = self._meet
            client.on("tool.called", self._called)
        await self._tell_client()

    async def begin(self, client: RealtimeClient) -> None:
        """Give the session that a client is about to begin the tools that there are now.

        One that has gone since the last session goes with it, also where `tool_choice` names it:
        then the model chooses by itself, and the user is told.
        """
        if client is not self._client:
            return
        try:
            await self._tell_client()
        except ToolChosenError:
            name = client.session_config["tool_choice"]["name"]
            await client.update_session(tool_choice="auto")
            await self._tell_client()
            sentence = (
                f"The tool {name}, which tool_choice named, is not among the tools any more: this "
                "session begins with tool_choice auto."
            )
            self._view.add_notice(Notice(CHOSEN, "warning", sentence, "show_tools"))

    def close(self) -> None:
        """Follow the host's file no more."""
        self._stop_following()

    # What the page does

    def bench(self, name: str) -> ToolBench | None:
        """Return a tool with its forms; None: there is none of this name any more."""
        return self._benches.get(name)

    async def enable(self, name: str, is_enabled: bool) -> None:
        """Give the model a tool, or take it away; at once where there is a session.

        Raises:
            ToolChosenError: The session's `tool_choice` names it; nothing has changed.
            ConsoleError: The line does not take it now; the next session has it right.
        """
        if name not in self._benches:
            return
        before = set(self._disabled)
        self._disabled = before - {name} if is_enabled else before | {name}
        self._show()
        try:
            await self._tell_client()
        except ToolChosenError:
            self._disabled = before
            self._show()
            raise

    def handling_changed(self) -> None:
        """Show what is done with calls: it was edited on a bench."""
        self._show()

    def use_arguments(self, call_id: str) -> str:
        """Put the arguments of a call on the bench of its tool; returns its name, or nothing."""
        call = next((each for each in self._calls if each.id == call_id), None)
        bench = self._benches.get(call.name) if call is not None else None
        if call is None or bench is None or not bench.use_arguments(call.arguments):
            return ""
        return call.name

    async def try_out(self, name: str) -> bool:
        """Run a tool with the arguments on its bench; what comes of it is in the list of calls.

        The model hears nothing of it.

        Returns:
            Whether it has answered; else it has failed.

        Raises:
            ConsoleError: The arguments are wrong, or another tool is still being tried.
        """
        bench = self._benches.get(name)
        if bench is None:
            raise ConsoleError(f"There is no tool {name} any more.")
        text, problems = bench.arguments()
        if problems:
            raise ConsoleError(str(problems[0]))
        if self._tried is not None:
            raise ConsoleError(f"{self._tried} is still at work: wait until it has answered.")
        self._tried = name
        call_id = f"try_{next(self._numbers)}"
        self._begin(call_id, name, text, is_yours=True)
        began_s, result, error = self._clock.now_s(), None, None
        try:
            result = await bench.tool.run(bench.tool.read_arguments(text))
        except ToolError as failure:
            error = str(failure)
        except asyncio.CancelledError:
            error = "The page was closed before it answered."
            raise
        finally:
            self._tried = None
            self._finish(call_id, result, error, self._clock.now_s() - began_s)
        return error is None

    def approve(self, call_id: str) -> None:
        """Let a call go on that waits."""
        self._waiting.approve(call_id)

    def refuse(self, call_id: str) -> None:
        """Tell the model that the user does not want a call that waits."""
        self._waiting.refuse(call_id)

    def answer(self, call_id: str, text: str) -> None:
        """Answer a call that waits with JSON that was written by hand.

        Raises:
            ConsoleError: It is no JSON, or the call waits no more; the message says so.
        """
        self._waiting.answer(call_id, text)

    def clear_calls(self) -> None:
        """Forget the calls that have an answer."""
        self._calls.clear()
        self._show()

    # What the model does

    async def _meet(self, call: Call, proceed: Callable[[], Awaitable[Any]]) -> Any:
        bench = self._benches.get(call.name)
        if bench is None or call.name in self._disabled:
            return await proceed()
        handling = bench.handling
        if handling.is_approved:
            with self._holding(call, ASKS):
                decision = await self._decided(call)
            if decision.is_answered:
                return decision.answer
        if handling.delay_s:
            with self._holding(call, f"held for {handling.delay_s:g} s, as set in Tools"):
                await self._clock.sleep(handling.delay_s)
        if handling.failure:
            self._remark(call, "failed from here")
            raise ToolError(handling.failure)
        if handling.is_mocked:
            self._remark(call, "answered from here")
            return handling.answer
        return await proceed()

    @contextlib.contextmanager
    def _holding(self, call: Call, why: str) -> Iterator[None]:
        self.held.emit(Held(call.call_id, why))
        try:
            yield
        finally:
            self.held.emit(Held(call.call_id, ""))

    async def _decided(self, call: Call) -> Any:
        self._calls.change(call.call_id, status="waiting")
        try:
            decision = await self._waiting.ask(call.call_id)
        except ToolError:
            self._calls.change(call.call_id, status="running", remark="not allowed")
            raise
        remark = "answered by hand" if decision.is_answered else "allowed"
        self._calls.change(call.call_id, status="running", remark=remark)
        self._show()
        return decision

    def _remark(self, call: Call, words: str) -> None:
        self._calls.change(call.call_id, remark=words)

    def _called(self, called: ToolCalled) -> None:
        if called.phase == "started":
            self._begin(called.call_id, called.name, called.arguments)
        else:
            self._finish(called.call_id, called.result, called.error, called.duration_s)

    def _begin(self, call_id: str, name: str, arguments: str, *, is_yours: bool = False) -> None:
        caller: Caller = "you" if is_yours else "model"
        self._calls.begin(CallEntry(call_id, self._clock.wall_s(), name, caller, arguments))
        self._show()

    def _finish(self, call_id: str, result: Any, error: str | None, duration_s: float) -> None:
        self._calls.finish(call_id, result, error, duration_s)
        self._show()

    # Which tools there are

    async def _own_changed(self, _: None) -> None:
        self._take_tools()
        self._view.dismiss(UNUSED)
        self._view.dismiss(CHOSEN)
        if self._own.problem and not self._is_guest:
            sentence = f"Your tools stay as they were. {self._own.problem}"
            self._view.add_notice(Notice(UNUSED, "warning", sentence, "show_tools"))
        try:
            await self._tell_client()
        except ToolChosenError as error:
            self._view.add_notice(Notice(CHOSEN, "warning", str(error), "show_tools"))
        except ConsoleError as error:
            logger.warning("the session has other tools than the page shows: %s", error)

    def _take_tools(self) -> None:
        own = [each.tool for each in self._own.tools if each.for_guests or not self._is_guest]
        before, self._benches = self._benches, {}
        for tool in (*self._built_in, *own):
            bench = before.get(tool.name)
            if bench is None:
                bench = ToolBench(tool)
            else:
                bench.renew(tool)
            self._benches[tool.name] = bench
        self._show()

    async def _tell_client(self) -> None:
        client = self._client
        if client is None:
            return
        async with self._telling:  # the newest wish goes last
            wanted = [
                each.tool for name, each in self._benches.items() if name not in self._disabled
            ]
            try:
                await client.set_tools(wanted)
            except NotConnectedError:  # the line is being restored, and is told them then
                return
            except ValueError as error:
                raise ToolChosenError(_CHOSEN) from error

    def _show(self) -> None:
        built_in = {each.name for each in self._built_in}
        self._view.set_tools(
            ToolsState(
                tools=tuple(
                    ToolEntry(
                        name=name,
                        description=each.tool.description,
                        parameters=dict(each.tool.parameters),
                        is_enabled=name not in self._disabled,
                        is_own=name not in built_in,
                        remarks=each.handling.remarks(),
                    )
                    for name, each in self._benches.items()
                ),
                calls=tuple(self._calls),
                problem="" if self._is_guest else self._own.problem,
            )
        )

    def _waiting_changed(self) -> None:
        self._show()
        names = [each.name for each in self._calls if each.id in self._waiting]
        if names:
            sentence = f"{names[0]} waits for you to decide, in Tools."
            self._view.add_notice(Notice(WAITING, "info", sentence, "show_tools"))
        else:
            self._view.dismiss(WAITING)
