"""What the client asks of the session."""

import pytest

from console.client.configuration import MAX_UNANSWERED, Configuration
from console.errors import ConsoleError
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


@pytest.fixture
def transcribing() -> Configuration:
    return Configuration(ToolRegistry(), "transcription")


@pytest.fixture
def call() -> Configuration:
    return Configuration(ToolRegistry(), is_prepared=True)


def test_a_transcription_session_has_input_audio_and_nothing_else(transcribing):
    transcribing.merge({"audio": {"input": {"transcription": {"model": "w"}}}})

    payload = transcribing.payload()

    assert transcribing.is_transcribing
    assert payload["type"] == "transcription"
    assert payload.keys() == {"type", "audio"}
    assert payload["audio"] == {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24_000},
            "transcription": {"model": "w"},
            "noise_reduction": None,
            "turn_detection": None,
        }
    }


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"instructions": "x"}, "'instructions'"),
        ({"tools": []}, "'tools'"),
        ({"audio": {"output": {"voice": "marin"}}}, "'audio.output'"),
    ],
)
def test_what_only_an_answer_needs_is_refused_in_a_transcription_session(
    transcribing, configuration, change, name
):
    configuration.check(change)

    with pytest.raises(ValueError, match=f"has no {name}: it listens and does not answer"):
        transcribing.check(change)


@pytest.mark.parametrize(
    "change", [{}, {"include": []}, {"type": "transcription"}, {"audio": {"input": {}}}]
)
def test_a_transcription_session_may_have_what_is_its_own(transcribing, change):
    transcribing.check(change)


def test_of_a_call_nothing_is_asked_unless_somebody_asks(call):
    assert call.payload() == {}
    assert call.turn_detection_type is None

    call.merge({"instructions": "Be brief."})

    assert call.payload() == {"type": "realtime", "instructions": "Be brief."}


def test_tools_are_asked_of_a_call_with_nothing_else():
    registry = ToolRegistry()
    registry.add(TOOL)

    assert Configuration(registry, is_prepared=True).payload() == {
        "type": "realtime",
        "tools": [TOOL.definition()],
    }


def test_what_needs_somebody_who_answers_is_refused_by_name_where_nobody_does():
    listening = Configuration(ToolRegistry(), "transcription")

    with pytest.raises(ConsoleError, match="listens and cannot take messages; begin one with"):
        listening.check_answering("take messages")

    Configuration(ToolRegistry()).check_answering("take messages")


MADE = {
    "type": "realtime",
    "instructions": "Be brief.",
    "audio": {"input": {"turn_detection": {"type": "semantic_vad"}}},
    "tools": [FOREIGN],
}


@pytest.fixture
def prepared() -> Configuration:
    found = Configuration(ToolRegistry(), is_prepared=True)
    found.began(MADE)
    return found


def test_a_session_that_was_made_for_us_is_followed_and_not_asked_for(prepared):
    assert prepared.payload() == {}
    assert prepared.turn_detection_type == "semantic_vad"
    assert prepared.tools == [FOREIGN]

    prepared.merge({"audio": {"input": {"turn_detection": None}}})

    assert prepared.turn_detection_type is None
    assert prepared.payload().keys() == {"type", "audio"}


def test_a_tool_that_is_added_stands_beside_those_of_the_session_that_was_made():
    registry = ToolRegistry()
    prepared = Configuration(registry, is_prepared=True)
    assert not prepared.knows_tools
    prepared.began(MADE)
    assert prepared.knows_tools

    registry.add(TOOL)

    assert prepared.tools_payload()["tools"] == [TOOL.definition(), FOREIGN]
    assert prepared.payload() == prepared.tools_payload()


def test_a_session_of_our_own_is_what_we_ask_for_however_it_begins(configuration):
    configuration.began(MADE)

    assert configuration.whole == configuration.fields
    assert configuration.fields["instructions"] == ""
    assert configuration.knows_tools


def test_reset_forgets_the_session_that_was_made_too(prepared):
    prepared.reset()

    assert prepared.turn_detection_type is None
    assert not prepared.knows_tools


def test_a_transcription_that_was_made_for_us_is_not_asked_for_either():
    prepared = Configuration(ToolRegistry(), "transcription", is_prepared=True)

    assert prepared.payload() == {}
    prepared.merge({"include": []})
    assert prepared.payload() == {"type": "transcription", "include": []}
