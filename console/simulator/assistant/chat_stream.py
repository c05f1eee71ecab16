"""What a chat-completions endpoint streams: server-sent events, and the calls in their pieces."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from console.errors import BrainError
from console.simulator.senses import BrainCall

MAX_EVENT_LENGTH: Final = 1024 * 1024
MAX_CALLS: Final = 64
DONE: Final = "[DONE]"
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class EventStream:
    """Takes bytes as they come and gives back the data of whole server-sent events."""

    def __init__(self) -> None:
        # With a byte order mark or without.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._line = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, data: bytes, *, last: bool = False) -> list[str]:
        """Take more bytes and return the data of the events that are whole now.

        Args:
            data: Cut anywhere, even inside a character.
            last: No more will come; an event that lacks only its empty line counts as whole.

        Raises:
            BrainError: An event is larger than any that makes sense.
        """
        text = self._line + self._decoder.decode(data, last)
        if not last and text.endswith("\r"):
            # Its line feed may be in the next bytes.
            text, held = text[:-1], "\r"
        else:
            held = ""
        *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._line = rest + held
        if last:
            lines += [self._line, ""]
        events = [event for line in lines if (event := self._take(line)) is not None]
        if self._size + len(self._line) > MAX_EVENT_LENGTH:
            raise BrainError("The assistant's endpoint has sent an event of more than 1 MiB.")
        return events

    def _take(self, line: str) -> str | None:
        if line:
            name, _, value = line.partition(":")
            # Comments have no name; other fields mean nothing here.
            if name == "data":
                self._data.append(value.removeprefix(" "))
                self._size += len(value)
            return None
        event = "\n".join(self._data) if self._data else None
        self._data, self._size = [], 0
        return event


def loads(event: str) -> Any:
    """Return what JSON says, even where it has cut a character into its two surrogates.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return orjson.loads(event)
    except orjson.JSONDecodeError:
        if not _SURROGATE.search(event):
            raise
    try:
        return json.loads(event)
    except RecursionError as error:
        raise ValueError("too deep") from error


class Characters:
    """Joins characters whose two surrogates came in two pieces, as programs in UTF-16 cut them."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-16-le")(errors="replace")

    def feed(self, text: str, *, last: bool = False) -> str:
        """Take more text and return what is whole of it; half a character at the `last` is marked."""
        return self._decoder.decode(text.encode("utf-16-le", "surrogatepass"), last)


def whole(text: str) -> str:
    """Return a text in which each character is whole, or marked as broken."""
    return Characters().feed(text, last=True)


@dataclass(slots=True)
class _Call:
    index: Any
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class CallAssembly:
    """Puts the calls of an answer together, several at a time."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def add(self, fragment: Mapping[str, Any]) -> None:
        """Take one entry of a delta's `tool_calls`.

        Raises:
            BrainError: More calls than any answer has.
        """
        function = fragment.get("function")
        function = function if isinstance(function, Mapping) else {}
        call = self._call_of(fragment, str(function.get("name") or ""))
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            call.arguments.append(arguments)
        elif isinstance(arguments, Mapping):
            # Not what the API says, but some servers send an object.
            text = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
            call.arguments.append(text)

    def take(self) -> list[BrainCall]:
        """Return the calls in their order; their arguments are as the endpoint wrote them.

        Invalid JSON is passed on as well: models do write it, and applications must bear it.
        """
        calls, self._calls = self._calls, []
        return [
            BrainCall(whole(each.name), whole("".join(each.arguments)))
            for each in calls
            if each.name
        ]

    def _call_of(self, fragment: Mapping[str, Any], name: str) -> _Call:
        index, call_id = fragment.get("index"), str(fragment.get("id") or "")
        known = next((each for each in self._calls if each.index == index), None)
        if index is None and not call_id and self._calls:
            known = self._calls[-1]
        # Some servers give all their calls the same index; the id tells them apart.
        if known is None or (call_id and known.id and call_id != known.id):
            if len(self._calls) >= MAX_CALLS:
                raise BrainError(f"The assistant's endpoint calls more than {MAX_CALLS} tools.")
            if known is not None:
                known.index = object()
            known = _Call(index)
            self._calls.append(known)
        known.id = known.id or call_id
        known.name = known.name or name
        return known
