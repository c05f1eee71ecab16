import pytest

from console.app.reference.checks import problems_of, written
from tests.app.reference.rig import catalogue


def told(event):
    shape = catalogue().of("client")[event["type"]].shape
    return [str(each) for each in problems_of(shape, event)]


def session(**fields):
    return {"type": "session.update", "session": {"type": "realtime", **fields}}


def vad(**fields):
    return session(audio={"input": {"turn_detection": {"type": "server_vad", **fields}}})


def item(**fields):
    return {"type": "conversation.item.create", "item": fields}


@pytest.mark.parametrize(
    "event",
    [
        session(audio={"input": {"turn_detection": None, "noise_reduction": None}}),
        session(max_output_tokens="inf", tools=[], instructions=""),
        session(audio={"output": {"voice": "my-own", "speed": 1}}),
        session(audio={"output": {"voice": {"id": "voice_1"}}}),
        vad(threshold=0, idle_timeout_ms=None, silence_duration_ms=300.0),
        {"type": "response.create", "response": {"metadata": {"a": "b"}}},
        {"type": "response.create", "response": {"input": [{"type": "item_reference", "id": "x"}]}},
        item(type="function_call_output", call_id="call_1", output="{}"),
    ],
)
def test_what_is_right_is_left_alone(event):
    assert told(event) == []


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (vad(threshold=2), "must be a number from 0 to 1, not 2"),
        (vad(threshold="high"), "must be a number from 0 to 1, not a text"),
        (vad(threshold=True), "must be a number from 0 to 1, not true"),
        (vad(create_response=1), "must be true or false, not a number"),
        (vad(prefix_padding_ms=1.5), "must be a whole number, not 1.5"),
        (vad(idle_timeout_ms="soon"), "must be a whole number, or null, not a text"),
        (vad(eagerness="low"), "is no field here"),
        (session(max_output_tokens=9000), "must be a whole number from 1 to 4096, not 9000"),
        (
            session(output_modalities=["audo"]),
            "must be one of text, audio, not audo; did you mean audio?",
        ),
        (session(tools={}), "must be a list of values, not an object"),
        (session(tools=[None]), "must be an object, not null"),
        (session(tool_choice=3), "must be one of none, auto, required, or object, not a number"),
        (session(voice="marin"), "is no field here; did you mean audio.output.voice?"),
        (session(instruction="x"), "is no field here; did you mean instructions?"),
        (
            session(instructions="half \ud83d"),
            "holds half a character, \\ud83d, which cannot be sent: type it again",
        ),
        (
            session(audio={"output": {"voice": "\ud83d"}}),
            "holds half a character, \\ud83d, which cannot be sent: type it again",
        ),
        (
            {"type": "response.create", "response": {"metadata": {"a\ud83d": "b"}}},
            "the name holds half a character, \\ud83d, which cannot be sent: type it again",
        ),
        (
            vad(prefix_padding_ms=2**64),
            "is too big a number: a whole one has 64 bits at the most",
        ),
        ({"type": "session.update", "session": 3}, "must be an object, not a number"),
        ({"type": "session.update"}, "is missing"),
        (item(type="message", role="user", content=3), "must be a list of objects, not a number"),
        (item(type="message", role="user"), "is missing"),
        (
            {"type": "response.create", "response": {"metadata": {"a" * 65: "b"}}},
            "the name may have at most 64 characters",
        ),
        (
            {"type": "response.create", "response": {"metadata": {"a": "b" * 513}}},
            "must be text of at most 512 characters, not 513",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(event, sentence):
    assert [each.partition(": ")[2] for each in told(event)] == [sentence]


def test_a_problem_names_the_whole_way_to_its_field():
    tools = [{"type": "function"}, {"type": "mcp", "server_label": 3}]

    assert told(session(tools=tools)) == [
        "session.tools[1].server_label: must be a text, not a number"
    ]
    assert written(("tools", 0, "name")) == "tools[0].name"


def test_all_problems_are_told_at_once():
    assert len(told(vad(threshold=2, create_response="no", x=1))) == 3
