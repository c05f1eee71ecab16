"""Whole sessions as servers send them, event by event: the raw material of the stream tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from console import pcm

Wire = dict[str, Any]

CHUNK = bytes(range(1, 97)) * 5
"""10 ms of sound."""
SAID = "conversation.item.input_audio_transcription."
USAGE = {
    "total_tokens": 30,
    "input_tokens": 20,
    "output_tokens": 10,
    "input_token_details": {"text_tokens": 10, "audio_tokens": 10, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 4, "audio_tokens": 6},
}


def message(item_id: str, role: str, status: str, *content: Wire, **more: Any) -> Wire:
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "role": role,
        "content": list(content),
        **more,
    }


def entered(item: Wire, after: str | None, *, done: bool = True) -> list[Wire]:
    """An item that the client or the server made."""
    place = {"previous_item_id": after, "item": item}
    events = [{"type": "conversation.item.added", **place}]
    return [*events, {"type": "conversation.item.done", **place}] if done else events


def session(
    event_type: str = "session.created", kind: str = "realtime", **audio_input: Any
) -> Wire:
    return {"type": event_type, "session": {"type": kind, "audio": {"input": audio_input}}}


def typed(item_id: str, words: str, after: str | None = None) -> list[Wire]:
    return entered(
        message(item_id, "user", "completed", {"type": "input_text", "text": words}), after
    )


def spoken_turn(item_id: str, words: list[str], after: str | None, start_ms: int = 0) -> list[Wire]:
    """A turn that the server found, with a recogniser that writes while the user speaks."""
    at = {"item_id": item_id}
    spoken = {"type": "input_audio", "transcript": None}
    place = {**at, "content_index": 0}
    first, *rest = [{"type": SAID + "delta", **place, "delta": each} for each in words]
    return [
        {"type": "input_audio_buffer.speech_started", **at, "audio_start_ms": start_ms},
        first,
        {"type": "input_audio_buffer.speech_stopped", **at, "audio_end_ms": start_ms + 200},
        *rest[:1],
        {"type": "input_audio_buffer.committed", **at, "previous_item_id": after},
        *entered(message(item_id, "user", "completed", spoken), after),
        *rest[1:],
        {
            "type": SAID + "completed",
            **place,
            "transcript": "".join(words),
            "usage": {"type": "duration", "seconds": 1},
        },
    ]


class Answer:
    """A response in the making; its parts are lists of events that a script puts in order."""

    def __init__(self, response_id: str, *, apart: bool = False, **response: Any) -> None:
        self.id = response_id
        self.is_apart = apart
        self.response = {
            "object": "realtime.response",
            "id": response_id,
            "conversation_id": None if apart else "conv_1",
            **response,
        }
        self.output: list[Wire] = []

    def created(self) -> list[Wire]:
        return [
            {"type": "response.created", "response": {**self.response, "status": "in_progress"}}
        ]

    def begins(self, item: Wire, after: str | None) -> list[Wire]:
        index = len(self.output)
        self.output.append(item)
        begun = {
            "type": "response.output_item.added",
            "response_id": self.id,
            "output_index": index,
            "item": item,
        }
        return [begun, *([] if self.is_apart else entered(item, after, done=False))]

    def ends(self, item: Wire, after: str | None) -> list[Wire]:
        index = next(n for n, each in enumerate(self.output) if each["id"] == item["id"])
        self.output[index] = item
        ended = {
            "type": "response.output_item.done",
            "response_id": self.id,
            "output_index": index,
            "item": item,
        }
        gone = {"type": "conversation.item.done", "previous_item_id": after, "item": item}
        return [ended] if self.is_apart else [gone, ended]

    def place(self, item_id: str, content_index: int = 0) -> Wire:
        index = next(n for n, each in enumerate(self.output) if each["id"] == item_id)
        return {
            "response_id": self.id,
            "item_id": item_id,
            "output_index": index,
            "content_index": content_index,
        }

    def speaks(
        self, item_id: str, words: list[str], after: str | None, *, sound: bool = True, cut: int = 0
    ) -> list[Wire]:
        """A message from beginning to end; with `cut`, only so many words come out."""
        at_first = message(item_id, "assistant", "in_progress")
        events = self.begins(at_first, after)
        place = self.place(item_id)
        events.append({
            "type": "response.content_part.added",
            **place,
            "part": {"type": "audio", "transcript": ""},
        })  # fmt: skip
        came = words[:cut] if cut else words
        for word in came:
            events.append(
                {"type": "response.output_audio_transcript.delta", **place, "delta": word}
            )
            if sound:
                delta = pcm.encode(CHUNK)
                events.append({"type": "response.output_audio.delta", **place, "delta": delta})
        said = "".join(came)
        status = "incomplete" if cut else "completed"
        part = {"type": "output_audio", "transcript": said}
        return [
            *events,
            {"type": "response.output_audio.done", **place},
            {"type": "response.output_audio_transcript.done", **place, "transcript": said},
            {
                "type": "response.content_part.done",
                **place,
                "part": {"type": "audio", "transcript": said},
            },
            *self.ends(message(item_id, "assistant", status, part), after),
        ]

    def writes(self, item_id: str, words: list[str], after: str | None, **more: Any) -> list[Wire]:
        events = self.begins(message(item_id, "assistant", "in_progress", **more), after)
        place = self.place(item_id)
        events.append({
            "type": "response.content_part.added",
            **place,
            "part": {"type": "text", "text": ""},
        })  # fmt: skip
        events += [{"type": "response.output_text.delta", **place, "delta": word} for word in words]
        text = "".join(words)
        final = message(
            item_id, "assistant", "completed", {"type": "output_text", "text": text}, **more
        )
        return [
            *events,
            {"type": "response.output_text.done", **place, "text": text},
            {"type": "response.content_part.done", **place, "part": {"type": "text", "text": text}},
            *self.ends(final, after),
        ]

    def calls(self, item_id: str, arguments: list[str], after: str | None) -> list[Wire]:
        known = {
            "id": item_id,
            "type": "function_call",
            "name": "get_weather",
            "call_id": f"call_{item_id}",
        }
        events = self.begins({**known, "status": "in_progress", "arguments": ""}, after)
        place = {**self.place(item_id), "call_id": known["call_id"]}
        del place["content_index"]
        kind, whole = "response.function_call_arguments", "".join(arguments)
        events += [{"type": f"{kind}.delta", **place, "delta": each} for each in arguments]
        done = {"type": f"{kind}.done", **place, "name": "get_weather", "arguments": whole}
        final = {**known, "status": "completed", "arguments": whole}
        return [*events, done, *self.ends(final, after)]

    def done(self, status: str = "completed", **more: Any) -> list[Wire]:
        response = {
            **self.response,
            "status": status,
            "output": self.output,
            "usage": USAGE,
            **more,
        }
        limits = [{"name": "tokens", "limit": 100, "remaining": 70, "reset_seconds": 1.5}]
        return [
            {"type": "response.done", "response": response},
            {"type": "rate_limits.updated", "rate_limits": limits},
        ]


def interleaved(*streams: list[Wire]) -> Iterator[Wire]:
    """One event of each in turn."""
    for events in itertools.zip_longest(*streams):
        yield from (each for each in events if each is not None)


VAD = {"type": "server_vad", "create_response": True, "interrupt_response": True}
CANCELLED = {"status_details": {"type": "cancelled", "reason": "turn_detected"}}


def talking() -> list[Wire]:
    """Two spoken turns; the second interrupts the answer to the first."""
    first, second = Answer("resp_1"), Answer("resp_2")
    turn = spoken_turn("user_2", ["Stop", ", please"], "said_1", start_ms=600)
    heard = {"item_id": "said_1", "content_index": 0, "audio_end_ms": 15}
    return [
        session(transcription={"model": "m"}, turn_detection=VAD),
        *spoken_turn("user_1", ["Tell", " me", " more"], None),
        *first.created(),
        *first.speaks("said_1", ["One ", "two ", "three ", "four"], "user_1", cut=3)[:-5],
        turn[0],
        *first.speaks("said_1", ["One ", "two ", "three ", "four"], "user_1", cut=3)[-5:],
        *first.done("cancelled", **CANCELLED),
        {"type": "conversation.item.truncated", **heard},
        *turn[1:],
        *second.created(),
        *second.speaks("said_2", ["All ", "right."], "user_2"),
        *second.done(),
        {"type": "conversation.item.deleted", "item_id": "user_1"},
    ]


def calling_tools() -> list[Wire]:
    """A comment and a call that overlap, its output, and the answer to it."""
    first, second = Answer("resp_1"), Answer("resp_2")
    comment = first.writes("said_1", ["Let me ", "see."], "user_1", phase="commentary")
    call = first.calls("call_1", ['{"city"', ':"Paris"}'], "said_1")
    answer = {
        "id": "out_1",
        "type": "function_call_output",
        "call_id": "call_call_1",
        "output": "7",
    }
    return [
        session(turn_detection=None),
        *typed("user_1", "How warm is Paris?"),
        *first.created(),
        # The call begins before the comment is finished.
        *comment[:5],
        *interleaved(comment[5:], call),
        *first.done(),
        *entered(answer, "call_1"),
        *second.created(),
        *second.speaks("said_2", ["Seven ", "degrees."], "out_1"),
        *second.done(),
    ]


def server_tools() -> list[Wire]:
    """Tools that the server calls itself: found, asked for, approved, called, and one that fails."""
    answer = Answer("resp_1")
    tools = [{"name": "read", "description": "Reads.", "input_schema": {"type": "object"}}]
    listed = {"id": "list_1", "type": "mcp_list_tools", "server_label": "files", "tools": []}
    request = {
        "id": "ask_1",
        "type": "mcp_approval_request",
        "server_label": "files",
        "name": "read",
        "arguments": "{}",
    }
    reply = {
        "id": "reply_1",
        "type": "mcp_approval_response",
        "approval_request_id": "ask_1",
        "approve": True,
    }
    calls = [
        {
            "id": f"mcp_{n}",
            "type": "mcp_call",
            "server_label": "files",
            "name": "read",
            "arguments": "",
            "approval_request_id": "ask_1",
        }
        for n in (1, 2)
    ]
    error = {"type": "tool_execution_error", "message": "No such file"}
    ends: list[Wire] = [{"output": "Hello", "error": None}, {"output": None, "error": error}]

    def called(n: int) -> list[Wire]:
        item, end = calls[n], ends[n]
        after = "reply_1" if n == 0 else "mcp_1"
        begun = answer.begins(item, after)
        place = {**answer.place(item["id"])}
        del place["content_index"]
        about = {"item_id": item["id"], "output_index": place["output_index"]}
        state = "failed" if end["error"] else "completed"
        return [
            *begun,
            {"type": "response.mcp_call_arguments.delta", **place, "delta": '{"a"'},
            {"type": "response.mcp_call_arguments.delta", **place, "delta": ":1}"},
            {"type": "response.mcp_call_arguments.done", **place, "arguments": '{"a":1}'},
            {"type": "response.mcp_call.in_progress", **about},
            {"type": f"response.mcp_call.{state}", **about},
            *answer.ends({**item, "arguments": '{"a":1}', **end}, after),
        ]

    return [
        session(),
        *entered(listed, None, done=False),
        {"type": "mcp_list_tools.in_progress", "item_id": "list_1"},
        {
            "type": "conversation.item.done",
            "previous_item_id": None,
            "item": {**listed, "tools": tools},
        },
        {"type": "mcp_list_tools.completed", "item_id": "list_1"},
        *typed("user_1", "What does it say?", "list_1"),
        *answer.created(),
        *answer.begins(request, "user_1"),
        *answer.ends(request, "user_1"),
        *entered(reply, "ask_1"),
        *interleaved(called(0), called(1)),
        *answer.done(),
    ]


def side_by_side() -> list[Wire]:
    """An answer, and two responses outside the conversation that are made at the same time."""
    answer = Answer("resp_1")
    title = Answer("resp_2", apart=True, metadata={"topic": "title"})
    mood = Answer("resp_3", apart=True, metadata={"topic": "mood"})
    return [
        session(),
        *typed("user_1", "I won!"),
        *interleaved(
            [
                *answer.created(),
                *answer.speaks("said_1", ["Well ", "done!"], "user_1"),
                *answer.done(),
            ],
            [*title.created(), *title.writes("note_1", ["A ", "win"], None), *title.done()],
            [*mood.created(), *mood.writes("note_2", ["glad"], None), *mood.done()],
        ),
    ]


def transcribing() -> list[Wire]:
    """A session of the other type: speakers told apart, one turn that fails, nobody answers."""
    place = {"item_id": "user_1", "content_index": 0}
    logprobs = [{"token": "Hello", "logprob": -0.1, "bytes": [72]}]
    failure = {"type": "server_error", "code": "server_error", "message": "Too noisy."}
    spoken = {"type": "input_audio", "transcript": None}
    told = [
        {
            "type": SAID + "segment",
            **place,
            "id": f"seg_{n}",
            "speaker": speaker,
            "text": words,
            "start": float(n),
            "end": n + 0.5,
        }
        for n, (speaker, words) in enumerate([("A", "Hello"), ("B", "Hi")])
    ]
    usage = {"type": "tokens", "total_tokens": 9, "input_tokens": 7, "output_tokens": 2}
    whole = {"transcript": "Hello Hi", "usage": usage, "languages": [{"code": "en"}]}
    return [
        session(kind="transcription", transcription={"model": "m"}, turn_detection=None),
        session("session.updated", "transcription", transcription={"model": "m"}),
        {"type": "input_audio_buffer.committed", "item_id": "user_1", "previous_item_id": None},
        {"type": SAID + "delta", **place, "delta": "Hello", "logprobs": logprobs},
        *entered(message("user_1", "user", "completed", spoken), None),
        *told,
        {"type": SAID + "completed", **place, **whole},
        {"type": "input_audio_buffer.committed", "item_id": "user_2", "previous_item_id": "user_1"},
        *entered(message("user_2", "user", "completed", spoken), "user_1"),
        {"type": SAID + "failed", "item_id": "user_2", "content_index": 0, "error": failure},
    ]


def watching_a_call() -> list[Wire]:
    """A call seen from beside it: no sound, but what is played of it, and keys."""
    first, second = Answer("resp_1"), Answer("resp_2")
    saying = first.speaks("said_1", ["Your ", "balance ", "is"], "user_1", sound=False)
    asking = second.speaks("said_2", ["Any", "thing ", "else?"], "user_2", sound=False)
    return [
        session("session.updated", transcription={"model": "m"}, turn_detection=VAD),
        *spoken_turn("user_1", ["My ", "balance"], None),
        *first.created(),
        *saying[:4],
        {"type": "output_audio_buffer.started", "response_id": "resp_1"},
        *saying[4:],
        *first.done(),
        {"type": "output_audio_buffer.stopped", "response_id": "resp_1"},
        {
            "type": "input_audio_buffer.dtmf_event_received",
            "event": "1",
            "received_at": 1_763_000_000,
        },
        *spoken_turn("user_2", ["Thanks"], "said_1", start_ms=500),
        *second.created(),
        *asking[:4],
        {"type": "output_audio_buffer.started", "response_id": "resp_2"},
        *asking[4:],
        *second.done(),
        {"type": "output_audio_buffer.cleared", "response_id": "resp_2"},
    ]


def nobody_speaks() -> list[Wire]:
    """An image, and silence until the server takes the word itself."""
    answer = Answer("resp_1")
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"}
    hint = {"type": "input_text", "text": "The user is silent."}
    spoken = {"type": "input_audio", "transcript": None}
    return [
        session(turn_detection={**VAD, "idle_timeout_ms": 5000}),
        {"type": "conversation.created", "conversation": {"id": "conv_1"}},
        *entered(message("user_1", "user", "completed", image), None),
        {
            "type": "input_audio_buffer.timeout_triggered",
            "item_id": "user_2",
            "audio_start_ms": 0,
            "audio_end_ms": 200,
        },
        *entered(message("hint_1", "system", "completed", hint), "user_1"),
        {"type": "input_audio_buffer.committed", "item_id": "user_2", "previous_item_id": "hint_1"},
        *entered(message("user_2", "user", "completed", spoken), "hint_1"),
        *answer.created(),
        *answer.speaks("said_1", ["Are you ", "there?"], "user_2"),
        *answer.done(),
    ]


SESSIONS = (
    talking,
    calling_tools,
    server_tools,
    side_by_side,
    transcribing,
    watching_a_call,
    nobody_speaks,
)
