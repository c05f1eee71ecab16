"""What a page is sent gets there, whatever stands in it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import Any

import orjson
import pytest
from nicegui import core, json, ui

from console.ui import page_json
from tests.ui.simulated_user import user_simulation

HALF = "half \ud83d"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_json, "_told", set())
    monkeypatch.setattr(json, "dumps", json.dumps)
    monkeypatch.setattr(json, "loads", json.loads)


@dataclasses.dataclass
class Carried:
    text: str


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [{"a": [1, 2.5, None, True, "caf\xe9"]}, Carried("x"), {1: "x"}, nested(100)]
)
def test_what_can_be_written_is_written_as_the_toolkit_does(value: Any) -> None:
    assert page_json.dumps(value, separators=(",", ":")) == page_json._written(value)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (HALF, "half \\ud83d"),
        ({HALF: 1, "b": [HALF]}, {"half \\ud83d": 1, "b": ["half \\ud83d"]}),
        (10**30, 1e30),
        (-(2**63) - 1, -(2.0**63)),
        (10**400, "a number of 1,329 bits"),
        ({10**30: 1}, {"1e+30": 1}),
        ({"a": 2**64 - 1, "b": 2**64}, {"a": 2**64 - 1, "b": 2.0**64}),
        ((float("nan"), HALF), [None, "half \\ud83d"]),
        ([{1}, Carried("x")], ["{1}", {"text": "x"}]),
        ([Carried(HALF)], ["Carried(text='half \\ud83d')"]),
    ],
)
def test_what_cannot_be_written_is_replaced_and_the_rest_is_kept(value: Any, read: Any) -> None:
    assert orjson.loads(page_json.dumps(value)) == read


def test_what_is_nested_too_deep_or_within_itself_is_cut_off() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert page_json.dumps(endless) == "[" * 200 + '"..."' + "]" * 200
    assert page_json.dumps(nested(300)).count("[") == 200


def test_each_kind_of_replacement_is_logged_once_with_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            page_json.dumps({"12": {"calls": [{"error": HALF}, {"error": HALF}]}, "n": 10**30})

    assert caplog.messages == [
        "half a character at $['12']['calls'][0]['error'] of what a page is sent was replaced: it is no JSON",
        "a number of more than 64 bits at $['n'] of what a page is sent was replaced: it is no JSON",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('"half \\ud83d"', HALF),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('["half \\ud83d", 7, 1.5, -1e30]', [HALF, 7, 1.5, -1e30]),
        ('["half \\ud83d", 100000000000000000000]', [HALF, 1e20]),
    ],
)
def test_what_a_browser_sends_is_read_even_with_half_a_character(text: str, value: Any) -> None:
    assert page_json.loads(text) == value


@pytest.mark.parametrize(
    "text", ["", "{", '["\\ud83d", NaN]', '["\\ud83d", 1e999]', '"\\ud83d', '"\\ud83d"' + "[" * 9]
)
def test_what_is_no_json_is_refused_as_before(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|line|Extra|Unterminated"):
        page_json.loads(text)


async def test_the_toolkit_sends_a_page_all_that_is_new_though_one_value_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels: list[ui.label] = []

    def page() -> None:
        labels.extend([ui.label("one"), ui.label("two")])

    page_json.install()
    sent: list[str] = []
    arrived = asyncio.Event()

    async def emit(message: str, data: Any, **_: Any) -> None:
        # Where the toolkit no longer writes by this, the guard is of no use, and has to follow.
        packet = core.sio.packet_class(data=[message, data])
        sent.append(packet.encode())
        if message == "update":
            arrived.set()

    async with user_simulation(root=page) as user:
        await user.open("/")
        monkeypatch.setattr(core.sio, "emit", emit)
        labels[0].text = HALF
        labels[1].props["count"] = 10**30
        labels[1].text = "new"
        async with asyncio.timeout(5):
            await arrived.wait()
        heard = core.sio.packet_class(encoded_packet='2["event","half \\ud83d"]').data

    (update,) = [each for each in sent if '"update"' in each]
    assert "half \\\\ud83d" in update
    assert '"new"' in update
    assert heard == ["event", HALF]


async def test_a_page_is_built_though_one_value_cannot_be_written() -> None:
    page_json.install()
    async with user_simulation(root=lambda: ui.label(HALF)) as user:
        answer = await user.http_client.get("/")

    assert answer.status_code == 200
    assert "half \\\\ud83d" in answer.text
