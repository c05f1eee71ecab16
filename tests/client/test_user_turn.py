"""The user's turn: pending, ended, answered."""

import pytest

from console import pcm
from console.errors import ConsoleError, NotConnectedError
from console.tools.registry import Tool
from tests.client.conftest import restore
from tests.fakes import settle

MS = pcm.BYTES_PER_MS
TOOL = Tool("look", "Looks.", handler=lambda: "seen")


async def test_where_the_user_ends_turns_a_response_commits_the_input_first(connected, transport):
    await connected.append_input_audio(bytes(100 * MS))
    await transport.expect("input_audio_buffer.append")
    assert connected.pending_input_ms == 100

    await connected.create_response({"instructions": "x"})

    await transport.expect("input_audio_buffer.commit")
    created = await transport.expect("response.create")
    assert created["response"] == {"instructions": "x"}
    assert connected.pending_input_ms == 0


async def test_under_100_ms_are_dropped_in_words_and_nothing_is_asked_for(connected, transport):
    await connected.append_input_audio(bytes(99 * MS))
    await transport.expect("input_audio_buffer.append")

    with pytest.raises(ConsoleError, match="Only 99 ms were said"):
        await connected.create_response()

    await transport.expect("input_audio_buffer.clear")
    await connected.create_response()
    await transport.expect("response.create")


async def test_without_any_audio_a_response_is_asked_for_and_nothing_is_committed(
    connected, transport
):
    await connected.create_response()

    await transport.expect("response.create")
    await connected.clear_input_audio()
    # What comes next is what was sent next.
    await transport.expect("input_audio_buffer.clear")


async def test_with_turn_detection_a_response_commits_nothing(connected, transport):
    await connected.update_session(turn_detection={"type": "server_vad"})
    await transport.expect("session.update")
    await connected.append_input_audio(bytes(500 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.create_response()

    await transport.expect("response.create")
    assert connected.pending_input_ms == 0


async def test_what_was_said_is_the_audio_of_the_users_item(connected, transport):
    await connected.append_input_audio(b"\x01\x00" * 4_800)
    await transport.expect("input_audio_buffer.append")
    await connected.create_response()
    await transport.expect("input_audio_buffer.commit")
    await transport.expect("response.create")
    await connected.append_input_audio(b"\x02\x00" * 4_800)
    await transport.expect("input_audio_buffer.append")

    transport.deliver("input_audio_buffer.committed", item_id="u", previous_item_id=None)
    transport.deliver(
        "conversation.item.added",
        item={"id": "u", "status": "completed", "content": [{"type": "input_audio"}]},
    )
    await settle()

    assert connected.conversation.get("u").audio == b"\x01\x00" * 4_800


async def test_a_response_that_shall_call_a_tool_that_there_is_not_is_refused_at_once(
    connected, transport
):
    await connected.add_tool(TOOL)
    await transport.expect("session.update")
    look = {"type": "function", "name": "look"}

    with pytest.raises(ValueError, match=r"names the tool 'sing'; known are: look\."):
        await connected.create_response({"tool_choice": {"type": "function", "name": "sing"}})
    with pytest.raises(ValueError, match="there are none"):
        await connected.create_response({"tools": [], "tool_choice": look})
    await transport.finish()

    await connected.create_response({"tool_choice": look})
    await transport.expect("response.create")


async def test_the_tools_of_a_call_are_its_owners_and_not_checked_here(joined, lines):
    await joined.create_response({"tool_choice": {"type": "function", "name": "theirs"}})

    await lines.last.expect("response.create")


async def test_a_turn_is_ended_without_asking_anybody(connected, transport):
    await connected.append_input_audio(bytes(100 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.commit_input_audio()

    await transport.expect("input_audio_buffer.commit")
    assert connected.pending_input_ms == 0


async def test_without_a_line_it_is_the_commit_that_cannot_be_sent(lasting, lines, clock):
    lines.last.hang_up(1006)
    await settle()

    with pytest.raises(NotConnectedError, match=r"send input_audio_buffer\.commit: the connection"):
        await lasting.commit_input_audio()

    await (await restore(lines, clock)).finish()
