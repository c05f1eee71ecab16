from __future__ import annotations

from console.simulator.assistant import small_talk
from console.simulator.assistant.question import Question
from tests.simulator.turns import call, said, turn


def answer(rule, text, *before, **options) -> list[str] | None:
    reply = rule(Question(turn(*before, text, **options), text))
    return None if reply is None else list(reply.sentences)


def test_counting_up_says_each_number():
    assert answer(small_talk.count, "count to twenty") == [
        "One, two, three, four, five.",
        "Six, seven, eight, nine, ten.",
        "Eleven, twelve, thirteen, fourteen, fifteen.",
        "Sixteen, seventeen, eighteen, nineteen, twenty.",
    ]


def test_counting_down_begins_at_the_number():
    assert answer(small_talk.count, "count down from three") == ["Three, two, one."]
    assert answer(small_talk.count, "count backwards from 2") == ["Two, one."]


def test_counting_goes_from_one_number_to_the_other():
    assert answer(small_talk.count, "count from three to seven") == [
        "Three, four, five, six, seven."
    ]
    assert answer(small_talk.count, "count from 7 to 6") == ["Seven, six."]


def test_a_misheard_to_is_not_the_beginning():
    assert answer(small_talk.count, "count two three") == ["One, two, three."]


def test_counting_to_a_negative_number_goes_down_from_zero():
    expected = ["Zero, minus one, minus two, minus three."]

    assert answer(small_talk.count, "count to minus 3") == expected
    assert answer(small_talk.count, "count down to -3") == expected
    assert answer(small_talk.count, "count from 1 to minus one") == ["One, zero, minus one."]


def test_counting_without_an_end_goes_to_ten():
    said_all = answer(small_talk.count, "can you count")

    assert said_all is not None
    assert said_all[-1].endswith("ten.")


def test_counting_too_far_is_refused():
    assert answer(small_talk.count, "count to a million") == [
        "That is too far for me: I count to one thousand at most."
    ]


def test_the_time_is_told_here_and_elsewhere():
    assert answer(small_talk.clock, "what time is it") == ["It is 2:05 PM."]
    assert answer(small_talk.clock, "What's the time in Tokyo?") == ["It is 11:05 PM in Tokyo."]


def test_the_time_is_told_in_two_cities():
    assert answer(small_talk.clock, "what time is it in Tokyo and London") == [
        "It is 11:05 PM in Tokyo, and 2:05 PM in London."
    ]


def test_the_time_in_an_unknown_place_is_not_made_up():
    reply = small_talk.clock(Question(turn(), "what time is it in Blorpville"))

    assert reply is not None
    assert not reply.understood


def test_the_date_is_told_with_the_day_of_the_week():
    assert answer(small_talk.clock, "what day is it") == ["Today is Sunday, November 22, 2026."]


def test_the_date_is_tomorrow_already_further_east():
    later = turn().now.replace(hour=20)
    question = Question(turn(), "what is the date in Tokyo")
    moved = type(question.turn)("", [], "auto", [], later)

    reply = small_talk.clock(Question(moved, question.text))

    assert reply is not None
    assert "Monday, November 23" in reply.sentences[0]


def test_a_question_for_another_city_follows_the_one_before():
    told = said("It is 2:05 PM.")

    assert answer(small_talk.clock, "and in Tokyo?", told) == ["It is 11:05 PM in Tokyo."]


def test_what_is_to_be_repeated_is_said():
    assert answer(small_talk.repeat_after, "Repeat after me: Hello, world!") == ["Hello, world!"]
    assert answer(small_talk.repeat_after, "please say good night") == ["Good night"]
    assert answer(small_talk.repeat_after, "what does he say") is None


def test_the_last_answer_is_said_again():
    assert answer(small_talk.repeat_after, "say that again", said("One."), said("Two.")) == ["Two."]
    assert answer(small_talk.repeat_after, "pardon?") == ["I have not said anything yet."]


def test_a_joke_is_not_told_twice():
    first = answer(small_talk.amuse, "tell me a joke")
    assert first is not None

    second = answer(small_talk.amuse, "another joke", said(" ".join(first)))

    assert second != first


def test_a_story_is_long():
    story = answer(small_talk.amuse, "tell me a long story")

    assert story is not None
    assert len(story) > 8


def test_what_the_user_has_told_is_recalled():
    before = ["my name is Ada", said("I will remember."), "I live in Paris"]

    assert answer(small_talk.recall, "what is my name", *before) == ["Your name is Ada."]
    assert answer(small_talk.recall, "Where do I live?", *before) == ["You live in Paris."]
    assert answer(small_talk.recall, "what do you remember about me", *before) == [
        "I know that your name is Ada.",
        "I know that you live in Paris.",
    ]


def test_what_was_written_to_the_memory_is_recalled():
    written = call("set_memory", {"key": "favorite_color", "value": "blue"})

    assert answer(small_talk.recall, "what is my favourite colour", written) == [
        "Your favorite color is blue."
    ]


def test_what_the_instructions_say_of_the_user_is_known():
    assert answer(small_talk.recall, "who am I", instructions="The user's name is Ada.") == [
        "Your name is Ada."
    ]


def test_what_was_not_told_is_not_made_up():
    assert answer(small_talk.recall, "what is my name") == ["You have not told me your name yet."]


def test_a_greeting_is_returned_by_name():
    reply = answer(small_talk.chat, "hello", "my name is Ada")

    assert reply is not None
    assert reply[0] == "Hello, Ada!"


def test_the_assistant_says_what_it_is():
    reply = answer(small_talk.chat, "who are you?", instructions="Your name is Hal.")

    assert reply is not None
    assert reply[0] == "I am Hal."
    assert "not a language model" in reply[2]


def test_what_is_no_small_talk_is_left_to_others():
    for rule in (small_talk.chat, small_talk.amuse, small_talk.clock, small_talk.count):
        assert answer(rule, "the weather in Paris") is None
