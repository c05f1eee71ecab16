import pytest

from console.app.reference.shapes import (
    Anything,
    Choice,
    Field,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Table,
    Text,
    chosen,
    describe,
    label,
    one_of,
)


def record(name="It", /, *, required=(), **fields):
    return Record(name, tuple(Field(key, shape, key in required) for key, shape in fields.items()))


SERVER_VAD = record("ServerVad", type=Choice(("server_vad",)), threshold=Number(is_whole=False))
SEMANTIC = record("SemanticVad", type=Choice(("semantic_vad",)), eagerness=Text())
USER = record("User", type=Choice(("message",)), role=Choice(("user",)))
ASSISTANT = record("Assistant", type=Choice(("message",)), role=Choice(("assistant",)))
INF = Choice(("inf",))
WHOLE = Number(is_whole=True)


@pytest.mark.parametrize(
    ("shapes", "joined"),
    [
        ([Text(), Choice(("a",))], Choice(("a",), is_open=True)),
        ([Choice(("a",)), Choice(("b", "a"))], Choice(("a", "b"))),
        ([OneOf((Text(), Null())), Null()], OneOf((Text(), Null()))),
        ([Null(), Choice(("a",)), Text()], OneOf((Null(), Choice(("a",), is_open=True)))),
        ([Flag()], Flag()),
        ([Choice((1,)), Text()], OneOf((Choice((1,)), Text()))),
    ],
)
def test_a_choice_is_flat_and_words_become_one(shapes, joined):
    assert one_of(shapes) == joined


@pytest.mark.parametrize(
    ("variants", "value", "expected"),
    [
        ((SERVER_VAD, SEMANTIC, Null()), {"type": "semantic_vad"}, SEMANTIC),
        ((SERVER_VAD, SEMANTIC, Null()), None, Null()),
        ((SERVER_VAD, SEMANTIC, Null()), {"eagerness": "low"}, SEMANTIC),
        ((USER, ASSISTANT), {"role": "assistant"}, ASSISTANT),
        ((WHOLE, INF), "inf", INF),
        ((WHOLE, INF), 3, WHOLE),
        ((WHOLE, INF), "{{$last_audio_ms}}", WHOLE),
        ((Choice(("auto",), is_open=True), SERVER_VAD), "other", Choice(("auto",), is_open=True)),
        ((Listing(Text()), record("Filter", names=Text())), ["a"], Listing(Text())),
        ((Listing(Text()), Listing(WHOLE)), [1], Listing(WHOLE)),
        ((Text(), Table(Text())), {"a": "b"}, Table(Text())),
        ((Flag(), WHOLE), True, Flag()),
        ((Text(), Anything()), [1], Anything()),
    ],
)
def test_a_value_is_taken_for_what_it_is_most_like(variants, value, expected):
    assert chosen(OneOf(variants), value) == expected


@pytest.mark.parametrize(
    ("shape", "short", "words"),
    [
        (USER, "message, user", "object"),
        (record("ToolFilterParam"), "tool filter", "object"),
        (record("VoiceIDParam"), "voice id", "object"),
        (INF, "inf", "always inf"),
        (Choice(("a", "b")), "one of a list", "one of a, b"),
        (Choice(("a", "b"), is_open=True), "text", "text, such as a, b"),
        (Number(is_whole=True, low=1, high=4096), "whole number", "whole number from 1 to 4096"),
        (Number(is_whole=False, low=0), "number", "number of at least 0"),
        (Number(is_whole=False, high=2), "number", "number of at most 2"),
        (Text(64), "text", "text of at most 64 characters"),
        (Listing(Text()), "list of text", "list of texts"),
        (Listing(USER), "list", "list of objects"),
        (Listing(INF), "list", "list of inf"),
        (Table(Text()), "names and values", "object of any names, each with text"),
        (OneOf((WHOLE, INF)), "whole number or inf", "whole number, or inf"),
        (OneOf((USER, Null())), "message, user or null", "object or null"),
        (Flag(), "true or false", "true or false"),
        (Anything(), "any JSON", "any JSON"),
    ],
)
def test_a_shape_has_words(shape, short, words):
    assert label(shape) == short
    assert describe(shape) == words
