"""OpenAI's Python SDK speaks the beta to a relay whose service knows today's protocol alone."""

import pytest

from console.relay.policy import ANYTHING
from tests.integration.sdk import DEPRECATED, blocking_talk, waiting_talk
from tests.integration.test_openai_sdk_beta import (  # noqa: F401 - run again, with this `talk`
    senses,
    test_a_function_call_makes_its_round_trip,
    test_a_mistake_reaches_the_sdk_in_words_of_the_beta,
    test_a_spoken_turn_is_found_by_the_server,
    test_a_typed_message_is_answered_in_speech,
    test_a_typed_message_is_answered_in_text,
    test_items_can_be_retrieved_and_deleted,
    test_push_to_talk_is_transcribed_and_answered,
)
from tests.relay.rig import relaying_to_simulator

pytestmark = DEPRECATED
MODEL = "gpt-4o-realtime-preview"
# The strict types of the beta know no newer model; the SDK itself takes any.
POLICY = ANYTHING | {"upstream": {"models": [MODEL]}}


@pytest.fixture(params=[waiting_talk, blocking_talk], ids=["async", "sync"])
async def talk(request, senses):  # noqa: F811 - a fixture
    async with (
        relaying_to_simulator(senses, POLICY, is_open=True) as relay,
        request.param(relay, "beta", MODEL) as conversation,
    ):
        yield conversation


async def test_a_session_begins_as_the_beta_did(talk):
    created, conversation = await talk.until("conversation.created")

    assert created.type == "session.created"
    assert created.session.modalities == ["text", "audio"]
    assert created.session.temperature == 0.8
    assert created.session.model == MODEL
    assert conversation.conversation.object == "realtime.conversation"
