"""Which spelling a server speaks, and who finds out."""

import asyncio

import pytest

from console.client.wire import Wire, is_preview
from console.realtime.events import Event
from tests.client.conftest import Lines, client_on, told
from tests.fakes import ManualClock, settle

PREVIEW = "wss://r.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=d"
BETA_SESSION = {
    "id": "sess_1",
    "object": "realtime.session",
    "model": "m",
    "modalities": ["text", "audio"],
    "voice": "alloy",
    "input_audio_format": "pcm16",
    "output_audio_format": "pcm16",
    "input_audio_transcription": None,
    "turn_detection": None,
    "tools": [],
}
GA_SESSION = {"type": "realtime", "id": "sess_1", "output_modalities": ["audio"]}


def created(session: dict[str, object]) -> Event:
    return Event("session.created", "e", {"session": session})


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        (PREVIEW, True),
        ("wss://gateway.test/path/openai/realtime/?api-version=1", True),
        ("wss://r.openai.azure.com/openai/v1/realtime?model=d", False),
        ("wss://r.openai.azure.com/openai/realtime?model=d", False),
        ("wss://api.openai.com/v1/realtime", False),
        ("wss://[broken", False),
    ],
)
def test_a_preview_is_known_by_its_url(url, is_one):
    assert is_preview(url) is is_one


@pytest.mark.parametrize(
    ("dialect", "url", "session", "is_plain"),
    [
        ("auto", "wss://s.test/v1", GA_SESSION, True),
        ("auto", "wss://s.test/v1", BETA_SESSION, False),
        ("auto", PREVIEW, BETA_SESSION, False),
        ("ga", PREVIEW, BETA_SESSION, True),
        ("beta", "wss://s.test/v1", GA_SESSION, False),
    ],
)
def test_what_the_server_speaks_is_set_or_seen_when_the_session_begins(
    dialect, url, session, is_plain
):
    wire = Wire(dialect, url)

    wire.began(created(session))

    assert wire.is_plain is is_plain


def test_in_the_plain_dialect_events_pass_untouched():
    wire, event = Wire("ga", "wss://s.test"), Event("response.create")

    assert wire.incoming(event) == (event,)
    assert wire.outgoing(event)[0] is event


def test_in_beta_events_are_translated_both_ways():
    wire = Wire("beta", "wss://s.test")

    delta = wire.incoming(Event("response.audio.delta", "e", {"item_id": "a", "delta": "AAA="}))
    update = wire.outgoing(
        Event("session.update", "u", {"session": {"type": "realtime", "instructions": "x"}})
    )

    assert [each.type for each in delta] == ["response.output_audio.delta"]
    assert [(each.type, each.event_id) for each in update] == [("session.update", "u")]
    assert "type" not in update[0].fields["session"]


# The client on such a line


async def test_a_server_that_turns_out_to_speak_beta_is_spoken_to_in_beta(
    lines: Lines, clock: ManualClock
):
    lines.is_greeting = False
    client = client_on(lines, clock)
    seen = told(client, "realtime.event")
    await client.update_session(voice="cedar")
    connecting = asyncio.create_task(client.connect())
    await settle()
    lines.last.deliver("session.created", session=BETA_SESSION)
    session = await connecting

    update = (await lines.last.expect("session.update"))["session"]
    assert (update["voice"], update["input_audio_format"]) == ("cedar", "pcm16")
    assert session["audio"]["output"]["voice"] == "alloy"

    message = {
        "id": "a", "object": "realtime.item", "type": "message", "role": "assistant",
        "status": "in_progress", "content": [],
    }  # fmt: skip
    lines.last.deliver("response.created", response={"id": "r", "status": "in_progress"})
    lines.last.deliver("response.output_item.added", response_id="r", output_index=0, item=message)
    lines.last.deliver("conversation.item.created", item=message, previous_item_id=None)
    lines.last.deliver(
        "response.text.delta", response_id="r", item_id="a", output_index=0, content_index=0,
        delta="Hello",
    )  # fmt: skip
    await settle()
    assert [item.text for item in client.conversation.items] == ["Hello"]
    # The log shows what is on the wire.
    assert [each.event.type for each in seen if each.source == "server"] == [
        "session.created",
        "response.created",
        "response.output_item.added",
        "conversation.item.created",
        "response.text.delta",
    ]
    assert next(each for each in seen if each.source == "client").event.fields["session"][
        "input_audio_format"
    ]
    await client.append_input_audio(bytes(960))
    await lines.last.expect("input_audio_buffer.append")
    await client.disconnect()


async def test_where_beta_is_set_the_header_chooses_it_and_the_first_words_are_beta(
    lines: Lines, clock: ManualClock
):
    lines.is_greeting = False
    client = client_on(lines, clock, dialect="beta")
    connecting = asyncio.create_task(client.connect())
    await settle()
    assert lines.last.headers["OpenAI-Beta"] == "realtime=v1"
    lines.last.deliver("session.created", session=BETA_SESSION)
    await connecting

    assert "modalities" in (await lines.last.expect("session.update"))["session"]
    await client.disconnect()
