"""The client against a server that the test plays."""

import asyncio
import logging
from typing import Any

import pytest
from pydantic import SecretStr

from console import pcm
from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport, Interrupted, RealtimeEvent
from console.client.input_audio import MAX_APPEND_BYTES
from console.errors import ConnectError, ConsoleError, NotConnectedError
from console.realtime import events
from console.tools.registry import Tool
from console.transport import Closed
from tests.client.conftest import SESSION, connect
from tests.fakes import FakeTransport, settle

MS = pcm.BYTES_PER_MS
TOOL = Tool("look", "Looks.", handler=lambda: "seen")


def told(client: RealtimeClient, name: str) -> list[Any]:
    """Return a list that fills with the values of a signal."""
    values: list[Any] = []
    client.on(name, values.append)
    return values


def answer(transport: FakeTransport, sound: bytes = b"", response_id: str = "r") -> None:
    """Begin a spoken answer with the item `a`."""
    item = {"id": "a", "type": "message", "role": "assistant", "status": "in_progress"}
    transport.deliver(
        "response.created",
        response={"id": response_id, "status": "in_progress", "conversation_id": "c"},
    )
    transport.deliver("conversation.item.added", item=item, previous_item_id=None)
    if sound:
        transport.deliver("response.output_audio.delta", item_id="a", delta=pcm.encode(sound))


def finish(transport: FakeTransport, status: str = "completed", response_id: str = "r") -> None:
    transport.deliver("response.done", response={"id": response_id, "status": status, "output": []})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"keep_audio": "zz"}, "keep_audio must be 'disk', 'memory' or 'none', not 'zz'."),
        ({"dialect": "zz"}, "dialect must be 'auto', 'ga' or 'beta', not 'zz'."),
        (
            {"session_type": "foo"},
            "session_type must be 'realtime' or 'transcription', not 'foo'.",
        ),
    ],
)
def test_an_argument_that_is_none_of_the_choices_is_named_at_once(wrong, sentence):
    with pytest.raises(ValueError, match=" must be ") as told_at_once:
        RealtimeClient(url="wss://server.test/v1/realtime", **wrong)

    assert str(told_at_once.value) == sentence


# Connecting


async def test_connect_asks_for_the_model_with_the_key_and_sends_the_configuration(
    client, transport
):
    await client.update_session(voice="cedar", instructions="Be brief.")
    transport.deliver("session.created", session=SESSION)

    created = await client.connect()

    update = await transport.expect("session.update")
    assert created == SESSION
    assert client.session == SESSION
    assert client.is_connected
    assert transport.url == "wss://server.test/v1/realtime?model=gpt-realtime-2.1"
    assert transport.headers == {"Authorization": "Bearer sk-secret-key-of-the-test-wxyz"}
    assert update["session"]["type"] == "realtime"
    assert update["session"]["instructions"] == "Be brief."
    assert update["session"]["audio"]["output"]["voice"] == "cedar"


async def test_the_url_and_the_model_that_were_given_are_used(transport):
    client = RealtimeClient(
        url="ws://other.test:81/path?a=b", model="mine", open_transport=transport.open
    )

    await connect(client, transport)

    assert transport.url == "ws://other.test:81/path?a=b&model=mine"
    assert transport.headers == {}
    await client.disconnect()


async def test_connecting_asks_for_no_response(connected, transport):
    await settle()

    await transport.finish()


async def test_connecting_twice_is_refused_in_words(connected):
    with pytest.raises(ConsoleError, match="connected already; disconnect first"):
        await connected.connect()


async def test_a_refused_key_is_a_connect_error_and_leaves_everything_as_it_was(
    connected, transport
):
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    await connected.disconnect()
    closes, errors = told(connected, "close"), told(connected, "error")
    again = FakeTransport()
    connected._open_transport = again.open
    again.deliver(
        "error", error={"code": "invalid_api_key", "message": "Incorrect: sk-secret-key-of"}
    )
    again.hang_up(3000, "invalid_request_error.invalid_api_key")

    with pytest.raises(ConnectError) as caught:
        await connected.connect()

    assert caught.value.cause == "key"
    assert str(caught.value) == ("server.test:443 did not accept the API key ending in wxyz.")
    assert not connected.is_connected
    assert [item.id for item in connected.conversation.items] == ["u"]
    assert (closes, errors) == ([], [])


async def test_a_server_that_says_nothing_is_a_timeout_and_the_line_is_closed(client, transport):
    with pytest.raises(ConnectError) as caught:
        await client.connect(timeout_s=0.01)

    assert (caught.value.cause, caught.value.retryable) == ("timeout", True)
    assert transport.closed == Closed(1000, "")
    assert not client.is_connected


async def test_a_line_that_cannot_be_opened_is_a_connect_error(client):
    async def refuse(url, headers, timeout_s):
        raise ConnectionRefusedError(111, "refused")

    client._open_transport = refuse

    with pytest.raises(ConnectError, match=r"Nothing answers at server\.test:443"):
        await client.connect()

    assert not client.is_connected


async def test_after_a_failure_the_same_client_connects(client, transport):
    with pytest.raises(ConnectError):
        await client.connect(timeout_s=0.01)
    again = FakeTransport()
    client._open_transport = again.open

    await connect(client, again)

    assert client.is_connected
    await client.disconnect()


async def test_a_cancelled_connect_closes_the_line(client, transport):
    task = asyncio.create_task(client.connect())
    await settle()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert transport.closed == Closed(1000, "")
    assert not client.is_connected


async def test_a_key_that_no_header_can_carry_is_refused_before_the_call(transport):
    client = RealtimeClient(api_key="sk-ab\nc", open_transport=transport.open)

    with pytest.raises(ConnectError, match="paste it again") as caught:
        await client.connect()

    assert "sk-ab" not in str(caught.value)
    assert transport.url == ""


async def test_what_comes_before_the_session_does_not_touch_the_conversation(client, transport):
    transport.deliver("conversation.item.added", item={"id": "early"})

    await connect(client, transport)

    assert client.conversation.items == []
    await client.disconnect()


async def test_waiting_for_the_session_returns_what_the_server_began_with(client, transport):
    with pytest.raises(NotConnectedError):
        await client.wait_for_session_created()
    transport.deliver("session.created", session=SESSION)
    task = asyncio.create_task(client.connect())
    await asyncio.sleep(0)

    assert await client.wait_for_session_created(timeout_s=1) == SESSION
    assert await task == SESSION
    await transport.expect("session.update")
    assert await client.wait_for_session_created() == SESSION
    await client.disconnect()


async def test_waiting_for_a_session_that_does_not_begin_raises_as_connect_does(client, transport):
    connecting = asyncio.create_task(client.connect(timeout_s=0.05))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(client.wait_for_session_created())

    with pytest.raises(ConnectError):
        await connecting

    with pytest.raises(ConnectError, match="did not begin a session in time"):
        await waiting


async def test_a_session_that_begins_when_the_attempt_was_given_up_loses_nothing(client, transport):
    await connect(client, transport)
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    await client.disconnect()
    again = FakeTransport()
    client._open_transport = again.open
    close_line = again.close

    async def close_late(code: int = 1000, reason: str = "") -> None:
        again.deliver("session.created", session=SESSION)
        await settle()
        await close_line(code, reason)

    again.close = close_late  # type: ignore[method-assign]  # the server is quicker than we are
    closes = told(client, "close")

    with pytest.raises(ConnectError, match="in time"):
        await client.connect(timeout_s=0.01)

    assert [item.id for item in client.conversation.items] == ["u"]
    assert closes == []


async def test_waiting_after_an_attempt_that_found_no_server_says_not_connected(client):
    async def refuse(url, headers, timeout_s):
        raise ConnectionRefusedError(111, "refused")

    client._open_transport = refuse
    with pytest.raises(ConnectError):
        await client.connect()

    with pytest.raises(NotConnectedError):
        await client.wait_for_session_created()


async def test_as_a_context_manager_it_connects_and_disconnects(client, transport):
    transport.deliver("session.created", session=SESSION)

    async with client as inside:
        assert inside.is_connected

    assert not client.is_connected
    await transport.expect("session.update")


# Ending


async def test_close_is_told_once_when_the_server_closes(connected, transport):
    closes = told(connected, "close")

    transport.hang_up(1001, "session too old")
    await settle()
    await connected.disconnect()

    assert closes == [Closed(1001, "session too old")]
    assert not connected.is_connected


async def test_close_is_told_once_when_the_line_is_lost(connected, transport):
    closes = told(connected, "close")

    transport.hang_up(1006)
    await settle()

    assert closes == [Closed(1006, "")]


async def test_close_is_told_once_when_we_disconnect(connected, transport):
    closes = told(connected, "close")

    await connected.disconnect()
    await connected.disconnect()

    assert closes == [Closed(1000, "")]
    assert transport.closed == Closed(1000, "")


async def test_a_transport_that_breaks_ends_the_session_like_a_lost_line(
    connected, transport, caplog
):
    closes = told(connected, "close")
    transport.fail(RuntimeError("torn"))
    await settle()

    assert closes == [Closed(1006, "")]
    assert "the connection broke" in caplog.text


async def test_after_a_close_by_the_server_sending_says_not_connected(connected, transport):
    transport.hang_up(1001)
    await settle()

    with pytest.raises(NotConnectedError, match=r"input_audio_buffer\.append"):
        await connected.append_input_audio(bytes(480))


async def test_a_line_that_ends_while_sending_says_not_connected(connected, transport):
    transport.closed = Closed(1001, "")

    with pytest.raises(NotConnectedError, match=r"response\.create"):
        await connected.create_response()


async def test_items_stay_after_disconnecting_and_go_when_a_new_session_has_begun(
    connected, transport
):
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    cleared = told(connected, "conversation.cleared")

    await connected.disconnect()
    assert [item.id for item in connected.conversation.items] == ["u"]
    assert cleared == []

    again = FakeTransport()
    connected._open_transport = again.open
    await connect(connected, again)
    assert connected.conversation.items == []
    assert cleared == [None]
    await connected.disconnect()


async def test_disconnecting_drops_the_input_so_that_the_next_session_commits_none_of_it(
    connected, transport
):
    await connected.append_input_audio(bytes(500 * MS))
    await transport.expect("input_audio_buffer.append")
    await connected.disconnect()
    again = FakeTransport()
    connected._open_transport = again.open
    await connect(connected, again)

    await connected.create_response()

    await again.expect("response.create")
    await again.finish()
    await connected.disconnect()


async def test_reset_forgets_everything(connected, transport):
    values = told(connected, "conversation.updated")
    await connected.add_tool(TOOL)
    await transport.expect("session.update")
    await connected.update_session(instructions="x")
    await transport.expect("session.update")
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()

    await connected.reset()

    assert not connected.is_connected
    assert connected.conversation.items == []
    assert len(connected.tools) == 0
    assert connected.session_config["instructions"] == ""
    assert connected.session == {}
    assert connected.off("conversation.updated") is None
    assert len(values) == 2


# Events


async def test_events_are_told_in_both_directions_before_anyone_acts_on_them(
    connected, transport, clock
):
    seen = []

    def note(told: RealtimeEvent) -> None:
        seen.append((told.source, told.event.type, told.at_s, len(connected.conversation.items)))

    connected.on("realtime.event", note)
    await clock.advance(1.5)
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    await connected.delete_item("u")
    await transport.expect("conversation.item.delete")

    assert seen == [
        ("server", "conversation.item.added", 1.5, 0),
        ("client", "conversation.item.delete", 1.5, 1),
    ]


async def test_an_event_tells_its_size_on_the_wire(connected, transport):
    seen = told(connected, "realtime.event")

    await connected.send({"type": "x", "event_id": "e"})
    transport.deliver_raw('{"type":"y"}')
    await settle()

    await transport.expect("x")
    assert [each.size_bytes for each in seen] == [27, 12]


async def test_any_event_can_be_sent_and_gets_an_id_unless_it_has_one(connected, transport):
    first = await connected.send({"type": "x.new", "a": 1})
    second = await connected.send(events.Event("x.new", "mine"))

    sent = await transport.expect("x.new")
    assert sent == {"type": "x.new", "event_id": first, "a": 1}
    assert second == "mine"
    assert (await transport.expect("x.new"))["event_id"] == "mine"


@pytest.mark.parametrize("event", [{}, {"type": ""}, {"type": 7}, {"type": "x", "bad": object()}])
async def test_what_is_no_event_cannot_be_sent(connected, event):
    with pytest.raises(ValueError, match=r"cannot be (sent|written)"):
        await connected.send(event)


async def test_nothing_can_be_sent_without_a_session(client):
    with pytest.raises(NotConnectedError, match=r"Cannot send x: not connected\. Connect first\."):
        await client.send({"type": "x"})


async def test_a_bad_message_is_counted_and_told_and_the_session_goes_on(connected, transport):
    errors = told(connected, "error")

    transport.deliver_raw("{")
    transport.deliver_raw(b"\xff")
    transport.deliver_raw('{"type":5}')
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()

    assert connected.bad_messages == 3
    assert {(each.source, each.code) for each in errors} == {("client", "bad_message")}
    assert [item.id for item in connected.conversation.items] == ["u"]


async def test_an_event_that_cannot_be_used_is_told_and_the_session_goes_on(connected, transport):
    errors = told(connected, "error")

    transport.deliver("response.output_audio.delta", item_id="a", delta="§")
    await settle()

    assert [(each.source, each.code) for each in errors] == [("client", "unusable_event")]
    assert connected.is_connected


async def test_a_fault_of_ours_does_not_end_the_session(connected, transport, caplog):
    def fail(event):
        raise RuntimeError("our own")

    connected.conversation.receive = fail
    errors = told(connected, "error")

    transport.deliver("x")
    await settle()

    assert "x could not be handled" in errors[0].message
    assert "our own" in caplog.text
    assert connected.is_connected


async def test_a_subscriber_that_fails_keeps_nobody_from_hearing(connected, transport, caplog):
    def fail(value):
        raise RuntimeError("subscriber")

    connected.on("conversation.updated", fail)
    items = told(connected, "conversation.item.appended")

    transport.deliver("conversation.item.added", item={"id": "u"})
    await settle()

    assert [update.item.id for update in items] == ["u"]
    assert "subscriber" in caplog.text


async def test_an_error_of_the_server_is_told_with_the_event_that_caused_it(connected, transport):
    errors = told(connected, "error")
    await connected.send({"type": "conversation.item.delete", "item_id": "nobody"})
    sent = await transport.expect("conversation.item.delete")
    event_id = sent["event_id"]

    transport.deliver(
        "error",
        error={
            "type": "invalid_request_error",
            "code": "item_delete_invalid_item_id",
            "message": "No such item.",
            "param": "item_id",
            "event_id": event_id,
        },
    )
    await settle()

    (report,) = errors
    assert report == ErrorReport(
        "No such item.",
        "server",
        type="invalid_request_error",
        code="item_delete_invalid_item_id",
        param="item_id",
        event_id=event_id,
        cause=report.cause,
    )
    assert report.cause.fields == {"item_id": "nobody"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"error": "just words"}, "just words"),
        ({"error": {"code": "c"}}, "c"),
        ({}, "The server reported an error without words."),
        ({"error": {"message": "m", "event_id": "unknown"}}, "m"),
    ],
)
async def test_an_error_of_any_shape_is_told_in_words(connected, transport, fields, message):
    errors = told(connected, "error")

    transport.deliver("error", **fields)
    await settle()

    assert [(each.message, each.cause) for each in errors] == [(message, None)]


async def test_of_many_and_of_long_events_only_the_newest_and_the_small_are_remembered(
    connected, transport
):
    errors = told(connected, "error")
    for n in range(300):
        await connected.send({"type": "x", "event_id": f"e{n}"})
        await transport.expect("x")
    await connected.send({"type": "long", "event_id": "long", "text": "a" * 100_000})
    await transport.expect("long")

    for event_id in ("e0", "e299", "long"):
        transport.deliver("error", error={"message": "m", "event_id": event_id})
    await settle()

    causes = [each.cause for each in errors]
    assert causes[0] is None
    assert causes[1].event_id == "e299"
    assert (causes[2].type, causes[2].fields) == ("long", {})


# Waiting


async def test_waiting_for_items_returns_them(connected, transport):
    item = asyncio.create_task(connected.wait_for_next_item(timeout_s=5))
    done = asyncio.create_task(connected.wait_for_next_completed_item(timeout_s=5))
    await settle()

    answer(transport)
    transport.deliver("conversation.item.done", item={"id": "a", "status": "completed"})

    assert (await item).id == "a"
    assert (await done).status == "completed"


async def test_a_wait_that_times_out_leaves_nothing_registered(connected):
    with pytest.raises(TimeoutError):
        await connected.wait_for_next("conversation.item.appended", timeout_s=0.001)

    assert connected._signals.appended._handlers == ()
    assert connected._signals.close._handlers == ()


async def test_a_wait_ends_with_the_session(connected, transport):
    waiting = asyncio.create_task(connected.wait_for_next_item())
    await settle()

    transport.hang_up(1001)

    with pytest.raises(NotConnectedError, match="wait for"):
        await waiting


async def test_the_close_itself_can_be_waited_for(connected, transport):
    waiting = asyncio.create_task(connected.wait_for_next("close", timeout_s=5))
    await settle()

    transport.hang_up(1001, "bye")

    assert await waiting == Closed(1001, "bye")


async def test_waiting_for_an_unknown_name_lists_the_names(connected):
    with pytest.raises(ValueError, match=r"no 'conversation\.sung'; known are: realtime\.event"):
        await connected.wait_for_next("conversation.sung")


# Session


async def test_turn_detection_is_told_by_its_type(client):
    assert client.get_turn_detection_type() is None

    await client.update_session(turn_detection={"type": "semantic_vad"})
    assert client.get_turn_detection_type() == "semantic_vad"

    await client.update_session({"audio": {"input": {"turn_detection": None}}})
    assert client.get_turn_detection_type() is None


async def test_an_update_sends_what_changes_and_tells_the_answer(connected, transport):
    updated = told(connected, "session.updated")

    await connected.update_session(instructions="x")
    sent = await transport.expect("session.update")
    transport.deliver("session.updated", session={**SESSION, "instructions": "x"})
    await settle()

    assert sent["session"] == {"type": "realtime", "instructions": "x"}
    assert updated == [{**SESSION, "instructions": "x"}]
    assert connected.session["instructions"] == "x"


async def test_a_rejected_update_is_taken_back(connected, transport):
    await connected.update_session(
        turn_detection={"type": "server_vad", "threshold": 7}, instructions="x"
    )
    sent = await transport.expect("session.update")
    assert connected.get_turn_detection_type() == "server_vad"

    transport.deliver("error", error={"message": "No.", "event_id": sent["event_id"]})
    await settle()

    assert connected.get_turn_detection_type() is None
    assert connected.session_config["instructions"] == ""
    assert connected.conversation.speech.is_manual


async def test_an_update_that_was_sent_as_a_plain_event_counts_too(connected, transport):
    vad = {"input": {"turn_detection": {"type": "server_vad"}}}

    await connected.send({"type": "session.update", "session": {"type": "realtime", "audio": vad}})

    await transport.expect("session.update")
    assert connected.get_turn_detection_type() == "server_vad"


async def test_an_update_that_json_cannot_carry_changes_nothing(client):
    with pytest.raises(ValueError, match=r"session\.update cannot be written"):
        await client.update_session(instructions=object())

    assert client.session_config["instructions"] == ""


async def test_going_over_to_the_user_ending_turns_drops_what_was_said_between_turns(
    connected, transport
):
    await connected.update_session(turn_detection={"type": "server_vad"})
    await transport.expect("session.update")
    await connected.append_input_audio(bytes(500 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.update_session(turn_detection=None)
    await connected.create_response()

    await transport.expect("session.update")
    await transport.expect("input_audio_buffer.clear")
    await transport.expect("response.create")


async def test_adding_and_removing_a_tool_tells_the_server(connected, transport):
    await connected.add_tool(TOOL)
    added = await transport.expect("session.update")
    await connected.remove_tool("look")
    removed = await transport.expect("session.update")

    assert added["session"] == {"type": "realtime", "tools": [TOOL.definition()]}
    assert removed["session"] == {"type": "realtime", "tools": []}


async def test_tools_of_an_update_stay_at_the_next_update(connected, transport):
    foreign = {"type": "mcp", "server_label": "s"}
    await connected.add_tool(TOOL)
    await transport.expect("session.update")

    await connected.update_session(tools=[foreign])
    first = await transport.expect("session.update")
    await connected.update_session(instructions="x")
    await transport.expect("session.update")
    await connected.remove_tool("look")
    last = await transport.expect("session.update")

    assert first["session"]["tools"] == [TOOL.definition(), foreign]
    assert last["session"]["tools"] == [foreign]


async def test_a_tool_of_the_same_name_or_none_is_refused(client):
    await client.add_tool(TOOL)

    with pytest.raises(ValueError, match="'look' already"):
        await client.add_tool(TOOL)
    with pytest.raises(ValueError, match="no tool named 'listen'"):
        await client.remove_tool("listen")


# Messages and input audio


async def test_a_text_message_is_an_item_and_asks_for_a_response(connected, transport):
    item_id = await connected.send_user_message_content("Hello")

    created = await transport.expect("conversation.item.create")
    await transport.expect("response.create")
    assert created["item"] == {
        "id": item_id,
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "Hello"}],
    }
    assert len(item_id) <= 32


async def test_a_message_may_hold_audio_bytes_and_want_no_response(connected, transport):
    sound = b"\x01\x00" * 480
    item_id = await connected.send_user_message_content(
        [{"type": "input_audio", "audio": sound}], respond=False
    )

    created = await transport.expect("conversation.item.create")
    transport.deliver(
        "conversation.item.added",
        item={"id": item_id, "status": "completed", "content": [{"type": "input_audio"}]},
    )
    await settle()
    assert created["item"]["content"] == [{"type": "input_audio", "audio": pcm.encode(sound)}]
    assert connected.conversation.get(item_id).audio == sound


@pytest.mark.parametrize("content", ["", [], [{"type": "input_audio", "audio": b"odd"}]])
async def test_a_message_without_content_or_with_half_a_sample_is_refused(connected, content):
    with pytest.raises(ValueError, match=r"needs content|pairs of bytes"):
        await connected.send_user_message_content(content)


async def test_a_chunk_is_sent_as_base64_and_counted(connected, transport):
    await connected.append_input_audio(b"\x01\x02\x03\x04")

    sent = await transport.expect("input_audio_buffer.append")
    assert sent["audio"] == "AQIDBA=="
    assert connected.conversation.speech.kept_bytes == 4


async def test_half_a_sample_is_refused_at_once(connected):
    with pytest.raises(ValueError, match="pairs of bytes"):
        await connected.append_input_audio(b"123")

    assert connected.conversation.speech.kept_bytes == 0


async def test_no_audio_sends_nothing_and_long_audio_several_events(connected, transport):
    await connected.append_input_audio(b"")
    await connected.append_input_audio(bytes(MAX_APPEND_BYTES + 2))

    first = await transport.expect("input_audio_buffer.append")
    second = await transport.expect("input_audio_buffer.append")
    assert len(pcm.decode(first["audio"])) == MAX_APPEND_BYTES
    assert len(pcm.decode(second["audio"])) == 2


async def test_audio_in_a_plain_event_is_counted_or_refused(connected, transport):
    await connected.send({"type": "input_audio_buffer.append", "audio": "AAAAAA=="})
    await transport.expect("input_audio_buffer.append")
    assert connected.conversation.speech.kept_bytes == 4

    for bad in ({}, {"audio": 5}, {"audio": "§"}, {"audio": "AAAA"}):
        with pytest.raises(ValueError, match="needs 'audio', base64 PCM16"):
            await connected.send({"type": "input_audio_buffer.append", **bad})


async def test_where_the_user_ends_turns_a_response_commits_the_input_first(connected, transport):
    await connected.append_input_audio(bytes(100 * MS))
    await transport.expect("input_audio_buffer.append")
    assert connected.pending_input_ms == 100

    await connected.create_response({"instructions": "x"})

    await transport.expect("input_audio_buffer.commit")
    created = await transport.expect("response.create")
    assert created["response"] == {"instructions": "x"}
    assert connected.pending_input_ms == 0


async def test_under_100_ms_are_dropped_in_words_and_nothing_is_asked_for(connected, transport):
    await connected.append_input_audio(bytes(99 * MS))
    await transport.expect("input_audio_buffer.append")

    with pytest.raises(ConsoleError, match="Only 99 ms were said"):
        await connected.create_response()

    await transport.expect("input_audio_buffer.clear")
    await connected.create_response()
    await transport.expect("response.create")


async def test_without_any_audio_a_response_is_asked_for_and_nothing_is_committed(
    connected, transport
):
    await connected.create_response()

    await transport.expect("response.create")
    await connected.clear_input_audio()
    # What comes next is what was sent next.
    await transport.expect("input_audio_buffer.clear")


async def test_a_typed_message_after_a_quick_tap_is_sent_all_the_same(connected, transport):
    await connected.append_input_audio(bytes(20 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.send_user_message_content("Hello")

    await transport.expect("conversation.item.create")
    await transport.expect("input_audio_buffer.clear")
    await transport.expect("response.create")


async def test_with_turn_detection_a_response_commits_nothing(connected, transport):
    await connected.update_session(turn_detection={"type": "server_vad"})
    await transport.expect("session.update")
    await connected.append_input_audio(bytes(500 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.create_response()

    await transport.expect("response.create")
    assert connected.pending_input_ms == 0


async def test_an_hour_of_microphone_stays_within_bounded_memory(connected, transport):
    await connected.update_session(turn_detection={"type": "server_vad"})
    await transport.expect("session.update")
    chunk = bytes(10_000 * MS)

    for _ in range(360):
        await connected.append_input_audio(chunk)
        await transport.expect("input_audio_buffer.append")

    assert connected.conversation.speech.position_ms == 3_600_000
    assert connected.conversation.speech.kept_bytes < 60_000 * MS


async def test_what_was_said_is_the_audio_of_the_users_item(connected, transport):
    await connected.append_input_audio(b"\x01\x00" * 4_800)
    await transport.expect("input_audio_buffer.append")
    await connected.create_response()
    await transport.expect("input_audio_buffer.commit")
    await transport.expect("response.create")
    await connected.append_input_audio(b"\x02\x00" * 4_800)
    await transport.expect("input_audio_buffer.append")

    transport.deliver("input_audio_buffer.committed", item_id="u", previous_item_id=None)
    transport.deliver(
        "conversation.item.added",
        item={"id": "u", "status": "completed", "content": [{"type": "input_audio"}]},
    )
    await settle()

    assert connected.conversation.get("u").audio == b"\x01\x00" * 4_800


async def test_a_response_that_shall_call_a_tool_that_there_is_not_is_refused_at_once(
    connected, transport
):
    await connected.add_tool(TOOL)
    await transport.expect("session.update")
    look = {"type": "function", "name": "look"}

    with pytest.raises(ValueError, match=r"names the tool 'sing'; known are: look\."):
        await connected.create_response({"tool_choice": {"type": "function", "name": "sing"}})
    with pytest.raises(ValueError, match="there are none"):
        await connected.create_response({"tools": [], "tool_choice": look})
    await transport.finish()

    await connected.create_response({"tool_choice": look})
    await transport.expect("response.create")


async def test_an_item_that_nobody_knows_is_not_deleted_and_one_on_its_way_is(connected, transport):
    with pytest.raises(ValueError, match="has no item 'nobody'"):
        await connected.delete_item("nobody")
    item_id = await connected.send_user_message_content("Hello", respond=False)
    await transport.expect("conversation.item.create")

    await connected.delete_item(item_id)

    await transport.expect("conversation.item.delete")


# Interrupting


async def test_cancelling_stops_the_response_and_says_what_was_heard(connected, transport):
    answer(transport, bytes(1000 * MS))
    await settle()

    item = await connected.cancel_response("a", 24_000 // 2 + 23)

    cancel = await transport.expect("response.cancel")
    truncate = await transport.expect("conversation.item.truncate")
    assert item is connected.conversation.get("a")
    assert cancel["response_id"] == "r"
    assert (truncate["item_id"], truncate["content_index"], truncate["audio_end_ms"]) == (
        "a",
        0,
        500,
    )


async def test_no_more_is_truncated_than_was_received(connected, transport):
    answer(transport, bytes(100 * MS))
    finish(transport)
    await settle()

    await connected.cancel_response("a", 24_000)

    truncate = await transport.expect("conversation.item.truncate")
    assert truncate["audio_end_ms"] == 100


async def test_nothing_is_cancelled_when_no_response_is_being_made(connected, transport):
    assert await connected.cancel_response() is None
    answer(transport, bytes(100 * MS))
    finish(transport)
    await settle()

    await connected.cancel_response("a", 240)

    await transport.expect("conversation.item.truncate")


async def test_nothing_is_cancelled_that_the_server_has_cancelled_itself(connected, transport):
    transport.deliver(
        "session.updated", session={"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    )
    answer(transport, bytes(100 * MS))
    transport.deliver("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    await settle()

    await connected.cancel_response("a", 240)

    await transport.expect("conversation.item.truncate")


async def test_a_response_is_cancelled_once(connected, transport):
    answer(transport, bytes(100 * MS))
    await settle()

    await connected.cancel_response()
    await connected.cancel_response()

    await transport.expect("response.cancel")


async def test_a_cancel_that_crossed_the_end_of_the_response_is_no_error(connected, transport):
    errors = told(connected, "error")

    transport.deliver("error", error={"code": "response_cancel_not_active", "message": "none"})
    await settle()

    assert errors == []


async def test_what_cannot_have_been_heard_is_refused_before_anything_is_sent(connected, transport):
    answer(transport)
    transport.deliver("conversation.item.added", item={"id": "u", "role": "user"})
    await settle()

    with pytest.raises(ValueError, match="has no item 'nobody'"):
        await connected.cancel_response("nobody", 1)
    for item_id in ("u", "a"):
        with pytest.raises(ValueError, match="holds no audio of the model"):
            await connected.cancel_response(item_id, 1)
    with pytest.raises(ValueError, match="-1 samples"):
        await connected.cancel_response("a", -1)

    assert connected.conversation.active_response is not None


async def test_speech_of_the_user_is_told_as_an_interruption(connected, transport):
    interruptions = told(connected, "conversation.interrupted")

    transport.deliver("input_audio_buffer.speech_started", item_id="u", audio_start_ms=320)
    await settle()

    assert interruptions == [Interrupted("u", 320.0)]


# What is told of items and responses


async def test_changes_of_items_are_told_by_kind(connected, transport):
    names = ("updated", "item.appended", "item.completed", "item.deleted")
    values = {name: told(connected, f"conversation.{name}") for name in names}

    answer(transport, bytes(MS))
    transport.deliver("conversation.item.done", item={"id": "a", "status": "completed"})
    transport.deliver("conversation.item.deleted", item_id="a")
    await settle()

    kinds = {name: [update.kind for update in values[name]] for name in names}
    assert kinds == {
        "updated": ["appended", "updated", "completed", "deleted"],
        "item.appended": ["appended"],
        "item.completed": ["completed"],
        "item.deleted": ["deleted"],
    }


async def test_items_out_of_band_are_told_apart(connected, transport):
    inside = told(connected, "conversation.updated")
    outside = told(connected, "response.item.updated")
    responses = told(connected, "response.updated")

    transport.deliver("response.created", response={"id": "o", "conversation_id": None})
    transport.deliver("response.output_item.added", response_id="o", item={"id": "x"})
    await settle()

    assert inside == []
    assert [update.item.id for update in outside] == ["x"]
    assert [response.is_out_of_band for response in responses] == [True]


# Secrets


async def test_the_key_is_in_no_text(transport, caplog):
    key = "sk-planted-secret-0123456789"
    caplog.set_level(logging.DEBUG)
    client = RealtimeClient(
        url=f"wss://user:{key}@server.test/v1?token={key}",
        api_key=SecretStr(key),
        open_transport=transport.open,
    )
    texts = [repr(client), str(client)]
    client.on("error", lambda report: texts.append(repr(report)))
    client.on("realtime.event", lambda event: texts.append(repr(event)))
    transport.deliver("error", error={"message": f"Bad key {key}", "code": "rate_limit_exceeded"})
    transport.hang_up(4000, key)

    with pytest.raises(ConnectError) as caught:
        await client.connect()

    assert transport.headers["Authorization"] == f"Bearer {key}"
    told_texts = [each for each in texts if "RealtimeEvent" not in each]
    assert key not in "".join(told_texts) + str(caught.value) + repr(caught.value) + caplog.text


# What cannot be meant


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
async def test_a_number_that_json_cannot_carry_is_refused_instead_of_sent_as_null(
    connected, transport, number
):
    event = {"type": "session.update", "session": {"a": [{"speed": number}]}}

    with pytest.raises(ValueError, match=r"session\.update holds NaN or infinity"):
        await connected.send(event)
    with pytest.raises(ValueError, match="NaN or infinity"):
        await connected.update_session(speed=number)
    with pytest.raises(ValueError, match="NaN or infinity"):
        await connected.create_response({"temperature": number})

    assert "speed" not in str(connected.session_config)


async def test_such_a_number_does_not_enter_the_configuration_before_the_session_either(client):
    with pytest.raises(ValueError, match="NaN or infinity"):
        await client.update_session(speed=float("nan"))


async def test_a_text_in_a_list_is_no_content_part(connected):
    parts: Any = ["hello"]

    with pytest.raises(ValueError, match="not 'hello'; a text alone is given without a list"):
        await connected.send_user_message_content(parts)


async def test_a_text_is_no_sound(connected):
    sound: Any = "abcd"

    with pytest.raises(TypeError, match="PCM16 as bytes, not of type str"):
        await connected.append_input_audio(sound)


def test_a_handler_that_cannot_be_called_is_refused(client):
    handler: Any = None

    with pytest.raises(TypeError, match="A handler of 'error' is a function, not None"):
        client.on("error", handler)
