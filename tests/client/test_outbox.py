"""What the client says, in the order of the wire."""

import random
from typing import Any

import pytest

from console import pcm
from console.client.carry_over import CarryOver
from console.client.configuration import Configuration
from console.client.input_audio import InputAudio
from console.client.outbox import Outbox
from console.client.sent_events import SentEvents
from console.client.wire import Wire
from console.errors import NotConnectedError
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.ids import IdSource
from console.tools.registry import ToolRegistry
from tests.client.conftest import told
from tests.fakes import settle

CHUNK = bytes(100 * pcm.BYTES_PER_MS)


class Line:
    """Notes what is sent on it."""

    def __init__(self) -> None:
        self.wire = Wire("ga", "wss://server.test")
        self.is_backed_up = False
        self.sent: list[Event] = []
        self.has_ended = False

    async def send(self, message: str, event_type: str) -> None:
        if self.has_ended:
            raise NotConnectedError(f"send {event_type}")
        self.sent.append(events.parse(message))

    def types(self) -> list[str]:
        return [each.type for each in self.sent]


class Life:
    """Has a line, or none."""

    def __init__(self, line: Line) -> None:
        self.line: Line | None = line
        self.is_holding_on = False

    async def line_for(self, event_type: str) -> Line:
        if self.line is None:
            raise NotConnectedError(f"send {event_type}")
        return self.line


class Stage:
    def __init__(self) -> None:
        self.line = Line()
        self.life = Life(self.line)
        self.conversation = Conversation()
        self.configuration = Configuration(ToolRegistry())
        self.published: list[str] = []
        self.skipped_ms: list[float] = []
        self.dropped_ms: list[float] = []
        self.n_turn_modes = 0
        ids = IdSource(random.Random(1))
        self.outbox = Outbox(
            life=self.life,
            ids=ids,
            conversation=self.conversation,
            configuration=self.configuration,
            sent=SentEvents(),
            input_audio=InputAudio(),
            carry_over=CarryOver(self.conversation, self.configuration, ids),
            publish=lambda source, event, size: self.published.append(f"{source} {event.type}"),
            turn_mode_changed=self.turn_mode_changed,
            on_skipped=self.skipped_ms.append,
            on_dropped=self.dropped_ms.append,
            now_s=lambda: 0.0,
        )

    def turn_mode_changed(self) -> None:
        self.n_turn_modes += 1


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_an_event_is_named_published_and_sent(stage):
    event_id = await stage.outbox.send(Event("response.create"))

    assert stage.published == ["client response.create"]
    assert [(each.type, each.event_id) for each in stage.line.sent] == [
        ("response.create", event_id)
    ]


async def test_what_json_cannot_carry_is_neither_published_nor_sent(stage):
    with pytest.raises(ValueError, match="cannot be written"):
        await stage.outbox.send(Event("x", None, {"a": object()}))

    assert (stage.published, stage.line.sent) == ([], [])


async def test_a_change_of_the_session_is_noted_when_it_is_sent(stage):
    await stage.outbox.send(events.session_update({"type": "realtime", "instructions": "x"}))

    assert stage.configuration.fields["instructions"] == "x"
    assert stage.n_turn_modes == 1


async def test_sound_is_counted_when_it_is_sent(stage):
    await stage.outbox.append(CHUNK)

    assert stage.line.types() == ["input_audio_buffer.append"]
    assert stage.conversation.speech.position_ms == 100


async def test_without_a_session_sound_is_refused(stage):
    stage.life.line = None

    with pytest.raises(NotConnectedError, match=r"input_audio_buffer\.append"):
        await stage.outbox.append(CHUNK)


@pytest.mark.parametrize("is_gone", [True, False])
async def test_while_a_line_is_held_on_to_sound_that_cannot_leave_is_dropped(stage, is_gone):
    stage.life.is_holding_on = True
    stage.line.has_ended = True
    if is_gone:
        stage.life.line = None

    await stage.outbox.append(CHUNK)

    assert stage.line.sent == []
    assert stage.dropped_ms == ([100] if is_gone else [])
    assert stage.conversation.speech.pending_ms == (0 if is_gone else 100)
    with pytest.raises(NotConnectedError):
        await stage.outbox.send(Event("response.create"))


async def test_while_the_network_is_behind_sound_waits_without_keeping_the_caller(stage):
    stage.line.is_backed_up = True
    for _ in range(3):
        await stage.outbox.append(CHUNK)
    assert (stage.line.sent, stage.outbox.queued_ms) == ([], 300)
    assert stage.conversation.speech.position_ms == 0

    stage.line.is_backed_up = False
    await stage.outbox.append(CHUNK)
    await settle()

    assert stage.conversation.speech.position_ms == 400
    assert stage.outbox.queued_ms == 0


async def test_a_commit_comes_after_the_sound_that_waits(stage):
    stage.line.is_backed_up = True
    await stage.outbox.append(CHUNK)

    await stage.outbox.send(events.input_audio_commit())

    assert stage.line.types() == ["input_audio_buffer.append", "input_audio_buffer.commit"]


async def test_clearing_gives_up_the_sound_that_waits(stage):
    stage.line.is_backed_up = True
    await stage.outbox.append(CHUNK)

    await stage.outbox.send(events.input_audio_clear())
    await settle()

    assert stage.line.types() == ["input_audio_buffer.clear"]
    assert stage.outbox.queued_ms == 0


async def test_in_beta_what_is_published_is_what_is_sent(stage):
    stage.line.wire = Wire("beta", "wss://server.test")
    shown: list[Any] = []
    stage.outbox._publish = lambda source, event, size: shown.append(event)

    await stage.outbox.send(
        events.session_update({"type": "realtime", "output_modalities": ["text"]})
    )

    assert stage.line.sent == shown
    assert shown[0].fields["session"] == {"modalities": ["text"]}
    assert stage.configuration.fields["output_modalities"] == ["text"]


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


async def test_audio_in_a_plain_event_is_counted_or_refused(connected, transport):
    await connected.send({"type": "input_audio_buffer.append", "audio": "AAAAAA=="})
    await transport.expect("input_audio_buffer.append")
    assert connected.conversation.speech.kept_bytes == 4

    for bad in ({}, {"audio": 5}, {"audio": "§"}, {"audio": "AAAA"}):
        with pytest.raises(ValueError, match="needs 'audio', base64 PCM16"):
            await connected.send({"type": "input_audio_buffer.append", **bad})


async def test_an_update_that_was_sent_as_a_plain_event_counts_too(connected, transport):
    vad = {"input": {"turn_detection": {"type": "server_vad"}}}

    await connected.send({"type": "session.update", "session": {"type": "realtime", "audio": vad}})

    await transport.expect("session.update")
    assert connected.get_turn_detection_type() == "server_vad"


async def test_an_event_tells_its_size_on_the_wire(connected, transport):
    seen = told(connected, "realtime.event")

    await connected.send({"type": "x", "event_id": "e"})
    transport.deliver_raw('{"type":"y"}')
    await settle()

    await transport.expect("x")
    assert [each.size_bytes for each in seen] == [27, 12]


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
