"""The session as its user wants it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio

from console.app.session_editor import KEPT_VOICE, NAMED
from console.app.view_model import Phase
from console.errors import ConsoleError
from console.realtime import session as sessions
from tests.app.editor_rig import URL, Rig
from tests.client.conftest import SESSION

SEMANTIC = {"type": "semantic_vad", "eagerness": "low"}
DETECTION = ("audio", "input", "turn_detection")


def at(fields, *path):
    for name in path:
        fields = fields[name]
    return fields


@pytest_asyncio.fixture
async def rig():
    rig = Rig()
    yield rig
    await rig.transport.finish()


async def test_what_the_console_asks_for_is_shown_before_there_is_a_session(rig):
    assert rig.state.requested["model"] == "m"
    assert rig.state.requested["type"] == "realtime"
    assert at(rig.state.requested, "audio", "output", "voice") == "marin"
    assert rig.state.effective == {}
    assert not rig.state.is_live


async def test_what_is_changed_before_connecting_is_asked_of_the_session(rig):
    await rig.editor.change(rig.wanted(speed=1.2, turn_detection=SEMANTIC))
    assert rig.view.turn == "vad"

    asked = await rig.connect()

    assert at(asked, "audio", "output", "speed") == 1.2
    assert at(asked, *DETECTION) == SEMANTIC
    assert "model" not in asked
    assert rig.state.is_live


async def test_what_is_left_out_before_connecting_is_not_asked(rig):
    await rig.editor.change(sessions.without(rig.wanted(), "instructions"))

    assert "instructions" not in await rig.connect()


async def test_who_ends_a_turn_may_change_while_the_line_is_restored(rig):
    await rig.connect()
    rig.view.set_connection(Phase.RECONNECTING)

    await rig.editor.set_turn("vad")
    assert (rig.view.turn, rig.n_turns) == ("vad", 1)

    await rig.editor.set_turn("manual")
    assert (rig.view.turn, rig.n_turns) == ("manual", 2)
    for expected in ("session.update", "session.update", "input_audio_buffer.clear"):
        await rig.transport.expect(expected)


async def test_while_connected_only_what_changed_is_sent(rig):
    await rig.connect()

    await rig.editor.change(rig.wanted(speed=1.2))

    sent = await rig.transport.expect("session.update")
    assert sent["session"] == {"type": "realtime", "audio": {"output": {"speed": 1.2}}}
    await rig.editor.change(rig.wanted())


async def test_a_field_left_out_while_connected_is_not_asked_again(rig):
    await rig.connect()

    await rig.editor.change(sessions.without(rig.wanted(), "audio.output.voice"))

    assert "voice" not in at(rig.client.session_config, "audio", "output")


async def test_the_next_session_begins_with_what_was_changed_in_this_one(rig):
    await rig.connect()
    await rig.editor.change(rig.wanted(speed=1.2))
    await rig.transport.expect("session.update")
    await rig.client.disconnect()
    rig.view.set_connection(Phase.DISCONNECTED)

    asked = await rig.connect()

    assert at(asked, "audio", "output", "speed") == 1.2


async def test_what_the_server_made_of_it_is_shown(rig):
    await rig.connect()

    await rig.answer("session.updated", session={**SESSION, "instructions": "Other."})

    assert rig.state.effective["instructions"] == "Other."


async def test_turn_detection_that_is_edited_is_who_ends_the_turns(rig):
    await rig.connect()

    await rig.editor.change(rig.wanted(turn_detection=SEMANTIC))
    await rig.transport.expect("session.update")
    assert (rig.view.turn, rig.n_turns) == ("vad", 1)

    await rig.editor.change(sessions.without(rig.wanted(), ".".join(DETECTION)))
    sent = await rig.transport.expect("session.update")
    await rig.transport.expect("input_audio_buffer.clear")
    assert at(sent["session"], *DETECTION) is None
    assert (rig.view.turn, rig.n_turns) == ("manual", 2)


async def test_the_server_ends_turns_again_as_it_did_before(rig):
    await rig.editor.change(rig.wanted(turn_detection=SEMANTIC))

    await rig.editor.set_turn("manual")
    assert at(rig.state.requested, *DETECTION) is None
    await rig.editor.set_turn("vad")

    assert at(rig.state.requested, *DETECTION) == SEMANTIC


async def test_a_session_update_that_somebody_wrote_counts_like_a_change(rig):
    await rig.connect()

    event_id = await rig.editor.send(
        {"type": "session.update", "session": {"type": "realtime", **_detection(SEMANTIC)}}
    )
    sent = await rig.transport.expect("session.update")
    assert sent["event_id"] == event_id
    assert at(rig.state.requested, *DETECTION) == SEMANTIC
    assert rig.view.turn == "vad"

    await rig.editor.send({"type": "session.update", "session": _detection(None)})
    await rig.transport.expect("session.update")
    await rig.transport.expect("input_audio_buffer.clear")
    assert rig.view.turn == "manual"


def _detection(value):
    return {"audio": {"input": {"turn_detection": value}}}


async def test_a_refused_change_is_taken_back_and_told_at_its_field(rig):
    await rig.connect()
    await rig.editor.change(rig.wanted(turn_detection=SEMANTIC))
    sent = await rig.transport.expect("session.update")

    await rig.answer(
        "error",
        error={
            "type": "invalid_request_error",
            "code": "unknown_parameter",
            "message": "No such field.",
            "param": "session.audio.input.turn_detection.eagerness",
            "event_id": sent["event_id"],
        },
    )

    (refusal,) = rig.state.refusals
    assert refusal.path == (*DETECTION, "eagerness")
    assert (refusal.code, refusal.event_id) == ("unknown_parameter", sent["event_id"])
    assert at(rig.state.requested, *DETECTION) is None
    assert rig.view.turn == "manual"

    await rig.editor.change(rig.wanted(speed=1.1))
    await rig.transport.expect("session.update")
    assert rig.state.refusals == ()


async def test_an_error_that_is_not_about_the_session_is_no_refusal(rig):
    await rig.connect()

    await rig.answer("error", error={"message": "No such item.", "param": "item.id"})

    assert rig.state.refusals == ()


async def test_places_in_lists_are_part_of_where_a_refusal_is_told(rig):
    await rig.connect()

    await rig.answer("error", error={"message": "No.", "param": "session.tools[1].name"})

    assert rig.state.refusals[0].path == ("tools", 1, "name")


async def test_the_voice_is_fixed_once_the_model_has_spoken_until_the_next_session(rig):
    await rig.connect()
    assert ("audio", "output", "voice") not in rig.state.fixed

    await rig.answer("response.output_audio.delta", response_id="r", item_id="i", delta="AAAA")
    assert rig.state.fixed["audio", "output", "voice"] == KEPT_VOICE
    with pytest.raises(ConsoleError, match=r"audio\.output\.voice: The model has spoken"):
        await rig.editor.change(rig.wanted(voice="cedar"))

    await rig.answer("session.created", session=SESSION)
    assert ("audio", "output", "voice") not in rig.state.fixed


@pytest.mark.parametrize("field", ["type", "model"])
async def test_type_and_model_are_fixed_while_a_session_goes_on(rig, field):
    await rig.connect()

    with pytest.raises(ConsoleError, match=f"{field}: A session keeps its {field}"):
        await rig.editor.change({**rig.wanted(), field: "transcription"})


async def test_what_is_fixed_and_left_out_stays_as_it_is(rig):
    await rig.connect()
    await rig.answer("response.output_audio.delta", response_id="r", item_id="i", delta="AAAA")
    speed = {"audio": {"output": {"speed": 1.2}}}

    assert rig.editor.completed(speed) == {
        "type": "realtime",
        "model": "m",
        "audio": {"output": {"speed": 1.2, "voice": "marin"}},
    }
    await rig.editor.change({"instructions": "Be brief."})

    sent = await rig.transport.expect("session.update")
    assert sent["session"] == {"type": "realtime", "instructions": "Be brief."}
    assert rig.state.requested["model"] == "m"
    assert at(rig.state.requested, "audio", "output", "voice") == "marin"


@pytest.mark.parametrize("audio", [None, {"output": None}, {"output": {"voice": None}}])
async def test_what_is_fixed_and_taken_away_is_refused(rig, audio):
    await rig.connect()
    await rig.answer("response.output_audio.delta", response_id="r", item_id="i", delta="AAAA")

    with pytest.raises(ConsoleError, match=r"audio\.output\.voice: The model has spoken"):
        await rig.editor.change({**rig.wanted(), "audio": audio})


async def test_before_a_session_nothing_that_may_change_is_added(rig):
    assert rig.editor.completed({"instructions": "x"}) == {"instructions": "x"}


async def test_another_model_is_called_by_a_new_client_and_shown(rig):
    await rig.editor.change({**rig.wanted(), "model": "other"})

    assert rig.n_new == 1
    assert rig.view.target.model == rig.editor.model == rig.state.requested["model"] == "other"
    rig.view.set_target(replace(rig.view.target, model="m"))
    rig.editor.prepare()
    assert rig.view.target.model == "other"


async def test_a_session_of_the_other_type_has_its_own_fields_and_each_is_remembered(rig):
    await rig.editor.change(rig.wanted(speed=1.2))
    rig.editor.choose_type("transcription")
    assert rig.state.requested["type"] == "transcription"
    assert "instructions" not in rig.state.requested

    await rig.editor.change(rig.wanted(transcription={"model": "gpt-4o-transcribe"}))
    asked = await rig.connect()
    assert asked["type"] == "transcription"
    assert at(asked, "audio", "input", "transcription", "model") == "gpt-4o-transcribe"
    await rig.client.disconnect()
    rig.view.set_connection(Phase.DISCONNECTED)

    rig.editor.choose_type("realtime")
    assert at(rig.state.requested, "audio", "output", "speed") == 1.2
    rig.editor.choose_type("transcription")
    assert at(rig.state.requested, "audio", "input", "transcription", "model") == (
        "gpt-4o-transcribe"
    )
    with pytest.raises(ConsoleError, match="realtime or transcription, not song"):
        rig.editor.choose_type("song")


async def test_a_whole_session_of_the_other_type_can_be_asked_for(rig):
    wanted = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}

    await rig.editor.change(wanted)

    assert rig.state.requested == wanted
    await rig.editor.set_turn("vad")
    detection = at(rig.state.requested, *DETECTION)
    assert detection["type"] == "server_vad"
    assert "create_response" not in detection


async def test_what_the_address_names_cannot_be_chosen():
    rig = Rig(url=f"{URL}?model=m")

    assert rig.state.fixed == {("type",): NAMED, ("model",): NAMED}
    with pytest.raises(ConsoleError, match="The address of the server names it"):
        rig.editor.choose_type("transcription")


def test_a_guest_cannot_ask_for_a_response_of_the_hosts_prompt():
    wanted = {"type": "response.create", "response": {"prompt": {"id": "pmpt_1"}}}

    with pytest.raises(ConsoleError, match=r"response\.prompt: It names a prompt"):
        Rig(is_guest=True).editor.check_response(wanted)

    Rig(is_guest=True).editor.check_response({"type": "response.create", "response": {}})
    Rig(is_guest=True).editor.check_response({"type": "response.create"})
    Rig().editor.check_response(wanted)


@pytest.mark.parametrize("field", ["model", "prompt", "tracing"])
async def test_a_guest_cannot_change_what_is_the_hosts(field):
    rig = Rig(is_guest=True)
    await rig.connect()

    with pytest.raises(ConsoleError, match=field):
        await rig.editor.change({**rig.wanted(), field: "x"})
    with pytest.raises(ConsoleError, match=f"session.{field}"):
        await rig.editor.send({"type": "session.update", "session": {field: "x"}})

    await rig.editor.change(rig.wanted(speed=1.1))
    await rig.transport.expect("session.update")
    await rig.transport.finish()


async def test_of_a_call_only_what_was_changed_is_asked():
    rig = Rig(call_id="rtc_1")
    assert rig.state.requested == {}
    assert rig.view.turn == "manual"

    rig.client = rig.new_client()
    await rig.editor.configure(rig.client)
    await rig.editor.change({"instructions": "Be brief."})

    assert rig.client.session_config == {"instructions": "Be brief."}
    assert rig.view.turn == "manual"
    assert ("type",) in rig.state.fixed
