"""Whether nobody is in the middle of anything."""

import pytest

from console import pcm
from console.client.sent_events import PATIENCE_S, SentEvents
from console.client.turn_boundary import TurnBoundary
from console.realtime.conversation import Conversation
from console.realtime.events import Event


class Tools:
    is_running = False


class Turns:
    def __init__(self) -> None:
        self.now_s = 100.0
        self.conversation = Conversation()
        self.tools = Tools()
        self.sent = SentEvents(lambda: self.now_s)
        self.boundary = TurnBoundary(
            conversation=self.conversation,
            tool_calls=self.tools,  # type: ignore[arg-type]  # all that is asked of them
            sent=self.sent,
            now_s=lambda: self.now_s,
        )

    def receive(self, event_type: str, **fields: object) -> None:
        self.conversation.receive(Event(event_type, None, fields))


@pytest.fixture
def turns() -> Turns:
    turns = Turns()
    assert turns.boundary.is_now
    return turns


def test_a_user_who_speaks_is_in_the_middle_of_a_turn_until_it_was_answered(turns):
    turns.boundary.speech_started()
    assert not turns.boundary.is_now
    turns.boundary.committed()
    assert not turns.boundary.is_now

    turns.boundary.answered()

    assert turns.boundary.is_now


def test_a_turn_that_nobody_answers_is_over_after_a_while(turns):
    turns.boundary.committed()

    turns.now_s += PATIENCE_S

    assert turns.boundary.is_now


@pytest.mark.parametrize("conversation_id", ["c", None])
def test_an_answer_is_a_turn_also_one_beside_the_conversation(turns, conversation_id):
    response = {"id": "r", "status": "in_progress", "conversation_id": conversation_id}
    turns.receive("response.created", response=response)
    assert not turns.boundary.is_now

    turns.receive("response.done", response={**response, "status": "completed"})

    assert turns.boundary.is_now


def test_a_tool_that_works_is_waited_for(turns):
    turns.tools.is_running = True

    assert not turns.boundary.is_now


def test_what_the_server_has_not_answered_is_waited_for_a_while(turns):
    turns.sent.add(Event("response.create", "e"), 20)
    assert not turns.boundary.is_now

    turns.now_s += PATIENCE_S + 1

    assert turns.boundary.is_now


def test_what_was_said_and_not_committed_is_a_turn_only_where_the_user_ends_them(turns):
    turns.conversation.speech.is_manual = True
    turns.conversation.speech.append(bytes(100 * pcm.BYTES_PER_MS))
    assert not turns.boundary.is_now

    turns.conversation.speech.is_manual = False

    assert turns.boundary.is_now


def test_a_transcript_that_is_still_to_come_is_waited_for(turns):
    transcription = {"audio": {"input": {"transcription": {"model": "m"}}}}
    turns.receive("session.updated", session=transcription)
    item = {"id": "u", "type": "message", "role": "user", "content": [{"type": "input_audio"}]}
    turns.receive("input_audio_buffer.committed", item_id="u")
    turns.receive("conversation.item.added", item=item)
    assert not turns.boundary.is_now

    turns.receive(
        "conversation.item.input_audio_transcription.completed",
        item_id="u",
        content_index=0,
        transcript="Hello",
    )

    assert turns.boundary.is_now


def test_the_user_has_the_turn_while_speaking_and_until_the_answer_to_it_begins(turns):
    assert not turns.boundary.is_user_turn

    turns.boundary.speech_started()
    assert turns.boundary.is_user_turn
    turns.boundary.committed()
    assert turns.boundary.is_user_turn
    turns.boundary.answered()

    assert not turns.boundary.is_user_turn


def test_a_new_session_begins_at_a_boundary(turns):
    turns.boundary.speech_started()

    turns.boundary.clear()

    assert turns.boundary.is_now
