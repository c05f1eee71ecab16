"""A turn as the assistant's rules look at it: who said what, and which tools have answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.simulator.senses import BrainTurn

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A call with what the tool has answered."""

    name: str
    arguments: Mapping[str, Any]
    output: Any
    """Decoded from JSON; the text itself when it is none."""


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the user has said or typed in one item."""

    text: str
    has_image: bool = False
    is_unheard: bool = False
    """Whether there is audio whose words are not known."""


def last_user_message(turn: BrainTurn) -> UserMessage | None:
    """Return the last message of the user."""
    return next(user_messages(turn, backwards=True), None)


def user_messages(turn: BrainTurn, *, backwards: bool = False) -> Iterator[UserMessage]:
    """Yield what the user has said, oldest first unless `backwards`."""
    for item in reversed(turn.items) if backwards else turn.items:
        if _is_message(item, "user"):
            yield _user_message(item)


def assistant_texts(turn: BrainTurn) -> list[str]:
    """Return what the assistant has said, oldest first."""
    texts = (_text(item) for item in turn.items if _is_message(item, "assistant"))
    return [each for each in texts if each]


def instructions(turn: BrainTurn) -> str:
    """Return the instructions and what system messages have added to them."""
    added = [_text(item) for item in turn.items if _is_message(item, "system")]
    return "\n".join([turn.instructions, *added]).strip()


def is_waiting_for_user(turn: BrainTurn) -> bool:
    """Return whether the assistant had the last word."""
    messages = [each for each in turn.items if each.get("type") == "message"]
    return bool(messages) and _is_message(messages[-1], "assistant")


def new_results(turn: BrainTurn) -> list[ToolResult]:
    """Return the results that came after everybody's last message, in the calls' order."""
    recent: list[Item] = []
    for item in reversed(turn.items):
        if item.get("type") == "message" and item.get("role") != "system":
            break
        recent.append(item)
    # An output may stand before something that was said while the tool was working.
    outputs = [each for each in recent if each.get("type") == "function_call_output"]
    return [_result(turn.items, each) for each in reversed(outputs)]


def calls(turn: BrainTurn) -> list[tuple[str, Mapping[str, Any]]]:
    """Return name and arguments of all calls in the conversation, oldest first."""
    return [
        (str(each.get("name")), _decoded_mapping(each.get("arguments")))
        for each in turn.items
        if each.get("type") == "function_call"
    ]


def _result(items: Sequence[Item], output: Item) -> ToolResult:
    call_id = output.get("call_id")
    call = next(
        (
            each
            for each in items
            if each.get("type") == "function_call" and each.get("call_id") == call_id
        ),
        {},
    )
    return ToolResult(
        str(call.get("name") or "tool"),
        _decoded_mapping(call.get("arguments")),
        _decoded(output.get("output")),
    )


def _is_message(item: Item, role: str) -> bool:
    return item.get("type") == "message" and item.get("role") == role


def _parts(item: Item) -> list[Item]:
    content = item.get("content")
    parts = content if isinstance(content, Sequence) and not isinstance(content, str) else []
    return [each for each in parts if isinstance(each, Mapping)]


def _text(item: Item) -> str:
    said = (str(each.get("text") or each.get("transcript") or "") for each in _parts(item))
    return " ".join(filter(None, (each.strip() for each in said)))


def _user_message(item: Item) -> UserMessage:
    parts = _parts(item)
    return UserMessage(
        _text(item),
        has_image=any(each.get("type") == "input_image" for each in parts),
        is_unheard=any(
            each.get("type") == "input_audio" and not each.get("transcript") for each in parts
        ),
    )


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _decoded_mapping(value: Any) -> Mapping[str, Any]:
    decoded = _decoded(value)
    return decoded if isinstance(decoded, Mapping) else {}
