"""Turns to put to the assistant, in the form that sessions put them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from console.simulator.senses import BrainTurn

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)


def tool(name: str, description: str = "", required: list[str] | None = None, **properties: Any):
    parameters = {"type": "object", "properties": properties, "required": required or []}
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
    }


NUMBER = {"type": "number"}
STRING = {"type": "string"}
WEATHER = tool(
    "get_weather",
    "Tells the weather at a place.",
    ["lat", "lng", "location"],
    lat=NUMBER,
    lng=NUMBER,
    location=STRING,
)
MEMORY = tool("set_memory", "Remembers something.", ["key", "value"], key=STRING, value=STRING)
TOOLS = [WEATHER, MEMORY]


def typed(text: str) -> dict[str, Any]:
    return _message("user", {"type": "input_text", "text": text})


def spoken(transcript: str | None) -> dict[str, Any]:
    return _message("user", {"type": "input_audio", "transcript": transcript})


def said(text: str) -> dict[str, Any]:
    return _message("assistant", {"type": "output_audio", "transcript": text})


def system(text: str) -> dict[str, Any]:
    return _message("system", {"type": "input_text", "text": text})


def image(text: str | None = None) -> dict[str, Any]:
    parts = [{"type": "input_image", "image_url": "data:image/png;base64,AA=="}]
    return _message("user", *parts, *([{"type": "input_text", "text": text}] if text else []))


def call(name: str, arguments: Any, call_id: str = "call_1") -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"type": "function_call", "name": name, "call_id": call_id, "arguments": text}


def output(result: Any, call_id: str = "call_1") -> dict[str, Any]:
    text = result if isinstance(result, str) else json.dumps(result)
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def turn(
    *items: str | dict[str, Any],
    tools: list[dict[str, Any]] | None = None,
    instructions: str = "",
    tool_choice: Any = "auto",
) -> BrainTurn:
    """Return a turn; texts are typed by the user."""
    return BrainTurn(
        instructions=instructions,
        tools=TOOLS if tools is None else tools,
        tool_choice=tool_choice,
        items=[typed(each) if isinstance(each, str) else each for each in items],
        now=NOW,
    )


def _message(role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": list(parts)}
