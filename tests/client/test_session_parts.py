"""The parts of a client, joined."""

import random
from typing import Any

import pytest

from console import pcm
from console.client.reconnection import ReconnectPolicy
from console.client.session_parts import SessionParts
from console.client.targets import Target
from console.errors import NotConnectedError
from console.realtime import events
from console.realtime.events import Event
from tests.client.conftest import Lines, restore, told
from tests.fakes import ManualClock, settle

CHUNK = bytes(100 * pcm.BYTES_PER_MS)


def joined(lines: Lines, clock: ManualClock, **target: Any) -> SessionParts:
    return SessionParts(
        Target(url="wss://server.test/v1", **{"model": "m", **target}),
        open_transport=lines.open,
        keep_audio="memory",
        reconnect=ReconnectPolicy(),
        clock=clock,
        random_source=random.Random(1),
    )


@pytest.fixture
async def parts(lines: Lines, clock: ManualClock) -> SessionParts:
    return joined(lines, clock)


async def test_events_are_told_with_their_time_since_the_beginning(parts, lines, clock):
    seen: list[tuple[float, str]] = []
    parts.signals.on("realtime.event", lambda each: seen.append((each.at_s, each.event.type)))
    await clock.advance(5)
    parts.inbox.bad_messages = 3

    parts.begin()
    await clock.advance(2)
    await parts.life.connect(1)

    await lines.last.expect("session.update")
    assert seen == [(2, "session.created"), (2, "session.update")]
    assert parts.inbox.bad_messages == 0
    await parts.life.disconnect()


async def test_sound_that_waits_for_the_network_keeps_a_session_where_it_is(parts, lines):
    await parts.life.connect(1)
    await lines.last.expect("session.update")
    parts.inbox.act(Event("session.updated", "s", {"session": {}}))
    assert parts.life._is_quiet()

    lines.last.is_backed_up = True
    await parts.outbox.append(CHUNK)
    assert not parts.life._is_quiet()

    parts.outbox._microphone.clear()
    assert parts.life._is_quiet()
    await parts.life.disconnect()


async def test_a_call_of_which_nothing_is_asked_is_told_nothing(lines, clock):
    parts = joined(lines, clock, model=None, call_id="rtc_1")

    await parts.life.connect(1)
    await settle()

    await lines.last.finish()
    await parts.life.disconnect()


async def test_faults_of_ours_are_told_in_words(parts):
    reports: list[tuple[str, str, str]] = []
    parts.signals.on("error", lambda each: reports.append((each.source, each.code, each.message)))

    parts._sound_skipped(1234.5)
    parts._report("audio_not_kept")("The disk is full.")

    assert reports == [
        ("client", "network_too_slow", "Network too slow: 1.2 s skipped."),
        ("client", "audio_not_kept", "The disk is full."),
    ]


async def test_the_answer_of_a_tool_cannot_be_sent_without_a_session(parts):
    with pytest.raises(NotConnectedError):
        await parts._send_tool_output("call_1", "{}")


async def test_what_the_user_sent_and_the_server_had_not_confirmed_is_told_when_the_line_goes(
    lasting, lines, clock
):
    errors = told(lasting, "error")
    item_ids = [
        await lasting.send_user_message_content(text, respond=False) for text in ("My", "name")
    ]
    first = await lines.last.expect("conversation.item.create")
    await lines.last.expect("conversation.item.create")
    await lasting.send(
        events.item_create(events.function_output_item("item_output", "call_1", "{}"))
    )
    await lines.last.expect("conversation.item.create")
    lines.last.deliver("conversation.item.added", item={**first["item"], "status": "completed"})
    await settle()

    lines.last.hang_up(1006)
    await settle()

    (report,) = errors
    assert (report.source, report.code) == ("client", "item_lost")
    assert "Send it again when the line is back." in report.message
    assert report.cause.fields["item"]["id"] == item_ids[1]
    line = await restore(lines, clock)
    assert (await line.expect("conversation.item.create"))["item"]["id"] == item_ids[0]
    await line.finish()
    assert errors == [report]
