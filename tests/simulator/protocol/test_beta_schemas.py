import pytest

from console.simulator.protocol.beta_schemas import CHANGED_EVENTS, DEFAULT_VOICE, EVENT_TYPES
from console.simulator.protocol.refusals import Refusal
from tests.realtime.wire_examples import EXAMPLES, beta_session, message, types_of


def refused(kind, **event):
    with pytest.raises(Refusal) as caught:
        CHANGED_EVENTS[kind]({"type": kind, **event}, "")
    return caught.value.param


def test_every_client_event_of_the_types_is_known_but_that_of_the_media_server():
    assert set(EVENT_TYPES) == types_of("beta", "client") - {"output_audio_buffer.clear"}


@pytest.mark.parametrize("kind", CHANGED_EVENTS)
def test_the_examples_of_the_types_are_accepted_as_they_are(kind):
    event = EXAMPLES["beta", "client"][kind]
    known = event
    if kind == "session.update":
        # What a server shows, and a client does not set.
        own = {
            name: each for name, each in event["session"].items() if name not in ("id", "object")
        }
        known = {**event, "session": own}

    assert CHANGED_EVENTS[kind](known, "") == known


@pytest.mark.parametrize("field", ["id", "object", "expires_at"])
def test_what_the_server_decides_cannot_be_set(field):
    assert refused("session.update", session={field: "x"}) == f"session.{field}"


@pytest.mark.parametrize(
    "name",
    [
        "modalities",
        "input_audio_format",
        "output_audio_format",
        "input_audio_transcription",
        "input_audio_noise_reduction",
        "turn_detection",
        "temperature",
        "tools",
    ],
)
def test_null_is_a_value_like_others(name):
    event = {"type": "session.update", "session": {name: None}}

    assert CHANGED_EVENTS["session.update"](event, "") == event


def test_no_voice_is_the_usual_one():
    event = {"type": "session.update", "session": {"voice": None}}

    assert CHANGED_EVENTS["session.update"](event, "")["session"] == {"voice": DEFAULT_VOICE}


def test_a_response_takes_both_names_of_its_limit():
    response = {"max_output_tokens": 1, "max_response_output_tokens": 2}
    event = {"type": "response.create", "response": response}

    assert CHANGED_EVENTS["response.create"](event, "") == event


def test_a_response_may_refer_to_items():
    response = {"input": [{"type": "item_reference", "id": "item_1"}, message("assistant", "text")]}
    event = {"type": "response.create", "response": response}

    assert CHANGED_EVENTS["response.create"](event, "") == event
    reference = {"type": "item_reference", "id": "item_1"}
    assert refused("conversation.item.create", item=reference) == "item.type"


@pytest.mark.parametrize("field", ["voice", "temperature", "tools", "instructions"])
def test_a_transcription_has_nothing_to_say(field):
    session = {field: beta_session()[field]}

    assert refused("transcription_session.update", session=session) == f"session.{field}"


def test_content_that_is_no_list_is_refused():
    item = {"type": "message", "role": "user", "content": "hello"}

    assert refused("conversation.item.create", item=item) == "item.content"
