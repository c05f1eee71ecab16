import pytest

from console.app.composer import SessionComposer
from console.app.event_log import EventLog
from console.client.client import RealtimeClient
from console.errors import ConsoleError
from console.realtime.events import Event
from tests.client.conftest import SESSION
from tests.fakes import FakeTransport, ManualClock
from tests.realtime.shelf import MemoryShelf


class Rig:
    def __init__(self):
        self.transport = FakeTransport()
        self.client = RealtimeClient(
            url="wss://server.test/v1/realtime",
            open_transport=self.transport.open,
            reconnect=None,
        )
        self.log = EventLog()
        self.clock = ManualClock()
        self.composer = SessionComposer(lambda: self.client, self.log, self.clock)

    async def connect(self):
        self.transport.deliver("session.created", session=SESSION)
        await self.client.connect()
        await self.transport.expect("session.update")

    def values(self):
        return {name: each.read() for name, each in self.composer.variables.items()}

    def receive(self, event_type, **fields):
        self.client.conversation.receive(Event(event_type, fields=fields))

    def add(self, item_id, previous=None, **fields):
        self.receive(
            "conversation.item.added", previous_item_id=previous, item={"id": item_id, **fields}
        )


@pytest.fixture
def rig():
    return Rig()


async def test_an_event_is_sent_as_it_is_and_its_id_returned(rig):
    await rig.connect()

    event_id = await rig.composer.send({"type": "response.cancel", "future": [1]})

    sent = await rig.transport.expect("response.cancel")
    assert sent == {"type": "response.cancel", "event_id": event_id, "future": [1]}
    await rig.client.disconnect()


async def test_a_response_that_may_not_be_asked_for_is_not_sent(rig):
    def refuse(event):
        raise ConsoleError(f"{event['type']}: it is the host's")

    await rig.connect()
    composer = SessionComposer(lambda: rig.client, rig.log, rig.clock, check_response=refuse)

    with pytest.raises(ConsoleError, match="the host's"):
        await composer.send({"type": "response.create", "response": {"prompt": {"id": "pmpt_1"}}})

    await composer.send({"type": "response.cancel"})
    await rig.transport.expect("response.cancel")
    await rig.client.disconnect()


async def test_without_a_session_it_is_said_what_to_do(rig):
    with pytest.raises(ConsoleError, match="Not connected: connect first"):
        await rig.composer.send({"type": "response.create"})

    rig.client = None
    with pytest.raises(ConsoleError, match="Not connected: connect first"):
        await rig.composer.send({"type": "response.create"})


async def test_what_json_cannot_carry_is_told(rig):
    await rig.connect()

    with pytest.raises(ConsoleError, match="cannot be written as JSON"):
        await rig.composer.send({"type": "response.create", "x": "\ud800"})
    await rig.client.disconnect()


def test_before_anything_was_said_no_variable_has_a_value_but_those_of_no_session(rig):
    given = {name for name, value in rig.values().items() if value is not None}

    assert given == {"random_id", "now"}

    rig.client = None
    assert {name for name, value in rig.values().items() if value is not None} == given


def test_variables_follow_the_conversation(rig):
    rig.add("user_1", type="message", role="user", content=[{"type": "input_text", "text": "Hi"}])
    rig.receive("response.created", response={"id": "resp_1", "status": "in_progress"})
    rig.add("answer_1", "user_1", type="message", role="assistant", content=[])
    rig.receive(
        "response.output_audio.delta",
        response_id="resp_1", item_id="answer_1", output_index=0, content_index=0,
        delta="AAAA" * 3200,
    )  # fmt: skip
    rig.add("call_item", "answer_1", type="function_call", call_id="call_1", name="f")
    rig.add("ask_1", "call_item", type="mcp_approval_request", name="g", server_label="s")

    values = rig.values()

    assert values["last_item_id"] == "ask_1"
    assert values["previous_item_id"] == "call_item"
    assert values["last_user_item_id"] == "user_1"
    assert values["last_assistant_item_id"] == values["last_audio_item_id"] == "answer_1"
    assert values["last_audio_ms"] == 200
    assert values["last_response_id"] == "resp_1"
    assert values["last_call_id"] == "call_1"
    assert values["last_approval_id"] == "ask_1"
    assert values["now"] == int(rig.clock.wall_s())


def test_random_ids_differ_and_can_be_the_id_of_an_item(rig):
    ids = {rig.composer.variables["random_id"].read() for _ in range(10)}

    assert len(ids) == 10
    assert all(len(each) <= 32 for each in ids)


def test_an_event_of_the_client_is_found_by_its_row_and_loses_its_id(rig):
    for number in (1, 2):
        event = Event("input_audio_buffer.append", f"event_{number}", {"audio": f"AAA{number}"})
        rig.log.add(0.0, "client", event, 10)
    row = rig.log.add(1.0, "server", Event("session.created"), 10)

    found = rig.composer.sent_event(0, 1)

    assert found == {"type": "input_audio_buffer.append", "audio": "AAA2"}
    for gone in ((0, 2), (0, -1), (99, 0), (row, 0)):
        assert rig.composer.sent_event(*gone) is None


def test_an_event_that_is_no_longer_in_memory_is_found_as_well(rig):
    log = EventLog(shelf=MemoryShelf(), max_memory_bytes=0)
    composer = SessionComposer(lambda: None, log, rig.clock)
    for number in range(400):
        fields = {"audio": f"AAA{number:05}" + "A" * 1_000}
        log.add(number / 50, "client", Event("input_audio_buffer.append", None, fields), 1_050)
    assert log.count("spans") == 1
    assert log.payloads.n_in_memory < 200

    found = [composer.sent_event(0, place) for place in (0, 399, 400)]

    assert [each and each["audio"][:8] for each in found] == ["AAA00000", "AAA00399", None]


def test_what_was_seen_is_counted_by_type_until_the_log_begins_anew(rig):
    for _ in range(3):
        rig.log.add(
            0.0, "server", Event("response.output_audio.delta", fields={"delta": "AAAA"}), 9
        )

    assert rig.composer.seen() == {"response.output_audio.delta": 3}

    rig.log.clear()
    assert rig.composer.seen() == {}
