import pytest

from console.realtime.refusal import Refusal
from console.relay.client_rules import ClientRules
from console.relay.hidden_items import HiddenItems
from console.relay.policy import Policy
from console.relay.policy_file import parse
from tests.relay.kept_back import KeptBack

HIDDEN = HiddenItems({"item_hidden"}.__contains__)
DOES_NOT_EXIST = "the item with id 'item_hidden' does not exist."


@pytest.mark.parametrize("action", ["retrieve", "truncate", "delete"])
def test_who_guesses_the_id_of_a_hidden_item_hears_that_there_is_none(action):
    with pytest.raises(Refusal) as caught:
        HIDDEN.refuse_naming({"type": f"conversation.item.{action}", "item_id": "item_hidden"})

    assert caught.value.code == f"item_{action}_invalid_item_id"
    assert caught.value.message == f"Error {action.rstrip('e')}ing item: {DOES_NOT_EXIST}"
    assert caught.value.param is None


@pytest.mark.parametrize(
    ("event", "param"),
    [
        (
            {"type": "conversation.item.create", "previous_item_id": "item_hidden"},
            "previous_item_id",
        ),
        (
            {
                "type": "response.create",
                "response": {
                    "input": [
                        {"type": "message", "id": "item_hidden"},
                        {"type": "item_reference", "id": "item_hidden"},
                    ]
                },
            },
            "response.input[1].id",
        ),
    ],
)
def test_no_other_event_reaches_a_hidden_item_either(event, param):
    with pytest.raises(Refusal, match="item_hidden' does not exist") as caught:
        HIDDEN.refuse_naming(event)

    assert caught.value.param == param


@pytest.mark.parametrize(
    "event",
    [
        {"type": "conversation.item.delete", "item_id": "item_seen"},
        {"type": "conversation.item.delete", "item_id": ["item_hidden"]},
        {"type": "conversation.item.create"},
        {"type": "response.create", "response": None},
        {"type": "response.create", "response": {"input": "item_hidden"}},
        {"type": "future.event", "item_id": "item_hidden"},
    ],
)
def test_everything_else_is_left_to_other_rules(event):
    HIDDEN.refuse_naming(event)


@pytest.mark.parametrize("policy", [Policy(), parse({"events": {"up": "anything"}})])
def test_hidden_items_are_hidden_by_every_policy(policy):
    rules = ClientRules(policy, "realtime", {}, KeptBack(items={"item_hidden"}))

    with pytest.raises(Refusal, match="does not exist"):
        rules.judge({"type": "conversation.item.delete", "item_id": "item_hidden"})
    assert rules.judge({"type": "conversation.item.delete", "item_id": "seen"})["item_id"] == "seen"
