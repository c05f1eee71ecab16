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
