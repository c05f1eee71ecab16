"""What the server says: read, published, acted on."""

import re

import orjson
import pytest

from console import pcm
from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport, Interrupted
from console.client.inbox import LATEST_S, MAX_RAW_BYTES, Inbox
from console.realtime.events import Event
from console.transport import Closed
from tests.client.conftest import begin_answer, told
from tests.fakes import ManualClock, settle

MS = pcm.BYTES_PER_MS


def inbox_of(client: RealtimeClient) -> Inbox:
    return client._parts.inbox


def item(item_id: str) -> dict[str, str]:
    return {"id": item_id, "type": "message", "status": "completed"}


async def test_an_event_is_published_when_it_is_read_and_acted_on_later(client):
    seen, updates = told(client, "realtime.event"), told(client, "conversation.updated")

    event = inbox_of(client).read('{"type":"conversation.item.added","item":{"id":"u"}}')

    assert [(each.source, each.event, each.size_bytes) for each in seen] == [("server", event, 52)]
    assert updates == []
    assert event is not None
    inbox_of(client).act(event)
    assert [each.item.id for each in updates] == ["u"]


async def test_the_session_that_a_secret_was_made_for_says_who_ends_turns_and_the_format(transport):
    made = {
        "type": "realtime",
        "audio": {
            "input": {"format": {"type": "audio/pcmu"}, "turn_detection": {"type": "server_vad"}}
        },
    }
    client = RealtimeClient(url="wss://h", api_key="ek_1234567890", open_transport=transport.open)
    transport.deliver("session.created", session=made)

    await client.connect()
    await client.append_input_audio(bytes(200 * MS))

    # Nothing is asked for first, and G.711 takes 8 bytes a millisecond instead of 48.
    append = await transport.expect("input_audio_buffer.append")
    assert 0 < len(pcm.decode(append["audio"])) <= 200 * 8
    assert client.get_turn_detection_type() == "server_vad"
    assert client.pending_input_ms == 0
    await client.update_session(instructions="Be brief.")
    update = await transport.expect("session.update")
    assert update["session"] == {"type": "realtime", "instructions": "Be brief."}
    await client.disconnect()


async def test_what_is_no_event_is_counted_and_told_with_its_beginning(client):
    errors = told(client, "error")

    assert inbox_of(client).read(b"\xff" * (MAX_RAW_BYTES + 1)) is None
    assert inbox_of(client).read("{") is None

    assert client.bad_messages == 2
    assert [(each.code, each.raw) for each in errors] == [
        ("bad_message", b"\xff" * MAX_RAW_BYTES),
        ("bad_message", b"{"),
    ]


@pytest.mark.parametrize(
    "quoted", ["planted-0001", r"\u0070lanted-000\u0031", r"\\u0070lanted-0001"]
)
@pytest.mark.parametrize("form", [str, str.encode])
async def test_a_server_that_quotes_the_key_shows_it_to_nobody(form, quoted):
    client = RealtimeClient(url="wss://h", model="m", api_key="planted-0001")
    seen = told(client, "realtime.event")
    message = f'{{"type":"error","error":{{"message":"Incorrect API key provided: {quoted}."}}}}'

    event = inbox_of(client).read(form(message))

    assert event is not None
    assert event.fields["error"]["message"] == "Incorrect API key provided: [secret]."
    assert [each.event for each in seen] == [event]


async def test_headers_of_ones_own_that_a_server_quotes_are_shown_to_nobody():
    headers = {"Authorization": "Bearer planted-0002", "X-Token": "planted-0003"}
    client = RealtimeClient(url="wss://h", model="m", headers=headers)
    seen = told(client, "realtime.event")

    message = '{"type":"error","error":{"message":"Wrong: Bearer planted-0002, planted-0003."}}'
    inbox_of(client).read(message)

    (event,) = (each.event for each in seen)
    assert event.fields["error"]["message"] == "Wrong: Bearer [secret], [secret]."


async def test_a_server_that_quotes_the_key_when_it_hangs_up_shows_it_to_nobody(
    connected, transport
):
    closed = told(connected, "close")

    transport.hang_up(1008, "no: sk-secret-key-of-the-test-wxyz")
    await settle()

    assert closed == [Closed(1008, "no: [secret]")]


async def test_what_is_no_event_is_told_without_the_key():
    client = RealtimeClient(url="wss://h", model="m", api_key="planted-0001")
    errors = told(client, "error")

    assert inbox_of(client).read(r'{"error":"planted-0001 or \u0070lanted-000\u0031') is None

    assert [each.raw for each in errors] == [b'{"error":"[secret] or [secret]']


KEY = "planted-0001-of-the-inbox"
DELTAS = (
    "response.output_text.delta",
    "response.output_audio_transcript.delta",
    "response.function_call_arguments.delta",
    "conversation.item.input_audio_transcription.delta",
)


def receive(client: RealtimeClient, kind: str, **fields: object) -> None:
    message = orjson.dumps({"type": kind, "item_id": "a", **fields}).decode()
    event = inbox_of(client).read(message)
    assert event is not None
    inbox_of(client).act(event)


@pytest.mark.parametrize("size", [1, 3, 4, 11])
@pytest.mark.parametrize("kind", DELTAS)
async def test_a_key_that_is_spelled_in_pieces_is_nowhere_whole(kind, size):
    client = RealtimeClient(url="wss://h", model="m", api_key=KEY)
    seen, said = told(client, "realtime.event"), f"the key: {KEY}, and no more"
    pieces = [said[at : at + size] for at in range(0, len(said), size)]

    for each in pieces:
        receive(client, kind, delta=each)
        receive(client, "response.output_audio.delta", delta=pcm.encode(bytes(2)), content_index=1)

    item = client.conversation.find("a")
    assert item is not None
    whole = item.arguments or item.text
    assert re.fullmatch(r"the key: p?l?a?\[secret\], and no more", whole)
    events = [each.event for each in seen if each.event.type == kind]
    assert "".join(each.fields["delta"] for each in events) == whole
    assert len(events) == len(pieces)


async def test_what_begins_like_the_key_is_whole_again_at_its_end():
    client = RealtimeClient(url="wss://h", model="m", api_key=KEY)
    receive(client, "response.output_text.delta", delta=f"so {KEY[:9]}")
    item = client.conversation.find("a")
    assert item is not None
    assert item.text == "so "
    receive(client, "response.output_text.done", text=f"so {KEY[:9]}")

    assert item.text == f"so {KEY[:9]}"


async def test_a_text_does_not_go_on_in_another_session():
    client = RealtimeClient(url="wss://h", model="m", api_key=KEY)
    receive(client, "response.output_text.delta", delta=KEY[:9])

    inbox_of(client).session_ended()
    receive(client, "response.output_text.delta", delta="other")

    item = client.conversation.find("a")
    assert item is not None
    assert item.text == "other"


async def test_an_error_is_the_latest_for_a_while_and_asked_for_once(client, clock: ManualClock):
    inbox = inbox_of(client)
    error = Event("error", "s", {"error": {"code": "x"}})
    assert inbox.latest_error() is None

    inbox.act(error)
    assert inbox.latest_error() is error
    assert inbox.latest_error() is None

    inbox.act(error)
    await clock.advance(LATEST_S + 1)
    assert inbox.latest_error() is None


async def test_a_session_that_is_too_old_is_an_error_unless_that_is_dealt_with(client):
    inbox, errors = inbox_of(client), told(client, "error")
    expired = Event("error", "s", {"error": {"code": "session_expired", "message": "Too old."}})

    inbox.on_expired = lambda message: message == "Too old."
    inbox.act(expired)
    assert errors == []
    inbox.on_expired = lambda message: False
    inbox.act(expired)

    assert [(type(each), each.message) for each in errors] == [(ErrorReport, "Too old.")]


async def test_a_lost_session_leaves_nothing_unfinished(client):
    inbox, responses = inbox_of(client), told(client, "response.updated")
    inbox.act(Event("response.created", "s", {"response": {"id": "r", "conversation_id": "c"}}))

    inbox.session_lost()

    assert [each.status for each in responses] == ["incomplete", "incomplete"]
    assert client.conversation.unfinished_response is None


async def test_a_change_that_is_refused_without_a_name_is_taken_back_too(connected, transport):
    await connected.update_session(instructions="x")
    await transport.expect("session.update")
    await connected.update_session(instructions="y")
    await transport.expect("session.update")
    inbox = inbox_of(connected)
    for _ in ("as connected", "x"):
        inbox.act(Event("session.updated", "s", {"session": {}}))

    inbox.act(Event("error", "s", {"error": {"message": "No.", "param": "session.instructions"}}))

    assert connected.session_config["instructions"] == "x"


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


async def test_a_cancel_that_crossed_the_end_of_the_response_is_no_error(connected, transport):
    errors = told(connected, "error")

    transport.deliver("error", error={"code": "response_cancel_not_active", "message": "none"})
    await settle()

    assert errors == []


async def test_speech_of_the_user_is_told_as_an_interruption(connected, transport):
    interruptions = told(connected, "conversation.interrupted")

    transport.deliver("input_audio_buffer.speech_started", item_id="u", audio_start_ms=320)
    await settle()

    assert interruptions == [Interrupted("u", 320.0)]


async def test_changes_of_items_are_told_by_kind(connected, transport):
    names = ("updated", "item.appended", "item.completed", "item.deleted")
    values = {name: told(connected, f"conversation.{name}") for name in names}

    begin_answer(transport, sound=bytes(MS))
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
