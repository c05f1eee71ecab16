"""The life of the connection: lost and restored, moved in time, and over for good."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import websockets
from websockets.datastructures import Headers
from websockets.http11 import Response

from console import pcm
from console.client.client import RealtimeClient
from console.client.happenings import ConnectionChanged
from console.client.reconnection import ReconnectPolicy
from console.errors import ConnectError, NotConnectedError
from console.tools.registry import Tool
from console.transport import Closed
from tests.client.conftest import Lines, client_on, say, told
from tests.fakes import FakeTransport, ManualClock, settle

MS = pcm.BYTES_PER_MS
HOUR_S = 3600


def refused(status: int, body: object = None, **headers: str) -> websockets.InvalidStatus:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return websockets.InvalidStatus(Response(status, "", Headers(named), orjson.dumps(body)))


def begin_answer(transport: FakeTransport, text: str = "", item_id: str = "a") -> None:
    item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
    response = {"id": "r", "status": "in_progress", "conversation_id": "c"}
    transport.deliver("response.created", response=response)
    transport.deliver("response.output_item.added", response_id="r", item=item)
    transport.deliver("conversation.item.added", item=item, previous_item_id=None)
    if text:
        transport.deliver("response.output_text.delta", item_id=item_id, delta=text)


def end_answer(transport: FakeTransport, status: str = "completed") -> None:
    transport.deliver("response.done", response={"id": "r", "status": status, "output": []})


def call_tool(transport: FakeTransport, name: str) -> None:
    call = {
        "id": "f", "type": "function_call", "status": "completed", "name": name,
        "call_id": "call_1", "arguments": "{}",
    }  # fmt: skip
    transport.deliver("response.created", response={"id": "r0", "conversation_id": "c"})
    transport.deliver("conversation.item.added", item=call, previous_item_id=None)
    transport.deliver("conversation.item.done", item=call)
    response = {"id": "r0", "status": "completed", "output": [call], "conversation_id": "c"}
    transport.deliver("response.done", response=response)


async def restore(lines: Lines, clock: ManualClock) -> FakeTransport:
    """Wait for the next line and take the configuration that goes out on it."""
    before = len(lines.opened)
    await clock.advance(0.5)
    assert len(lines.opened) == before + 1
    await lines.last.expect("session.update")
    return lines.last


# A line that is lost


async def test_a_lost_line_is_restored_with_configuration_and_history_and_nothing_is_asked_for(
    lasting, lines, clock
):
    await lasting.update_session(instructions="Be brief.")
    await lines.last.expect("session.update")
    say(lines.last, "u1", "Hello")
    say(lines.last, "a1", "Hi!", "assistant")
    changes, moves = told(lasting, "connection.changed"), told(lasting, "session.moved")
    await settle()

    lines.last.hang_up(1006)
    await clock.advance(0.5)

    update = await lines.last.expect("session.update")
    first = await lines.last.expect("conversation.item.create")
    second = await lines.last.expect("conversation.item.create")
    await lines.last.finish()
    assert update["session"]["instructions"] == "Be brief."
    assert first["item"] == {
        "id": "u1",
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "Hello"}],
    }
    assert second["item"]["content"] == [{"type": "output_text", "text": "Hi!"}]
    assert [(each.phase, each.sentence) for each in changes] == [
        ("reconnecting", "Connection lost - reconnecting (1/5)..."),
        ("open", "Connected to server.test:443."),
    ]
    assert (changes[0].attempt, changes[0].max_attempts, changes[0].cause) == (1, 5, "lost")
    assert 0.25 <= changes[0].delay_s <= 0.5
    assert [(each.reason, each.n_replayed) for each in moves] == [("lost", 2)]
    assert moves[0].sentence == (
        "The connection is back. 2 items of the conversation carried over as text."
    )
    assert lasting.is_connected
    assert lasting.session["id"] == "sess_2"


async def test_a_partial_answer_stays_and_is_marked_and_is_not_told_again(lasting, lines, clock):
    say(lines.last, "u1", "Hello")
    begin_answer(lines.last, "It is ni")
    await settle()

    lines.last.hang_up(1006)
    await settle()

    item = lasting.conversation.get("a")
    assert (item.text, item.status, item.is_done) == ("It is ni", "incomplete", True)
    response = lasting.conversation.responses["r"]
    assert (response.status, response.reason) == ("incomplete", "connection_lost")
    line = await restore(lines, clock)
    assert (await line.expect("conversation.item.create"))["item"]["id"] == "u1"
    await line.finish()
    assert [each.id for each in lasting.conversation.items] == ["u1", "a"]


async def test_what_the_server_says_of_the_items_it_took_over_changes_nothing(
    lasting, lines, clock
):
    say(lines.last, "u1", "Hello")
    lines.last.hang_up(1006)
    line = await restore(lines, clock)
    await line.expect("conversation.item.create")
    updates = told(lasting, "conversation.updated")

    say(line, "u1", "something else")
    say(line, "u2", "New")
    await settle()

    assert [each.item.id for each in updates if each.kind == "appended"] == ["u2"]
    assert [each.text for each in lasting.conversation.items] == ["Hello", "New"]


async def test_an_item_that_the_server_does_not_take_over_is_told_and_the_session_goes_on(
    lasting, lines, clock
):
    say(lines.last, "u1", "Hello")
    lines.last.hang_up(1006)
    line = await restore(lines, clock)
    sent = await line.expect("conversation.item.create")
    errors = told(lasting, "error")

    line.deliver("error", error={"message": "No.", "event_id": sent["event_id"]})
    await settle()

    assert [(each.message, each.cause.type) for each in errors] == [
        ("No.", "conversation.item.create")
    ]
    assert lasting.is_connected
    await lasting.delete_item("u1")
    assert lasting.conversation.items == []


async def test_while_a_line_is_restored_sends_say_so_and_sound_is_never_sent_late(
    lasting, lines, clock
):
    lines.last.hang_up(1006)
    await settle()

    assert not lasting.is_connected
    with pytest.raises(NotConnectedError, match="connection was lost and is being restored"):
        await lasting.send_user_message_content("Hello")
    await lasting.append_input_audio(bytes(500 * MS))

    line = await restore(lines, clock)
    await line.finish()
    assert lasting.pending_input_ms == 0
    await lasting.append_input_audio(bytes(40 * MS))
    await line.expect("input_audio_buffer.append")
    assert lasting.conversation.speech.position_ms == 40


async def test_sound_that_was_not_committed_is_gone_with_its_line(lasting, lines, clock):
    await lasting.append_input_audio(bytes(500 * MS))
    await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    line = await restore(lines, clock)

    await lasting.create_response()
    await line.expect("response.create")
    await line.finish()


async def test_a_tool_that_runs_when_the_line_goes_is_given_up_and_its_call_is_not_told_again(
    lasting, lines, clock
):
    ended = asyncio.Event()

    async def stubborn() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await ended.wait()
        return "late"

    await lasting.add_tool(Tool("stubborn", "Stays.", handler=stubborn))
    await lines.last.expect("session.update")
    calls = told(lasting, "tool.called")
    call_tool(lines.last, "stubborn")
    await settle()

    lines.last.hang_up(1006)
    line = await restore(lines, clock)
    ended.set()
    await settle()

    await line.finish()
    assert (calls[-1].phase, calls[-1].was_sent) == ("finished", False)


async def test_a_transcript_that_was_still_to_come_has_failed(lasting, lines, clock):
    await lasting.update_session(transcription={"model": "m"})
    await lines.last.expect("session.update")
    lines.last.deliver(
        "session.updated",
        session={"type": "realtime", "audio": {"input": {"transcription": {"model": "m"}}}},
    )
    lines.last.deliver("input_audio_buffer.committed", item_id="u", previous_item_id=None)
    item = {"id": "u", "type": "message", "role": "user", "status": "completed"}
    lines.last.deliver(
        "conversation.item.added", item={**item, "content": [{"type": "input_audio"}]}
    )
    await settle()
    part = lasting.conversation.get("u").content[0]
    assert part.transcription == "pending"
    moves = told(lasting, "session.moved")

    lines.last.hang_up(1006)
    await restore(lines, clock)

    assert part.transcription == "failed"
    assert part.transcription_error == "The connection was lost before the transcript came."
    assert moves[0].sentence.endswith("1 item could not be carried over.")


# Whether it is worth it


@pytest.mark.parametrize("code", [1001, 1002, 1006, 1011, 1012, 1013])
async def test_a_close_that_speaks_of_the_servers_own_state_is_worth_another_attempt(
    lasting, lines, clock, code
):
    lines.last.hang_up(code)

    await restore(lines, clock)

    assert lasting.is_connected


@pytest.mark.parametrize(
    ("code", "reason", "cause", "sentence"),
    [
        (1000, "", "ended", "Session ended by the server."),
        (1008, "Not nice.", "policy", "server.test:443 ended the connection by its policy"),
        (3000, "", "key", "server.test:443 did not accept the API key ending in wxyz."),
        (4000, "invalid_request_error.invalid_model", "model", "does not offer the model"),
        (4000, "invalid_request_error.beta_api_shape_disabled", "beta", "switched the beta form"),
        (4000, "x.insufficient_quota", "quota", "is out of credit"),
    ],
)
async def test_a_close_that_would_come_again_ends_it_for_good(
    lasting, lines, clock, code, reason, cause, sentence
):
    changes, closes = told(lasting, "connection.changed"), told(lasting, "close")

    lines.last.hang_up(code, reason)
    await clock.advance(60)

    assert lines.n_calls == 1
    assert closes == [Closed(code, reason)]
    assert [(each.phase, each.cause) for each in changes] == [("closed", cause)]
    assert sentence in changes[0].sentence
    with pytest.raises(NotConnectedError, match="Connect first"):
        await lasting.create_response()


async def test_an_error_just_before_the_close_says_why(lasting, lines, clock):
    changes = told(lasting, "connection.changed")

    lines.last.deliver("error", error={"code": "insufficient_quota", "message": "Pay."})
    lines.last.hang_up(4000)
    await clock.advance(60)

    assert lines.n_calls == 1
    assert changes[-1].sentence == "The account at server.test:443 is out of credit (Pay)."


async def test_an_error_of_long_ago_is_not_why_a_line_ends(lasting, lines, clock):
    lines.last.deliver("error", error={"code": "invalid_model", "message": "No."})
    await clock.advance(20)

    lines.last.hang_up(1011)

    await restore(lines, clock)


async def test_after_five_attempts_in_vain_it_is_over_and_the_close_is_told_once(
    lasting, lines, clock
):
    changes, closes = told(lasting, "connection.changed"), told(lasting, "close")
    lines.refusals.extend(ConnectionRefusedError(111, "refused") for _ in range(9))

    lines.last.hang_up(1012, "restart")
    await clock.advance(0.5 + 1 + 2 + 4 + 8)

    assert lines.n_calls == 6
    assert closes == [Closed(1012, "restart")]
    tries = [each for each in changes if each.phase == "reconnecting"]
    assert [each.attempt for each in tries] == [1, 2, 3, 4, 5]
    for each, longest in zip(tries, [0.5, 1, 2, 4, 8], strict=True):
        assert longest / 2 <= each.delay_s <= longest
    assert changes[-1].phase == "closed"
    assert "Nothing answers at server.test:443" in changes[-1].sentence


async def test_a_refusal_that_would_come_again_ends_the_attempts(lasting, lines, clock):
    closes = told(lasting, "close")
    lines.refusals.append(refused(401))

    lines.last.hang_up(1006)
    await clock.advance(60)

    assert lines.n_calls == 2
    assert closes == [Closed(1006, "")]


async def test_sessions_that_break_again_and_again_are_not_restored_for_ever(lasting, lines, clock):
    closes = told(lasting, "close")

    for _ in range(5):
        lines.last.hang_up(1006)
        await clock.advance(9)
        await lines.last.expect("session.update")
    lines.last.hang_up(1006)
    await clock.advance(60)

    assert lines.n_calls == 6
    assert closes == [Closed(1006, "")]


async def test_a_session_that_has_lasted_gets_all_attempts_again(lasting, lines, clock):
    changes = told(lasting, "connection.changed")

    for _ in range(7):
        lines.last.hang_up(1006)
        await restore(lines, clock)
        await clock.advance(10)

    assert lasting.is_connected
    assert {each.attempt for each in changes if each.phase == "reconnecting"} == {1}


async def test_a_message_that_is_too_large_is_risked_once_more(lasting, lines, clock):
    closes = told(lasting, "close")

    lines.last.hang_up(1009)
    await restore(lines, clock)
    await clock.advance(60)
    lines.last.hang_up(1009)
    await clock.advance(60)

    assert lines.n_calls == 2
    assert closes == [Closed(1009, "")]


async def test_a_server_that_asks_to_wait_is_heeded_up_to_a_minute_and_three_times(
    lasting, lines, clock
):
    changes = told(lasting, "connection.changed")
    lines.refusals.extend([refused(429, Retry_After="7"), refused(429, Retry_After="900")])

    lines.last.hang_up(1006)
    await clock.advance(0.5)
    await clock.advance(6.9)
    assert lines.n_calls == 2
    await clock.advance(0.2)
    assert lines.n_calls == 3
    await clock.advance(59.8)
    assert lines.n_calls == 3
    await clock.advance(0.5)

    await lines.last.expect("session.update")
    waits = [each for each in changes if each.phase == "reconnecting"]
    assert [(each.attempt, each.max_attempts, each.cause) for each in waits] == [
        (1, 5, "lost"),
        (2, 3, "rate_limit"),
        (3, 3, "rate_limit"),
    ]
    assert [each.delay_s for each in waits[1:]] == [7, 60]
    assert waits[1].sentence == (
        "server.test:443 asks to slow down: too many requests (HTTP 429) - reconnecting (2/3)..."
    )


async def test_an_account_without_credit_is_not_asked_again(lasting, lines, clock):
    closes = told(lasting, "close")
    lines.refusals.append(refused(429, {"error": {"code": "insufficient_quota"}}))

    lines.last.hang_up(1006)
    await clock.advance(120)

    assert (lines.n_calls, len(closes)) == (2, 1)


async def test_ten_messages_in_a_row_that_are_no_events_end_the_line_and_not_the_session(
    lasting, lines, clock
):
    errors = told(lasting, "error")
    first = lines.last

    for _ in range(9):
        first.deliver_raw(b"\xff" * 9000)
    first.deliver("x")
    for _ in range(10):
        first.deliver_raw("{")
    await settle(40)
    await clock.advance(0.5)

    assert first.closed == Closed(1002, "")
    await lines.last.expect("session.update")
    assert lasting.bad_messages == 19
    assert [len(each.raw) for each in errors] == [4096] * 9 + [1] * 10


# Ending it ourselves


async def test_disconnecting_while_the_line_is_restored_ends_it_at_once(lasting, lines, clock):
    changes, closes = told(lasting, "connection.changed"), told(lasting, "close")
    lines.last.hang_up(1006)
    await settle()

    await lasting.disconnect()
    await clock.advance(60)

    assert lines.n_calls == 1
    assert closes == [Closed(1000, "")]
    assert [each.phase for each in changes] == ["reconnecting", "closed"]
    assert changes[-1].sentence == "Disconnected."


async def test_disconnecting_while_a_new_line_is_being_opened_closes_it(lasting, lines, clock):
    lines.is_greeting = False
    lines.last.hang_up(1006)
    await clock.advance(0.5)
    assert len(lines.opened) == 2

    await lasting.disconnect()

    assert lines.last.closed == Closed(1000, "")
    assert not lasting.is_connected


async def test_after_it_is_over_the_same_client_begins_anew(lasting, lines, clock):
    say(lines.last, "u1", "Hello")
    lines.last.hang_up(1000)
    await settle()
    assert [each.id for each in lasting.conversation.items] == ["u1"]

    await lasting.connect()

    await lines.last.expect("session.update")
    assert lasting.conversation.items == []


async def test_a_wait_outlives_a_lost_line(lasting, lines, clock):
    waiting = asyncio.create_task(lasting.wait_for_next_item(timeout_s=5))
    await settle()
    lines.last.hang_up(1006)
    line = await restore(lines, clock)

    say(line, "u1", "Hello")

    assert (await waiting).id == "u1"


async def test_a_fault_of_ours_while_restoring_ends_it_instead_of_hanging(
    lasting, lines, clock, caplog
):
    closes = told(lasting, "close")

    async def broken(line: Any) -> Any:
        raise RuntimeError("our own")

    lasting._life._tell = broken
    lines.last.hang_up(1006)
    await clock.advance(0.5)

    assert closes == [Closed(1006, "")]
    assert not lasting.is_connected
    assert "our own" in caplog.text


# At the start


async def test_trouble_of_the_server_at_the_start_is_tried_again(lines, clock):
    client = client_on(lines, clock)
    changes = told(client, "connection.changed")
    lines.refusals.extend([refused(503), refused(503)])

    connecting = asyncio.create_task(client.connect())
    await clock.advance(1.5)

    await connecting
    await lines.last.expect("session.update")
    assert [each.sentence for each in changes] == [
        "Connecting to server.test:443...",
        "server.test:443 is having trouble (503). Trying again (2/5)...",
        "server.test:443 is having trouble (503). Trying again (3/5)...",
        "Connected to server.test:443.",
    ]
    await client.disconnect()


@pytest.mark.parametrize(
    ("refusal", "n_calls"),
    [
        (OSError(101, "Network is unreachable"), 3),
        (refused(429), 3),
        (refused(500), 5),
        (ConnectionRefusedError(111, "refused"), 1),
        (TimeoutError(), 1),
        (refused(401), 1),
        (refused(403), 1),
        (websockets.InvalidMessage("no"), 1),
    ],
)
async def test_how_often_the_start_is_tried_depends_on_the_cause(lines, clock, refusal, n_calls):
    client = client_on(lines, clock)
    lines.refusals.extend([refusal] * 9)

    connecting = asyncio.create_task(client.connect())
    await clock.advance(60)

    with pytest.raises(ConnectError):
        await connecting
    assert lines.n_calls == n_calls


async def test_without_a_policy_nothing_is_tried_twice(lines, clock):
    client = client_on(lines, clock, reconnect=None)
    lines.refusals.append(refused(503))

    with pytest.raises(ConnectError, match="having trouble"):
        await client.connect()

    assert lines.n_calls == 1


async def test_who_waits_for_the_session_gets_that_of_the_attempt_that_succeeds(lines, clock):
    client = client_on(lines, clock)
    lines.refusals.append(refused(503))
    connecting = asyncio.create_task(client.connect())
    await settle()
    waiting = asyncio.create_task(client.wait_for_session_created())

    await clock.advance(0.5)

    assert (await waiting)["id"] == "sess_1"
    await connecting
    await lines.last.expect("session.update")
    await client.disconnect()


async def test_disconnecting_gives_up_the_attempts_to_begin(lines, clock):
    client = client_on(lines, clock)
    closes, changes = told(client, "close"), told(client, "connection.changed")
    lines.refusals.extend([refused(503)] * 9)
    connecting = asyncio.create_task(client.connect())
    await settle()

    await client.disconnect()

    with pytest.raises(ConnectError, match="given up"):
        await connecting
    assert lines.n_calls == 1
    assert closes == []
    assert changes[-1].phase == "closed"


async def test_disconnecting_while_the_server_says_nothing_yet_gives_up_too(lines, clock):
    client = client_on(lines, clock)
    lines.is_greeting = False
    connecting = asyncio.create_task(client.connect())
    await settle()

    await client.disconnect()

    with pytest.raises(ConnectError):
        await connecting
    assert lines.n_calls == 1
    assert lines.last.closed == Closed(1000, "")


class HangsUp(FakeTransport):
    """A line that begins a session and ends before it is told its configuration."""

    def __init__(self, error: dict[str, str], code: int, reason: str, *, refuses: bool) -> None:
        super().__init__()
        self.deliver("session.created", session={"type": "realtime", "id": "s"})
        if error:
            self.deliver("error", error=error)
        self._end = (code, reason)
        self._refuses = refuses
        if not refuses:
            self.hang_up(code, reason)

    async def send(self, text: str) -> None:
        if self._refuses:
            # The line is gone, and what came before that has not been heard yet.
            self.hang_up(*self._end)
            raise websockets.ConnectionClosedError(None, None)
        await super().send(text)


QUOTA = {"code": "insufficient_quota", "message": "Pay."}


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize(
    ("error", "code", "reason", "n_calls", "cause", "words"),
    [
        (QUOTA, 1011, "", 1, "quota", "out of credit (Pay)"),
        ({}, 1008, "Too rude.", 1, "policy", "by its policy (Too rude)"),
        ({}, 4001, "Not you.", 1, "server", "closed the connection (4001: Not you)"),
        ({}, 1011, "Oops.", 5, "server", "closed the connection (1011: Oops)"),
        ({}, 1006, "", 5, "lost", "The connection was lost."),
    ],
)
async def test_a_line_that_ends_before_its_session_is_configured_says_why_and_is_tried_as_later(
    clock, refuses, error, code, reason, n_calls, cause, words
):
    lines = Lines()
    opened: list[HangsUp] = []

    async def open_line(url: str, headers: Any, timeout_s: float) -> HangsUp:
        opened.append(HangsUp(error, code, reason, refuses=refuses))
        return opened[-1]

    client = client_on(lines, clock, open_transport=open_line)
    changes = told(client, "connection.changed")

    connecting = asyncio.create_task(client.connect())
    await clock.advance(60)

    with pytest.raises(ConnectError) as caught:
        await connecting
    assert (caught.value.cause, len(opened)) == (cause, n_calls)
    assert words in str(caught.value)
    assert changes[-1].sentence == str(caught.value)
    assert not client.is_connected


async def test_a_session_that_breaks_at_once_is_followed_by_one_that_lasts(lines, clock):
    lines.broken = [HangsUp({}, 1011, "", refuses=False)]
    client = client_on(lines, clock)

    connecting = asyncio.create_task(client.connect())
    await clock.advance(1)

    assert (await connecting)["id"] == "sess_1"
    assert (await client.wait_for_session_created())["id"] == "sess_1"
    await lines.last.expect("session.update")
    await client.disconnect()


async def test_a_session_that_is_refused_while_it_is_restored_says_why_and_is_not_tried_again(
    lasting, lines, clock
):
    changes = told(lasting, "connection.changed")
    lines.broken = [HangsUp(QUOTA, 1011, "", refuses=True)]

    lines.last.hang_up(1006)
    await clock.advance(60)

    assert lines.n_calls == 2
    assert changes[-1].sentence == "The account at server.test:443 is out of credit (Pay)."


WANTS_BETA = {"error": {"code": "missing_beta_header", "message": "Send OpenAI-Beta."}}


@pytest.mark.parametrize("reconnect", [None, ReconnectPolicy()])
async def test_a_server_that_wants_beta_gets_it_at_once_and_when_it_is_called_again(
    lines, clock, reconnect
):
    seen: list[str | None] = []

    async def open_line(url: str, headers: dict[str, str], timeout_s: float) -> Any:
        seen.append(headers.get("OpenAI-Beta"))
        if seen[-1] is None:
            raise refused(400, WANTS_BETA)
        return await lines.open(url, headers, timeout_s)

    client = client_on(lines, clock, reconnect=reconnect, open_transport=open_line)

    await client.connect()

    update = await lines.last.expect("session.update")
    assert "modalities" in update["session"]
    assert seen == [None, "realtime=v1"]
    if reconnect is not None:
        lines.last.hang_up(1006)
        await restore(lines, clock)
        assert seen[2:] == ["realtime=v1"]
    await client.disconnect()


@pytest.mark.parametrize(("dialect", "n_calls"), [("auto", 2), ("ga", 1), ("beta", 1)])
async def test_beta_is_tried_once_and_only_where_nobody_has_chosen(lines, clock, dialect, n_calls):
    client = client_on(lines, clock, dialect=dialect)
    lines.refusals.extend([refused(400, WANTS_BETA)] * 9)

    with pytest.raises(ConnectError, match="asks for another version"):
        await client.connect()

    assert lines.n_calls == n_calls


# Speech that is lost


async def test_speech_of_an_unfinished_turn_that_goes_with_its_line_is_told(lasting, lines, clock):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")
    await lasting.update_session(turn_detection=None)
    await lines.last.expect("session.update")
    for _ in range(10):
        await lasting.append_input_audio(bytes(100 * MS))
        await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    await restore(lines, clock)

    assert [(each.code, each.message) for each in errors] == [
        ("sound_lost", "1.0 s of speech was lost. Say it again when the line is back.")
    ]
    assert moves[0].sentence.endswith(" 1.0 s of speech was lost.")
    await clock.advance(10)
    lines.last.hang_up(1006)
    await restore(lines, clock)
    assert "lost" not in moves[1].sentence


async def test_speech_that_the_server_listens_to_by_itself_is_not_told_as_lost(
    lasting, lines, clock
):
    errors = told(lasting, "error")
    await lasting.update_session(turn_detection={"type": "server_vad"})
    await lines.last.expect("session.update")
    await lasting.append_input_audio(bytes(1000 * MS))
    await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    await restore(lines, clock)

    assert errors == []


async def test_speech_while_there_is_no_line_is_counted_with_what_went_with_the_line(
    lasting, lines, clock
):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")
    await lasting.update_session(turn_detection=None)
    await lines.last.expect("session.update")
    await lasting.append_input_audio(bytes(700 * MS))
    await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    await settle(5)
    for _ in range(3):
        await lasting.append_input_audio(bytes(100 * MS))
    await restore(lines, clock)

    assert [(each.code, each.message) for each in errors] == [
        ("sound_lost", "0.7 s of speech was lost. Say it again when the line is back."),
        ("sound_lost", "1.0 s of speech was lost. Say it again."),
    ]
    assert moves[0].sentence.endswith(" 1.0 s of speech was lost.")
    await clock.advance(10)
    lines.last.hang_up(1006)
    await restore(lines, clock)
    assert "lost" not in moves[1].sentence


async def test_where_the_server_finds_turns_it_is_told_how_long_it_could_not_hear(
    lasting, lines, clock
):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")
    await lasting.update_session(turn_detection={"type": "server_vad"})
    await lines.last.expect("session.update")

    lines.last.hang_up(1006)
    await settle(5)
    await lasting.append_input_audio(bytes(1500 * MS))
    await restore(lines, clock)

    assert moves[0].sentence.endswith(" 1.5 s of sound was not heard.")
    assert errors == []


# The time limit of a session


@pytest.fixture
async def hour(lines: Lines, clock: ManualClock) -> AsyncIterator[RealtimeClient]:
    """A client with a session of an hour that has just begun."""
    lines.session = {"expires_at": clock.wall_s() + HOUR_S}
    client = client_on(lines, clock)
    await client.connect()
    await lines.last.expect("session.update")
    lines.session = {"expires_at": clock.wall_s() + 2 * HOUR_S}
    yield client
    await client.disconnect()


async def test_a_session_that_has_reached_its_limit_goes_on_at_once_in_a_new_one(
    lasting, lines, clock
):
    say(lines.last, "u1", "Hello")
    begin_answer(lines.last, "It is")
    moves, errors, closes = (told(lasting, name) for name in ("session.moved", "error", "close"))

    lines.last.deliver(
        "error",
        error={"code": "session_expired", "message": "Your session hit the maximum duration."},
    )
    lines.last.hang_up(1001, "Your session hit the maximum duration.")
    await settle(40)

    await lines.last.expect("session.update")
    await lines.last.expect("conversation.item.create")
    assert lines.n_calls == 2
    assert (errors, closes) == ([], [])
    assert [(each.reason, each.n_replayed) for each in moves] == [("expired", 1)]
    assert moves[0].sentence.startswith("The session reached its time limit and goes on")
    assert lasting.conversation.get("a").status == "incomplete"


async def test_without_a_policy_the_limit_is_told_and_the_session_is_over(lines, clock):
    client = client_on(lines, clock, reconnect=None)
    await client.connect()
    await lines.last.expect("session.update")
    errors, closes = told(client, "error"), told(client, "close")

    lines.last.deliver("error", error={"code": "session_expired", "message": "Too old."})
    lines.last.hang_up(1001, "Too old.")
    await settle()

    assert [each.message for each in errors] == ["Too old."]
    assert closes == [Closed(1001, "Too old.")]


async def test_an_idle_session_moves_ten_minutes_before_its_end(hour, lines, clock):
    say(lines.last, "u1", "Hello")
    moves, closes = told(hour, "session.moved"), told(hour, "close")
    old = lines.last

    await clock.advance(50 * 60 - 1)
    assert len(lines.opened) == 1
    await clock.advance(2)

    await lines.last.expect("session.update")
    await lines.last.expect("conversation.item.create")
    assert old.closed == Closed(1000, "")
    assert [(each.reason, each.n_replayed) for each in moves] == [("expiring", 1)]
    assert closes == []
    assert hour.is_connected
    assert hour.session["id"] == "sess_2"


async def test_the_end_is_announced_ten_and_five_minutes_before(hour, lines, clock):
    warnings = told(hour, "session.expiring")
    begin_answer(lines.last)

    await clock.advance(50 * 60 - 1)
    assert warnings == []
    await clock.advance(5 * 60)
    assert len(warnings) == 1
    await clock.advance(2)

    assert [(each.in_s, each.sentence) for each in warnings] == [
        (600, "The session ends in 10 minutes; at the next pause it goes on in a new one."),
        (300, "The session ends in 5 minutes."),
    ]


async def test_a_session_that_was_left_by_a_move_is_not_announced_any_more(hour, lines, clock):
    told_of = [(kind, told(hour, f"session.{kind}")) for kind in ("expiring", "moved")]
    n_before = len(asyncio.all_tasks())

    await clock.advance(50 * 60 + 1)
    await lines.last.expect("session.update")
    assert [(kind, len(each)) for kind, each in told_of] == [("expiring", 1), ("moved", 1)]
    await settle()
    assert len(asyncio.all_tasks()) == n_before

    # The new session lasts until two hours after the old one began.
    await clock.advance(20 * 60)
    assert len(told_of[0][1]) == 1


async def test_a_session_that_is_not_to_be_moved_is_only_announced(lines, clock):
    lines.session = {"expires_at": clock.wall_s() + HOUR_S}
    client = client_on(lines, clock, reconnect=ReconnectPolicy(move_before_expiry=False))
    await client.connect()
    await lines.last.expect("session.update")
    warnings = told(client, "session.expiring")

    await clock.advance(59 * 60)

    assert (lines.n_calls, len(warnings)) == (1, 1)
    await client.disconnect()


async def test_an_answer_is_finished_before_the_session_moves(hour, lines, clock):
    begin_answer(lines.last, "It is ")
    await clock.advance(52 * 60)
    assert lines.n_calls == 1

    end_answer(lines.last)
    await clock.advance(1)

    await lines.last.expect("session.update")
    await lines.last.expect("conversation.item.create")
    assert hour.conversation.get("a").status == "completed"


async def test_nobody_is_interrupted_while_speaking_by_a_move(hour, lines, clock):
    first = lines.last
    await hour.update_session(turn_detection={"type": "server_vad"})
    await first.expect("session.update")
    first.deliver("session.updated", session={})
    await clock.advance(50 * 60 - 5)
    first.deliver("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    await clock.advance(60)
    first.deliver("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=900)
    first.deliver("input_audio_buffer.committed", item_id="u", previous_item_id=None)
    await clock.advance(2)
    assert lines.n_calls == 1
    begin_answer(first, "Yes.")
    await clock.advance(2)
    assert lines.n_calls == 1

    end_answer(first)
    await clock.advance(1)

    await lines.last.expect("session.update")
    await lines.last.expect("conversation.item.create")


async def test_a_tool_answers_before_the_session_moves(hour, lines, clock):
    first, is_open = lines.last, asyncio.Event()

    async def wait() -> str:
        await is_open.wait()
        return "done"

    await hour.add_tool(Tool("wait", "Waits.", handler=wait))
    await first.expect("session.update")
    first.deliver("session.updated", session={})
    await clock.advance(50 * 60 - 5)
    call_tool(first, "wait")
    await clock.advance(60)
    assert lines.n_calls == 1

    is_open.set()
    output = await first.expect("conversation.item.create")
    await first.expect("response.create")
    first.deliver("conversation.item.added", item={**output["item"], "status": "completed"})
    begin_answer(first, "Done.")
    await clock.advance(1)
    assert lines.n_calls == 1
    end_answer(first)
    await clock.advance(1)

    await lines.last.expect("session.update")
    for expected in ("function_call", "function_call_output", "message"):
        assert (await lines.last.expect("conversation.item.create"))["item"]["type"] == expected


async def test_what_was_said_and_not_committed_keeps_the_session_where_it_is(hour, lines, clock):
    first = lines.last
    await clock.advance(50 * 60 - 5)
    await hour.append_input_audio(bytes(200 * MS))
    await first.expect("input_audio_buffer.append")
    await clock.advance(60)
    assert lines.n_calls == 1

    await hour.clear_input_audio()
    await first.expect("input_audio_buffer.clear")
    first.deliver("input_audio_buffer.cleared")
    await clock.advance(1)

    await lines.last.expect("session.update")


async def test_what_the_server_has_not_answered_keeps_the_session_where_it_is(hour, lines, clock):
    first = lines.last
    await clock.advance(50 * 60 - 5)
    await hour.send_user_message_content("Hello", respond=False)
    created = await first.expect("conversation.item.create")
    await clock.advance(8)
    assert lines.n_calls == 1

    say(first, created["item"]["id"], "Hello")
    await clock.advance(1)

    await lines.last.expect("session.update")
    await lines.last.expect("conversation.item.create")


async def test_a_server_that_answers_nothing_does_not_keep_the_session_for_ever(hour, lines, clock):
    await clock.advance(50 * 60 - 5)
    await hour.clear_input_audio()
    await lines.last.expect("input_audio_buffer.clear")

    await clock.advance(20)

    await lines.last.expect("session.update")
    assert lines.n_calls == 2


async def test_a_move_that_is_refused_is_tried_again_and_the_session_goes_on(hour, lines, clock):
    lines.refusals.append(refused(503))
    first = lines.last
    await clock.advance(50 * 60 + 1)
    assert lines.n_calls == 2
    assert hour.is_connected
    await hour.create_response()
    await first.expect("response.create")
    begin_answer(first, "Still here.")
    end_answer(first)

    await clock.advance(15)

    await lines.last.expect("session.update")
    await lines.last.expect("conversation.item.create")
    assert lines.n_calls == 3


async def test_a_turn_that_begins_while_the_new_line_is_opened_stays_on_the_old_one(
    hour, lines, clock
):
    first = lines.last
    lines.is_greeting = False
    await clock.advance(50 * 60 + 1)
    second = lines.last
    assert second is not first

    begin_answer(first, "Wait")
    await settle()
    second.deliver("session.created", session={"id": "sess_2"})
    await settle()

    assert second.closed == Closed(1000, "")
    assert hour.is_connected
    assert hour.session["id"] == "sess_1"
    assert hour.conversation.get("a").text == "Wait"


async def test_what_is_sent_during_a_move_goes_out_after_the_history(hour, lines, clock):
    say(lines.last, "u1", "Hello")
    gate = asyncio.Event()
    open_line = lines.open

    async def open_slow_line(url: str, headers: Any, timeout_s: float) -> FakeTransport:
        transport: FakeTransport = await open_line(url, headers, timeout_s)
        send = transport.send

        async def send_slowly(text: str) -> None:
            await gate.wait()
            await send(text)

        transport.send = send_slowly  # type: ignore[method-assign]  # the network is slow
        return transport

    hour._open_transport = open_slow_line
    await clock.advance(50 * 60 + 1)
    assert hour.is_connected
    sending = asyncio.create_task(hour.send_user_message_content("New", respond=False))
    await settle()
    gate.set()
    await sending

    await lines.last.expect("session.update")
    texts = [
        (await lines.last.expect("conversation.item.create"))["item"]["content"][0]["text"]
        for _ in range(2)
    ]
    assert texts == ["Hello", "New"]


async def test_a_new_line_that_breaks_during_a_move_is_restored(hour, lines, clock):
    open_line = lines.open
    is_broken = True

    async def open_broken_line(url: str, headers: Any, timeout_s: float) -> FakeTransport:
        nonlocal is_broken
        transport: FakeTransport = await open_line(url, headers, timeout_s)
        if is_broken:
            is_broken = False

            async def fail(text: str) -> None:
                transport.hang_up(1006)
                raise websockets.ConnectionClosedError(None, None)

            transport.send = fail  # type: ignore[method-assign]  # the line breaks at once
        return transport

    hour._open_transport = open_broken_line
    moves = told(hour, "session.moved")
    warnings = told(hour, "session.expiring")
    await clock.advance(50 * 60 + 2)

    await lines.last.expect("session.update")
    assert lines.n_calls == 3
    assert [each.reason for each in moves] == ["lost"]
    assert hour.is_connected

    # Nothing is left of the watch of the session that was left.
    await clock.advance(6 * 60)
    assert len(warnings) == 1


async def test_a_fault_of_ours_while_moving_ends_it_instead_of_hanging(hour, lines, clock, caplog):
    closes = told(hour, "close")

    async def broken(line: Any) -> Any:
        raise RuntimeError("our own")

    hour._life._tell = broken
    await clock.advance(50 * 60 + 1)

    assert closes == [Closed(1006, "")]
    assert not hour.is_connected
    assert "our own" in caplog.text
    assert all(line.closed for line in lines.opened)


async def test_disconnecting_during_a_move_closes_both_lines(hour, lines, clock):
    lines.is_greeting = False
    closes = told(hour, "close")
    await clock.advance(50 * 60 + 1)
    assert len(lines.opened) == 2

    await hour.disconnect()
    await settle()

    assert closes == [Closed(1000, "")]
    assert [line.closed for line in lines.opened] == [Closed(1000, "")] * 2


async def test_a_session_whose_end_lies_in_the_past_is_left_alone(lines, clock):
    lines.session = {"expires_at": clock.wall_s() - 5}
    client = client_on(lines, clock)
    warnings = told(client, "session.expiring")
    await client.connect()
    await lines.last.expect("session.update")

    await clock.advance(2 * HOUR_S)

    assert (lines.n_calls, warnings) == (1, [])
    await client.disconnect()


# A machine that has slept


async def test_after_the_machine_slept_a_dead_line_is_found_and_restored(lasting, lines, clock):
    lines.last.is_answering = False
    changes = told(lasting, "connection.changed")
    await clock.advance(1)

    clock.sleep_machine(2 * HOUR_S)
    await clock.advance(5)
    await clock.advance(0.5)

    await lines.last.expect("session.update")
    assert [each.phase for each in changes] == ["reconnecting", "open"]


async def test_after_the_machine_slept_a_line_that_lives_is_kept(lasting, lines, clock):
    await clock.advance(1)

    clock.sleep_machine(2 * HOUR_S)
    await clock.advance(20)

    assert lines.n_calls == 1
    assert lasting.is_connected


# What is known of earlier sessions


async def test_an_item_that_only_we_know_is_deleted_here(lasting, lines, clock):
    begin_answer(lines.last, "It is ni")
    lines.last.hang_up(1006)
    line = await restore(lines, clock)

    await lasting.delete_item("a")

    await line.finish()
    assert lasting.conversation.items == []


async def test_how_much_was_heard_of_an_earlier_session_is_noted_here_alone(lasting, lines, clock):
    begin_answer(lines.last)
    lines.last.deliver(
        "response.output_audio.delta", item_id="a", delta=pcm.encode(bytes(1000 * MS))
    )
    lines.last.hang_up(1006)
    line = await restore(lines, clock)

    item = await lasting.cancel_response("a", 24_000 // 2)

    await line.finish()
    assert item.audio_part.heard_ms == 500


async def test_an_item_with_an_id_that_is_too_long_goes_by_another_at_the_server(
    lasting, lines, clock
):
    long = "item_" + "x" * 40
    say(lines.last, long, "Hello")
    lines.last.hang_up(1006)
    line = await restore(lines, clock)
    there = (await line.expect("conversation.item.create"))["item"]["id"]
    assert len(there) <= 32

    say(line, there, "Hello")
    await lasting.delete_item(long)
    assert (await line.expect("conversation.item.delete"))["item_id"] == there
    line.deliver("conversation.item.deleted", item_id=there)
    await settle()

    assert lasting.conversation.items == []


# The phases as they are told


async def test_a_first_session_is_told_from_its_beginning_to_its_end(lines, clock):
    client = client_on(lines, clock)
    changes = told(client, "connection.changed")

    await client.connect()
    await lines.last.expect("session.update")
    await client.disconnect()

    assert changes == [
        ConnectionChanged("connecting", "Connecting to server.test:443...", 1, 1),
        ConnectionChanged("open", "Connected to server.test:443."),
        ConnectionChanged("closed", "Disconnected."),
    ]


async def test_a_call_is_joined_again_and_told_nothing(lines, clock):
    lines.is_greeting = False
    client = client_on(lines, clock, call_id="rtc_1")
    connecting = asyncio.create_task(client.connect())
    await settle()
    say(lines.last, "u1", "Hello")
    await connecting
    moves = told(client, "session.moved")

    lines.last.hang_up(1006)
    await clock.advance(0.5)
    say(lines.last, "u2", "Again")
    await settle()

    assert lines.n_calls == 2
    assert [each.sentence for each in moves] == [
        "The connection is back. The call went on meanwhile."
    ]
    assert [each.id for each in client.conversation.items] == ["u1", "u2"]
    await client.disconnect()
