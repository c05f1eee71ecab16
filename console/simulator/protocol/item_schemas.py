"""Items of a conversation, as checks: what a client may make, and put before a response."""

from __future__ import annotations

import re
from typing import Any, Final

from console import pcm
from console.simulator.protocol import defaults
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.validation import (
    Check,
    anything,
    array,
    boolean,
    choice,
    integer,
    json_object,
    nullable,
    record,
    string,
    tagged,
)

_TEXT: Final = string()
_IMAGE: Final = re.compile(r"data:image/(?:png|jpeg);base64,", re.IGNORECASE)


def _image_url(value: Any, path: str) -> str:
    url = str(_TEXT(value, path))
    if (head := _IMAGE.match(url)) is None:
        raise _no_image(path)
    try:
        is_empty = not pcm.decode(url[head.end() :])
    except ValueError as error:
        raise _no_image(path) from error
    if is_empty:
        raise _no_image(path)
    return url


def _no_image(path: str) -> Refusal:
    return Refusal(
        f"Invalid '{path}': expected a PNG or JPEG image as a base64 data URI, such as "
        "'data:image/png;base64,...'.",
        param=path,
    )


_STATUS: Final = choice("completed", "incomplete", "in_progress")
_INPUT_TEXT: Final = record({"type": anything, "text": _TEXT}, required=["text"])
_INPUT_AUDIO: Final = record(
    {"type": anything, "audio": _TEXT, "transcript": nullable(_TEXT)}, required=["audio"]
)
_INPUT_IMAGE: Final = record(
    {
        "type": anything,
        "image_url": _image_url,
        "detail": nullable(choice("auto", "low", "high")),
    },
    required=["image_url"],
)
_OUTPUT_TEXT: Final = _INPUT_TEXT
_OUTPUT_AUDIO: Final = record(
    {"type": anything, "audio": nullable(_TEXT), "transcript": nullable(_TEXT)}
)
_ID: Final = {
    "type": anything,
    "id": nullable(string(min_length=1, max_length=defaults.MAX_ITEM_ID_LENGTH)),
    "object": nullable(choice("realtime.item")),
}
_ID_AND_STATUS: Final = {**_ID, "status": nullable(_STATUS)}


def _message(fields: dict[str, Check], **content: Check) -> Check:
    return record(
        {**_ID_AND_STATUS, "role": anything, "content": array(tagged(content)), **fields},
        required=["content"],
    )


_MESSAGE: Final = tagged(
    {
        "system": _message({}, input_text=_INPUT_TEXT),
        "user": _message(
            {}, input_text=_INPUT_TEXT, input_audio=_INPUT_AUDIO, input_image=_INPUT_IMAGE
        ),
        "assistant": _message(
            # The service's own items have it, so a history that is replayed has it too.
            {"phase": nullable(choice("commentary", "final_answer"))},
            output_text=_OUTPUT_TEXT,
            output_audio=_OUTPUT_AUDIO,
        ),
    },
    tag="role",
)

_MCP_TOOL: Final = record(
    {
        "name": _TEXT,
        "description": nullable(_TEXT),
        "input_schema": json_object,
        "annotations": nullable(json_object),
    },
    required=["name", "input_schema"],
)
_NUMBERED_ERROR: Final = record(
    {"type": anything, "code": integer(), "message": _TEXT}, required=["code", "message"]
)
_MCP_ERROR: Final = tagged(
    {
        "protocol_error": _NUMBERED_ERROR,
        "http_error": _NUMBERED_ERROR,
        "tool_execution_error": record({"type": anything, "message": _TEXT}, required=["message"]),
    }
)
_MCP_CALL: Final = {"server_label": _TEXT, "name": _TEXT, "arguments": _TEXT}

_KINDS: Final[dict[str, Check]] = {
    "message": _MESSAGE,
    "function_call": record(
        {**_ID_AND_STATUS, "name": _TEXT, "call_id": _TEXT, "arguments": _TEXT},
        required=["name", "arguments"],
    ),
    "function_call_output": record(
        {**_ID_AND_STATUS, "call_id": _TEXT, "output": _TEXT}, required=["call_id", "output"]
    ),
    "mcp_approval_response": record(
        {**_ID, "approval_request_id": _TEXT, "approve": boolean, "reason": nullable(_TEXT)},
        required=["approval_request_id", "approve"],
    ),
    "mcp_approval_request": record({**_ID, **_MCP_CALL}, required=list(_MCP_CALL)),
    "mcp_call": record(
        {
            **_ID,
            **_MCP_CALL,
            "approval_request_id": nullable(_TEXT),
            "output": nullable(_TEXT),
            "error": nullable(_MCP_ERROR),
        },
        required=list(_MCP_CALL),
    ),
    "mcp_list_tools": record(
        {**_ID, "server_label": _TEXT, "tools": array(_MCP_TOOL)},
        required=["server_label", "tools"],
    ),
}

ITEM: Final = tagged(_KINDS)
"""`item` of `conversation.item.create`; a message's content depends on its role."""

INPUT: Final = array(
    tagged({**_KINDS, "item_reference": record({"type": anything, "id": _TEXT}, required=["id"])})
)
"""`input` of a response: items of its own, and references to those of the conversation."""
