import pytest

from console.realtime.refusal import Refusal
from console.relay import policy_file
from console.relay.client_rules import ClientRules
from tests.relay.kept_back import KeptBack

# What passes of which event stands in the table of tests/relay/allow_list.py, which
# tests/integration/test_relay_allow_list.py sends through a relay.


def rules(policy=None, kind="realtime", keep=None, **options):
    kept_back = KeptBack(**options)
    return ClientRules(policy_file.parse(policy or {}), kind, keep or {}, kept_back)


def test_what_was_left_out_is_known_for_the_last_event_alone():
    found = rules()

    found.judge({"type": "session.update", "session": {"instructions": "x"}, "more": 1})
    assert found.left_out == ["session.instructions", "more"]
    found.judge({"type": "input_audio_buffer.clear"})
    assert found.left_out == []


def test_a_refusal_of_fields_names_them_all():
    found = rules({"forbidden_fields": "refuse"})

    with pytest.raises(Refusal, match=r"session\.instructions, session\.prompt") as refused:
        found.judge({"type": "session.update", "session": {"instructions": "x", "prompt": "p"}})
    assert refused.value.param == "session.instructions"


def test_a_session_stays_what_it_is():
    update = {"type": "session.update", "session": {"type": "transcription"}}

    assert rules(kind="transcription").judge(update) == update
    with pytest.raises(Refusal, match="This session is of type 'realtime'"):
        rules().judge(update)


def test_a_call_of_the_relay_s_own_is_answered_by_nobody_else():
    found = rules(calls={"call_1"})
    item = {"type": "function_call_output", "call_id": "call_1", "output": "x"}

    with pytest.raises(Refusal, match="the relay answers this call itself"):
        found.judge({"type": "conversation.item.create", "item": item})


@pytest.mark.parametrize("kind", ["x" * 65, "a\nb"])
def test_a_type_that_nobody_can_read_is_not_repeated(kind):
    with pytest.raises(Refusal, match="events of this type pass"):
        rules().judge({"type": kind})
