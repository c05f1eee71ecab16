"""Whole sessions, as they should come and as they should not: the conversation stands it all."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from console import pcm
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.items import ContentPart, Fault, Item, ItemUpdate, ResponseUpdate
from console.realtime.mcp import McpError
from console.realtime.usage import TokenUsage, TranscriptionUsage
from tests.realtime import scripted_sessions as script
from tests.realtime.scripted_sessions import CHUNK, SESSIONS, Wire
from tests.realtime.shelf import MemoryShelf

STRICT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
Script = Callable[[], list[Wire]]


def play(stream: list[Wire]) -> Conversation:
    """Let a conversation take a stream in that its server means seriously: nothing is a fault."""
    conversation = listening()
    for event in stream:
        updates = conversation.receive(events.from_dict(event))
        assert not [each for each in updates if isinstance(each, Fault)], event
    return conversation


def listening() -> Conversation:
    """Return a conversation that has sent a second of sound."""
    conversation = Conversation()
    conversation.speech.append(CHUNK * 100)
    return conversation


def item(conversation: Conversation, item_id: str) -> Item:
    found = conversation.find(item_id)
    assert found is not None
    return found


def texts(conversation: Conversation) -> dict[str, str]:
    every = [*conversation.items, *conversation.out_of_band_items]
    return {each.id: each.text or each.arguments for each in every}


# As they should come


@pytest.mark.parametrize("scripted", SESSIONS, ids=lambda each: each.__name__)
def test_the_scripts_say_what_a_server_may_say(scripted: Script):
    for n, event in enumerate(scripted()):
        known = {key: value for key, value in event.items() if key != "phase"}
        is_without = event["type"] == "input_audio_buffer.dtmf_event_received"
        wire = known if is_without else {**known, "event_id": f"event_{n}"}
        assert STRICT.validate_python(wire).type == event["type"]


def test_a_talk_with_an_interruption():
    conversation = play(script.talking())

    assert [each.id for each in conversation.items] == ["said_1", "user_2", "said_2"]
    cut = item(conversation, "said_1")
    assert (cut.status, cut.text, cut.is_interrupted) == ("incomplete", "One two three ", True)
    assert (cut.content[0].heard_ms, cut.audio_ms) == (15, 30)
    assert cut.text[: cut.content[0].heard_characters] == "One two"
    assert item(conversation, "user_2").text == "Stop, please"
    assert item(conversation, "said_2").audio == CHUNK * 2
    assert conversation.responses["resp_1"].reason == "turn_detected"
    assert conversation.usage.responses == TokenUsage(
        n_responses=2,
        total=60,
        input=40,
        input_text=20,
        input_audio=20,
        output=20,
        output_text=8,
        output_audio=12,
    )
    assert conversation.usage.transcripts == TranscriptionUsage(n_transcripts=2, seconds=2.0)


def test_a_comment_and_a_call_that_overlap():
    conversation = play(script.calling_tools())

    order = ["user_1", "said_1", "call_1", "out_1", "said_2"]
    assert [each.id for each in conversation.items] == order
    assert item(conversation, "said_1").phase == "commentary"
    assert item(conversation, "said_1").text == "Let me see."
    call = item(conversation, "call_1")
    assert (call.name, call.arguments, call.status) == (
        "get_weather",
        '{"city":"Paris"}',
        "completed",
    )
    assert item(conversation, "out_1").output == "7"
    assert all(each.is_done for each in conversation.items)


def test_tools_that_the_server_calls_itself():
    conversation = play(script.server_tools())

    listed, first, second = (item(conversation, each) for each in ("list_1", "mcp_1", "mcp_2"))
    assert [tool.name for tool in listed.tools] == ["read"]
    assert (listed.status, first.status, second.status) == ("completed", "completed", "failed")
    assert (first.output, first.arguments, first.error) == ("Hello", '{"a":1}', None)
    assert (second.output, second.error) == (
        None,
        McpError("tool_execution_error", "No such file"),
    )
    assert item(conversation, "reply_1").approve is True
    assert conversation.unanswered_approvals == []


def test_a_request_for_approval_waits_for_its_answer():
    stream = script.server_tools()
    answered = next(
        n for n, each in enumerate(stream) if each.get("item", {}).get("id") == "reply_1"
    )

    conversation = play(stream[:answered])

    assert [each.id for each in conversation.unanswered_approvals] == ["ask_1"]
    conversation.receive(events.from_dict(stream[answered]))
    assert conversation.unanswered_approvals == []


def test_responses_at_the_same_time_do_not_mix():
    conversation = play(script.side_by_side())

    assert texts(conversation) == {
        "user_1": "I won!",
        "said_1": "Well done!",
        "note_1": "A win",
        "note_2": "glad",
    }
    assert [each.id for each in conversation.items] == ["user_1", "said_1"]
    assert {each.id for each in conversation.out_of_band_items} == {"note_1", "note_2"}
    of_topic = {each.metadata.get("topic"): each for each in conversation.responses.values()}
    assert {topic: each.item_ids for topic, each in of_topic.items()} == {
        None: ["said_1"],
        "title": ["note_1"],
        "mood": ["note_2"],
    }
    assert [each.is_out_of_band for each in of_topic.values()] == [False, True, True]
    assert all(each.status == "completed" for each in of_topic.values())
    assert conversation.usage.responses.n_responses == 3


def test_a_response_apart_that_ends_first_leaves_the_conversations_own_active():
    stream = script.side_by_side()
    ended = next(n for n, each in enumerate(stream) if each["type"] == "response.done")
    assert stream[ended]["response"]["id"] == "resp_3"

    conversation = play(stream[: ended + 1])

    assert conversation.active_response is conversation.responses["resp_1"]


def test_a_session_that_only_transcribes():
    conversation = play(script.transcribing())

    heard = item(conversation, "user_1")
    assert heard.text == "Hello Hi"
    assert [(each.speaker, each.text) for each in heard.content[0].segments] == [
        ("A", "Hello"),
        ("B", "Hi"),
    ]
    assert heard.content[0].languages == ("en",)
    assert heard.audio == CHUNK * 100
    failed = item(conversation, "user_2").content[0]
    assert (failed.transcription, failed.transcription_error) == ("failed", "Too noisy.")
    assert conversation.responses == {}
    assert conversation.usage.transcripts == TranscriptionUsage(
        n_transcripts=1, total=9, input=7, output=2
    )


def test_words_are_there_while_the_user_still_speaks():
    stream = script.talking()
    first_word = next(n for n, each in enumerate(stream) if each["type"].endswith("tion.delta"))

    conversation = play(stream[: first_word + 1])

    assert conversation.items == []
    assert item(conversation, "user_1").text == "Tell"


def test_a_call_that_is_watched():
    conversation = listening()
    heard = []

    for event in script.watching_a_call():
        updates = conversation.receive(events.from_dict(event))
        if event["type"].startswith("output_audio_buffer."):
            playing = conversation.call.playing
            told = [
                f"{each.kind} {each.item.id}" for each in updates if isinstance(each, ItemUpdate)
            ]
            heard.append((playing.id if playing is not None else None, told))

    assert heard == [
        ("resp_1", ["updated said_1"]),
        (None, ["updated said_1"]),
        ("resp_2", ["updated said_2"]),
        (None, ["updated said_2", "truncated said_2"]),
    ]
    assert [each.key for each in conversation.call.keys] == ["1"]
    assert not item(conversation, "said_1").is_interrupted
    assert item(conversation, "said_2").is_interrupted
    assert item(conversation, "said_2").text == "Anything else?"


def test_silence_that_the_server_breaks():
    conversation = play(script.nobody_speaks())

    order = ["user_1", "hint_1", "user_2", "said_1"]
    assert [each.id for each in conversation.items] == order
    assert item(conversation, "user_1").content[0].detail == "low"
    assert item(conversation, "hint_1").role == "system"
    assert item(conversation, "user_2").audio_ms == 200
    assert conversation.id == "conv_1"


# As they should not come: what is told in the end counts


CLOSERS = (
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.function_call_arguments.done",
    "response.mcp_call_arguments.done",
)


@pytest.mark.parametrize("scripted", SESSIONS, ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda kind: not kind.endswith(".delta"), id="no deltas"),
        pytest.param(lambda kind: kind not in CLOSERS, id="no closers"),
        pytest.param(lambda kind: kind != "conversation.item.done", id="items never done"),
        pytest.param(lambda kind: kind != "response.output_item.added", id="items never begun"),
        pytest.param(lambda kind: kind != "response.created", id="responses never created"),
    ],
)
def test_what_is_left_out_changes_no_text_and_no_order(scripted, kept):
    whole = play(scripted())

    lossy = play([event for event in scripted() if kept(event["type"])])

    assert texts(lossy) == texts(whole)
    assert [each.id for each in lossy.items] == [each.id for each in whole.items]
    assert lossy.usage == whole.usage


@pytest.mark.parametrize("scripted", SESSIONS, ids=lambda each: each.__name__)
def test_what_comes_twice_changes_no_text_no_order_and_no_bill(scripted):
    whole = play(scripted())

    doubled = listening()
    for event in scripted():
        doubled.receive(events.from_dict(event))
        doubled.receive(events.from_dict(event))

    assert texts(doubled) == texts(whole)
    assert [each.id for each in doubled.items] == [each.id for each in whole.items]
    assert doubled.usage == whole.usage


@settings(deadline=None)
@given(st.permutations([f"item_{n}" for n in range(7)]))
def test_items_find_their_order_in_whichever_order_they_come(arriving):
    conversation = Conversation()

    for item_id in arriving:
        n = int(item_id.removeprefix("item_"))
        raw = script.message(item_id, "user", "completed")
        for event in script.entered(raw, f"item_{n - 1}" if n else None):
            conversation.receive(events.from_dict(event))

    assert [each.id for each in conversation.items] == sorted(arriving)


# As they should not come: whatever comes


class Watch:
    """Looks at a conversation after each event, and remembers what must not be undone."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.done: list[Item] = []
        self.final: dict[int, tuple[ContentPart, int, int]] = {}
        self.counted = 0

    def look(self, updates: tuple[Any, ...]) -> None:
        conversation = self.conversation
        standing = conversation.items
        apart = conversation.out_of_band_items
        assert len({each.id for each in standing}) == len(standing)
        assert all(conversation.get(each.id) is each for each in standing)
        assert all(each.is_in_conversation and not each.is_out_of_band for each in standing)
        assert all(each.is_out_of_band and not each.is_in_conversation for each in apart)
        assert all(isinstance(each, ItemUpdate | ResponseUpdate | Fault) for each in updates)
        assert all(each.is_done for each in self.done)
        self.done += [each for each in standing + apart if each.is_done]
        for each in standing + apart:
            for part in each.content:
                self.look_at_part(part)
        assert 0 <= conversation.audio_bytes_in_memory <= conversation.kept_audio_bytes
        active = conversation.unfinished_response
        assert active is None or not active.is_done
        assert conversation.usage.responses.n_responses >= self.counted
        self.counted = conversation.usage.responses.n_responses

    def look_at_part(self, part: ContentPart) -> None:
        assert part.kept_bytes == (0 if part.is_audio_dropped else part.received_bytes)
        assert len(part.read_audio()) == part.kept_bytes
        if part.heard_ms is not None:
            assert part.heard_ms >= 0
            heard = part.heard_characters
            assert heard is not None
            assert 0 <= heard <= len(part.shown_text)
        sizes = len(part.text), len(part.transcript or "")
        if part.is_text_final:
            _, *before = self.final.get(id(part), (part, 0, 0))
            assert sizes[0] >= before[0]
            assert sizes[1] >= before[1]
            self.final[id(part)] = (part, *sizes)
        else:
            assert id(part) not in self.final


def survives(stream: list[Wire], kept_ms: int = 25) -> None:
    """Fail unless a conversation with little room takes all of it in, and goes on in order."""
    conversation = Conversation(
        max_kept_audio_ms=kept_ms, shelf=MemoryShelf(), max_audio_in_memory_ms=0
    )
    conversation.speech.append(CHUNK * 100)
    watch = Watch(conversation)
    for event in stream:
        watch.look(conversation.receive(events.Event(event["type"], None, fields_of(event))))
        assert conversation.kept_audio_bytes <= kept_ms * pcm.BYTES_PER_MS

    healthy = script.typed("after_all", "Still there?")
    for event in healthy:
        watch.look(conversation.receive(events.from_dict(event)))
    assert conversation.items[-1].text == "Still there?"


def fields_of(event: Wire) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != "type"}


SCRIPTS = st.sampled_from(SESSIONS)


@settings(max_examples=80, deadline=None)
@given(SCRIPTS, st.randoms(use_true_random=False), st.integers(0, 200))
def test_streams_in_any_order_with_losses_and_doubles(scripted, chance, kept_ms):
    stream = [each for each in scripted() for _ in range(chance.choice((0, 1, 1, 1, 1, 2)))]
    chance.shuffle(stream)

    survives(stream, kept_ms)


@settings(max_examples=60, deadline=None)
@given(SCRIPTS, st.data())
def test_streams_that_begin_and_end_anywhere(scripted, data):
    stream = scripted()
    begin = data.draw(st.integers(0, len(stream)))
    end = data.draw(st.integers(begin, len(stream)))

    survives(stream[begin:end])


@settings(max_examples=60, deadline=None)
@given(SCRIPTS, SCRIPTS, st.randoms(use_true_random=False))
def test_two_sessions_mixed_into_one(first, second, chance):
    streams = [first(), second()]

    mixed = []
    while any(streams):
        mixed.append(chance.choice([each for each in streams if each]).pop(0))

    survives(mixed)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 10**400, 2**63, 64, 1e308, -1e308, 1.5])
    | st.text(max_size=3)
    | st.sampled_from([
        "said_1", "user_1", "call_1", "mcp_1", "resp_1", "resp_2", "root", "completed",
        "in_progress", "failed", "message", "function_call", "audio", "output_text", "AAAA", "A",
    ]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "status", "content", "transcript", "audio", "text"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)  # fmt: skip
DEEP: Any = 0
for _ in range(400):
    DEEP = [DEEP] if _ % 2 else {"content": DEEP}
ANY_TYPE = sorted({event["type"] for each in SESSIONS for event in each()})


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*at, key))


def damage(event: Wire, data: st.DataObject, chance: random.Random) -> Wire:
    """Return the event with its type swapped, or something in it removed or replaced."""
    damaged = copy.deepcopy(event)
    ways = sorted(paths(fields_of(event)), key=str)
    how = chance.choice(("type", "remove", "replace", "replace", "deep"))
    if how == "type" or not ways:
        return {**damaged, "type": chance.choice(ANY_TYPE)}
    *way, last = chance.choice(ways)
    place: Any = damaged
    for key in way:
        place = place[key]
    if how == "remove":
        del place[last]
    else:
        place[last] = DEEP if how == "deep" else data.draw(JUNK)
    return damaged


@settings(max_examples=120, deadline=None)
@given(SCRIPTS, st.data(), st.randoms(use_true_random=False), st.integers(1, 12))
def test_streams_with_damaged_events(scripted, data, chance, n_damaged):
    stream = scripted()
    for _ in range(n_damaged):
        n = chance.randrange(len(stream))
        stream[n] = damage(stream[n], data, chance)

    survives(stream)


# Truncation


@settings(deadline=None)
@given(
    n_chunks=st.integers(0, 20),
    words=st.lists(st.sampled_from(["one", "two ", " three", "\n", "naïve 🎉 "]), max_size=6),
    cuts=st.lists(
        st.one_of(st.integers(-5, 300), st.floats(-1e308, 1e308)), min_size=1, max_size=3
    ),
)
def test_no_more_was_heard_than_there_is(n_chunks, words, cuts):
    answer = script.Answer("resp_1")
    said = answer.speaks("said_1", ["", *words], None, sound=False)
    conversation = play([*answer.created(), *said])
    audio = {"item_id": "said_1", "content_index": 0, "delta": pcm.encode(CHUNK)}
    for _ in range(n_chunks):
        conversation.receive(events.from_dict({"type": "response.output_audio.delta", **audio}))

    part = item(conversation, "said_1").content[0]
    for cut in cuts:
        truncated = {"item_id": "said_1", "content_index": 0, "audio_end_ms": cut}
        conversation.receive(events.from_dict({"type": "conversation.item.truncated", **truncated}))

        assert part.heard_ms is not None
        assert part.heard_characters is not None
        assert part.heard_ms >= 0
        if n_chunks:
            assert part.heard_ms <= part.audio_ms == 10 * n_chunks
        assert 0 <= part.heard_characters <= len(part.shown_text)


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(0, 200), st.integers(0, 200))
def test_who_hears_longer_hears_no_fewer_words(n_chunks, first_ms, second_ms):
    part = ContentPart("output_audio", transcript="One two three four five")
    part.received_bytes = n_chunks * len(CHUNK)

    heard = []
    for part.heard_ms in sorted((first_ms, second_ms)):
        heard.append(part.heard_characters or 0)

    assert heard == sorted(heard)
    assert all(part.shown_text[n : n + 1] in ("", " ") or not n for n in heard)
