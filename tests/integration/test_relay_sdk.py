"""OpenAI's Python SDK of today holds through a relay the conversations that it holds without one."""

import pytest
from openai import AsyncOpenAI

from tests.integration.test_openai_sdk import (  # noqa: F401 - run again, with this `talk`
    senses,
    test_a_function_call_makes_its_round_trip,
    test_a_typed_message_is_answered_in_speech,
    test_a_typed_message_is_answered_in_text,
)
from tests.relay.rig import relaying_to_simulator


@pytest.fixture
async def talk(senses):  # noqa: F811 - a fixture
    """A connection of the SDK to a relay before a simulator."""
    async with (
        relaying_to_simulator(senses) as relay,
        AsyncOpenAI(api_key="any", base_url=f"http://127.0.0.1:{relay.port}/v1") as client,
        client.realtime.connect(model="gpt-realtime-2.1") as connection,
    ):
        yield connection
