"""The client against a server that the test plays."""

import asyncio
import logging
from typing import Any

import pytest
from pydantic import SecretStr

from console import pcm
from console.client.client import RealtimeClient
from console.client.happenings import RealtimeEvent
from console.client.input_audio import MAX_APPEND_BYTES
from console.errors import ConnectError, ConsoleError, NotConnectedError
from console.tools.registry import Tool
from console.transport import Closed
from tests.client.conftest import SESSION, connect, told
from tests.fakes import FakeTransport, settle

MS = pcm.BYTES_PER_MS
TOOL = Tool("look", "Looks.", handler=lambda: "seen")


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


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
WRONG: list[tuple[str, Any, str]] = [
    ("wait_for_session_created", ("soon",), "timeout_s must be a number of seconds, or None"),
    ("wait_for_next", ("error", "soon"), "timeout_s must be a number of seconds, or None"),
    ("wait_for_next", ("error", -1), "timeout_s must be 0 seconds or more, not -1"),
    ("wait_for_next", ([],), r"There is no \[\]; known are: realtime.event"),
    ("wait_for_next_item", ("soon",), "timeout_s must be a number of seconds"),
    ("wait_for_next_completed_item", ("soon",), "timeout_s must be a number of seconds"),
    (
        "update_session",
        ("voice",),
        "patch must be a mapping of the session's fields, not of type s",
    ),
    (
        "update_session",
        ({"tools": "look"},),
        "tools must be a list of definitions .* not of type s",
    ),
    ("add_tool", ("look",), "tool must be a Tool, not of type str"),
    ("remove_tool", ([],), "name must be the name of a tool, not of type list"),
    ("set_tools", (3,), "tools must be a list of Tools, not of type int"),
    ("set_tools", ("look",), "each of tools must be a Tool, not of type str"),
    ("send", ("response.create",), "event must be a mapping with a 'type', .* not of type str"),
    ("retrieve_item", (3,), "item_id must be the id of an item, not of type int"),
    ("delete_item", ([],), "item_id must be the id of an item, not of type list"),
    ("send_image", (None,), "image must be all bytes of a picture or a Path"),
    ("send_image", (PNG, 3), "text must be a text, not of type int"),
    ("approve_mcp_call", ([],), "approval_request_id must be the id of an item, not of type list"),
    ("approve_mcp_call", ("item", "no"), "approve must be True or False, not of type str"),
    ("approve_mcp_call", ("item", True, 3), "reason must be a text, or None, not of type int"),
    ("append_input_audio", (3,), "PCM16 as bytes, not of type int"),
    ("create_response", ("now",), "response must be a mapping such as .* not of type str"),
    ("ask_out_of_band", (3,), "content must be a text, a list of items .* not of type int"),
    ("ask_out_of_band", ([3],), "content must be a text, a list .*; one has the type int"),
    ("cancel_response", ([],), "item_id must be the id of an item, or None, not of type list"),
]
WRONG_BY_NAME: list[tuple[str, Any, dict[str, Any], str]] = [
    ("retrieve_item", "item", {"timeout_s": "x"}, "timeout_s must be a number of seconds"),
    ("send_user_message_content", "Hi", {"respond": "no"}, "respond must be True or False"),
    ("send_image", PNG, {"detail": "much"}, "detail must be 'auto', 'low' or 'high', not 'much'"),
    ("ask_out_of_band", "Why?", {"timeout_s": "x"}, "timeout_s must be a number of seconds"),
    ("ask_out_of_band", "Why?", {"instructions": 3}, "instructions must be a text, or None"),
    ("ask_out_of_band", "Why?", {"metadata": "a"}, "metadata must be a mapping of texts, or None"),
    ("ask_out_of_band", "Why?", {"tools": [TOOL]}, "tools must be a list .* has the type Tool"),
    ("ask_out_of_band", "Why?", {"output_modalities": "text"}, "output_modalities must be a list"),
]


@pytest.mark.parametrize(
    ("call", "given", "named", "sentence"),
    [
        *((call, given, {}, sentence) for call, given, sentence in WRONG),
        *((call, (first,), named, sentence) for call, first, named, sentence in WRONG_BY_NAME),
    ],
)
async def test_a_wrong_argument_is_named_and_nothing_is_sent(
    connected, call, given, named, sentence
):
    with pytest.raises((TypeError, ValueError), match=sentence):
        await getattr(connected, call)(*given, **named)


def test_wrong_arguments_of_what_is_done_at_once_are_named_too(client):
    with pytest.raises(TypeError, match=r"each of names must be a text such as .* of type int"):
        client.leave_out_of_session("audio.output.speed", 3)
    with pytest.raises(TypeError, match=r"A handler of 'error' is a function, not \[\]"):
        client.off("error", [])
    with pytest.raises(ValueError, match=r"There is no \[\]; known are"):
        client.on([], print)


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
    connected, transport, network
):
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    await connected.disconnect()
    closes, errors = told(connected, "close"), told(connected, "error")
    again = FakeTransport()
    network.open_line = again.open
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


async def test_a_line_that_cannot_be_opened_is_a_connect_error(client, network):
    async def refuse(url, headers, timeout_s):
        raise ConnectionRefusedError(111, "refused")

    network.open_line = refuse

    with pytest.raises(ConnectError, match=r"Nothing answers at server\.test:443"):
        await client.connect()

    assert not client.is_connected


async def test_after_a_failure_the_same_client_connects(client, transport, network):
    with pytest.raises(ConnectError):
        await client.connect(timeout_s=0.01)
    again = FakeTransport()
    network.open_line = again.open

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


async def test_a_session_that_begins_when_the_attempt_was_given_up_loses_nothing(
    client, transport, network
):
    await connect(client, transport)
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    await client.disconnect()
    again = FakeTransport()
    network.open_line = again.open
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


async def test_waiting_after_an_attempt_that_found_no_server_says_not_connected(client, network):
    async def refuse(url, headers, timeout_s):
        raise ConnectionRefusedError(111, "refused")

    network.open_line = refuse
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
    connected, transport, network
):
    transport.deliver("conversation.item.added", item={"id": "u", "status": "completed"})
    await settle()
    cleared = told(connected, "conversation.cleared")

    await connected.disconnect()
    assert [item.id for item in connected.conversation.items] == ["u"]
    assert cleared == []

    again = FakeTransport()
    network.open_line = again.open
    await connect(connected, again)
    assert connected.conversation.items == []
    assert cleared == [None]
    await connected.disconnect()


async def test_disconnecting_drops_the_input_so_that_the_next_session_commits_none_of_it(
    connected, transport, network
):
    await connected.append_input_audio(bytes(500 * MS))
    await transport.expect("input_audio_buffer.append")
    await connected.disconnect()
    again = FakeTransport()
    network.open_line = again.open
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


# Input audio


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


async def test_an_hour_of_microphone_stays_within_bounded_memory(connected, transport):
    await connected.update_session(turn_detection={"type": "server_vad"})
    await transport.expect("session.update")
    chunk = bytes(10_000 * MS)

    for _ in range(360):
        await connected.append_input_audio(chunk)
        await transport.expect("input_audio_buffer.append")

    assert connected.conversation.speech.position_ms == 3_600_000
    assert connected.conversation.speech.kept_bytes < 60_000 * MS


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


async def test_a_text_is_no_sound(connected):
    sound: Any = "abcd"

    with pytest.raises(TypeError, match="PCM16 as bytes, not of type str"):
        await connected.append_input_audio(sound)


@pytest.mark.parametrize(
    ("option", "wrong", "words"),
    [
        ("target", "wss://h", "target must be a Target"),
        ("reconnect", False, "reconnect must be a ReconnectPolicy, or None for never"),
        ("random_source", 7, "random_source must be a random.Random"),
        ("api_key", 5, "api_key must be a text"),
        ("headers", [], "headers must be a mapping of texts"),
    ],
)
def test_an_argument_of_another_type_is_refused_by_name_at_once(option, wrong, words):
    options: dict[str, Any] = {option: wrong}

    with pytest.raises(TypeError, match=words):
        RealtimeClient(**options)


async def test_a_time_that_is_none_is_refused_before_anything_is_opened(client, transport):
    with pytest.raises(ValueError, match="timeout_s must be more than 0 seconds, not -1"):
        await client.connect(timeout_s=-1)

    assert transport.url == ""
    assert not client.is_connected
