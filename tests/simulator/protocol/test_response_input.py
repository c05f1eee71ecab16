import pytest

from console import pcm
from console.simulator.protocol.intents import Recognise
from tests.simulator.session_driver import Driver, kinds, only

TEXT = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "Only this."}],
}


def spoken(duration_ms=200):
    audio = pcm.encode(bytes(duration_ms * pcm.BYTES_PER_MS))
    return {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": audio}]}


def shown(turn):
    return [
        part.get("text") or part.get("transcript")
        for item in turn.items
        for part in item["content"]
    ]


@pytest.mark.parametrize("conversation", ["auto", "none", None])
def test_its_own_input_takes_the_place_of_the_conversation(conversation):
    driver = Driver()
    driver.type("in the conversation")
    driver.respond("Yes.", input=[TEXT], conversation=conversation)

    assert shown(driver.turns[0]) == ["Only this."]


def test_an_empty_input_is_an_empty_context():
    driver = Driver()
    driver.type("in the conversation")
    driver.respond("Yes.", input=[])

    assert driver.turns[0].items == []


def test_items_of_the_conversation_may_be_named():
    driver = Driver()
    first = driver.type("first")
    driver.type("second")
    named = {"type": "item_reference", "id": first}
    driver.respond("Yes.", conversation="none", input=[TEXT, named])

    assert shown(driver.turns[0]) == ["Only this.", "first"]


def test_what_is_given_enters_no_conversation():
    driver = Driver()
    driver.respond("Yes.", input=[{**TEXT, "id": "mine"}], output_modalities=["text"])
    driver.respond("Well.")

    assert driver.error("conversation.item.retrieve", item_id="mine")[0] == (
        "item_retrieve_invalid_item_id"
    )
    assert shown(driver.turns[1]) == ["Yes."]


def test_a_copy_of_an_item_may_keep_its_id():
    driver = Driver()
    item_id = driver.type("original")
    driver.respond("Yes.", input=[{**TEXT, "id": item_id}], conversation="none")

    assert shown(driver.turns[0]) == ["Only this."]


def test_an_unknown_reference_is_refused_by_its_place():
    driver = Driver()
    named = {"type": "item_reference", "id": "gone"}
    error = driver.error("response.create", response={"input": [TEXT, named]})

    assert error[:2] == ("invalid_value", "response.input[1].id")
    assert "'gone' does not exist" in error[2]
    assert kinds(driver.respond("Yes."))[0] == "response.created"


def test_content_that_cannot_be_read_is_refused_by_its_place():
    item = spoken()
    item["content"][0]["audio"] = "?"
    error = Driver().error("response.create", response={"input": [item]})

    assert error[:2] == ("invalid_value", "response.input[0].content[0].audio")


def test_speech_that_is_given_is_understood_first():
    driver = Driver()
    driver.work()
    driver.says.append("good morning")
    driver.expect("Hello.")
    created = driver.send("response.create", response={"input": [TEXT, spoken()]})
    (recognise,) = [each for each in driver.waiting if isinstance(each, Recognise)]
    events = driver.work()

    assert kinds(created) == ["response.created"]
    assert recognise.turn is not None
    assert [each["content"][0].get("text") for each in recognise.turn.items] == ["Only this.", None]
    assert shown(driver.turns[0]) == ["Only this.", "good morning"]
    assert only(events, "response.done")["response"]["status"] == "completed"
    assert not [kind for kind in kinds(events) if "transcription" in kind]


def test_speech_that_cannot_be_understood_holds_nothing_up():
    driver = Driver()
    driver.says.append(None)

    done = only(driver.respond("Pardon?", input=[spoken()]), "response.done")
    assert done["response"]["status"] == "completed"
