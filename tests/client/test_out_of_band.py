"""Questions beside the conversation, and their answers."""

import pytest

from console.client import out_of_band
from console.client.out_of_band import MAX_METADATA, METADATA_KEY
from console.errors import ConsoleError
from console.realtime.items import ContentPart, Item, Response


def test_a_question_is_no_part_of_the_conversation_and_has_a_name_of_its_own():
    asked = out_of_band.question("q1", "What was said?")

    assert asked == {
        "conversation": "none",
        "metadata": {METADATA_KEY: "q1"},
        "output_modalities": ["text"],
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "What was said?"}],
            }
        ],
    }


def test_what_is_given_goes_along():
    items = [{"type": "item_reference", "id": "item_1"}]

    asked = out_of_band.question(
        "q1",
        items,
        instructions="Classify.",
        metadata={"topic": "mood"},
        tools=[{"name": "t"}],
        output_modalities=["audio"],
    )

    assert asked["input"] == items
    assert asked["instructions"] == "Classify."
    assert asked["metadata"] == {"topic": "mood", METADATA_KEY: "q1"}
    assert asked["tools"] == [{"name": "t"}]
    assert asked["output_modalities"] == ["audio"]


def test_nothing_given_is_the_conversation_so_far_and_an_empty_list_is_nothing():
    assert "input" not in out_of_band.question("q1", None)
    assert out_of_band.question("q1", [])["input"] == []


def test_an_empty_text_is_no_question():
    with pytest.raises(ValueError, match="needs words, or items"):
        out_of_band.question("q1", "")


@pytest.mark.parametrize(
    "metadata", [{METADATA_KEY: "x"}, {str(n): "x" for n in range(MAX_METADATA)}]
)
def test_metadata_leaves_room_for_the_name(metadata):
    with pytest.raises(ValueError, match=f"15 entries here, and none called '{METADATA_KEY}'"):
        out_of_band.question("q1", "Hi", metadata=metadata)


def test_an_answer_belongs_to_its_question():
    response = Response("r", metadata={METADATA_KEY: "q1"})

    assert out_of_band.is_answer(response, "q1")
    assert not out_of_band.is_answer(response, "q2")
    assert not out_of_band.is_answer(Response("r"), "q1")


def test_the_text_of_an_answer_is_that_of_its_items():
    call = Item("c", "function_call", arguments="{}")
    said = [Item(name, content=[ContentPart("output_text", text=name)]) for name in ("one", "two")]

    answer = out_of_band.answer(Response("r", status="incomplete"), [said[0], call, said[1]])

    assert answer.text == "one\ntwo"
    assert answer.response.status == "incomplete"
    assert answer.items == [said[0], call, said[1]]


@pytest.mark.parametrize(
    ("details", "words"),
    [({"error": {"message": "No money."}}, r"No money\.$"), ({}, r"nobody said why\.$")],
)
def test_a_failed_answer_is_an_error(details, words):
    with pytest.raises(ConsoleError, match=words):
        out_of_band.answer(Response("r", status="failed", status_details=details), [])
