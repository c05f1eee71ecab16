"""One console session, as its page and its channel see it."""

import asyncio
import logging
from dataclasses import replace
from functools import partial

import pytest

from console.app import service_target
from console.app.backend import Backend
from console.app.spending.caps import Payer
from console.app.tool_lab.lab import Held
from console.app.turn import ItemSpan
from console.app.view_model import Part, Phase, Target
from console.errors import ConfigurationError
from console.realtime.events import Event
from console.realtime.items import ContentPart, Item
from console.settings import Settings
from console.ui.channel_wire import HeardReport
from console.ui.console_session import ConsoleSession
from tests.fakes import ManualClock, settle
from tests.simulator.serving import running
from tests.ui.page_lines import connected

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")


@pytest.fixture
def clock():
    return ManualClock()


async def test_changes_that_come_together_are_told_once(clock):
    session = ConsoleSession(Backend(SETTINGS), SETTINGS, clock)
    await settle()  # what is shown from the beginning has been told
    told: list[frozenset[Part]] = []
    stop = session.changed.connect(told.append)

    session.view.set_turn("vad")
    session.view.set_memory({"a": 1})
    await settle()
    stop()
    session.view.set_memory({})
    await settle()

    assert told == [frozenset({"turn", "memory"})]
    await session.close()


async def test_a_refused_connection_is_told_and_the_page_may_go_on(clock):
    session = ConsoleSession(Backend(SETTINGS), SETTINGS, clock)

    async with asyncio.timeout(10):
        await session.connect(with_microphone=False)

    (notice,) = session.view.notices
    assert "127.0.0.1:9" in notice.sentence
    await session.dismiss(notice.notice_id)
    assert session.view.notices == []
    await session.close()


async def test_a_typed_key_that_is_refused_can_be_changed_and_neither_is_ever_shown(
    clock, monkeypatch, caplog
):
    caplog.set_level(logging.DEBUG)
    for each in ("websockets.client", "websockets.server"):  # as the command line sets them
        caplog.set_level(logging.INFO, each)
    refused, right = "sk-proj-planted-refused-WXYZ", "sk-proj-planted-accepted-ABCD"
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = Settings(
        _env_file=None, target="openai", OPENAI_API_KEY="sk-proj-planted-first-EFGH"
    )
    async with running(require_key=right) as server:
        called = partial(replace, url=server.url)
        openai = service_target.openai
        monkeypatch.setattr(service_target, "openai", lambda *given: called(openai(*given)))
        session = ConsoleSession(Backend(settings), settings, clock)
        seen = []
        session.changed.connect(lambda _: seen.append(repr(session.view)))

        await session.use_key(refused, keep=False)
        await session.connect(with_microphone=False)
        (notice,) = session.view.notices
        await session.use_key(right, keep=False)
        await session.connect(with_microphone=False)
        phase = session.view.phase
        await session.composer.send({"type": "session.update", "session": {"type": "realtime"}})
        await settle()
        logged = [each.as_json() for each in session.log.entries()]
        await session.close()

    assert "did not accept the API key ending in WXYZ" in notice.sentence
    assert notice.action == "change_key"
    assert phase is Phase.CONNECTED
    assert session.view.key.masked == "sk-...ABCD"
    assert any(each["event"]["type"] == "session.update" for each in logged)
    told = (repr(seen), repr(logged), repr(session.composer.seen()), caplog.text)
    assert [each for each in told if "planted" in each] == []


async def test_recordings_fall_silent_when_the_user_begins_to_speak(clock):
    session = ConsoleSession(Backend(SETTINGS), SETTINGS, clock)
    async with connected(session.channel) as browser:
        session.view.set_talking(True)

        assert await browser.until("hush") == {"k": "hush"}
    await session.close()


async def test_what_was_heard_reaches_log_conversation_and_page(clock):
    session = ConsoleSession(Backend(SETTINGS), SETTINGS, clock)
    response = {"id": "resp_1", "status": "in_progress"}
    for event_type, fields in (
        ("response.created", {"response": response}),
        ("response.output_item.added", {"response_id": "resp_1", "item": {"id": "item_1"}}),
    ):
        session.log.add(clock.now_s(), "server", Event(event_type, None, fields), 10)
    answer = Item("item_1", "message", "assistant", content=[ContentPart("output_audio")])
    session.conversation.update(answer, lambda: ["item_1"])
    session.channel.sink.play("item_1", bytes(9_600))

    await clock.advance(1)
    session.channel.sink.note_heard(HeardReport("item_1", 2_400, 2_400, 0, 0))
    await settle()

    assert session.view.is_speaking
    assert session.log.turns.span_of("item_1") == ItemSpan(900.0)
    assert session.conversation.views()[0].played_ms == 100
    await session.close()


async def test_a_call_that_is_held_is_shown_with_what_it_waits_for(clock):
    session = ConsoleSession(Backend(SETTINGS), SETTINGS, clock)
    call = Item("item_1", "function_call", name="f", call_id="call_1", is_done=True)
    session.conversation.update(call, lambda: ["item_1"])

    session.tools.lab.held.emit(Held("call_1", "waits for a decision"))

    (shown,) = session.conversation.views()
    assert shown.note == "waits for a decision"
    await session.close()


async def test_after_silence_one_can_connect_again_or_save_and_nothing_has_failed(clock):
    async with running() as server:
        settings = SETTINGS.model_copy(update={"target": server.url, "idle_minutes": 0.1})
        session = ConsoleSession(Backend(settings), settings, clock)
        async with asyncio.timeout(10):
            await session.connect(with_microphone=False)

        await clock.advance(6)

        (notice,) = session.view.notices
        assert notice.sentence.startswith("Hung up: nobody has spoken or written for 6 seconds.")
        assert (notice.kind, notice.action, notice.or_else) == ("warning", "connect", "save")
        await session.close()


async def test_a_session_whose_limit_is_reached_already_is_not_begun(clock):
    settings = SETTINGS.model_copy(update={"limit_day_minutes": 0.0})
    session = ConsoleSession(Backend(settings), settings, clock)

    await session.connect(with_microphone=False)

    (notice,) = session.view.notices
    assert "Everybody together may use no time here" in notice.sentence
    assert session.view.phase is Phase.DISCONNECTED
    await session.close()


async def test_after_a_key_was_typed_in_the_next_session_calls_openai_with_it(clock, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = Settings(_env_file=None, target="simulator")
    backend = Backend(settings)
    session = ConsoleSession(backend, settings, clock)
    made: list[Target] = []

    def new_client(*_, **__):
        made.append(backend.target)
        raise ConfigurationError("not called in a test")

    monkeypatch.setattr(backend, "new_client", new_client)
    await session.use_key("sk-planted-typed-by-hand", keep=False)

    await session.connect(with_microphone=False)

    assert [each.label for each in made] == ["OpenAI"]
    assert session.view.target.label == "OpenAI"
    assert "planted" not in repr(session.view)
    await session.close()


async def test_a_click_too_many_begins_no_second_session(clock, monkeypatch):
    backend = Backend(SETTINGS)
    session = ConsoleSession(backend, SETTINGS, clock)
    made = []

    def new_client(*_, **__):
        made.append(1)
        raise ConfigurationError("not called in a test")

    monkeypatch.setattr(backend, "new_client", new_client)

    await asyncio.gather(*(session.connect(with_microphone=False) for _ in range(3)))
    assert made == [1]

    await session.connect(with_microphone=False)
    assert made == [1, 1]
    await session.close()


async def test_a_guest_cannot_type_a_key_in(clock):
    backend = Backend(SETTINGS)
    session = ConsoleSession(backend, SETTINGS, clock, payer=Payer("g", is_guest=True))

    await session.use_key("sk-planted-typed-by-hand", keep=True)
    await session.forget_key()

    assert not backend.key.is_own
    await session.close()
