"""What is said on both sides, to page and speaker; a real client and the simulator's protocol."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from console import pcm
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.live_conversation import LiveConversation
from console.app.session_feed import SessionFeed
from console.app.session_life import SessionLife
from console.app.session_notices import SessionNotices
from console.app.view_model import Phase, ViewModel
from console.audio.ports import Heard
from console.client.client import RealtimeClient
from console.client.happenings import SessionMoved
from console.realtime.conversation import Conversation
from console.realtime.items import Item, Response
from tests.app.session_rig import TARGET, FakeSink
from tests.fakes import ManualClock
from tests.simulator.fake_senses import silence, tone


class Client:
    """Only what is listened to, of somebody who is not connected."""

    is_connected = False

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[Any], Any]] = {}
        self.conversation = Conversation()

    def on(self, name: str, handler: Callable[[Any], Any]) -> None:
        self.handlers[name] = handler


class Followed:
    """A conversation that follows such a client; the test tells what happens."""

    def __init__(self) -> None:
        self.view = ViewModel(target=TARGET)
        self.sink = FakeSink()
        self.client = Client()
        client = cast("RealtimeClient", self.client)
        life = SessionLife(self.view, ManualClock(), line_lost=lambda: None)
        life.follow(client)
        shown = ConversationView()
        self.shown = shown
        self.conversation = LiveConversation(
            self.view,
            SessionNotices(self.view),
            life,
            shown=shown,
            feed=SessionFeed(EventLog(), shown),
            sink=self.sink,
            current_client=lambda: client,
        )
        self.conversation.follow(client)

    def tell(self, name: str, value: object) -> Any:
        return self.client.handlers[name](value)

    def sentences(self) -> list[str]:
        return [each.sentence for each in self.view.notices]


@pytest.fixture
def followed() -> Followed:
    return Followed()


async def test_a_typed_message_is_answered_in_text_and_sound(session):
    await session.controller.connect()

    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)

    (answer,) = session.assistant()
    assert answer.text == "You said Ada. What else?"
    assert len(session.sink.tracks[answer.id]) == answer.audio_ms * pcm.BYTES_PER_MS
    assert session.sink.finished == [answer.id]


async def test_speech_during_an_answer_truncates_what_was_being_heard_where_it_was_heard(
    session, senses
):
    senses.ears.says.append("stop")
    await session.controller.set_turn("vad")
    await session.controller.connect()
    await session.controller.send_text("count")
    (answer,) = await session.until(session.assistant)
    await session.until(lambda: len(session.sink.tracks.get(answer.id, b"")) > 96_000)

    session.sink.heard = Heard(answer.id, 12_345)
    session.source.speak(tone(600) + silence(900))
    await session.until(lambda: session.sent("conversation.item.truncate"))
    await session.until(lambda: session.n_answers() == 2)

    (truncate,) = session.sent("conversation.item.truncate")
    assert (truncate["item_id"], truncate["audio_end_ms"]) == (answer.id, 514)
    cut = session.assistant()[0]
    assert cut.cut
    assert 0 < cut.heard < len(cut.text)
    assert "error" not in session.types()


async def in_the_middle_of_an_answer(session):
    """Connect, ask, and return the answer of which a tenth of a second has been heard."""
    await session.controller.connect()
    await session.controller.send_text("count")
    (answer,) = await session.until(session.assistant)
    await session.until(lambda: answer.id in session.sink.tracks)
    session.sink.heard = Heard(answer.id, 2_400)
    return answer


async def test_a_message_during_an_answer_interrupts_it(session):
    await in_the_middle_of_an_answer(session)

    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 2)

    assert session.sent("conversation.item.truncate")[0]["audio_end_ms"] == 100
    assert session.assistant()[-1].text == "You said Ada. What else?"
    assert "error" not in session.types()


async def test_a_message_interrupts_an_answer_that_was_asked_for_and_has_not_begun(session):
    await session.controller.connect()
    await session.controller.send_text("count")

    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 2)

    assert session.assistant()[-1].text == "You said Ada. What else?"
    assert "error" not in session.types()


async def test_a_tool_that_fails_is_shown_and_the_conversation_goes_on(session):
    await session.controller.connect()

    await session.controller.send_text("call it")
    await session.until(lambda: session.n_answers() == 2)

    call = next(each for each in session.conversation.views() if each.type == "function_call")
    assert call.error is not None
    assert "get_weather" in call.error
    assert session.types("client").count("response.create") == 2


def waits_for_approval(session):
    """Have a call wait for the user; returns its view as it is whenever it is asked for."""
    asks = Item("mcpr_1", "mcp_approval_request", name="add", server_label="demo")
    session.conversation.update(asks, lambda: ["mcpr_1"])
    return lambda: session.conversation.view("mcpr_1")


async def test_what_waits_for_approval_can_be_decided_no_more_once_its_line_is_lost(
    session, server
):
    await session.controller.connect()
    shown = waits_for_approval(session)
    server.inject("drop_after=0")

    await session.until(lambda: session.phase() is Phase.RECONNECTING)
    assert (shown().approval, shown().note) == (
        "lapsed",
        "The session ended before this was decided.",
    )


async def test_what_waits_for_approval_lapses_when_the_session_has_moved(session):
    await session.controller.connect()
    shown = waits_for_approval(session)

    session.controller.client._signals.moved.emit(SessionMoved("expiring", 0, "It goes on."))

    assert shown().approval == "lapsed"


async def test_a_decision_that_went_nowhere_is_asked_for_again(session):
    await session.controller.connect()
    shown = waits_for_approval(session)
    reader = session.conversation.reader()

    await session.controller.conversation.decide_approval(
        "mcpr_1", True
    )  # the server knows nothing of it

    (notice,) = session.view.notices
    assert "no item 'mcpr_1' that asks for approval" in notice.sentence
    assert [each["id"] for each in reader.changes()[0]["items"]] == ["mcpr_1"]
    assert shown().approval == "pending"


async def test_an_item_can_be_deleted_while_connected_and_after(session):
    await session.controller.connect()
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)
    question, answer = session.conversation.views()

    await session.controller.conversation.delete_item(question.id)
    await session.until(lambda: len(session.conversation.views()) == 1)
    await session.controller.disconnect()
    await session.controller.conversation.delete_item(answer.id)

    assert session.conversation.views() == []


async def test_a_message_after_the_spoken_answer_was_deleted_is_sent(session):
    answer = await in_the_middle_of_an_answer(session)

    await session.controller.conversation.delete_item(answer.id)
    await session.until(lambda: not session.assistant())
    session.sink.heard = Heard(answer.id, 4_800)  # its last samples, still on their way
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 2)

    assert session.assistant()[-1].text == "You said Ada. What else?"
    assert session.view.notices == []


async def test_nothing_can_be_decided_without_a_session(session):
    shown = waits_for_approval(session)

    await session.controller.conversation.decide_approval("mcpr_1", True)

    (notice,) = session.view.notices
    assert notice.sentence == "Not connected: the call cannot be decided."
    assert shown().approval == "pending"


@pytest.mark.parametrize(
    ("status", "details", "sentence"),
    [
        (
            "failed",
            {"error": {"message": "The model is busy."}},
            "The answer failed: The model is busy.",
        ),
        (
            "incomplete",
            {"reason": "max_output_tokens"},
            "The answer is incomplete: max_output_tokens.",
        ),
        ("failed", {}, "The answer failed: no reason given."),
    ],
)
def test_an_answer_that_came_to_nothing_is_told_with_its_reason(
    followed: Followed, status: str, details: dict[str, Any], sentence: str
) -> None:
    followed.tell("response.updated", Response("resp_1"))
    assert followed.view.is_answering

    followed.tell("response.updated", Response("resp_1", status, details))

    assert not followed.view.is_answering
    assert followed.sentences() == [sentence]
    assert [(each.id, each.error) for each in followed.shown.views()] == [("resp_1", sentence)]


async def test_a_failure_is_taken_away_without_asking_a_server_that_has_no_such_item(session):
    await session.controller.connect()
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)
    before = [each.id for each in session.conversation.views()]
    session.conversation.tell_failure("resp_9", "The answer failed: busy.", lambda: before)

    await session.controller.conversation.delete_item("resp_9")

    assert [each.id for each in session.conversation.views()] == before
    assert session.sent("conversation.item.delete") == []
    assert session.view.notices == []


def test_an_answer_beside_the_conversation_is_none_of_its_concern(followed: Followed) -> None:
    beside = Response("resp_1", status="failed", is_out_of_band=True)

    followed.tell("response.updated", beside)

    assert followed.view.notices == []
    assert followed.shown.views() == []


async def test_without_a_line_an_interruption_silences_the_speaker_alone(
    followed: Followed,
) -> None:
    followed.sink.heard = Heard("item_1", 2_400)

    await followed.tell("conversation.interrupted", None)

    assert followed.sink.n_interrupts == 1
    assert followed.view.notices == []
