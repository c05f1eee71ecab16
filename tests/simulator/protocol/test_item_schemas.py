from typing import get_args

import pytest
from openai.types.realtime.conversation_item_param import ConversationItemParam

from console.simulator.protocol import item_schemas
from console.simulator.protocol.refusals import Refusal
from tests.simulator.sdk_fields import unknown_fields

PNG = "data:image/png;base64,iVBORw0KGgo="


def refusal(item):
    with pytest.raises(Refusal) as refused:
        item_schemas.ITEM(item, "item")
    return refused.value.code, refused.value.param


def message(role, **part):
    return {"type": "message", "role": role, "content": [part]}


@pytest.mark.parametrize("typed", get_args(ConversationItemParam), ids=lambda each: each.__name__)
def test_every_field_of_the_strict_types_is_known_and_no_other(typed):
    assert unknown_fields(item_schemas.ITEM, typed) == set()


@pytest.mark.parametrize(
    "item",
    [
        message("user", type="input_image", image_url=PNG, detail="low"),
        message("user", type="input_image", image_url=PNG.replace("png", "jpeg"), detail=None),
        {**message("assistant", type="output_text", text="x"), "phase": "final_answer"},
        {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": False},
        {
            "type": "mcp_approval_request",
            "id": "mcpr_1",
            "server_label": "docs",
            "name": "ask",
            "arguments": "{}",
        },
        {
            "type": "mcp_call",
            "server_label": "docs",
            "name": "ask",
            "arguments": "{}",
            "error": {"type": "http_error", "code": 500, "message": "down"},
        },
        {
            "type": "mcp_call",
            "server_label": "docs",
            "name": "ask",
            "arguments": "{}",
            "error": {"type": "protocol_error", "code": -32_600, "message": "no"},
        },
        {
            "type": "mcp_list_tools",
            "server_label": "docs",
            "tools": [{"name": "ask", "input_schema": {"type": "object"}, "annotations": None}],
        },
    ],
)
def test_items_are_taken_as_they_are(item):
    assert item_schemas.ITEM(item, "item") == item


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ({}, "missing_required_parameter", "item.type"),
        ({"type": "note"}, "invalid_value", "item.type"),
        ({"type": "item_reference", "id": "item_1"}, "invalid_value", "item.type"),
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
        ({"type": "message", "role": "boss", "content": []}, "invalid_value", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        (message("user", type="output_text", text="x"), "invalid_value", "item.content[0].type"),
        (message("system", type="input_audio", audio=""), "invalid_value", "item.content[0].type"),
        (message("assistant", type="text", text="x"), "invalid_value", "item.content[0].type"),
        (message("user", type="input_text"), "missing_required_parameter", "item.content[0].text"),
        (
            message("user", type="input_image"),
            "missing_required_parameter",
            "item.content[0].image_url",
        ),
        (
            message("user", type="input_image", image_url=PNG, detail="huge"),
            "invalid_value",
            "item.content[0].detail",
        ),
        ({"type": "mcp_approval_response", "approve": 1}, "missing_required_parameter", "item.approval_request_id"),
        (
            {"type": "mcp_approval_response", "approval_request_id": "x", "approve": 1},
            "invalid_value",
            "item.approve",
        ),
        ({"type": "mcp_list_tools", "server_label": "x"}, "missing_required_parameter", "item.tools"),
        (
            {**message("user", type="input_text", text="x"), "phase": "commentary"},
            "unknown_parameter",
            "item.phase",
        ),
        ({**message("user", type="input_text", text="x"), "id": "i" * 33}, "string_above_max_length", "item.id"),
        ({**message("user", type="input_text", text="x"), "id": ""}, "string_below_min_length", "item.id"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(item, code, param):
    assert refusal(item) == (code, param)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/cat.png",
        "data:image/gif;base64,R0lGODlh",
        "data:image/png;base64,",
        "data:image/png;base64,not base64!",
        "data:image/png,raw",
        "",
    ],
)
def test_an_image_is_a_png_or_jpeg_as_a_data_uri(url):
    item = message("user", type="input_image", image_url=url)

    assert refusal(item) == ("invalid_value", "item.content[0].image_url")


def test_a_refused_image_is_not_repeated():
    with pytest.raises(Refusal) as refused:
        item_schemas.ITEM(message("user", type="input_image", image_url="x" * 10_000), "item")

    assert len(str(refused.value)) < 200
