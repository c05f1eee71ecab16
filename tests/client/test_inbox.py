"""What the server says: read, published, acted on."""

from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport
from console.client.inbox import LATEST_S, MAX_RAW_BYTES, Inbox
from console.realtime.events import Event
from tests.client.conftest import told
from tests.fakes import ManualClock


def inbox_of(client: RealtimeClient) -> Inbox:
    return client._inbox


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


async def test_what_is_no_event_is_counted_and_told_with_its_beginning(client):
    errors = told(client, "error")

    assert inbox_of(client).read(b"\xff" * (MAX_RAW_BYTES + 1)) is None
    assert inbox_of(client).read("{") is None

    assert client.bad_messages == 2
    assert [(each.code, each.raw) for each in errors] == [
        ("bad_message", b"\xff" * MAX_RAW_BYTES),
        ("bad_message", b"{"),
    ]


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
