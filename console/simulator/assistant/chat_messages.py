"""A turn as a chat-completions endpoint takes it: messages, tools, limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from console.simulator.senses import BrainTurn

Message = dict[str, Any]
Item = Mapping[str, Any]

SPOKEN: Final = (
    "Your answer is read aloud: use short plain sentences, without markup, lists or emoji."
)
"""Added to the instructions of an answer that will be heard."""
UNHEARD: Final = "(The user said something that could not be understood.)"
NO_RESULT: Final = "(The tool has not answered.)"


def request(turn: BrainTurn, model: str) -> dict[str, Any]:
    """Return the body of a streaming request that asks for the answer to `turn`."""
    body: dict[str, Any] = {"model": model, "messages": messages(turn), "stream": True}
    tools = [_tool(each) for each in turn.tools if each.get("type") == "function"]
    if tools:
        body["tools"] = tools
        body["tool_choice"] = _tool_choice(turn.tool_choice)
        if not turn.parallel_tool_calls:
            body["parallel_tool_calls"] = False
    if turn.max_output_tokens is not None:
        body["max_completion_tokens"] = turn.max_output_tokens
    return body


def messages(turn: BrainTurn) -> list[Message]:
    """Return the conversation so far.

    Calls and their results stand together, as such endpoints demand, even if something was said
    while the tool was working. A call without a result gets one that says so.
    """
    spoken = SPOKEN if turn.modality == "audio" else ""
    first = "\n\n".join(filter(None, (turn.instructions.strip(), spoken)))
    found: list[Message] = [{"role": "system", "content": first}] if first else []
    outputs = {
        str(each.get("call_id")): str(each.get("output", ""))
        for each in turn.items
        if each.get("type") == "function_call_output"
    }
    called = {str(each.get("call_id")) for each in turn.items if each.get("type") in _CALLS}
    for kind, group in groupby(turn.items, key=_kind):
        items = list(group)
        if kind == "call":
            found += _calls(found, items, outputs)
        elif kind == "message":
            found += [message for item in items for message in _message(item)]
        else:
            found += _dangling(items, called)
    return found


_CALLS: Final = ("function_call", "mcp_call")


def _kind(item: Item) -> str:
    item_type = item.get("type")
    if item_type in _CALLS:
        return "call"
    return "message" if item_type == "message" else "other"


def _calls(
    found: list[Message], items: Sequence[Item], outputs: Mapping[str, str]
) -> list[Message]:
    calls = [
        {
            "id": _call_id(item),
            "type": "function",
            "function": {"name": str(item.get("name")), "arguments": _arguments(item)},
        }
        for item in items
    ]
    results = [
        {"role": "tool", "tool_call_id": _call_id(item), "content": _result(item, outputs)}
        for item in items
    ]
    # What was said with the calls is one message with them.
    if found and found[-1]["role"] == "assistant" and "tool_calls" not in found[-1]:
        found[-1]["tool_calls"] = calls
        return results
    return [{"role": "assistant", "content": None, "tool_calls": calls}, *results]


def _call_id(item: Item) -> str:
    return str(item.get("call_id") or item.get("id"))


def _result(item: Item, outputs: Mapping[str, str]) -> str:
    if item.get("type") == "mcp_call":
        return str(item.get("output") or item.get("error") or NO_RESULT)
    return outputs.get(_call_id(item), NO_RESULT)


def _arguments(item: Item) -> str:
    """Return the call's arguments as a JSON object: some endpoints parse what they are sent."""
    text = str(item.get("arguments") or "{}")
    try:
        is_object = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        is_object = False
    return text if is_object else json.dumps({"invalid_arguments": text})


def _dangling(items: Sequence[Item], called: set[str]) -> Iterator[Message]:
    """Yield results of calls that are not in the conversation, so that they are not lost."""
    for item in items:
        is_output = item.get("type") == "function_call_output"
        if is_output and str(item.get("call_id")) not in called:
            yield {"role": "system", "content": f"A tool has answered: {item.get('output', '')}"}


def _message(item: Item) -> Iterator[Message]:
    content = item.get("content")
    parts = [each for each in content if isinstance(each, Mapping)] if content else []
    role = str(item.get("role"))
    if any(each.get("type") == "input_image" for each in parts):
        yield {"role": role, "content": [_part(each) for each in parts]}
        return
    text = " ".join(filter(None, (_text(each) for each in parts)))
    if text:
        yield {"role": role, "content": text}


def _part(part: Item) -> dict[str, Any]:
    if part.get("type") != "input_image":
        return {"type": "text", "text": _text(part)}
    image = {"url": part.get("image_url")}
    if part.get("detail"):
        image["detail"] = part["detail"]
    return {"type": "image_url", "image_url": image}


def _text(part: Item) -> str:
    text = str(part.get("text") or part.get("transcript") or "").strip()
    return UNHEARD if not text and part.get("type") == "input_audio" else text


def _tool(tool: Item) -> dict[str, Any]:
    names = ("name", "description", "parameters", "strict")
    function = {name: tool[name] for name in names if tool.get(name) is not None}
    return {"type": "function", "function": function}


def _tool_choice(choice: str | Mapping[str, Any]) -> Any:
    if isinstance(choice, str):
        return choice
    if choice.get("type") != "function":
        return "auto"
    return {"type": "function", "function": {"name": choice.get("name")}}
