"""Changes of the session that the user wants: configuration and tools, here and at the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from console.client import choices, tool_choice
from console.client import outbox as outgoing
from console.client.configuration import Configuration
from console.client.outbox import Outbox
from console.realtime import events, session
from console.tools.registry import Tool, ToolRegistry


class SessionChanges:
    """Keeps a change for the next session, and tells it to the server while there is one."""

    def __init__(
        self,
        *,
        configuration: Configuration,
        tools: ToolRegistry,
        outbox: Outbox,
        is_connected: Callable[[], bool],
    ) -> None:
        """Prepare.

        Args:
            configuration: What is changed.
            tools: Likewise.
            outbox: Sends.
            is_connected: Whether there is a server to tell.
        """
        self._configuration = configuration
        self._tools = tools
        self._outbox = outbox
        self._is_connected = is_connected

    async def update(self, fields: Mapping[str, Any]) -> None:
        """Change the configuration; see `RealtimeClient.update_session`.

        Raises:
            ValueError: The change holds what JSON cannot carry, or what a transcription session
                does not have; or `tools` is no list, or `tool_choice` names a tool that there is
                not. Nothing has changed.
        """
        configuration = self._configuration
        change = session.expand(dict(fields))
        if not isinstance(tools := change.get("tools"), list | tuple | None):
            raise ValueError(
                "tools must be a list of definitions as the wire has them (add_tool takes a Tool), "
                f"not of type {type(tools).__name__}."
            )
        configuration.check(change)
        outgoing.dump(events.session_update(change))
        self._check_tool_choice(change)
        if not self._is_connected():
            configuration.merge(change)
            return
        was_manual = configuration.turn_detection_type is None
        if "tools" in change:
            change["tools"] = configuration.with_tools(change["tools"])
        await self._outbox.send(events.session_update(configuration.change(change)))
        if not was_manual and configuration.turn_detection_type is None:
            # What was said between two turns is no part of the first that the user ends.
            await self._outbox.send(events.input_audio_clear())

    def _check_tool_choice(self, change: Mapping[str, Any]) -> None:
        if not self._configuration.knows_tools or not {"tools", "tool_choice"} & change.keys():
            return
        as_it_will_be = {**self._configuration.whole, **change}
        tools = self._configuration.with_tools(as_it_will_be.get("tools"))
        tool_choice.check(as_it_will_be.get("tool_choice"), tools)

    async def add_tool(self, tool: Tool) -> None:
        """Add a tool.

        Raises:
            ValueError: There is one of this name already.
            TypeError: It is no `Tool`.
            ConsoleError: This is a transcription session.
        """
        self._configuration.check_answering("call tools")
        choices.check_kind("tool", tool, Tool, "a Tool")
        self._tools.add(tool)
        await self._send_tools()

    async def remove_tool(self, name: str) -> None:
        """Take a tool out.

        Raises:
            ValueError: There is none of this name, or `tool_choice` names it; nothing has changed.
            TypeError: It is no name.
        """
        choices.check_kind("name", name, str, "the name of a tool")
        if name in self._tools:
            self._check_may_go(name)
        self._tools.remove(name)
        await self._send_tools()

    async def set_tools(self, tools: Iterable[Tool]) -> None:
        """Have these tools and no others.

        Raises:
            ValueError: Two of them have one name, or `tool_choice` names a tool that is not among
                them; nothing has changed.
            TypeError: They are no tools.
            ConsoleError: This is a transcription session.
        """
        self._configuration.check_answering("call tools")
        choices.check_kind("tools", tools, Iterable, "a list of Tools")
        wanted = list(tools)
        for each in wanted:
            choices.check_kind("each of tools", each, Tool, "a Tool")
        before = self._tools.definitions()
        staying = {tool.name for tool in wanted}
        for definition in before:
            if definition["name"] not in staying:
                self._check_may_go(definition["name"])
        self._tools.replace(wanted)
        if self._tools.definitions() != before:
            await self._send_tools()

    def _check_may_go(self, name: str) -> None:
        if tool_choice.names(self._configuration.whole.get("tool_choice"), name):
            raise ValueError(
                f"tool_choice names the tool {name!r}, so it has to stay: choose something else "
                "first, as with update_session(tool_choice='auto')."
            )

    async def _send_tools(self) -> None:
        if self._is_connected():
            await self._outbox.send(events.session_update(self._configuration.tools_payload()))
