"""Tools that the model may call: what they are called, take and do."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from console import tasks
from console.errors import ToolError
from console.tools import json_limits, schema

DEFAULT_TIMEOUT_S: Final = 10.0
MAX_NAME_CHARACTERS: Final = 64
"""Of a tool, at the service."""
NO_PARAMETERS: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}

_NAME: Final = re.compile(rf"(?=.*[A-Za-z0-9])[A-Za-z0-9_-]{{1,{MAX_NAME_CHARACTERS}}}")

ToolHandler = Callable[..., Awaitable[Any] | Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that the model may ask for."""

    name: str
    description: str
    handler: ToolHandler = field(repr=False)
    """Called with the arguments by name. A coroutine function runs in the event loop, any other
    in a thread of its own. Returns what JSON can carry; raises `ToolError` with a sentence."""
    parameters: Mapping[str, Any] = field(default_factory=lambda: dict(NO_PARAMETERS))
    """JSON schema of the arguments, an object."""
    timeout_s: float = DEFAULT_TIMEOUT_S

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} cannot be a tool's name: use letters, digits, '_' and '-', at most "
                f"{MAX_NAME_CHARACTERS} in all."
            )
        if not callable(self.handler):
            raise TypeError(f"The handler of {self.name} is {self.handler!r}, not a function.")
        if self.parameters.get("type") != "object":
            raise ValueError(f"The parameters of {self.name} must be a schema of type 'object'.")
        if self.timeout_s <= 0:
            raise ValueError(f"The time-out of {self.name} must be more than 0 seconds.")
        try:
            orjson.dumps(self.definition())
        except TypeError as error:
            raise ValueError(
                f"{self.name} cannot be told to a model, since JSON cannot carry it: {error}."
            ) from error

    def definition(self) -> dict[str, Any]:
        """Return the tool as `session.tools` has it."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": dict(self.parameters),
        }

    def read_arguments(self, text: str) -> dict[str, Any]:
        """Return the arguments in the JSON `text` of a call; empty text means none.

        Raises:
            ToolError: They are not JSON, or do not fit the schema.
        """
        try:
            arguments = orjson.loads(text) if text.strip() else {}
        except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
            raise ToolError(f"The arguments of {self.name} are not JSON: {error}.") from error
        # A handler takes what is declared; anything else would break its call.
        closed = {"additionalProperties": False, **self.parameters}
        if found := schema.problems(arguments, closed):
            raise ToolError(f"The arguments of {self.name} do not fit: {'; '.join(found)}.")
        assert isinstance(arguments, dict)
        return arguments

    async def run(self, arguments: Mapping[str, Any]) -> Any:
        """Return what the handler makes of checked arguments.

        Raises:
            ToolError: It failed, in its own words, took longer than `timeout_s`, or answered what
                JSON cannot carry.
        """
        return _carried(self.name, await self._answer(arguments))

    async def _answer(self, arguments: Mapping[str, Any]) -> Any:
        try:
            async with asyncio.timeout(self.timeout_s) as limit:
                return await self._call(arguments)
        except ToolError:
            raise
        except TimeoutError as error:
            if limit.expired():
                raise ToolError(
                    f"{self.name} did not answer within {self.timeout_s:g} s."
                ) from error
            raise ToolError(_failed(self.name, error)) from error
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            raise ToolError(_failed(self.name, error)) from error
        except (Exception, SystemExit) as error:  # no tool ends the program
            raise ToolError(_failed(self.name, error)) from error

    async def _call(self, arguments: Mapping[str, Any]) -> Any:
        if inspect.iscoroutinefunction(self.handler) or inspect.iscoroutinefunction(
            getattr(self.handler, "__call__", None)  # noqa: B004 - an object may be the handler
        ):
            return await self.handler(**arguments)
        result = await tasks.in_own_thread(
            lambda: self.handler(**arguments), name=f"tool-{self.name}"
        )
        return await result if inspect.isawaitable(result) else result


def _carried(name: str, answer: Any) -> Any:
    """Return what a tool answered; what JSON cannot carry is a failure of the tool."""
    if found := json_limits.obstacle(answer):
        raise ToolError(f"{name} answered what JSON cannot carry: {found}.")
    return answer


def _is_cancelled() -> bool:
    """Whether this task shall end; else the handler has let out a cancellation of its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _failed(name: str, error: BaseException) -> str:
    try:
        detail = str(error) or "no details"
    except Exception:  # an exception of somebody's own, whose words fail, too
        detail = "no details"
    return f"{name} failed: {type(error).__name__}: {detail}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the model, before anything was made of it."""

    call_id: str
    """Empty where nobody told one."""
    name: str
    """Of a tool that there may not be."""
    arguments: str
    """JSON, as the model wrote it, or what is none."""


Interceptor = Callable[[Call, Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Answers a call (first) in place of the tool, or lets the tool answer (second)."""


class ToolRegistry:
    """The tools of one session, by name."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}
        self.interceptor: Interceptor | None = None
        """Stands between the model and the tools: asks first, waits, answers itself."""

    def __len__(self) -> int:
        """Return how many tools there are."""
        return len(self._tools)

    def __iter__(self) -> Iterator[Tool]:
        """Yield the tools in the order in which they were added."""
        return iter(tuple(self._tools.values()))

    def __contains__(self, name: object) -> bool:
        """Return whether there is a tool of this name."""
        return name in self._tools

    def only(self, names: Collection[str]) -> ToolRegistry:
        """Return another registry with those of these tools whose names are given."""
        chosen = ToolRegistry()
        for tool in self:
            if tool.name in names:
                chosen.add(tool)
        return chosen

    def add(self, tool: Tool) -> None:
        """Add a tool.

        Raises:
            ValueError: There is one of this name already.
        """
        if tool.name in self._tools:
            raise ValueError(f"There is a tool named {tool.name!r} already; remove it first.")
        self._tools[tool.name] = tool

    def remove(self, name: str) -> Tool:
        """Take a tool out and return it.

        Raises:
            ValueError: There is none of this name.
        """
        if name not in self._tools:
            raise ValueError(f"There is no tool named {name!r}.")
        return self._tools.pop(name)

    def replace(self, tools: Iterable[Tool]) -> None:
        """Hold these tools and no others, in this order.

        Raises:
            ValueError: Two of them have one name; nothing has changed.
        """
        fresh: dict[str, Tool] = {}
        for each in tools:
            if each.name in fresh:
                raise ValueError(f"There are two tools named {each.name!r}.")
            fresh[each.name] = each
        self._tools = fresh

    def clear(self) -> None:
        """Take all tools out."""
        self._tools.clear()

    def definitions(self) -> list[dict[str, Any]]:
        """Return the tools as `session.tools` has them."""
        return [tool.definition() for tool in self._tools.values()]

    async def call(self, name: str, arguments: str, call_id: str = "") -> Any:
        """Return what is answered to a call of the model: by the interceptor, or by the tool.

        Raises:
            ToolError: There is no such tool, the arguments do not fit, it failed or hung; the
                interceptor says so; or JSON cannot carry the answer.
        """
        call = Call(call_id, name, arguments)
        if self.interceptor is None:
            return await self._answer(call)
        return _carried(name, await self.interceptor(call, lambda: self._answer(call)))

    async def _answer(self, call: Call) -> Any:
        tool = self._tools.get(call.name)
        if tool is None:
            known = ", ".join(self._tools) or "none"
            raise ToolError(f"There is no tool named {call.name!r}. Known tools: {known}.")
        return await tool.run(tool.read_arguments(call.arguments))
