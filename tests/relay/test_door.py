import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from console.realtime.refusal import Refusal
from console.relay import policy_file
from console.relay.door import Door
from console.relay.tokens import hashed
from console.serving.caller import RefusedSession
from tests.fakes import ManualClock
from tests.relay.rig import FreeAdmission

POLICY = policy_file.parse(
    {
        "hosts": ["relay.example.org"],
        "tokens": [
            {"name": "shop", "hash": hashed("shop's token"), "limits": {"sessions": 2}},
            {"name": "old", "hash": hashed("old token"), "expires": "2020-01-01"},
        ],
    }
)


def door(admission=None, **options):
    return Door(admission or FreeAdmission(), lambda: POLICY, ManualClock(), **options)


def request(key=None, host="localhost"):
    headers = {"Host": host} | ({"Authorization": f"Bearer {key}"} if key else {})
    return Request("/v1/realtime", Headers(headers))


async def test_a_token_of_the_policy_opens_with_its_own_limits():
    visitor = await door().visitor(request("shop's token"), "203.0.113.5", POLICY)

    assert (visitor.token, visitor.address, visitor.limits.sessions) == ("shop", "203.0.113.5", 2)
    assert not visitor.is_open


async def test_the_relay_s_own_token_opens_with_the_limits_of_all():
    visitor = await door(own_token="own token").visitor(request("own token"), "", POLICY)

    assert (visitor.token, visitor.limits) == ("default", POLICY.limits)


@pytest.mark.parametrize("key", [None, "old token", "shop's tokem", hashed("shop's token"), "é"])
async def test_anything_else_opens_nothing_and_a_guess_is_counted(key):
    admission = FreeAdmission()

    with pytest.raises(RefusedSession) as refused:
        await door(admission, own_token="own token").visitor(request(key), "203.0.113.5", POLICY)

    assert refused.value.refusal.code == "invalid_api_key"
    assert refused.value.close_code == 3000
    assert admission.wrong == (["203.0.113.5"] if key else [])
    assert not key or key not in refused.value.refusal.message


async def test_who_has_guessed_too_often_shows_no_token():
    admission = FreeAdmission(too_many=Refusal("Wait.", code="relay_too_many_guesses"))

    with pytest.raises(RefusedSession) as refused:
        await door(admission).visitor(request("shop's token"), "203.0.113.5", POLICY)

    assert refused.value.close_code == 1008
    assert admission.wrong == []


async def test_an_open_relay_asks_nobody():
    visitor = await door(is_open=True).visitor(request(), "127.0.0.1", POLICY)

    assert (visitor.token, visitor.is_open) == ("anybody", True)


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8081", None), ("relay.example.org", None), ("evil", 400)]
)
def test_requests_come_to_names_of_the_policy(host, status):
    answer = door().turn_away(request(host=host))

    assert (answer and answer.status_code) == status


@pytest.mark.parametrize(
    ("name", "is_good"),
    [("shop", True), ("old", False), ("gone", False), ("default", True), ("anybody", True)],
)
def test_a_token_that_is_gone_or_has_expired_is_good_no_more(name, is_good):
    assert door().is_still_good(name, POLICY) is is_good
