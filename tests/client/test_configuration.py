"""What the client asks of the session."""

import pytest

from console.client.configuration import MAX_UNANSWERED, Configuration
from console.tools.registry import Tool, ToolRegistry

TOOL = Tool("look", "Looks.", handler=lambda: None)
FOREIGN = {"type": "function", "name": "other"}


@pytest.fixture
def configuration() -> Configuration:
    registry = ToolRegistry()
    registry.add(TOOL)
    return Configuration(registry)


def test_the_payload_has_the_registrys_tools_and_the_others(configuration):
    configuration.merge({"tools": [FOREIGN]})

    assert configuration.payload()["tools"] == [TOOL.definition(), FOREIGN]
    assert configuration.fields["tools"] == [FOREIGN]


def test_the_registry_wins_where_two_tools_share_a_name(configuration):
    configuration.merge({"tools": [{"type": "function", "name": "look", "description": "old"}]})

    assert configuration.tools_payload() == {"type": "realtime", "tools": [TOOL.definition()]}


def test_a_refused_change_goes_back_to_what_was_before_it(configuration):
    configuration.sent("e1", {"instructions": "x"})

    assert configuration.refused("e1")
    assert configuration.fields["instructions"] == ""
    assert not configuration.refused("e1")


def test_a_confirmed_change_cannot_be_refused_any_more(configuration):
    configuration.sent("e1", {"instructions": "x"})

    configuration.confirmed()
    configuration.confirmed()

    assert not configuration.refused("e1")
    assert not configuration.refused(None)
    assert configuration.fields["instructions"] == "x"


def test_after_the_session_what_was_asked_last_stays(configuration):
    configuration.sent("e1", {"instructions": "x"})

    configuration.session_ended()

    assert not configuration.refused("e1")
    assert configuration.fields["instructions"] == "x"


def test_changes_that_nobody_answers_are_forgotten_in_the_end(configuration):
    for n in range(MAX_UNANSWERED + 1):
        configuration.sent(f"e{n}", {"instructions": str(n)})

    assert not configuration.refused("e0")
    assert configuration.refused("e1")


@pytest.mark.parametrize("tools", [None, "x", {}])
def test_tools_that_are_no_list_are_none(configuration, tools):
    configuration.merge({"tools": tools})

    assert configuration.fields["tools"] == []


def test_reset_goes_back_to_the_defaults(configuration):
    configuration.merge({"audio": {"input": {"turn_detection": {"type": "server_vad"}}}})
    assert configuration.turn_detection_type == "server_vad"

    configuration.reset()

    assert configuration.turn_detection_type is None
