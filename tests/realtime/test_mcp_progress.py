"""States of what the server does at servers of tools."""

import pytest

from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.items import Fault, Item
from console.realtime.mcp_progress import STATES, McpProgress


class Progress:
    """One item of a server of tools, `m`, which stands in the conversation."""

    def __init__(self, item_type: str = "mcp_call") -> None:
        self.store = ItemStore()
        self.item = Item("m", item_type)
        self.store.insert(self.item, None)
        self.progress = McpProgress(self.store)

    def event(self, name: str, item_id: str | None = "m"):
        return self.progress.handlers()[name](Event(name, "e", {"item_id": item_id}))


@pytest.mark.parametrize("name", ["mcp_list_tools", "response.mcp_call"])
@pytest.mark.parametrize("end", ["completed", "failed"])
def test_a_call_begins_and_ends(name, end):
    talk = Progress()

    (began,) = talk.event(f"{name}.in_progress")
    assert (began.kind, talk.item.status) == ("updated", "in_progress")
    (ended,) = talk.event(f"{name}.{end}")

    assert (ended.item, talk.item.status) == (talk.item, end)


def test_what_is_told_twice_or_too_late_changes_nothing():
    talk = Progress()
    talk.event("response.mcp_call.failed")

    for state in STATES:
        assert talk.event(f"response.mcp_call.{state}") == ()
    assert talk.item.status == "failed"


@pytest.mark.parametrize(
    ("name", "item_type"),
    [("mcp_list_tools.in_progress", "mcp_list_tools"), ("response.mcp_call.failed", "mcp_call")],
)
def test_an_item_that_has_not_come_yet_has_its_state_when_it_comes(name, item_type):
    talk = Progress()

    assert talk.event(name, item_id="later") == ()

    item = talk.store.find("later")
    assert item is not None
    assert (item.type, item.status) == (item_type, name.rpartition(".")[2])


def test_an_event_about_no_item_is_a_fault():
    (fault,) = Progress().event("mcp_list_tools.failed", item_id=None)

    assert isinstance(fault, Fault)
