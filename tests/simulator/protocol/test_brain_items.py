from console.simulator.protocol.brain_items import of_items
from console.simulator.protocol.items import Item, Part


def request(item_id="mcpr_1"):
    return Item(item_id, "mcp_approval_request", server_label="s", name="roll", arguments='{"n":1}')


def response(approve, reason=None, to="mcpr_1"):
    return Item(
        "item_9", "mcp_approval_response", approval_request_id=to, approve=approve, reason=reason
    )


def test_messages_and_functions_are_seen_as_on_the_wire_with_what_was_heard():
    part = Part("input_audio", heard="hello")
    items = [
        Item("a", "message", role="user", content=[part]),
        Item("b", "function_call", name="f", call_id="c", arguments="{}"),
        Item("d", "function_call_output", call_id="c", output="1"),
    ]
    message, call, output = of_items(items)

    assert message["content"] == [{"type": "input_audio", "transcript": "hello"}]
    assert [call, output] == [items[1].wire(), items[2].wire()]


def test_a_call_of_a_servers_tool_is_seen_as_a_function_call_with_its_output():
    called = Item("mcp_1", "mcp_call", server_label="s", name="roll", arguments="{}", output="6")
    call, output = of_items([called])

    assert (call["type"], call["name"], call["arguments"]) == ("function_call", "roll", "{}")
    assert (output["type"], output["output"]) == ("function_call_output", "6")
    assert call["call_id"] == output["call_id"]


def test_a_failed_call_is_seen_with_its_error():
    called = Item("mcp_1", "mcp_call", name="roll", arguments="{}", output=None)
    called.error = {"type": "tool_execution_error", "message": "No dice."}

    assert of_items([called])[1]["output"] == "No dice."


def test_lists_requests_and_approvals_are_not_seen():
    lists = Item("mcpl_1", "mcp_list_tools", server_label="s")

    assert of_items([lists, request(), response(approve=True)]) == []


def test_a_refusal_is_seen_as_the_output_of_the_call():
    call, output = of_items([request(), response(approve=False, reason="Not now.")])

    assert (call["name"], call["arguments"]) == ("roll", '{"n":1}')
    assert output["output"] == "The user did not allow this call. Not now."


def test_a_refusal_of_a_request_that_is_gone_is_not_seen():
    assert of_items([response(approve=False)]) == []
    assert of_items([request("mcpr_2"), response(approve=False)]) == []
