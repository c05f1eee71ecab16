import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.typing import Subprotocol

from console.serving import caller
from console.serving.caller import OwnNames


def head(**fields):
    return Headers([(name.replace("_", "-"), value) for name, value in fields.items()])


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (head(), ""),
        (head(Authorization="Bearer  key "), "key"),
        (head(AUTHORIZATION="bearer key"), "key"),
        (head(Authorization="Basic key"), ""),
        (head(Authorization="Bearer"), ""),
        (head(api_key="key"), "key"),
        (head(Sec_WebSocket_Protocol="realtime, openai-insecure-api-key.key"), "key"),
        (Headers([("Authorization", "Bearer a"), ("Authorization", "Bearer b")]), ""),
    ],
)
def test_a_key_is_found_in_whatever_place_it_is_shown(headers, found):
    assert caller.credential(headers) == found


@pytest.mark.parametrize(
    ("headers", "is_beta"),
    [
        (head(), False),
        (head(OpenAI_Beta="realtime=v1"), True),
        (head(openai_beta="assistants=v2, realtime=v1"), True),
        (head(OpenAI_Beta="realtime=v2"), False),
        (head(Sec_WebSocket_Protocol="realtime, openai-beta.realtime-v1"), True),
    ],
)
def test_the_beta_is_asked_for_by_a_header_or_a_subprotocol(headers, is_beta):
    assert caller.asks_for_beta(headers) is is_beta


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (head(Host="localhost:8081"), None),
        (head(Host="relay.example.org"), None),
        (head(Host="RELAY.example.org", Origin="https://app.example.org"), None),
        (head(Host="relay.example.org", Origin="https://relay.example.org"), None),
        (head(Host="127.0.0.1", Origin="http://localhost:3000"), None),
        (head(), 400),
        (head(Host="evil.example"), 400),
        (Headers([("Host", "localhost"), ("Host", "localhost")]), 400),
        (head(Host="localhost", Origin="https://evil.example"), 403),
        (head(Host="localhost", Origin="null"), 403),
        (head(Host="localhost", Origin="https://app.example.org.evil.example"), 403),
    ],
)
def test_requests_come_to_our_own_names_and_from_pages_that_may(headers, status):
    names = OwnNames(hosts=["relay.example.org"], origins=["https://app.example.org/"])

    answer = names.turn_away(Request("/", headers))

    assert (answer and answer.status_code) == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("203.0.113.5:8081", None),
        ("[2001:db8::5]:8081", None),
        ("203.0.113.5.evil.example", 400),
        ("203.0.113.5:x", 400),
        ("2001:db8::5", 400),
        ("", 400),
    ],
)
def test_an_address_may_stand_for_a_name_where_that_is_wanted(host, status):
    names = OwnNames(takes_addresses=True, where_named="Ask for it.")

    answer = names.turn_away(Request("/", head(Host=host)))

    assert (answer and answer.status_code) == status
    assert answer is None or answer.body == b"This host name is not served here. Ask for it.\n"


@pytest.mark.parametrize(
    ("key", "shown"),
    [("", "none was given"), ("short", "***"), ("ek_0123456789abcdefghij", "ek_***ghij")],
)
def test_of_a_wrong_key_no_more_is_shown_than_its_owner_needs(key, shown):
    assert caller.masked(key) == shown


def test_a_key_among_the_subprotocols_is_never_answered():
    key, realtime = Subprotocol("openai-insecure-api-key.key"), Subprotocol("realtime")

    assert caller.select_subprotocol([key]) is None
    assert caller.select_subprotocol([key, realtime]) == "realtime"
