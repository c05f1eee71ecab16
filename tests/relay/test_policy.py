import datetime

import pytest
from pydantic import ValidationError

from console.relay import policy
from console.relay.policy import ANYTHING, Policy, Token
from console.relay.tokens import hashed

HASH = hashed("a token")
NEW_YEAR_S = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC).timestamp()


def test_what_is_not_said_is_safe():
    safe = Policy()

    assert safe.tokens == ()
    assert safe.items.roles == ("user",)
    assert not safe.items.images
    assert "instructions" not in safe.session.client_may_set
    assert "tools" not in safe.session.client_may_set
    assert safe.limits.session_dollars == 5
    assert safe.limits_of_all.day_dollars == 100


def test_open_lets_everything_pass_and_limits_nobody():
    everything = Policy.model_validate(ANYTHING)

    assert everything.events.up == everything.session.client_may_set == "anything"
    assert everything.limits.model_dump(exclude_none=True) == {}
    assert everything.limits_of_all.model_dump(exclude_none=True) == {}


@pytest.mark.parametrize(
    ("expires", "is_good_before", "is_good_after"),
    [
        (None, True, True),
        ("2026-12-31", True, False),
        ("2027-01-01T00:00:00", True, False),
        ("2027-01-01T01:00:00+01:00", True, False),
        ("2027-01-01", True, True),
    ],
)
def test_a_token_is_good_until_the_end_of_its_day_or_its_hour(
    expires, is_good_before, is_good_after
):
    token = Token.model_validate({"name": "shop", "hash": HASH, "expires": expires})

    assert token.is_good(NEW_YEAR_S - 1) is is_good_before
    assert token.is_good(NEW_YEAR_S + 1) is is_good_after


def test_a_token_s_own_limits_count_one_by_one():
    found = Policy.model_validate(
        {
            "limits": {"sessions": 5, "day_dollars": 10},
            "tokens": [
                {"name": "a", "hash": HASH, "limits": {"sessions": 1, "day_dollars": None}},
                {"name": "b", "hash": HASH},
            ],
        }
    )

    limits = [found.limits_for(each) for each in found.tokens]
    assert [(each.sessions, each.day_dollars) for each in limits] == [(1, None), (5, 10)]


def test_a_token_is_found_by_what_is_shown_while_it_is_good():
    found = Policy.model_validate(
        {
            "tokens": [{"name": "shop", "hash": HASH, "expires": "2026-12-31"}],
            "operators": [{"name": "ops", "hash": hashed("another")}],
        }
    )

    assert policy.find(found.tokens, "a token", NEW_YEAR_S - 1) == found.tokens[0]
    assert policy.find(found.tokens, "a token", NEW_YEAR_S) is None
    assert policy.find(found.tokens, HASH, NEW_YEAR_S - 1) is None
    assert found.operator("another", NEW_YEAR_S) == "ops"
    assert found.operator("a token", NEW_YEAR_S - 1) is None


@pytest.mark.parametrize(
    ("keep", "hide", "hidden"),
    [
        ({}, None, ()),
        ({"instructions": "x", "truncation": "auto"}, None, ("instructions", "truncation")),
        ({"audio": {"output": {"voice": "marin"}}, "tools": []}, None, ("tools",)),
        ({"audio": {"output": {"voice": "marin"}}}, ["audio.output"], ("audio.output",)),
        ({"instructions": "x"}, [], ()),
        ({}, ["tools"], ("tools",)),
    ],
)
def test_what_is_kept_is_hidden_unless_the_policy_says_otherwise(keep, hide, hidden):
    assert policy.Session(keep=keep, hide=hide).hidden == hidden


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"tokens": [{"name": "a", "hash": "plain"}]}, "python main.py relay token"),
        ({"tokens": [{"name": "a", "hash": HASH}] * 2}, "two tokens are called 'a'"),
        ({"tokens": [{"name": "a/b", "hash": HASH}]}, "name"),
        ({"session": {"client_may_set": {"voice": True}}}, "did you mean"),
        ({"session": {"client_may_set": {"audio.output": {"min": 1}}}}, "audio.output.voice"),
        ({"session": {"keep": {"instruction": "x"}}}, "did you mean instructions?"),
        ({"session": {"keep": {"tools": [{"type": "mcp"}]}}}, "tools are functions"),
        ({"session": {"keep": {"audio": 5}}}, "audio is a group of settings"),
        (
            {"session": {"keep": {"audio.output.voice": "marin"}}},
            "'audio.output.voice' is no setting: write one object inside the other",
        ),
        ({"session": {"keep": {"audio": {"output": {"speed": "fast"}}}}}, "must be a number"),
        ({"events": {"up": ["response.creat"]}}, "did you mean response.create?"),
        ({"limits": {"sessions": 0}}, "greater than or equal to 1"),
        ({"proxies": ["everybody"]}, "IPv4 network"),
        ({"origins": ["shop.example.org"]}, "write https://shop.example.org"),
        ({"hosts": ["https://shop.example.org"]}, "write shop.example.org"),
        ({"session": {"hide": ["instruction"]}}, "did you mean instructions?"),
        (
            {"session": {"client_may_set": {"audio.output.speed": {"min": 2, "max": 1}}}},
            "nothing is between 2 and 1",
        ),
        (
            {"session": {"client_may_set": {"instructions": {"min": 1}}}},
            "instructions is a string: min and max are for numbers",
        ),
        (
            {"response": {"client_may_set": {"metadata": {"max_chars": 1}}}},
            "max_chars is for strings",
        ),
        ({"session": {"client_may_set": {"audio.output.voice": {"one_of": [5]}}}}, "never 5"),
        (
            {"session": {"client_may_set": {"audio.output.voice": {"one_of": []}}}},
            "one_of is empty, so that nothing could be set; write false",
        ),
        ({"origins": ["https://münchen.example"]}, "its host has to be in ASCII"),
        ({"hosts": ["münchen.example"]}, "write it in ASCII"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(value, said):
    with pytest.raises(ValidationError, match=said.replace("?", r"\?").replace(".", r"\.")):
        Policy.model_validate(value)
