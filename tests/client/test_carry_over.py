"""The conversation on its way from one session to the next."""

import random

import pytest

from console.client.carry_over import LOST, CarryOver
from console.client.configuration import Configuration
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.ids import IdSource
from console.tools.registry import ToolRegistry

LONG = "item_" + "x" * 40


class Journey:
    """A conversation, and what was told of it."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.carry_over = CarryOver(
            self.conversation, Configuration(ToolRegistry()), IdSource(random.Random(1))
        )
        self.told: list[Event] = []

    def hear(self, event_type: str, **fields: object) -> None:
        self.conversation.receive(Event(event_type, None, fields))

    def say(self, item_id: str, text: str = "Hello") -> None:
        self.hear("conversation.item.added", item=message(item_id, text))

    async def send(self, event: Event) -> None:
        self.told.append(event)

    async def tell(self) -> None:
        await self.carry_over.tell(self.send)

    def end_line(self) -> list[Event]:
        loose_ends = list(self.carry_over.loose_ends())
        for event in loose_ends:
            self.conversation.receive(event)
        return loose_ends


def message(item_id: str, text: str = "Hello", status: str = "completed") -> dict[str, object]:
    content = [{"type": "input_text", "text": text}]
    return {
        "id": item_id, "type": "message", "role": "user", "status": status, "content": content,
    }  # fmt: skip


@pytest.fixture
def journey() -> Journey:
    return Journey()


def test_a_finished_conversation_has_no_loose_ends(journey):
    journey.say("u1")

    assert journey.end_line() == []


def test_responses_inside_and_beside_the_conversation_and_items_are_brought_to_an_end(journey):
    for response_id, conversation_id in (("r1", "c"), ("r2", None)):
        response = {"id": response_id, "conversation_id": conversation_id}
        journey.hear("response.created", response=response)
    journey.hear("conversation.item.added", item=message("u1", status="in_progress"))

    journey.end_line()

    ended = journey.conversation.responses.values()
    assert [(each.status, each.reason) for each in ended] == [("incomplete", LOST)] * 2
    assert [each.status for each in journey.conversation.items] == ["incomplete"]


async def test_what_was_cut_off_is_not_told_and_only_here(journey):
    journey.say("u1")
    journey.hear("response.created", response={"id": "r", "conversation_id": "c"})
    item = {**message("a", "It is"), "status": "in_progress"}
    journey.hear("response.output_item.added", response_id="r", item=item)
    journey.hear("conversation.item.added", item=item)
    journey.end_line()

    await journey.tell()

    assert [each.type for each in journey.told] == ["session.update", "conversation.item.create"]
    assert journey.carry_over.is_only_here("a")
    assert not journey.carry_over.is_only_here("u1")
    assert not journey.carry_over.is_only_here("new")
    assert journey.carry_over.has_no_audio_there("u1")
    assert not journey.carry_over.has_no_audio_there("new")


def added(item_id: str, step: str = "added") -> Event:
    return Event(f"conversation.item.{step}", None, {"item": message(item_id)})


async def test_an_echo_is_known_until_its_last_word(journey):
    journey.say("u1")
    await journey.tell()
    is_echo = journey.carry_over.is_echo

    assert is_echo(added("u1"))
    assert is_echo(added("u1", "done"))
    assert not is_echo(added("u1"))
    assert not is_echo(added("new"))
    assert not is_echo(Event("response.created"))
    assert not journey.carry_over.expected


async def test_the_one_word_of_the_older_protocol_is_its_last(journey):
    journey.say("u1")
    await journey.tell()

    assert journey.carry_over.is_echo(added("u1", "created"))
    assert not journey.carry_over.expected


async def test_an_item_that_was_refused_is_only_here(journey):
    journey.say("u1")
    await journey.tell()

    journey.carry_over.refused(None)
    journey.carry_over.refused(Event("session.update", "e"))
    journey.carry_over.refused(Event("conversation.item.create", "e", {"item": {"id": "new"}}))
    assert not journey.carry_over.is_only_here("u1")
    journey.carry_over.refused(journey.told[1])

    assert journey.carry_over.is_only_here("u1")


async def test_what_comes_next_comes_after_everything_that_is_here(journey):
    journey.say("u1")
    journey.hear("conversation.item.added", item=message("cut", status="in_progress"))
    journey.end_line()
    await journey.tell()
    came = Event("conversation.item.added", "s", {"item": message("u2"), "previous_item_id": "u1"})

    heard = journey.carry_over.incoming(came)
    journey.conversation.receive(heard)

    assert journey.carry_over.is_translating
    assert [item.id for item in journey.conversation.items] == ["u1", "cut", "u2"]
    assert came.fields["previous_item_id"] == "u1"


async def test_an_item_under_another_id_is_the_same_item_both_ways(journey):
    journey.say(LONG)
    await journey.tell()
    there = journey.told[1].fields["item"]["id"]

    delete = Event("conversation.item.delete", "e", {"item_id": LONG})
    journey.carry_over.outgoing(delete)
    follow = Event("conversation.item.create", "e", {"item": {}, "previous_item_id": LONG})
    journey.carry_over.outgoing(follow)
    other = Event("response.create", "e", {"item_id": LONG})
    journey.carry_over.outgoing(other)
    back = journey.carry_over.incoming(Event("conversation.item.deleted", "s", {"item_id": there}))

    assert delete.fields["item_id"] == there
    assert follow.fields["previous_item_id"] == there
    assert other.fields["item_id"] == LONG
    assert back == Event("conversation.item.deleted", "s", {"item_id": LONG})


async def test_events_about_other_items_stay_as_they_are(journey):
    journey.say(LONG)
    await journey.tell()
    event = Event("conversation.item.deleted", "s", {"item_id": "new"})

    assert journey.carry_over.incoming(event) is event


def listed(item_id: str, step: str = "added", previous: str | None = None) -> Event:
    """Return what a server says when it has listed the tools of another."""
    item = {"id": item_id, "type": "mcp_list_tools", "server_label": "demo", "tools": []}
    status = "completed" if step == "done" else "in_progress"
    return Event(
        f"conversation.item.{step}",
        None,
        {"item": {**item, "status": status}, "previous_item_id": previous},
    )


def follow(journey: Journey, *events: Event) -> list[str]:
    """Let a new session say something; returns the items' ids."""
    for event in events:
        if not journey.carry_over.is_echo(event):
            journey.conversation.receive(journey.carry_over.incoming(event))
    return [item.id for item in journey.conversation.items]


def after(item_id: str, previous: str) -> Event:
    fields = {"item": message(item_id), "previous_item_id": previous}
    return Event("conversation.item.added", None, fields)


async def test_the_list_of_a_servers_tools_is_the_same_item_in_the_next_session(journey):
    follow(journey, listed("list1"), listed("list1", "done"), after("u1", "list1"))
    await journey.tell()

    order = follow(
        journey,
        listed("list2"),
        after("u1", "list2"),
        after("u2", "u1"),
    )

    assert order == ["list1", "u1", "u2"]
    assert not journey.carry_over.is_only_here("list1")
    follow(journey, Event("mcp_list_tools.failed", None, {"item_id": "list2"}))
    assert journey.conversation.items[0].status == "failed"


async def test_a_list_that_failed_stays_beside_that_of_the_next_session(journey):
    failed = Event("mcp_list_tools.failed", None, {"item_id": "list1"})
    follow(journey, listed("list1"), failed, after("u1", "list1"))
    await journey.tell()

    order = follow(journey, listed("list2"), listed("list2", "done"))

    assert order == ["list2", "list1", "u1"]
    assert [item.status for item in journey.conversation.items[:2]] == ["completed", "failed"]


async def test_what_follows_a_list_that_came_late_is_at_the_end(journey):
    follow(journey, listed("list1"), after("u1", "list1"))
    await journey.tell()

    order = follow(journey, listed("list2", previous="u1"), after("u2", "list2"))

    assert order == ["list1", "u1", "u2"]


async def test_what_follows_a_list_where_nothing_was_told_is_at_the_end(journey):
    follow(journey, listed("list1"), Event("conversation.item.added", None, {
        "item": message("cut", status="in_progress"), "previous_item_id": "list1",
    }))  # fmt: skip
    journey.end_line()
    await journey.tell()

    assert follow(journey, listed("list2"), after("u1", "list2")) == ["list1", "cut", "u1"]


async def test_a_list_that_is_new_and_the_first_there_is_the_first_here(journey):
    journey.say("u1")
    await journey.tell()

    order = follow(journey, listed("list1"), listed("list1", "done"), after("u2", "u1"))

    assert order == ["list1", "u1", "u2"]


async def test_a_list_that_a_session_makes_once_more_is_another_item(journey):
    follow(journey, listed("list1"), after("u1", "list1"))
    await journey.tell()

    order = follow(journey, listed("list2"), listed("list3", previous="u1"))

    assert order == ["list1", "u1", "list3"]


async def test_a_conversation_that_begins_anew_has_no_past(journey):
    journey.say(LONG)
    await journey.tell()

    journey.carry_over.clear()

    assert not journey.carry_over.expected
    assert not journey.carry_over.is_translating
    assert not journey.carry_over.has_no_audio_there(LONG)


async def test_a_transcription_session_is_told_its_configuration_alone():
    conversation = Conversation()
    conversation.receive(added("u1"))
    configuration = Configuration(ToolRegistry(), "transcription")
    carry_over = CarryOver(conversation, configuration, IdSource(random.Random(1)))
    told: list[Event] = []

    async def send(event: Event) -> None:
        told.append(event)

    await carry_over.tell(send)

    assert [each.type for each in told] == ["session.update"]
