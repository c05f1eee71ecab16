"""One line about an event, for the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from console.realtime.observed import LEFT_OUT, NOT_SHOWN

UNREADABLE: Final = "(unreadable message)"
"""Stands in the list for what the server sent that was no event; `message` says why."""
MAX_SUMMARY_CHARACTERS = 160

Fields = Mapping[str, Any]


def summarise(event_type: str, fields: Fields) -> str:
    """Return what an event says in at most 160 characters; never raises on odd fields."""
    writer = _WRITERS.get(event_type)
    if writer is None and event_type.endswith(".delta"):
        writer = _delta
    text = writer(fields) if writer else _ids(fields)
    return shorten(text)


def shorten(text: str, limit: int = MAX_SUMMARY_CHARACTERS) -> str:
    """Return `text` on one line, cut with an ellipsis where it is longer than `limit`."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return str(value)


def _map(value: Any) -> Fields:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _ids(fields: Fields) -> str:
    named = (fields.get(key) for key in ("item_id", "response_id", "call_id"))
    return " ".join(each for each in named if isinstance(each, str))


def _delta(fields: Fields) -> str:
    return _text(fields.get("delta"))


def _audio(fields: Fields) -> str:
    return ""  # the list says how long the audio of a row is


def _session(fields: Fields) -> str:
    session = _map(fields.get("session"))
    audio = _map(session.get("audio"))
    turn = _map(audio.get("input")).get("turn_detection", "")
    parts = [_text(session.get("model"))]
    if "turn_detection" in _map(audio.get("input")):
        parts.append(f"turn detection {_text(_map(turn).get('type')) or 'off'}")
    if voice := _map(audio.get("output")).get("voice"):
        parts.append(f"voice {_text(voice)}")
    if tools := _list(session.get("tools")):
        parts.append("tools " + " ".join(_text(_map(each).get("name")) for each in tools))
    rest = [
        key for key in session if key not in {"type", "model", "audio", "tools", "object", "id"}
    ]
    if len(parts) == 1 and not parts[0]:
        parts.extend(rest)
        parts.extend(f"audio.{side}.{key}" for side in audio for key in _map(audio[side]))
    return ", ".join(each for each in parts if each)


def _item(fields: Fields) -> str:
    item = _map(fields.get("item"))
    kind = item.get("type")
    if kind == "function_call":
        return f"{_text(item.get('name'))}({_text(item.get('arguments'))})"
    if kind == "function_call_output":
        return f"output {_text(item.get('output'))}"
    if isinstance(kind, str) and kind.startswith("mcp_"):
        return _mcp_item(item)
    words = [
        _text(_map(part).get("text") or _map(part).get("transcript") or _map(part).get("type"))
        for part in _list(item.get("content"))
    ]
    return f"{_text(item.get('role') or kind)}: {' '.join(words)}".rstrip(": ")


def _mcp_item(item: Fields) -> str:
    server, kind = _text(item.get("server_label")), _text(item.get("type"))
    if kind == "mcp_list_tools":
        names = " ".join(_text(_map(each).get("name")) for each in _list(item.get("tools")))
        return f"{server} tools: {names}".rstrip(": ")
    if kind == "mcp_approval_response":
        return "approved" if item.get("approve") is True else "denied"
    call = f"{server} {_text(item.get('name'))}({_text(item.get('arguments'))})"
    return f"asks for approval: {call}" if kind == "mcp_approval_request" else call


def _conversation(fields: Fields) -> str:
    return _text(_map(fields.get("conversation")).get("id"))


def _response(fields: Fields) -> str:
    response = _map(fields.get("response"))
    parts = [_text(response.get("status"))]
    details = _map(response.get("status_details"))
    parts.append(_text(details.get("reason") or _map(details.get("error")).get("message")))
    if (total := _map(response.get("usage")).get("total_tokens")) is not None:
        parts.append(f"{_text(total)} tokens")
    return ", ".join(each for each in parts if each)


def _response_request(fields: Fields) -> str:
    return ", ".join(_map(fields.get("response")))


def _part(fields: Fields) -> str:
    part = _map(fields.get("part"))
    words = _text(part.get("text") or part.get("transcript") or part.get("type"))
    return f"content part {_text(fields.get('content_index'))}: {words}".rstrip(": ")


def _nothing(fields: Fields) -> str:
    return ""  # the type says it all: what is left are ids and places


def _error(fields: Fields) -> str:
    error = _map(fields.get("error"))
    code = _text(error.get("code") or error.get("type"))
    message = _text(error.get("message"))
    return f"{message} ({code})" if message and code else message or code


def _left_out(fields: Fields) -> str:
    paths = ", ".join(_text(each) for each in _list(fields.get("left_out")))
    return f"the policy has left out {paths} of {_text(fields.get('event'))}"


def _not_shown(fields: Fields) -> str:
    kind, why = _text(fields.get("event")), _text(fields.get("why"))
    return f"{kind}: {why}" if kind else why


def _limits(fields: Fields) -> str:
    limits = (_map(each) for each in _list(fields.get("rate_limits")))
    return ", ".join(
        f"{_text(each.get('name'))} {_text(each.get('remaining'))} of {_text(each.get('limit'))}"
        for each in limits
    )


def _call(fields: Fields) -> str:
    return f"{_text(fields.get('name'))}({_text(fields.get('arguments'))})"


def _at(key: str) -> Callable[[Fields], str]:
    def write(fields: Fields) -> str:
        return f"at {_text(fields.get(key))} ms"

    return write


def _one(key: str) -> Callable[[Fields], str]:
    def write(fields: Fields) -> str:
        return _text(fields.get(key))

    return write


def _span(fields: Fields) -> str:
    return f"{_text(fields.get('audio_start_ms'))} to {_text(fields.get('audio_end_ms'))} ms"


def _segment(fields: Fields) -> str:
    return f"{_text(fields.get('speaker')) or 'somebody'}: {_text(fields.get('text'))}"


_WRITERS: dict[str, Callable[[Fields], str]] = {
    UNREADABLE: _one("message"),
    LEFT_OUT: _left_out,
    NOT_SHOWN: _not_shown,
    "session.created": _session,
    "session.updated": _session,
    "session.update": _session,
    "conversation.item.added": _item,
    "conversation.item.created": _item,
    "conversation.item.done": _item,
    "conversation.item.create": _item,
    "conversation.item.retrieved": _item,
    "conversation.item.truncate": _at("audio_end_ms"),
    "conversation.item.truncated": _at("audio_end_ms"),
    "conversation.item.input_audio_transcription.completed": _one("transcript"),
    "conversation.item.input_audio_transcription.failed": _error,
    "conversation.item.input_audio_transcription.segment": _segment,
    "input_audio_buffer.append": _audio,
    "input_audio_buffer.speech_started": _at("audio_start_ms"),
    "input_audio_buffer.speech_stopped": _at("audio_end_ms"),
    "input_audio_buffer.timeout_triggered": _span,
    "input_audio_buffer.dtmf_event_received": _one("event"),
    "output_audio_buffer.started": _one("response_id"),
    "output_audio_buffer.stopped": _one("response_id"),
    "output_audio_buffer.cleared": _one("response_id"),
    "transcription_session.created": _session,
    "transcription_session.updated": _session,
    "transcription_session.update": _session,
    "conversation.created": _conversation,
    "mcp_list_tools.in_progress": _one("item_id"),
    "mcp_list_tools.completed": _one("item_id"),
    "mcp_list_tools.failed": _one("item_id"),
    "response.mcp_call_arguments.done": _one("arguments"),
    "response.mcp_call.in_progress": _one("item_id"),
    "response.mcp_call.completed": _one("item_id"),
    "response.mcp_call.failed": _one("item_id"),
    "response.create": _response_request,
    "response.created": _response,
    "response.done": _response,
    "input_audio_buffer.committed": _nothing,
    "response.content_part.added": _part,
    "response.content_part.done": _part,
    "response.output_audio.done": _nothing,
    "response.audio.done": _nothing,
    "response.output_item.added": _item,
    "response.output_item.done": _item,
    "response.output_audio.delta": _audio,
    "response.audio.delta": _audio,
    "response.output_audio_transcript.done": _one("transcript"),
    "response.audio_transcript.done": _one("transcript"),
    "response.output_text.done": _one("text"),
    "response.text.done": _one("text"),
    "response.function_call_arguments.done": _call,
    "rate_limits.updated": _limits,
    "error": _error,
}
