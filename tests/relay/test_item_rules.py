import pytest

from console.realtime.refusal import Refusal
from console.relay.item_rules import ItemRules
from console.relay.policy import Items

OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}


def rules(items=None, own=(), **options):
    return ItemRules(items or Items(), lambda call_id: call_id in own, **options)


@pytest.mark.parametrize("is_open", [False, True])
def test_nobody_answers_a_call_of_the_relay_s(is_open):
    with pytest.raises(Refusal, match="the relay answers this call itself"):
        rules(own=["call_1"], is_open=is_open).judge(OUTPUT, "item", [])


def test_answers_to_calls_pass_where_the_policy_lets_them():
    assert rules().judge(OUTPUT, "item", []) == OUTPUT
    with pytest.raises(Refusal, match="items of this type do not pass"):
        rules(Items(function_outputs=False)).judge(OUTPUT, "item", [])


def test_who_may_not_speak_is_told_who_may():
    message = {"type": "message", "role": "system", "content": []}

    with pytest.raises(Refusal, match="clients may speak as user, assistant"):
        rules(Items(roles=("user", "assistant"))).judge(message, "item", [])
    with pytest.raises(Refusal, match="clients may speak as nobody"):
        rules(Items(roles=())).judge(message, "item", [])


def test_what_an_item_holds_beside_is_left_out_and_told():
    part = {"type": "input_text", "text": "hello", "cache": True}
    item = {"type": "message", "role": "user", "content": [part], "instructions": "x"}
    left_out: list[str] = []

    judged = rules().judge(item, "item", left_out)

    assert judged == {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "hello"}],
    }
    assert left_out == ["item.instructions", "item.content[0].cache"]


def test_references_stand_only_where_they_may():
    item = {"type": "item_reference", "id": "item_1"}

    assert rules().judge(item, "response.input[0]", [], may_refer=True) == item
    with pytest.raises(Refusal, match="items of this type do not pass"):
        rules().judge(item, "item", [])


def test_no_client_approves_what_other_servers_shall_do_even_where_all_is_open():
    with pytest.raises(Refusal, match="items of this type do not pass"):
        rules(is_open=True).judge({"type": "mcp_approval_response"}, "item", [])
