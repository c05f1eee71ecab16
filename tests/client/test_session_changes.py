"""Changes of the session that the user wants."""

import pytest

from console import pcm
from console.client.client import RealtimeClient
from console.tools.registry import Tool
from tests.client.conftest import SESSION, told
from tests.fakes import settle

MS = pcm.BYTES_PER_MS
TOOL = Tool("look", "Looks.", handler=lambda: "seen")


async def test_turn_detection_is_told_by_its_type(client):
    assert client.get_turn_detection_type() is None

    await client.update_session(turn_detection={"type": "semantic_vad"})
    assert client.get_turn_detection_type() == "semantic_vad"

    await client.update_session({"audio": {"input": {"turn_detection": None}}})
    assert client.get_turn_detection_type() is None


async def test_a_field_that_is_left_out_is_not_asked_of_the_next_session(connected, transport):
    await connected.update_session(speed=1.2, voice="cedar")
    await transport.expect("session.update")

    connected.leave_out_of_session("audio.output.speed", "audio.output.nothing")

    assert connected.session_config["audio"]["output"].get("speed") is None
    assert connected.session_config["audio"]["output"]["voice"] == "cedar"


async def test_an_update_sends_what_changes_and_tells_the_answer(connected, transport):
    updated = told(connected, "session.updated")

    await connected.update_session(instructions="x")
    sent = await transport.expect("session.update")
    transport.deliver("session.updated", session={**SESSION, "instructions": "x"})
    await settle()

    assert sent["session"] == {"type": "realtime", "instructions": "x"}
    assert updated == [{**SESSION, "instructions": "x"}]
    assert connected.session["instructions"] == "x"


async def test_a_rejected_update_is_taken_back(connected, transport):
    await connected.update_session(
        turn_detection={"type": "server_vad", "threshold": 7}, instructions="x"
    )
    sent = await transport.expect("session.update")
    assert connected.get_turn_detection_type() == "server_vad"

    transport.deliver("error", error={"message": "No.", "event_id": sent["event_id"]})
    await settle()

    assert connected.get_turn_detection_type() is None
    assert connected.session_config["instructions"] == ""
    assert connected.conversation.speech.is_manual


async def test_an_update_that_json_cannot_carry_changes_nothing(client):
    with pytest.raises(ValueError, match=r"session\.update cannot be written"):
        await client.update_session(instructions=object())

    assert client.session_config["instructions"] == ""


async def test_such_a_number_does_not_enter_the_configuration_before_the_session_either(client):
    with pytest.raises(ValueError, match="NaN or infinity"):
        await client.update_session(speed=float("nan"))


async def test_going_over_to_the_user_ending_turns_drops_what_was_said_between_turns(
    connected, transport
):
    await connected.update_session(turn_detection={"type": "server_vad"})
    await transport.expect("session.update")
    await connected.append_input_audio(bytes(500 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.update_session(turn_detection=None)
    await connected.create_response()

    await transport.expect("session.update")
    await transport.expect("input_audio_buffer.clear")
    await transport.expect("response.create")


async def test_adding_and_removing_a_tool_tells_the_server(connected, transport):
    await connected.add_tool(TOOL)
    added = await transport.expect("session.update")
    await connected.remove_tool("look")
    removed = await transport.expect("session.update")

    assert added["session"] == {"type": "realtime", "tools": [TOOL.definition()]}
    assert removed["session"] == {"type": "realtime", "tools": []}


async def test_tools_of_an_update_stay_at_the_next_update(connected, transport):
    foreign = {"type": "mcp", "server_label": "s"}
    await connected.add_tool(TOOL)
    await transport.expect("session.update")

    await connected.update_session(tools=[foreign])
    first = await transport.expect("session.update")
    await connected.update_session(instructions="x")
    await transport.expect("session.update")
    await connected.remove_tool("look")
    last = await transport.expect("session.update")

    assert first["session"]["tools"] == [TOOL.definition(), foreign]
    assert last["session"]["tools"] == [foreign]


async def test_a_tool_of_the_same_name_or_none_is_refused(client):
    await client.add_tool(TOOL)

    with pytest.raises(ValueError, match="'look' already"):
        await client.add_tool(TOOL)
    with pytest.raises(ValueError, match="no tool named 'listen'"):
        await client.remove_tool("listen")


async def test_before_there_is_a_session_changes_wait_for_it(client, transport):
    await client.add_tool(TOOL)
    await client.update_session(instructions="x")

    await transport.finish()
    transport.deliver("session.created", session=SESSION)
    await client.connect()
    update = await transport.expect("session.update")
    assert update["session"]["instructions"] == "x"
    assert update["session"]["tools"] == [TOOL.definition()]
    await client.disconnect()


async def test_a_change_that_a_kind_of_session_does_not_have_changes_nothing(transport):
    client = RealtimeClient(
        url="wss://server.test/v1", session_type="transcription", open_transport=transport.open
    )
    before = client.session_config

    with pytest.raises(ValueError, match="has no 'instructions'"):
        await client.update_session(instructions="x")

    assert client.session_config == before


async def test_all_tools_are_set_with_one_update_and_only_when_they_differ(connected, transport):
    other = Tool("listen", "Listens.", handler=lambda: "heard")
    await connected.add_tool(TOOL)
    await transport.expect("session.update")

    await connected.set_tools([TOOL])
    await connected.set_tools([other, TOOL])

    sent = await transport.expect("session.update")
    assert [each["name"] for each in sent["session"]["tools"]] == ["listen", "look"]
    await transport.finish()


LOOK = {"type": "function", "name": "look"}


async def test_a_session_cannot_be_told_to_call_a_tool_that_there_is_not(client):
    with pytest.raises(ValueError, match="names the tool 'look'; there are none"):
        await client.update_session(tool_choice=LOOK)
    await client.add_tool(TOOL)
    await client.update_session(tool_choice=LOOK)
    with pytest.raises(ValueError, match=r"names the tool 'sing'; known are: look\."):
        await client.update_session(tool_choice={"type": "function", "name": "sing"})

    assert client.session_config["tool_choice"] == LOOK


async def test_a_tool_comes_and_goes_with_the_choice_of_it(client):
    await client.update_session(tools=[TOOL.definition()], tool_choice=LOOK)

    with pytest.raises(ValueError, match="names the tool 'look'; there are none"):
        await client.update_session(tools=[])

    assert client.session_config["tools"] == [TOOL.definition()]
    await client.update_session(tools=[], tool_choice="auto")
    assert client.session_config["tools"] == []


async def test_a_tool_that_shall_be_called_is_not_removed(connected, transport):
    await connected.add_tool(TOOL)
    await transport.expect("session.update")
    await connected.update_session(tool_choice=LOOK)
    await transport.expect("session.update")

    with pytest.raises(ValueError, match=r"names the tool 'look', so it has to stay: choose"):
        await connected.remove_tool("look")

    await transport.finish()
    assert "look" in connected.tools
    await connected.update_session(tool_choice="auto")
    await transport.expect("session.update")
    await connected.remove_tool("look")
    assert (await transport.expect("session.update"))["session"]["tools"] == []


@pytest.mark.parametrize("others", [[], [Tool("listen", "Listens.", handler=lambda: "heard")]])
async def test_a_tool_that_shall_be_called_is_not_left_out(connected, transport, others):
    await connected.set_tools([TOOL])
    await transport.expect("session.update")
    await connected.update_session(tool_choice=LOOK)
    await transport.expect("session.update")

    with pytest.raises(ValueError, match=r"names the tool 'look', so it has to stay: choose"):
        await connected.set_tools(iter(others))

    await transport.finish()
    assert [each["name"] for each in connected.tools.definitions()] == ["look"]
    await connected.set_tools(iter([*others, TOOL]))
    if others:
        sent = await transport.expect("session.update")
        assert [each["name"] for each in sent["session"]["tools"]] == ["listen", "look"]


async def test_which_tools_a_call_has_is_its_owners_to_know(joined, lines):
    await joined.update_session(tool_choice=LOOK)

    update = await lines.last.expect("session.update")
    assert update["session"]["tool_choice"] == LOOK
