"""Responses that are asked for when their turn has come."""

import asyncio
import random
from collections.abc import Callable

import pytest

from console import tasks
from console.client.happenings import ErrorReport
from console.client.response_queue import ResponseQueue
from console.client.sent_events import PATIENCE_S, SentEvents
from console.client.subscriptions import Subscriptions
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.ids import IdSource
from console.realtime.items import ResponseUpdate
from tests.fakes import ManualClock, settle


class Talk:
    """A conversation whose server is the test."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.signals = Subscriptions()
        self.conversation = Conversation()
        self.sent = SentEvents(self.clock.now_s)
        self.ids = IdSource(random.Random(1))
        self.n_asked = 0
        self.queue = ResponseQueue(
            conversation=self.conversation, sent=self.sent, signals=self.signals, send=self.send
        )

    async def send(self, event: Event) -> None:
        event.event_id = self.ids.new("event")
        self.sent.add(event, 1)
        self.n_asked += 1

    def hear(self, event_type: str, response_id: str, conversation_id: str | None = "c") -> None:
        response = {"id": response_id, "conversation_id": conversation_id}
        event = Event(event_type, None, {"response": response})
        for update in self.conversation.receive(event):
            assert isinstance(update, ResponseUpdate)
            self.signals.response.emit(update.response)
        self.sent.answered(event)

    async def ask(self, is_wanted: Callable[[], bool] = lambda: True) -> asyncio.Task[None]:
        task = tasks.spawn(self.queue.ask(is_wanted), name="ask")
        await settle()
        return task


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_a_response_is_asked_for_at_once_where_none_is_under_way(talk):
    assert talk.queue.is_free
    await talk.ask()

    assert talk.n_asked == 1
    assert not talk.queue.is_free


async def test_what_was_asked_for_while_another_was_on_its_way_comes_after_that(talk):
    await talk.send(events.response_create())
    asked = await talk.ask()

    talk.hear("response.created", "r1")
    await settle()
    assert talk.n_asked == 1
    talk.hear("response.done", "r1")
    await asked

    assert talk.n_asked == 2


async def test_several_that_wait_get_one_response_together(talk):
    talk.hear("response.created", "r1")
    asked = [await talk.ask(), await talk.ask()]

    talk.hear("response.done", "r1")
    await settle()
    assert talk.n_asked == 1
    talk.hear("response.created", "r2")
    talk.hear("response.done", "r2")
    await asyncio.gather(*asked)

    assert talk.n_asked == 1


async def test_a_response_beside_the_conversation_does_not_do_for_one_in_it(talk):
    talk.hear("response.created", "r1")
    asked = await talk.ask()

    talk.hear("response.created", "beside", None)
    talk.hear("response.done", "r1")
    await asked

    assert talk.n_asked == 1


async def test_what_is_not_wanted_any_more_is_not_asked_for(talk):
    talk.hear("response.created", "r1")
    asked = await talk.ask(lambda: False)

    talk.hear("response.done", "r1")
    await asked

    assert talk.n_asked == 0


async def test_after_a_refusal_of_what_was_on_its_way_there_is_room(talk):
    refused = events.response_create()
    await talk.send(refused)
    asked = await talk.ask()

    talk.sent.report(Event("error", None, {"error": {"event_id": refused.event_id}}))
    talk.signals.error.emit(ErrorReport("No.", "server"))
    await asked

    assert talk.n_asked == 2


async def test_a_server_that_never_answers_is_not_waited_for_for_ever(talk):
    await talk.send(events.response_create())

    await talk.clock.advance(PATIENCE_S + 1)
    await talk.ask()

    assert talk.n_asked == 2
