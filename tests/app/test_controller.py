"""The controller with a real client and the simulator's protocol; senses and sound are fakes."""

import asyncio

import pytest
from websockets.asyncio.server import serve

from console.app.event_summary import UNREADABLE
from console.app.session_notices import OTHER_KEY
from console.app.view_model import Phase
from console.audio.ports import Heard
from console.client.happenings import ErrorReport
from console.errors import AudioDeviceError
from console.simulator.faults import Faults
from console.tools.declared import DeclaredTool
from console.tools.registry import Tool
from tests.app.session_rig import Session
from tests.simulator.pictures import png_bytes

REFUSED_KEY = "invalid_request_error.invalid_api_key"


async def test_connecting_tells_its_steps_and_asks_for_our_session(session):
    steps = []
    session.view.on_change = lambda part: steps.append((session.view.phase, session.view.step))

    await session.controller.connect()

    assert steps[0] == (Phase.CONNECTING, "waiting for the microphone")
    assert (Phase.CONNECTING, "calling simulator") in steps
    assert session.phase() is Phase.CONNECTED
    asked = session.sent("session.update")[0]["session"]
    assert asked["audio"]["output"]["voice"] == "marin"
    assert [tool["name"] for tool in asked["tools"]] == ["get_weather", "set_memory"]
    assert session.capture[-1] == "manual"


async def test_a_picture_is_sent_with_what_is_said_about_it(session):
    await session.controller.connect()

    assert await session.controller.send_text("Ada", png_bytes())

    (created,) = session.sent("conversation.item.create")
    said, picture = created["item"]["content"]
    assert (said["text"], picture["type"]) == ("Ada", "input_image")


async def test_a_picture_that_did_not_get_away_is_not_called_sent(session):
    assert not await session.controller.send_text("", png_bytes())

    assert [each.sentence for each in session.view.notices] == [
        "Not connected: connect first, then send."
    ]


async def test_a_refused_microphone_ends_in_one_sentence_and_connect_is_ready_again(session):
    session.source.error = AudioDeviceError("The microphone is blocked.")

    await session.controller.connect()

    assert session.phase() is Phase.DISCONNECTED
    (notice,) = session.view.notices
    assert (notice.sentence, notice.action) == ("The microphone is blocked.", "type_instead")
    await session.controller.connect(with_microphone=False)
    assert session.phase() is Phase.CONNECTED
    assert session.view.notices == []
    assert session.capture[-1] == "off"


async def test_a_session_that_cannot_be_asked_for_ends_in_one_sentence(session):
    editor = session.controller.editor
    wanted = editor.requested
    await editor.change({**wanted, "tool_choice": {"type": "function", "name": "open_door"}})

    await session.controller.connect()

    assert session.phase() is Phase.DISCONNECTED
    (notice,) = session.view.notices
    assert "open_door" in notice.sentence
    await editor.change(wanted)
    await session.controller.connect()
    assert session.phase() is Phase.CONNECTED


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (Faults(refuse_status=401), "key"),
        (Faults(close_after=0, close_code=1011), "clos"),
        (Faults(refuse_status=503, retry_after_s=0), "503"),
    ],
)
async def test_a_server_that_refuses_leaves_everything_so_far(session, server, fault, word):
    await session.controller.connect()
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)
    await session.controller.disconnect()
    before = [each.text for each in session.conversation.views()]
    server.set_faults(fault)

    await session.controller.connect()

    assert session.phase() is Phase.DISCONNECTED
    (notice,) = session.view.notices
    assert word in notice.sentence.lower()
    assert [each.text for each in session.conversation.views()] == before
    assert "response.done" in session.types()
    server.set_faults(Faults())
    await session.controller.connect()
    assert session.phase() is Phase.CONNECTED


async def test_an_unreachable_server_is_named(session, server):
    await server.stop()

    await session.controller.connect()

    (notice,) = session.view.notices
    assert "127.0.0.1" in notice.sentence
    assert notice.action == "retry"
    assert session.phase() is Phase.DISCONNECTED


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Faults(close_after=8, close_code=1008, close_reason="not allowed"), "not allowed"),
        (Faults(close_after=8, close_code=1000), "ended by the server"),
        (Faults(close_after=8, close_code=3000, close_reason=REFUSED_KEY), OTHER_KEY),
    ],
)
async def test_a_server_that_ends_the_session_leaves_everything_so_far(
    session, server, fault, words
):
    server.set_faults(fault)
    await session.controller.connect()

    await session.controller.send_text("Ada")
    await session.until(lambda: session.view.notices)

    assert session.phase() is Phase.DISCONNECTED
    (notice,) = session.view.notices
    assert words in notice.sentence
    assert "kept" in notice.sentence
    assert session.conversation.views()[0].text == "Ada"
    assert session.capture[-1] == "off"


def moved(session):
    """The notice that the conversation goes on in a new session."""
    return next((each for each in session.view.notices if each.notice_id == "moved"), None)


async def test_a_lost_line_comes_back_with_the_conversation(session, server):
    await session.controller.connect()
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)
    server.inject("drop_after=0")
    await session.until(lambda: session.phase() is Phase.RECONNECTING)
    before = [each.text for each in session.conversation.views()]

    notice = await session.until(lambda: moved(session))
    assert notice.action is None
    assert session.phase() is Phase.CONNECTED
    assert [each.text for each in session.conversation.views()] == before
    # The browser gives up a microphone that is switched off, and asks for a click to open it.
    assert session.capture[-1] == "manual"
    assert session.capture.count("off") == session.capture.index("manual")

    await session.controller.send_text("Grace")
    await session.until(lambda: session.n_answers() == 2)
    assert session.assistant()[-1].text == "You said Grace. What else?"


async def test_an_answer_that_was_cut_off_is_gone_on_with_when_the_user_asks(session, server):
    server.set_faults(Faults(drop_after=14, times=1))
    await session.controller.connect()
    await session.controller.send_text("Ada")
    await session.until(lambda: session.phase() is Phase.RECONNECTING)
    notice = await session.until(lambda: moved(session))
    assert notice.action == "continue"
    assert session.types("client").count("response.create") == 1

    await session.controller.continue_answer()
    await session.until(lambda: session.n_answers() == 1)


async def test_hanging_up_while_the_line_is_restored_ends_it_quietly(session, server):
    await session.controller.connect()
    await server.stop()
    await session.until(lambda: session.phase() is Phase.RECONNECTING)

    await session.controller.disconnect()

    assert session.phase() is Phase.DISCONNECTED
    assert session.view.notices == []


async def test_there_is_nothing_to_go_on_with_without_a_session(session):
    await session.controller.continue_answer()

    (notice,) = session.view.notices
    assert "Not connected" in notice.sentence


async def test_faults_of_the_simulator_are_set_for_this_session_and_kept(server):
    session = Session(server.url, simulator=server)
    try:
        session.faults.set("null_event_id,slow_ms=1")
        await session.controller.connect()
        client = session.controller._client
        assert client is not None
        await client.send({"type": "response.cancel", "event_id": "mine"})
        await client.send({"type": "conversation.item.delete", "item_id": "x"})
        await session.until(lambda: session.types("server").count("error") == 2)

        errors = [e.event.fields["error"] for e in session.log.entries() if e.event.type == "error"]
        assert [each["event_id"] for each in errors] == [None, None]
        assert session.view.faults == "slow_ms=1,null_event_id"
    finally:
        await session.controller.close()


async def test_the_simulator_can_be_told_to_refuse_the_next_lines_of_this_session(server):
    session = Session(server.url, simulator=server)
    try:
        session.faults.set("refuse=401")
        await session.controller.connect()
        (notice,) = session.view.notices
        assert "key" in notice.sentence
        session.faults.set("")
        await session.controller.connect()
        session.faults.set("refuse=503,times=1")
        session.faults.inject("close_after=0,close_code=1011")
        await session.until(lambda: session.view.phase is Phase.RECONNECTING)
        await session.until(lambda: session.view.phase is Phase.CONNECTED)
    finally:
        await session.controller.close()


async def test_what_a_slow_network_has_cost_is_told_until_the_model_answers(session):
    await session.controller.connect()
    slow = ErrorReport("Network too slow: 1.2 s skipped.", "client", code="network_too_slow")
    session.controller.client._signals.error.emit(slow)
    assert [each.sentence for each in session.view.notices] == [slow.message]

    await session.controller.send_text("What can you do?")

    await session.until(lambda: session.view.notices == [])


async def test_a_tool_that_must_be_called_may_be_chosen_before_there_is_a_session(session):
    editor = session.controller.editor
    choice = {"type": "function", "name": "get_weather"}
    await editor.change({**editor.requested, "tool_choice": choice})

    await session.controller.connect()

    assert session.view.phase is Phase.CONNECTED
    await session.until(lambda: session.types("server").count("session.updated") > 0)
    assert session.controller.client.session["tool_choice"] == choice


async def test_a_session_ends_whatever_is_wrong_with_the_sound(session, monkeypatch, caplog):
    async def broken():
        raise OSError("no speaker")

    await session.controller.connect()
    client = session.controller.client
    monkeypatch.setattr(session.sink, "interrupt", broken)

    await session.controller.disconnect()

    assert session.phase() is Phase.DISCONNECTED
    assert not client.is_connected
    assert "could not be brought to rest" in caplog.text


async def test_a_session_begins_without_a_chosen_tool_that_is_gone_and_the_user_is_told(session):
    editor = session.controller.editor
    session.own.tools = (DeclaredTool(Tool("mine", "Own.", handler=int), True, 1),)
    session.own.changed.emit(None)
    await session.controller.connect()
    await editor.change({**editor.requested, "tool_choice": {"type": "function", "name": "mine"}})
    await session.controller.disconnect()
    session.own.tools = ()
    session.own.changed.emit(None)
    await session.until(lambda: len(session.view.tools.tools) == 2)

    await session.controller.connect()

    assert session.view.phase is Phase.CONNECTED
    asked = session.sent("session.update")[-1]["session"]
    assert asked["tool_choice"] == "auto"
    assert [tool["name"] for tool in asked["tools"]] == ["get_weather", "set_memory"]
    (notice,) = session.view.notices
    assert "The tool mine, which tool_choice named" in notice.sentence


async def test_a_new_session_replaces_what_the_last_one_left(session):
    await session.controller.connect()
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)
    await session.controller.disconnect()
    assert session.conversation.views()
    epoch = session.log.epoch

    await session.controller.connect()

    assert session.conversation.views() == []
    assert session.log.epoch != epoch
    assert session.types()[0] == "session.created"


async def test_a_message_without_a_connection_says_what_to_do(session):
    await session.controller.send_text("Ada")

    assert "connect first" in session.view.notices[0].sentence


async def test_a_message_that_is_too_long_is_refused_with_the_limit(session):
    await session.controller.connect()

    await session.controller.send_text("x" * 40_000)

    assert "32,000" in session.view.notices[0].sentence
    assert "conversation.item.create" not in session.types()


async def test_giving_up_while_connecting_returns_to_the_start(session, server):
    server.set_faults(Faults(stall_after=0))
    attempt = asyncio.ensure_future(session.controller.connect())
    await session.until(lambda: session.view.step.startswith("calling"))

    await session.controller.disconnect()
    await attempt

    assert session.phase() is Phase.DISCONNECTED
    assert session.view.notices == []


async def test_a_speaker_that_waits_for_a_click_is_told_until_it_sounds(session):
    session.controller.speaker_changed("blocked")
    (notice,) = session.view.notices
    assert "click" in notice.sentence

    session.controller.speaker_changed("running")
    assert session.view.notices == []

    session.controller.speaker_changed("unavailable")
    assert "localhost" in session.view.notices[0].sentence


async def test_without_a_speaker_the_answers_are_read(session):
    session.sink.error = AudioDeviceError("There is no speaker.")

    await session.controller.connect(with_microphone=False)
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)

    assert session.view.notices[0].sentence == "There is no speaker. You can read the answers."
    assert session.assistant()[0].text == "You said Ada. What else?"
    assert session.sink.tracks == {}


async def test_disconnecting_is_no_failure(session):
    await session.controller.connect()
    await session.controller.send_text("count")
    (answer,) = await session.until(session.assistant)
    await session.until(lambda: len(session.sink.tracks.get(answer.id, b"")) > 96_000)
    session.sink.heard = Heard(answer.id, 24_000)

    await session.controller.disconnect()
    await asyncio.sleep(0)

    assert session.phase() is Phase.DISCONNECTED
    assert session.view.notices == []
    (answer,) = session.assistant()
    assert (answer.status, answer.heard_ms) == ("incomplete", 1_000)
    assert answer.cut
    assert answer.audio_ms >= 2_000
    assert session.types("client")[-1] == "response.cancel"


async def test_what_the_server_sent_that_is_no_event_stands_in_the_list(session):
    async def talk_nonsense(connection):
        await connection.send('{"type":"session.created","session":{}}')
        await connection.send("not json")
        await connection.send(b"\x00\xff")
        await connection.wait_closed()

    async with serve(talk_nonsense, "127.0.0.1", 0) as odd:
        port = next(iter(odd.sockets)).getsockname()[1]
        strange = Session(f"ws://127.0.0.1:{port}/v1/realtime")
        await strange.controller.connect()
        await strange.until(lambda: strange.types().count(UNREADABLE) == 2)

        assert strange.phase() is Phase.CONNECTED
        await strange.controller.close()
