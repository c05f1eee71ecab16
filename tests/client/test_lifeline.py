"""The life of the connection: lost and restored, moved in time, and over for good."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets

from console import pcm
from console.client.carry_over import CarryOver
from console.client.client import RealtimeClient
from console.client.happenings import ConnectionChanged
from console.client.reconnection import ReconnectPolicy
from console.errors import NotConnectedError
from console.tools.registry import Tool
from console.transport import Closed
from tests.client.conftest import (
    HangsUp,
    Lines,
    begin_answer,
    client_on,
    end_answer,
    refused,
    restore,
    say,
    told,
)
from tests.fakes import FakeTransport, ManualClock, settle

MS = pcm.BYTES_PER_MS
HOUR_S = 3600


async def broken(*_: object) -> Any:
    raise RuntimeError("our own")


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
        "The connection is back. The conversation was carried over as text."
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


async def test_a_fault_of_ours_while_restoring_ends_it_instead_of_hanging(
    lasting, lines, clock, caplog, monkeypatch
):
    closes = told(lasting, "close")
    monkeypatch.setattr(CarryOver, "tell", broken)
    lines.last.hang_up(1006)
    await clock.advance(0.5)

    assert closes == [Closed(1006, "")]
    assert not lasting.is_connected
    assert "our own" in caplog.text


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

    def slow_down(transport: FakeTransport) -> None:
        send = transport.send

        async def send_slowly(text: str) -> None:
            await gate.wait()
            await send(text)

        transport.send = send_slowly  # type: ignore[method-assign]  # the network is slow

    lines.prepare = slow_down
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
    lines.broken = [HangsUp({}, 1006, "", refuses=True)]
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


async def test_a_fault_of_ours_while_moving_ends_it_instead_of_hanging(
    hour, lines, clock, caplog, monkeypatch
):
    closes = told(hour, "close")
    monkeypatch.setattr(CarryOver, "tell", broken)
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


async def test_a_call_is_joined_again_and_told_nothing(joined, lines, clock):
    moves = told(joined, "session.moved")

    lines.last.hang_up(1006)
    await clock.advance(0.5)
    say(lines.last, "u2", "Again")
    await settle()

    assert lines.n_calls == 2
    assert [each.sentence for each in moves] == [
        "The connection is back. The call went on meanwhile."
    ]
    assert [each.id for each in joined.conversation.items] == ["u1", "u2"]


async def test_disconnecting_while_a_new_session_is_told_tells_the_end_once(hour, lines, clock):
    gate = asyncio.Event()

    def hold(transport: FakeTransport) -> None:
        async def send_when_it_may(text: str) -> None:
            await gate.wait()
            raise websockets.ConnectionClosedOK(None, None)

        transport.send = send_when_it_may  # type: ignore[method-assign]  # the network is slow

    lines.prepare = hold
    closes, changes = told(hour, "close"), told(hour, "connection.changed")
    await clock.advance(50 * 60 + 1)
    assert len(lines.opened) == 2

    await hour.disconnect()
    gate.set()
    await settle()

    assert closes == [Closed(1000, "")]
    assert [each.sentence for each in changes] == ["Disconnected."]
    assert [line.closed for line in lines.opened] == [Closed(1000, "")] * 2


async def test_a_session_that_ends_while_it_is_told_everything_is_followed_by_another(
    lasting, lines, clock
):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")

    def end_at_the_first_word(transport: FakeTransport) -> None:
        async def send_and_end(text: str) -> None:
            transport.deliver("error", error={"code": "session_expired", "message": "Too old."})
            transport.hang_up(1001, "Too old.")
            await settle()

        transport.send = send_and_end  # type: ignore[method-assign]  # the server is quicker
        lines.prepare = lambda transport: None

    lines.prepare = end_at_the_first_word
    lines.last.hang_up(1006)
    await clock.advance(0.5)
    await settle(60)
    await clock.advance(1)

    await lines.last.expect("session.update")
    assert (len(lines.opened), errors) == (3, [])
    assert [each.reason for each in moves] == ["lost"]
    assert lasting.session["id"] == "sess_3"
