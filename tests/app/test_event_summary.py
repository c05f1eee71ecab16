import pytest

from console.app.event_summary import shorten, summarise


@pytest.mark.parametrize(
    ("event_type", "fields", "summary"),
    [
        (
            "relay.settings_left_out",
            {"event": "session.update", "left_out": ["session.instructions", "session.tools"]},
            "the policy has left out session.instructions, session.tools of session.update",
        ),
        (
            "relay.event_not_shown",
            {"event": "response.create", "bytes": 70_000, "why": "It is too large."},
            "response.create: It is too large.",
        ),
        ("relay.event_not_shown", {"bytes": 3, "why": "It is no JSON."}, "It is no JSON."),
        (
            "session.updated",
            {
                "session": {
                    "model": "m",
                    "audio": {
                        "input": {"turn_detection": {"type": "server_vad"}},
                        "output": {"voice": "marin"},
                    },
                    "tools": [{"name": "get_weather"}],
                }
            },
            "m, turn detection server_vad, voice marin, tools get_weather",
        ),
        (
            "session.update",
            {"session": {"type": "realtime", "audio": {"input": {"turn_detection": None}}}},
            "turn detection off",
        ),
        (
            "session.update",
            {"session": {"type": "realtime", "instructions": "x"}},
            "instructions",
        ),
        (
            "session.update",
            {"session": {"audio": {"input": {"noise_reduction": None}, "output": {"speed": 1.2}}}},
            "audio.input.noise_reduction, audio.output.speed",
        ),
        (
            "conversation.item.added",
            {"item": {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}},
            "user: Hello",
        ),
        (
            "conversation.item.added",
            {"item": {"type": "function_call", "name": "f", "arguments": '{"a":1}'}},
            'f({"a":1})',
        ),
        (
            "conversation.item.done",
            {
                "item": {
                    "type": "mcp_list_tools",
                    "server_label": "demo",
                    "tools": [{"name": "add"}, {"name": "roll"}],
                }
            },
            "demo tools: add roll",
        ),
        (
            "conversation.item.done",
            {
                "item": {
                    "type": "mcp_approval_request",
                    "server_label": "demo",
                    "name": "add",
                    "arguments": "{}",
                }
            },
            "asks for approval: demo add({})",
        ),
        (
            "conversation.item.create",
            {"item": {"type": "mcp_approval_response", "approve": False}},
            "denied",
        ),
        (
            "input_audio_buffer.timeout_triggered",
            {"audio_start_ms": 100, "audio_end_ms": 900, "item_id": "i"},
            "100 to 900 ms",
        ),
        ("input_audio_buffer.dtmf_event_received", {"event": "#", "received_at": 1}, "#"),
        (
            "conversation.item.input_audio_transcription.segment",
            {"speaker": "A", "text": "Hello."},
            "A: Hello.",
        ),
        ("output_audio_buffer.started", {"response_id": "resp_1"}, "resp_1"),
        ("conversation.created", {"conversation": {"id": "conv_1"}}, "conv_1"),
        (
            "conversation.item.create",
            {"item": {"type": "function_call_output", "output": "42"}},
            "output 42",
        ),
        (
            "response.done",
            {
                "response": {
                    "status": "cancelled",
                    "status_details": {"reason": "turn_detected"},
                    "usage": {"total_tokens": 12},
                }
            },
            "cancelled, turn_detected, 12 tokens",
        ),
        (
            "response.done",
            {"response": {"status": "failed", "status_details": {"error": {"message": "no"}}}},
            "failed, no",
        ),
        ("error", {"error": {"code": "invalid_value", "message": "Bad."}}, "Bad. (invalid_value)"),
        ("error", {"error": {"message": "Bad."}}, "Bad."),
        ("error", {"error": {"type": "server_error"}}, "server_error"),
        ("response.output_audio.done", {"item_id": "item_1", "response_id": "resp_1"}, ""),
        (
            "response.content_part.added",
            {"item_id": "item_1", "content_index": 0, "part": {"type": "audio"}},
            "content part 0: audio",
        ),
        (
            "rate_limits.updated",
            {"rate_limits": [{"name": "tokens", "remaining": 1, "limit": 2}]},
            "tokens 1 of 2",
        ),
        ("input_audio_buffer.speech_started", {"audio_start_ms": 96}, "at 96 ms"),
        ("response.create", {"response": {"instructions": "x"}}, "instructions"),
        ("something.new", {"item_id": "item_1", "other": 1}, "item_1"),
        ("error", {"error": "plain text"}, ""),
        ("response.done", {"response": None}, ""),
    ],
)
def test_an_event_says_what_matters(event_type, fields, summary):
    assert summarise(event_type, fields) == summary


def test_a_long_text_is_cut_to_one_line():
    assert shorten("a\nb\t c") == "a b c"
    assert shorten("x" * 200, 10) == "x" * 9 + "…"
