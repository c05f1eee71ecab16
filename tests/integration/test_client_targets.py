"""The client with each kind of target: what it opens, what it asks for, what it refuses."""

import asyncio
import random

import pytest

from console import pcm
from console.client import targets
from console.client.client import RealtimeClient
from console.client.targets import Target
from console.errors import ConnectError, ConsoleError
from console.tools.registry import Tool
from tests.fakes import FakeTransport, settle
from tests.simulator.fake_senses import tone

KEY = "sk-secret-key-of-the-test-wxyz"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
TOOL = Tool("look", "Looks.", handler=lambda: None)


@pytest.fixture
async def transport():
    line = FakeTransport()
    yield line
    await line.finish()


def client_of(transport, **options) -> RealtimeClient:
    return RealtimeClient(open_transport=transport.open, random_source=random.Random(1), **options)


async def begun(transport, session=None, **options) -> RealtimeClient:
    client = client_of(transport, **options)
    transport.deliver("session.created", session=session or {"type": "realtime", "id": "s"})
    await client.connect()
    return client


# What is opened


@pytest.mark.parametrize(
    ("options", "url", "headers"),
    [
        (
            {"target": targets.azure("https://r.openai.azure.com", "d", api_key=KEY)},
            "wss://r.openai.azure.com/openai/v1/realtime?model=d",
            {"api-key": KEY},
        ),
        (
            {"url": "https://h/v1/realtime", "model": "m", "api_key": KEY},
            "wss://h/v1/realtime?model=m",
            {"Authorization": f"Bearer {KEY}"},
        ),
        (
            {},
            f"{targets.OPENAI_URL}?model={targets.DEFAULT_MODEL}",
            {},
        ),
    ],
)
async def test_a_target_is_opened_as_it_says(transport, options, url, headers):
    client = await begun(transport, **options)

    assert (transport.url, transport.headers) == (url, headers)
    await transport.expect("session.update")
    await client.disconnect()


@pytest.mark.parametrize(
    "options",
    [
        {"target": Target(url="wss://h", model="m"), "model": "x"},
        {"target": Target(url="wss://h", model="m"), "session_type": "transcription"},
        {"model": "m", "call_id": "rtc_1"},
        {"model": "m", "session_type": "transcription"},
    ],
)
def test_contradictions_are_found_before_anything_is_opened(options):
    with pytest.raises(ValueError, match=r"leave|not both"):
        RealtimeClient(**options)


async def test_a_key_in_the_clear_never_reaches_the_line(transport):
    client = client_of(transport, url="ws://example.org/v1/realtime", api_key=KEY)

    with pytest.raises(ConnectError, match="unencrypted") as caught:
        await client.connect()

    assert caught.value.cause == "tls"
    assert transport.url == ""


# Transcription


@pytest.fixture
async def transcribing(transport):
    session = {"type": "transcription", "id": "s"}
    return await begun(transport, session, url="wss://h/v1/realtime", session_type="transcription")


async def test_a_transcription_session_asks_for_its_own_fields_only(transcribing, transport):
    session = (await transport.expect("session.update"))["session"]
    await transcribing.update_session(transcription={"model": "w"})
    change = (await transport.expect("session.update"))["session"]

    assert transport.url == "wss://h/v1/realtime?intent=transcription"
    assert session["type"] == "transcription"
    assert session.keys() == {"type", "audio"}
    assert session["audio"].keys() == {"input"}
    assert change == {
        "type": "transcription",
        "audio": {"input": {"transcription": {"model": "w"}}},
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create_response(),
        lambda client: client.send_user_message_content("Hi"),
        lambda client: client.send_image(PNG),
        lambda client: client.ask_out_of_band("Hi"),
        lambda client: client.add_tool(TOOL),
    ],
)
async def test_nobody_answers_in_a_transcription_session(transcribing, transport, call):
    await transport.expect("session.update")

    with pytest.raises(ConsoleError, match=r"listens and cannot .*session_type='realtime'"):
        await call(transcribing)

    assert len(transcribing.tools.definitions()) == 0


async def test_the_user_ends_a_turn_without_asking_for_an_answer(transcribing, transport):
    await transport.expect("session.update")

    await transcribing.append_input_audio(tone(100))
    await transcribing.commit_input_audio()

    await transport.expect("input_audio_buffer.append")
    await transport.expect("input_audio_buffer.commit")


@pytest.mark.parametrize("said_ms", [0, 99])
async def test_a_turn_of_nearly_nothing_is_none(transcribing, transport, said_ms):
    await transport.expect("session.update")
    await transcribing.append_input_audio(tone(said_ms))

    with pytest.raises(ConsoleError, match=f"Only {said_ms} ms were said"):
        await transcribing.commit_input_audio()

    if said_ms:
        await transport.expect("input_audio_buffer.append")
    await transport.expect("input_audio_buffer.clear")


async def test_a_voice_is_refused_where_nobody_speaks(transcribing, transport):
    await transport.expect("session.update")

    with pytest.raises(ValueError, match=r"no 'audio\.output'"):
        await transcribing.update_session(voice="marin")


# An existing call


async def test_a_call_begins_with_whatever_comes_first_and_is_left_as_it_is(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1")
    item = {"id": "item_1", "type": "message", "role": "user", "status": "completed"}
    transport.deliver("conversation.item.added", item=item)

    began_with = await client.connect()

    assert transport.url == "wss://h/v1/realtime?call_id=rtc_1"
    assert began_with == {}
    assert client.is_connected
    assert [each.id for each in client.conversation.items] == ["item_1"]
    await client.disconnect()
    await transport.finish()  # nothing was asked of the call


async def test_a_call_in_which_nothing_happens_can_be_joined(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1")

    assert await client.connect() == {}

    assert client.is_connected


async def test_what_is_asked_of_a_call_goes_there_and_nothing_else(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1")
    await client.update_session(instructions="Be brief.")
    transport.deliver("response.created", response={"id": "r", "status": "in_progress"})

    await client.connect()
    await client.update_session(voice="cedar")

    first, second = [(await transport.expect("session.update"))["session"] for _ in range(2)]
    assert first == {"type": "realtime", "instructions": "Be brief."}
    assert second == {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}


async def test_a_call_that_does_not_let_us_in_says_why(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1", api_key=KEY)
    transport.deliver(
        "error",
        error={"type": "invalid_request_error", "code": "invalid_api_key", "message": "No."},
    )
    transport.hang_up(3000, "invalid_request_error.invalid_api_key")

    with pytest.raises(ConnectError) as caught:
        await client.connect()

    assert caught.value.cause == "key"
    assert not client.is_connected


async def test_the_server_of_a_call_stops_the_sound_itself(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1")
    transport.deliver(
        "response.created", response={"id": "r", "status": "in_progress", "conversation_id": "c"}
    )
    await client.connect()

    await client.cancel_response("item_1", 12_000)

    assert (await transport.expect("response.cancel"))["response_id"] == "r"
    await transport.expect("output_audio_buffer.clear")


async def test_whoever_watches_a_call_answers_its_own_tools_only(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1")
    await client.add_tool(TOOL)
    transport.deliver("rate_limits.updated", rate_limits=[])
    await client.connect()
    calls = [
        {
            "id": f"item_{name}",
            "type": "function_call",
            "status": "completed",
            "name": name,
            "call_id": f"call_{name}",
            "arguments": "{}",
        }
        for name in ("theirs", "look")
    ]
    await transport.expect("session.update")

    for call in calls:
        transport.deliver("conversation.item.added", item=call)
    transport.deliver("response.done", response={"id": "r", "status": "completed", "output": calls})

    answer = (await transport.expect("conversation.item.create"))["item"]
    assert answer["call_id"] == "call_look"
    await transport.expect("response.create")


async def test_elsewhere_the_sound_is_stopped_here(transport):
    client = await begun(transport, url="wss://h/v1/realtime")
    await transport.expect("session.update")

    with pytest.raises(ConsoleError, match="use cancel_response"):
        await client.clear_output_audio()


# G.711


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
async def test_a_telephones_session_sounds_like_any_other(transport, kind):
    client = client_of(transport, url="wss://h/v1/realtime")
    await client.update_session(input_format={"type": kind}, output_format={"type": kind})
    formats = {side: {"format": {"type": kind}} for side in ("input", "output")}
    transport.deliver("session.created", session={"type": "realtime", "audio": formats})
    await client.connect()
    await transport.expect("session.update")
    second = tone(1000)

    for at in range(0, len(second), 4800):
        await client.append_input_audio(second[at : at + 4800])
    await client.create_response()

    wire = b""
    for _ in range(10 + 1):  # the last has what was held back
        wire += pcm.decode((await transport.expect("input_audio_buffer.append"))["audio"])
    await transport.expect("input_audio_buffer.commit")
    await transport.expect("response.create")
    assert len(wire) == 8000

    transport.deliver("input_audio_buffer.committed", item_id="item_u")
    said = {"id": "item_u", "type": "message", "role": "user", "status": "completed"}
    transport.deliver(
        "conversation.item.added", item={**said, "content": [{"type": "input_audio"}]}
    )
    where = {"response_id": "r", "item_id": "item_a", "output_index": 0, "content_index": 0}
    transport.deliver("response.created", response={"id": "r", "status": "in_progress"})
    answer = {"id": "item_a", "type": "message", "role": "assistant", "status": "in_progress"}
    transport.deliver("conversation.item.added", item={**answer, "content": []})
    transport.deliver("response.output_audio.delta", **where, delta=pcm.encode(wire[:4000]))
    transport.deliver("response.output_audio.done", **where)
    await settle()

    user, model = client.conversation.items
    assert bytes(user.audio) == second
    assert model.audio_ms == 500
    await client.cancel_response("item_a", pcm.ms_to_samples(200))
    await transport.expect("response.cancel")
    assert (await transport.expect("conversation.item.truncate"))["audio_end_ms"] == 200


async def test_what_a_telephone_said_before_it_was_cleared_is_not_sent_later(transport):
    client = client_of(transport, url="wss://h/v1/realtime")
    await client.update_session(input_format={"type": "audio/pcmu"})
    transport.deliver("session.created", session={"type": "realtime"})
    await client.connect()
    await transport.expect("session.update")

    await client.append_input_audio(tone(200))
    await client.clear_input_audio()
    await client.append_input_audio(bytes(9600))
    await client.create_response()

    await transport.expect("input_audio_buffer.append")
    await transport.expect("input_audio_buffer.clear")
    wire = pcm.decode((await transport.expect("input_audio_buffer.append"))["audio"])
    wire += pcm.decode((await transport.expect("input_audio_buffer.append"))["audio"])
    await transport.expect("input_audio_buffer.commit")
    await transport.expect("response.create")
    assert wire == b"\xff" * 1600


# Joining


async def test_joining_can_be_given_up(transport):
    client = client_of(transport, url="wss://h/v1/realtime", call_id="rtc_1")
    joining = asyncio.ensure_future(client.connect())
    await settle()

    joining.cancel()

    with pytest.raises(asyncio.CancelledError):
        await joining
    assert not client.is_connected
