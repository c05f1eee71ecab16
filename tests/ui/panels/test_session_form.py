"""The fields of the session, as somebody edits them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.app.editor_rig import Rig
from tests.client.conftest import SESSION
from tests.fakes import settle
from tests.ui.session_pane_rig import opened_session

SPEED = ("audio", "output", "speed")
VOICE = ("audio", "output", "voice")


async def test_before_a_session_what_is_edited_is_asked_of_the_next_at_once() -> None:
    async with opened_session() as page:
        assert page.state.startswith("Not connected: what you change is used for the next session")

        page.edit(*SPEED, action="include")
        page.edit(*SPEED, value="1.2")
        await settle()

        assert page.rig.state.requested["audio"]["output"]["speed"] == 1.2
        assert json.loads(page.json)["audio"]["output"]["speed"] == 1.2


async def test_what_is_wrong_is_told_at_the_field_and_not_asked_for() -> None:
    async with opened_session() as page:
        page.edit(*SPEED, action="include")
        page.edit(*SPEED, value="9")
        await settle()

        assert page.row(*SPEED)["problem"] == "must be a number from 0.25 to 1.5, not 9"
        assert "audio.output.speed: must be" in page.said
        assert page.rig.state.requested["audio"]["output"].get("speed") != 9

        page.type('{"type": ')
        await settle()
        assert "This is no JSON" in page.said

        page.press("Discard")
        assert page.said == ""


async def test_while_connected_changes_wait_until_they_are_applied() -> None:
    async with opened_session(is_live=True) as page:
        page.edit(*VOICE, value="cedar")
        await settle()
        assert page.state == "1 change not asked for yet: audio.output.voice."

        page.press("Apply")
        await settle()

        sent = await page.rig.transport.expect("session.update")
        assert sent["session"] == {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}
        assert page.said == "Asked for: audio.output.voice."


async def test_changes_that_are_discarded_are_not_asked_for() -> None:
    async with opened_session(is_live=True) as page:
        page.edit(*VOICE, value="cedar")
        await settle()

        page.press("Discard")

        assert page.row(*VOICE)["value"] == "marin"
        assert "not asked for yet" not in page.state


async def test_what_the_server_has_stands_beside_and_differences_are_marked() -> None:
    async with opened_session(is_live=True) as page:
        output = {"voice": "ballad", "speed": 1.0, "format": {"type": "audio/pcm", "rate": 24000}}

        await page.rig.answer("session.updated", session={**SESSION, "audio": {"output": output}})

        assert page.row(*VOICE)["remark"] == "server: ballad"
        assert page.row(*VOICE)["remark_kind"] == "differs"
        assert page.row(*SPEED)["remark_kind"] == "told"
        assert page.row("audio", "output", "format", "rate")["remark_kind"] == "agrees"
        assert page.state == "1 field not as asked for: see the marks."


async def test_from_a_refused_field_it_is_one_click_to_its_event_and_to_the_documentation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened_session(is_live=True) as page:
        page.edit(*VOICE, value="cedar")
        await settle()
        page.press("Apply")
        await settle()
        sent = await page.rig.transport.expect("session.update")
        await page.rig.answer(
            "error",
            error={
                "code": "unknown_parameter",
                "message": "Unknown parameter.",
                "param": "session.audio.output.voice",
                "event_id": sent["event_id"],
            },
        )

        assert page.row(*VOICE)["problem"] == "refused: Unknown parameter."
        assert page.row(*VOICE)["caused"]
        assert page.row(*VOICE)["value"] == "marin"
        await page.user.should_see("session.audio.output.voice: Unknown parameter.")
        pointed_out = noted_calls(monkeypatch, page.form.form)
        page.press("Show the event")
        page.press("Documentation")
        page.edit(*VOICE, action="cause")
        event = f"{sent['event_id']} session.audio.output.voice"
        assert page.shown == [event, "session.update", event]
        assert pointed_out == [("pointOut", list(VOICE))] * 2


def noted_calls(monkeypatch, element) -> list[tuple[Any, ...]]:
    """Note what is asked of an element in the browser."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(element, "run_method", lambda *called: calls.append(called))
    return calls


async def test_what_is_fixed_says_why_and_cannot_be_edited() -> None:
    async with opened_session(is_live=True) as page:
        row = page.row("model")
        assert row["locked"]
        assert row["fixed"].startswith("A session keeps its model")

        page.edit("model", value="other")
        await settle()

        assert page.row("model")["value"] == "m"
        assert page.one(type(page.form._types), "Type of the session").props["disabled"]


async def test_a_session_of_the_other_type_has_other_fields() -> None:
    async with opened_session() as page:
        page.choose("Type of the session", "transcription")
        await settle()

        assert page.row("type")["value"] == "transcription"
        assert json.loads(page.json)["type"] == "transcription"
        assert "instructions" not in page.json


async def test_a_file_is_taken_over_also_when_it_is_a_whole_event() -> None:
    async with opened_session() as page:
        wanted = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}

        page.read_file(json.dumps({"type": "session.update", "session": wanted}))
        await settle()

        assert page.rig.state.requested == wanted


async def test_a_file_without_what_a_session_keeps_is_taken_over_while_one_goes_on() -> None:
    async with opened_session(is_live=True) as page:
        page.read_file('{"instructions": "Be brief."}')
        await settle()
        assert page.row("model")["value"] == "m"
        assert "model" not in page.state

        page.press("Apply")
        await settle()

        sent = await page.rig.transport.expect("session.update")
        assert sent["session"]["instructions"] == "Be brief."
        assert "model" not in sent["session"]
        assert page.said.startswith("Asked for: instructions")


async def test_a_file_that_holds_no_session_changes_nothing_and_says_so() -> None:
    async with opened_session() as page:
        before = page.json

        for text, told in (("{", "mine.json is no JSON"), ("[1]", "a JSON object is needed")):
            page.read_file(text)
            await settle()
            assert told in page.said

        assert page.json == before


async def test_a_file_of_an_unknown_type_is_told_at_once() -> None:
    async with opened_session() as page:
        page.read_file('{"type": "song"}')
        await settle()

        assert "realtime or transcription, not song" in page.said


async def test_what_was_changed_elsewhere_is_shown_below_what_is_written() -> None:
    async with opened_session(is_live=True) as page:
        page.edit(*VOICE, value="cedar")
        await settle()

        await page.rig.editor.set_turn("vad")
        await page.rig.transport.expect("session.update")

        assert page.row("audio", "input", "turn_detection", "type")["value"] == "server_vad"
        assert page.row(*VOICE)["value"] == "cedar"


async def test_a_guest_sees_what_is_the_hosts_and_cannot_change_it() -> None:
    async with opened_session(Rig(is_guest=True)) as page:
        page.edit("tracing", action="include")
        await settle()

        assert not page.row("tracing")["set"]
        assert "host" in page.row("tracing")["fixed"]


async def test_who_watches_sees_all_of_it_and_changes_nothing() -> None:
    async with opened_session(is_live=True, may_change=False) as page:
        assert all(each["locked"] for each in page.form.form.shown)
        assert page.state == "You are watching: nothing can be changed here."

        page.edit(*VOICE, value="cedar")
        page.type('{"type": "realtime"}')
        await settle()
        await page.form.apply()

        assert page.rig.state.requested["audio"]["output"]["voice"] == "marin"
