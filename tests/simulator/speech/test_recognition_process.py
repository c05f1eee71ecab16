from __future__ import annotations

import pytest

from console.simulator.assistant.brain import RuleBrain
from console.simulator.speech import recognition_process
from console.simulator.speech.ears import prepare
from tests import speech
from tests.simulator.turns import turn


@pytest.fixture(scope="module")
def work():
    # In this process: here it may hold the interpreter.
    return recognition_process._load()


def ask(work, sound: bytes, *, retry: bool = False, hint: str = ""):
    answers: list[dict[str, object]] = []
    work(
        {"retry": retry, "hint": hint},
        sound,
        lambda header, _: answers.append(header),
        lambda: False,
    )
    (answer,) = answers
    return answer


def test_an_answer_has_text_and_confidence(work):
    (sound,) = prepare(speech.turn("what is the weather in paris"))

    answer = ask(work, sound)

    assert answer["text"] == "what is the weather in paris"
    assert 0 < answer["confidence"] <= 1


def test_a_city_that_the_dictionary_lacks_is_recognised_by_the_grammar(work):
    (sound,) = prepare(speech.turn("what is the weather in bratislava"))

    assert ask(work, sound, retry=True)["text"] == "what is the weather in bratislava"


@pytest.mark.parametrize(
    "wish", ["i want to know the weather in rome", "i would like you to count to ten"]
)
def test_a_wish_is_a_command(work, wish):
    (sound,) = prepare(speech.turn(wish, "slt", before_ms=300, after_ms=500))

    assert ask(work, sound, retry=True)["text"] == wish
    assert RuleBrain().understands(turn(wish))


def test_what_fits_no_command_is_empty(work):
    (sound,) = prepare(speech.turn("my sister plays the piano very well"))

    assert ask(work, sound, retry=True) == {"text": "", "confidence": 0.0}


def test_a_hint_decides_between_words_that_sound_alike(work):
    (sound,) = prepare(speech.turn("my cat is called whiskers", "rms"))

    assert ask(work, sound)["text"] == "my cat is called whispers"
    assert ask(work, sound, hint="Pets: Whiskers, Rex.")["text"] == "my cat is called whiskers"


def test_a_hint_of_words_that_were_not_said_changes_nothing(work):
    (sound,) = prepare(speech.turn("what is the weather in paris"))
    hint = "Invoice, aspirin, kettle, Hoffman, garage, the a an in is."

    assert ask(work, sound, hint=hint)["text"] == "what is the weather in paris"


def test_a_hint_of_any_length_is_taken(work):
    (sound,) = prepare(speech.turn("tell me a joke"))

    assert ask(work, sound, hint="\u4f60 " * 100_000)["text"] == "tell me a joke"


def test_silence_is_no_command(work):
    assert ask(work, bytes(32_000), retry=True)["text"] == ""


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("a b c", "a b c", 0),
        ("my name is eva", "my name is ada", 1),
        ("my name is a dog", "my name is ada", 2),
        ("come to ten", "count to ten", 1),
        ("", "hello", 1),
        ("a b", "c d", 2),
    ],
)
def test_the_distance_is_counted_in_words(one, other, apart):
    assert recognition_process._words_apart(one, other) == apart


def ask_live(work, sound: bytes, after: int, size: int):
    answers: list[dict[str, object]] = []
    header = {"live": True, "after": after, "size": size}
    work(header, sound, lambda answer, _: answers.append(answer), lambda: False)
    (answer,) = answers
    return answer["text"]


def test_an_utterance_is_followed_bit_by_bit_and_another_begins_anew(work):
    step = 19_200
    for _ in range(2):
        (sound,) = prepare(speech.turn("what is the weather in san francisco"))
        texts = [
            ask_live(work, sound[at : at + step], at, len(sound[at : at + step]))
            for at in range(0, len(sound), step)
        ]

        assert texts[-1] == "what is the weather in san francisco"
        assert texts[1].startswith("what is")
        assert len(texts[1]) < len(texts[-1])


def test_a_piece_so_short_that_no_sample_of_it_is_out_yet_changes_nothing(work):
    ask_live(work, bytes(3200), 0, 3200)

    assert ask_live(work, b"", 3200, 2) == ""
    assert ask_live(work, bytes(3200), 3202, 3200) == ""


def test_what_goes_on_from_something_else_is_not_heard(work):
    ask_live(work, bytes(3200), 0, 3200)

    assert ask_live(work, bytes(3200), 6400, 3200) is None
    assert ask_live(work, bytes(3200), 3200, 3200) == ""
