import pytest

from console.relay import policy_file
from console.relay.server_rules import ServerRules

SESSION = {"id": "sess_1", "instructions": "secret", "tools": [1], "prompt": {"id": "p"}}


def judged(policy, event, **options):
    return ServerRules(policy_file.parse(policy), **options).judge(event)


def test_without_secrets_everything_comes_down_as_it_is():
    event = {"type": "session.created", "session": SESSION}

    assert judged({}, event) is event


@pytest.mark.parametrize("kind", ["session.created", "session.updated"])
def test_what_is_kept_does_not_come_down_in_any_session(kind):
    policy = {"session": {"keep": {"instructions": "x", "prompt": {"id": "p"}}}}
    event = {"type": kind, "session": SESSION}

    assert judged(policy, event) == {"type": kind, "session": {"id": "sess_1", "tools": [1]}}
    assert "instructions" in SESSION


def test_what_is_kept_does_not_come_down_with_an_answer_either():
    policy = {"session": {"keep": {"max_output_tokens": 500, "audio": {"output": {"speed": 1}}}}}
    said = {"id": "resp_1", "audio": {"output": {"voice": "marin"}}}
    event = {"type": "response.done", "response": {**said, "max_output_tokens": 500}}

    assert judged(policy, event) == {"type": "response.done", "response": said}


def test_a_part_of_a_group_can_be_hidden_alone():
    policy = {"session": {"hide": ["audio.output.voice"]}}
    audio = {"input": {"format": None}, "output": {"voice": "secret", "speed": 1}}

    shown = judged(policy, {"type": "session.updated", "session": {"audio": audio}})

    assert shown is not None
    assert shown["session"]["audio"] == {"input": {"format": None}, "output": {"speed": 1}}


def test_a_session_event_that_is_broken_comes_down_as_it_is():
    policy = {"session": {"hide": ["tools"]}}
    event = {"type": "session.created", "session": None}

    assert judged(policy, event) is event


def test_tools_of_the_relay_do_not_come_down():
    event = {"type": "session.created", "session": SESSION}

    shown = judged({}, event, has_relay_tools=True)

    assert shown is not None
    assert "tools" not in shown["session"]


def test_types_that_the_policy_names_and_what_is_no_event_do_not_come_down():
    policy = {"events": {"down_without": ["rate_limits.updated"]}}

    assert judged(policy, {"type": "rate_limits.updated"}) is None
    assert judged(policy, {"type": 5}) is None
    assert judged(policy, {"type": "future.event"}) == {"type": "future.event"}
