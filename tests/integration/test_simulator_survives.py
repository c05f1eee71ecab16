"""Whatever a client sends, and whenever: the simulator answers in order and ends what it began."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulator.senses import BrainCall
from tests.simulator.pictures import PNG
from tests.simulator.session_driver import WEATHER, Driver, kinds

SERVER = {"type": "mcp", "server_label": "demo", "server_url": "https://127.0.0.1/mcp"}
AUDIO = "AAAA" * 1600
IDS = ["mine", "other"]
CONTENTS: list[tuple[str, list[dict[str, Any]]]] = [
    ("user", [{"type": "input_text", "text": "hello"}]),
    ("user", [{"type": "input_audio", "audio": AUDIO}]),
    ("user", [{"type": "input_image", "image_url": PNG}]),
    ("assistant", [{"type": "output_text", "text": "well"}]),
    ("assistant", [{"type": "output_audio", "audio": AUDIO, "transcript": "well"}]),
    ("system", [{"type": "input_text", "text": "be brief"}]),
    ("system", [{"type": "output_text", "text": "wrong"}]),
]


def messages() -> st.SearchStrategy[dict[str, Any]]:
    given_id = st.fixed_dictionaries({}, optional={"id": st.sampled_from(IDS)})
    return st.builds(
        lambda content, extra: {
            "type": "message",
            "role": content[0],
            "content": content[1],
            **extra,
        },
        st.sampled_from(CONTENTS),
        given_id,
    )


ITEMS = st.one_of(
    messages(),
    st.sampled_from(
        [
            {"type": "function_call", "name": "f", "call_id": "call_1", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "1"},
            {"type": "mcp_approval_response", "approval_request_id": "mine", "approve": True},
            {
                "type": "mcp_approval_request",
                "id": "mine",
                "server_label": "demo",
                "name": "roll_dice",
                "arguments": "{}",
            },
        ]
    ),
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none"]),
        "output_modalities": st.sampled_from([["audio"], ["text"]]),
        "max_output_tokens": st.sampled_from([1, 20, "inf"]),
        "metadata": st.sampled_from([{"a": "b"}, None]),
        "parallel_tool_calls": st.booleans(),
        "audio": st.sampled_from(
            [{"output": {"voice": "echo"}}, {"output": {"format": {"type": "audio/pcmu"}}}]
        ),
        "tools": st.sampled_from([[WEATHER], [SERVER], []]),
        "input": st.lists(
            st.one_of(
                ITEMS, st.sampled_from([{"type": "item_reference", "id": each} for each in IDS])
            ),
            max_size=2,
        ),
    },
)
SESSIONS = st.sampled_from(
    [
        {"tools": [SERVER]},
        {"tools": [{**SERVER, "require_approval": "never"}, WEATHER]},
        {"audio": {"input": {"turn_detection": None}}},
        {"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}}},
        {"audio": {"input": {"transcription": {"model": "whisper-1"}}}},
        {"audio": {"output": {"voice": "ash"}}},
        {"output_modalities": ["text"]},
        {"truncation": {"type": "retention_ratio", "retention_ratio": 0.5}},
        {"truncation": "disabled", "reasoning": {"effort": "low"}},
    ]
)
PLACES = st.sampled_from(IDS)
BEFORE = st.sampled_from([*IDS, "root", "gone"])
STEPS = st.one_of(
    st.tuples(st.just("conversation.item.create"), st.builds(lambda item: {"item": item}, ITEMS)),
    st.tuples(
        st.just("conversation.item.create"),
        st.builds(lambda item, at: {"item": item, "previous_item_id": at}, ITEMS, BEFORE),
    ),
    st.tuples(st.just("response.create"), st.builds(lambda each: {"response": each}, RESPONSES)),
    st.tuples(st.just("response.create"), st.just({})),
    st.tuples(st.just("response.cancel"), st.just({})),
    st.tuples(
        st.just("session.update"),
        st.builds(lambda each: {"session": {"type": "realtime", **each}}, SESSIONS),
    ),
    st.tuples(st.just("input_audio_buffer.append"), st.just({"audio": AUDIO})),
    st.tuples(
        st.sampled_from(["input_audio_buffer.commit", "input_audio_buffer.clear"]), st.just({})
    ),
    st.tuples(
        st.sampled_from(["conversation.item.delete", "conversation.item.retrieve"]),
        st.builds(lambda at: {"item_id": at}, PLACES),
    ),
    st.tuples(
        st.just("conversation.item.truncate"),
        st.builds(lambda at: {"item_id": at, "content_index": 0, "audio_end_ms": 10}, PLACES),
    ),
    st.tuples(
        st.sampled_from(["work", "speech starts", "speech stops", "time passes", "last item"]),
        st.integers(1, 6),
    ),
    st.tuples(st.just("work"), st.integers(1, 12)),
    st.tuples(st.just("turn"), st.integers(1, 6)),
)


class TalkativeDriver(Driver):
    """Its assistant and its recogniser never run out of words."""

    def _work_on(self, intent):
        chance = random.Random(len(self.events))
        if not self.replies:
            calls = [BrainCall(name, {}) for name in ("roll_dice", "f")][: chance.randint(0, 3)]
            self.expect(*["One two.", "Three."][: chance.randint(0, 2)], calls=calls)
        if not self.says:
            self.says.append(chance.choice(["hello", "", None]))
        return super()._work_on(intent)


def take_step(driver: TalkativeDriver, name: str, value: Any) -> None:
    match name:
        case "work":
            driver.work(value)
        case "speech starts":
            driver.speech_starts(100 * value)
        case "speech stops":
            driver.speech_stops(100 * value + 500)
        case "turn":
            driver.send("input_audio_buffer.append", audio=AUDIO)
            driver.speech_starts(0)
            driver.work(value)
            driver.speech_stops(100)
        case "time passes":
            driver.pass_time(1500 * value)
        case "last item":
            added = [e for e in driver.events if e["type"] == "conversation.item.added"]
            if added:
                event = "truncate" if value % 2 else "delete"
                where = {"content_index": 0, "audio_end_ms": 10} if value % 2 else {}
                driver.send(f"conversation.item.{event}", item_id=added[-1]["item"]["id"], **where)
        case _:
            driver.send(name, **value)


@pytest.mark.parametrize("is_call", [False, True])
@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, min_size=8, max_size=30))
def test_any_events_in_any_order_are_answered_and_everything_begun_is_ended(is_call, steps):
    driver = TalkativeDriver(is_call=is_call)
    for name, value in steps:
        take_step(driver, name, value)
    driver.work()

    check_responses(driver.events)
    check_items(driver.events)


def check_responses(events: list[dict[str, Any]]) -> None:
    """Each response ends once; at most one belongs to the conversation; nothing comes after."""
    active: dict[str, bool] = {}
    for event in events:
        if event["type"] == "response.created":
            active[event["response"]["id"]] = event["response"]["conversation_id"] is not None
            assert sum(active.values()) <= 1
        elif event["type"] == "response.done":
            response = event["response"]
            del active[response["id"]]
            count = response["usage"]
            assert count["total_tokens"] == count["input_tokens"] + count["output_tokens"]
            assert count["input_token_details"]["cached_tokens"] <= count["input_tokens"]
        elif event["type"].startswith("response.") and "response_id" in event:
            assert event["response_id"] in active
    assert active == {}
    assert kinds(events).count("rate_limits.updated") == kinds(events).count("response.done")


def check_items(events: list[dict[str, Any]]) -> None:
    """Each item is added once, after one that is there, and done once unless it is deleted."""
    present: set[str] = set()
    unfinished: set[str] = set()
    for event in events:
        if event["type"] == "conversation.item.added":
            item_id = event["item"]["id"]
            assert item_id not in present
            assert event["previous_item_id"] is None or event["previous_item_id"] in present
            present.add(item_id)
            unfinished.add(item_id)
        elif event["type"] == "conversation.item.done":
            unfinished.remove(event["item"]["id"])
        elif event["type"] == "conversation.item.deleted":
            present.remove(event["item_id"])
            unfinished.discard(event["item_id"])
    assert unfinished == set()
