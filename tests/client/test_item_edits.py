"""Items deleted and cut, at the server or here alone."""

import pytest

from console import pcm
from tests.client.conftest import begin_answer, restore, say
from tests.fakes import settle

MS = pcm.BYTES_PER_MS


async def test_an_item_that_nobody_knows_is_not_deleted_and_one_on_its_way_is(connected, transport):
    with pytest.raises(ValueError, match="has no item 'nobody'"):
        await connected.delete_item("nobody")
    item_id = await connected.send_user_message_content("Hello", respond=False)
    await transport.expect("conversation.item.create")

    await connected.delete_item(item_id)

    await transport.expect("conversation.item.delete")


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
