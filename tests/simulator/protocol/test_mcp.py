import json
from itertools import count

import pytest

from console.simulator.protocol import mcp
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.mcp import McpServers
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.senses import BrainCall
from tests.simulator.session_driver import WEATHER, Driver, kinds, only

SERVER = {"type": "mcp", "server_label": "demo", "server_url": "https://127.0.0.1/mcp"}
NEVER = {**SERVER, "require_approval": "never"}
ALL = ["add_numbers", "roll_dice", "count_words", "keep_note"]
SUM = BrainCall("add_numbers", {"a": 2, "b": 3})


def made():
    number = count(1)

    def new_id(prefix):
        return f"{prefix}{next(number)}"

    outbox, conversation = Outbox(new_id), Conversation()
    return McpServers(conversation, outbox, new_id), conversation, outbox


def listed(**fields):
    """What is listed of a server defined so."""
    servers, conversation, _ = made()
    servers.connect([{**SERVER, **fields}])
    (item,) = conversation.items()
    return [tool["name"] for tool in item.tools]


def toolset(*tools, tool_choice="auto"):
    servers, _, _ = made()
    servers.connect(tools)
    return servers.toolset(tools, tool_choice)


def names(found):
    return [each["name"] for each in found.functions]


# ---------------------------------------------------------------- listing


@pytest.mark.parametrize(
    ("allowed", "found"),
    [
        (None, ALL),
        ([], []),
        (["roll_dice", "unknown"], ["roll_dice"]),
        ({"tool_names": ["keep_note", "add_numbers"]}, ["add_numbers", "keep_note"]),
        ({"read_only": True}, ["add_numbers", "roll_dice", "count_words"]),
        ({"read_only": False}, ["keep_note"]),
        ({"read_only": False, "tool_names": ["roll_dice"]}, []),
        ({}, ALL),
    ],
)
def test_only_allowed_tools_are_listed(allowed, found):
    assert listed(allowed_tools=allowed) == found


@pytest.mark.parametrize(
    "fields", [{"server_url": None, "connector_id": "connector_gmail"}, {"authorization": "x"}]
)
def test_every_server_that_is_not_invalid_has_the_catalogue(fields):
    assert listed(**fields) == ALL


@pytest.mark.parametrize(
    "url", ["https://x.invalid", "http://X.INVALID:80/mcp", "https://a.invalid./", "http://[x"]
)
def test_an_invalid_address_cannot_be_listed(url):
    servers, conversation, outbox = made()
    servers.connect([{**SERVER, "server_url": url}])

    assert kinds(outbox.take().events) == [
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.failed",
        "conversation.item.done",
    ]
    assert conversation.items()[0].tools == []


def test_a_server_is_listed_once_until_its_definition_changes():
    servers, conversation, _ = made()
    for definition in (SERVER, SERVER, NEVER):
        servers.connect([definition, WEATHER])

    assert len(conversation) == 2


def test_a_server_that_failed_is_tried_again():
    servers, conversation, _ = made()
    gone = {**SERVER, "server_url": "https://x.invalid"}
    servers.connect([gone])
    servers.connect([gone])

    assert len(conversation) == 2


@pytest.mark.parametrize("tools", [None, "x", [1, {"type": "mcp"}], [SERVER, WEATHER]])
def test_labels_that_differ_are_fine(tools):
    mcp.check_labels(tools, "session.tools")


def test_two_servers_of_one_label_are_refused():
    with pytest.raises(Refusal) as refused:
        mcp.check_labels([SERVER, WEATHER, NEVER], "session.tools")
    assert refused.value.param == "session.tools[2].server_label"


def test_a_session_refuses_two_servers_of_one_label_and_changes_nothing():
    driver = Driver()
    fields = {"type": "realtime", "instructions": "x", "tools": [SERVER, SERVER]}
    assert driver.error("session.update", session=fields)[1] == "session.tools[1].server_label"
    assert driver.configure()[0]["session"]["instructions"] != "x"


# ---------------------------------------------------------------- tools


def test_the_assistant_sees_tools_of_servers_as_functions_after_its_own():
    found = toolset(NEVER, WEATHER)

    assert names(found) == ["get_weather", *ALL]
    assert {each["type"] for each in found.functions} == {"function"}
    assert found.tool_choice == "auto"


def test_tools_of_the_same_name_are_told_apart_by_their_server():
    own = {"type": "function", "name": "add_numbers"}
    found = toolset(own, {**NEVER, "server_label": "a"}, {**NEVER, "server_label": "b"})

    assert names(found)[:3] == ["add_numbers", "a_add_numbers", "roll_dice"]
    assert found.mcp["b_roll_dice"].server_label == "b"


@pytest.mark.parametrize(
    ("choice", "called", "left"),
    [
        ({"type": "mcp", "server_label": "demo", "name": "roll_dice"}, "required", ["roll_dice"]),
        ({"type": "mcp", "server_label": "demo"}, "required", ALL),
        ({"type": "mcp", "server_label": "demo", "name": "fly"}, "none", []),
        ({"type": "function", "name": "get_weather"}, None, ["get_weather", *ALL]),
    ],
)
def test_a_choice_of_a_servers_tool_leaves_no_other(choice, called, left):
    found = toolset(NEVER, WEATHER, tool_choice=choice)

    assert found.tool_choice == (called or choice)
    assert names(found) == left


@pytest.mark.parametrize(
    ("wanted", "asking"),
    [
        (None, ALL),
        ("always", ALL),
        ("never", []),
        ({"never": {"tool_names": ["roll_dice"]}}, ["add_numbers", "count_words", "keep_note"]),
        ({"always": {"tool_names": ["keep_note"]}}, ["keep_note"]),
        ({"always": {"read_only": False}, "never": {"read_only": True}}, ["keep_note"]),
        ({"always": {"tool_names": ["add_numbers"]}, "never": {"tool_names": ["roll_dice"]}},
         ["add_numbers", "count_words", "keep_note"]),
    ],
)  # fmt: skip
def test_which_tools_need_an_approval(wanted, asking):
    found = toolset({**SERVER, "require_approval": wanted})

    assert [name for name, each in found.mcp.items() if each.needs_approval] == asking


def test_a_call_answers_or_says_what_went_wrong():
    servers, _, _ = made()
    servers.connect([NEVER])

    assert servers.call("demo", "add_numbers", '{"a":2,"b":3}') == {"output": '{"sum":5}'}
    failed = servers.call("demo", "fly", "{}")["error"]
    assert failed == {"type": "tool_execution_error", "message": "There is no tool named 'fly'."}
    unknown = servers.call("other", "add_numbers", "{}")["error"]
    assert (unknown["type"], unknown["code"]) == ("protocol_error", -32601)


# ---------------------------------------------------------------- in a session


def call_output(driver, call=SUM, **response):
    (item,) = only(driver.respond(calls=[call], **response), "response.done")["response"]["output"]
    return item


def test_a_call_is_computed_and_its_answer_reaches_the_assistant():
    driver = Driver()
    driver.configure(tools=[NEVER])
    item = call_output(driver)
    driver.respond("Five.")

    assert list(item) == [
        "id", "type", "approval_request_id", "server_label", "name", "arguments", "output", "error",
    ]  # fmt: skip
    assert (item["output"], item["error"]) == ('{"sum":5}', None)
    assert json.loads(item["arguments"]) == {"a": 2, "b": 3}
    assert driver.turns[1].items[-1]["output"] == '{"sum":5}'


def test_the_arguments_stream_padded():
    driver = Driver()
    driver.configure(tools=[NEVER])
    events = driver.respond(calls=[SUM])

    deltas = [e for e in events if e["type"] == "response.mcp_call_arguments.delta"]
    done = only(events, "response.mcp_call_arguments.done")
    assert len(deltas) > 1
    assert "".join(each["delta"] for each in deltas) == done["arguments"]
    assert all("obfuscation" in each for each in deltas)


def test_a_failing_call_is_told_and_the_response_completes():
    driver = Driver()
    driver.configure(tools=[NEVER])
    events = driver.respond(calls=[BrainCall("add_numbers", {"a": "x", "b": 1})])

    assert "response.mcp_call.failed" in kinds(events)
    (item,) = only(events, "response.done")["response"]["output"]
    assert item["error"]["type"] == "tool_execution_error"
    assert item["output"] is None
    assert only(events, "response.done")["response"]["status"] == "completed"


def test_tools_may_be_given_to_one_response_alone():
    driver = Driver()
    assert call_output(driver, tools=[NEVER])["type"] == "mcp_call"
    assert call_output(driver)["type"] == "function_call"


def asked(driver, **server):
    driver.configure(tools=[{**SERVER, **server}])
    item = call_output(driver)
    assert item["type"] == "mcp_approval_request"
    assert list(item) == ["id", "type", "server_label", "name", "arguments"]
    return item["id"]


def answer(driver, request_id, **fields):
    item = {"type": "mcp_approval_response", "approval_request_id": request_id, **fields}
    return driver.send("conversation.item.create", item=item)


def test_an_approved_call_is_carried_out_by_the_next_response_and_only_once():
    driver = Driver()
    request_id = asked(driver)
    answer(driver, request_id, approve=True)
    first = only(driver.respond("Five."), "response.done")["response"]["output"]
    second = only(driver.respond("Well."), "response.done")["response"]["output"]

    call, message = first
    assert (call["approval_request_id"], call["output"]) == (request_id, '{"sum":5}')
    assert message["type"] == "message"
    assert [each["type"] for each in second] == ["message"]
    assert driver.turns[1].items[-1]["output"] == '{"sum":5}'


def test_without_an_answer_nothing_is_carried_out():
    driver = Driver()
    asked(driver)

    (message,) = only(driver.respond("Well?"), "response.done")["response"]["output"]
    assert message["type"] == "message"


def test_a_refused_call_reaches_the_assistant_as_refused():
    driver = Driver()
    request_id = asked(driver)
    answer(driver, request_id, approve=False, reason="Too costly.")
    driver.respond("All right.")

    call, output = driver.turns[1].items
    assert (call["type"], call["name"]) == ("function_call", "add_numbers")
    assert output["call_id"] == call["call_id"]
    assert output["output"] == "The user did not allow this call. Too costly."


def test_responses_beside_the_conversation_carry_out_nothing():
    driver = Driver()
    answer(driver, asked(driver), approve=True)

    assert call_output(driver, conversation="none", tools=[WEATHER])["type"] == "function_call"


@pytest.mark.parametrize("request_id", ["mcpr_gone", "item_1"])
def test_an_answer_to_no_request_is_refused(request_id):
    driver = Driver()
    item = {
        "type": "mcp_approval_response",
        "approval_request_id": request_id,
        "approve": True,
    }
    assert driver.error("conversation.item.create", item=item)[:2] == (
        "invalid_value",
        "item.approval_request_id",
    )


def test_a_second_answer_is_refused():
    driver = Driver()
    request_id = asked(driver)
    answer(driver, request_id, approve=False)

    (error,) = answer(driver, request_id, approve=True)
    assert "answered already" in error["error"]["message"]


def test_a_request_whose_server_is_gone_fails_with_a_protocol_error():
    servers, conversation, _ = made()
    request = Item("mcpr_1", "mcp_approval_request", server_label="gone", name="add_numbers")
    conversation.add(request)
    conversation.add(
        Item("item_1", "mcp_approval_response", approval_request_id="mcpr_1", approve=True)
    )

    assert servers.approved() == [request]
    assert "gone" in servers.call("gone", "add_numbers", "{}")["error"]["message"]
