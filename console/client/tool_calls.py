"""Finished function calls of a response: run the tools, answer the model, once."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import orjson

from console import tasks
from console.client.happenings import ToolCalled
from console.client.tool_allowance import MAX_CHAINED_TURNS, ToolAllowance, fitted
from console.clock import Clock
from console.errors import ConsoleError, ToolError
from console.printable import printable
from console.realtime.items import Item, Response
from console.tools.registry import ToolRegistry

logger = logging.getLogger(__name__)

MAX_REMEMBERED: Final = 1024
"""Call ids that are remembered so that none is answered twice."""
MAX_ERROR_CHARACTERS: Final = 500
_HALTED: Final = (
    f"Tools were answered {MAX_CHAINED_TURNS} times without a word of yours: the model is asked no "
    "further until you speak or write."
)

SendOutput = Callable[[str, str], Awaitable[None]]
"""Sends the output (second) of a call id (first) to the server."""
CreateResponse = Callable[[Callable[[], bool]], Awaitable[None]]
"""Asks the server for a response once none is under way, if it is still wanted then."""


class ToolCalls:
    """Answers the function calls of one session after another.

    Calls of a response run side by side. Each answer is sent when it is there; one response is
    asked for when all are. After an interruption the answers are still sent, for the model to
    know, but no response is asked for: the user's new turn brings one. What the user has approved
    is called in any case: a response is asked for unless there is such a turn. After the session
    ended nothing is sent.
    """

    def __init__(
        self,
        registry: ToolRegistry,
        *,
        clock: Clock,
        send_output: SendOutput,
        create_response: CreateResponse,
        on_called: Callable[[ToolCalled], None],
        on_halted: Callable[[str], None] = lambda _: None,
        is_user_turn: Callable[[], bool] = lambda: False,
        only_known: bool = False,
    ) -> None:
        """Begin with no calls.

        Args:
            registry: The tools.
            clock: How long a tool took.
            send_output: Sends an answer.
            create_response: Asks for a response.
            on_called: Told when a tool begins and when it has finished.
            on_halted: Told in a sentence when no response is asked for any more.
            is_user_turn: Whether the user speaks, or most likely is about to be answered.
            only_known: Calls of tools that are not in the registry are somebody else's to answer;
                without it the model is told that there is no such tool.
        """
        self._registry = registry
        self._only_known = only_known
        self._clock = clock
        self._send_output = send_output
        self._create_response = create_response
        self._on_called = on_called
        self._on_halted = on_halted
        self._is_user_turn = is_user_turn
        self._allowance = ToolAllowance()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()
        self._turn = 0
        self._session = 0

    @property
    def is_running(self) -> bool:
        """Whether a tool works, or its answer has not led to a response yet."""
        return bool(self._running)

    def response_done(self, response: Response, items: list[Item]) -> None:
        """Run the finished calls among the `items` of a response.

        Calls of a response that was cut short, and calls that were run before, are left out. A
        call that the server has made itself (MCP) needs no answer, but a response to what came of
        it: the server asks for none.
        """
        if response.status != "completed" or response.is_out_of_band:
            return
        calls = [item for item in items if self._is_new_call(item)]
        is_waiting = not self._only_known and bool(items) and items[-1].type == "mcp_call"
        if not calls and not is_waiting:
            return
        turn = self._turn
        self._spawn(
            self._answer(calls, lambda: turn == self._turn, is_waiting=is_waiting),
            f"tools of {response.id}",
        )

    def approved(self) -> None:
        """Ask for a response once none is under way: the server calls in it what was approved."""
        self._allowance.user_spoke()
        turn = self._turn
        self._spawn(
            self._go_on(lambda: turn == self._turn or not self._is_user_turn()),
            "response to an approval",
        )

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = tasks.spawn(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def interrupted(self) -> None:
        """Ask for no response to the calls that are running: the user has a new turn."""
        self._turn += 1

    def user_spoke(self) -> None:
        """Take note that the user has said or written something: tools may go on."""
        self._allowance.user_spoke()

    def session_ended(self) -> None:
        """Give up what is running and forget the call ids; nothing of it is sent any more."""
        self._turn += 1
        self._session += 1
        self._seen.clear()
        for task in self._running:
            task.cancel()
        self._running.clear()

    def _is_new_call(self, item: Item) -> bool:
        if item.type != "function_call" or item.status != "completed" or not item.call_id:
            return False
        if item.call_id in self._seen:
            return False
        if self._only_known and item.name not in self._registry:
            return False
        self._seen[item.call_id] = None
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return True

    async def _answer(
        self, calls: list[Item], is_wanted: Callable[[], bool], *, is_waiting: bool
    ) -> None:
        were_sent = await asyncio.gather(*(self._run(item) for item in calls))
        if (is_waiting or any(were_sent)) and is_wanted():
            await self._go_on(is_wanted)

    async def _go_on(self, is_wanted: Callable[[], bool]) -> None:
        if not self._allowance.may_go_on():
            self._on_halted(_HALTED)
            return
        try:
            await self._create_response(is_wanted)
        except ConsoleError as error:
            logger.warning("no response to tool outputs was asked for: %s", error)

    async def _run(self, item: Item) -> bool:
        """Run one call and send its answer; return whether it was sent."""
        call_id, name = item.call_id or "", item.name or ""
        began_s, session = self._clock.now_s(), self._session
        self._on_called(ToolCalled("started", call_id, item.id, name, item.arguments))
        result, error, was_sent = None, None, False
        try:
            result, output = await self._result(name, item.arguments, call_id)
        except asyncio.CancelledError:
            self._finished(item, None, "The session ended before it answered.", began_s, False)
            raise
        except Exception as failure:
            error = _told(name, failure)
            logger.info("tool call %s failed: %s", call_id, error)
            output = orjson.dumps({"error": error[:MAX_ERROR_CHARACTERS]}).decode()
        try:
            # A handler may have swallowed its cancellation, and a new session have begun.
            if session == self._session:
                await self._send_output(call_id, output)
                was_sent = True
        except ConsoleError as failure:
            logger.info("the answer of tool call %s was not sent: %s", call_id, failure)
        self._finished(item, result, error, began_s, was_sent)
        return was_sent

    async def _result(self, name: str, arguments: str, call_id: str) -> tuple[Any, str]:
        if refusal := self._allowance.refusal(name, self._clock.now_s()):
            raise ToolError(refusal)
        result = await self._registry.call(name, arguments, call_id)
        return result, fitted(orjson.dumps(result, option=orjson.OPT_NON_STR_KEYS).decode())

    def _finished(
        self, item: Item, result: Any, error: str | None, began_s: float, was_sent: bool
    ) -> None:
        self._on_called(
            ToolCalled(
                "finished",
                item.call_id or "",
                item.id,
                item.name or "",
                item.arguments,
                result=result,
                error=error,
                duration_s=self._clock.now_s() - began_s,
                was_sent=was_sent,
            )
        )


def _told(name: str, failure: Exception) -> str:
    """Return in a sentence why a call failed: the model waits for an answer, whatever went wrong."""
    if isinstance(failure, ToolError):
        return str(failure)
    # Not the tool's fault, so its words are no matter of the model's.
    logger.error("a call of %s could not be answered", name, exc_info=failure)
    return printable(f"{name} could not be called: {type(failure).__name__}.")
