import pytest

from console import pcm
from console.audio_format import AudioFormat
from console.simulator.protocol.items import Conversation, Item, Part, decode_audio, from_client
from console.simulator.protocol.refusals import Refusal
from tests.simulator.pictures import PNG


def message(item_id, **part):
    return Item(item_id, "message", role="user", content=[Part("input_text", **part)])


def spoken(item_id, duration_ms):
    audio = bytearray(duration_ms * pcm.BYTES_PER_MS)
    part = Part("output_audio", transcript="hi", audio=audio, audio_ms=duration_ms)
    return Item(item_id, "message", role="assistant", content=[part])


def ids(conversation):
    return [item.id for item in conversation.items()]


def test_items_stand_where_they_were_put():
    conversation = Conversation()
    conversation.add(message("b"))
    conversation.add(message("a"), "root")
    conversation.add(message("d"))
    conversation.add(message("c"), "b")

    assert ids(conversation) == ["a", "b", "c", "d"]
    assert conversation.previous_id(conversation.items()[0]) is None
    assert conversation.previous_id(conversation.items()[2]) == "b"


def test_an_unknown_place_is_refused_and_nothing_is_added():
    conversation = Conversation()

    with pytest.raises(Refusal, match="'gone' does not exist") as refused:
        conversation.add(message("a"), "gone")
    assert refused.value.param == "previous_item_id"
    assert ids(conversation) == []


def test_a_deleted_item_has_no_place():
    conversation = Conversation()
    item = message("a")
    conversation.add(item)
    conversation.delete("a")

    assert (ids(conversation), conversation.previous_id(item)) == ([], None)


def test_the_voice_is_used_as_long_as_something_spoken_remains():
    conversation = Conversation()
    before = conversation.has_spoken()
    conversation.add(spoken("a", 100))
    during = conversation.has_spoken()
    conversation.delete("a")

    assert (before, during, conversation.has_spoken()) == (False, True, False)


def test_truncating_to_the_exact_length_is_allowed():
    conversation = Conversation()
    conversation.add(spoken("a", 100))
    conversation.truncate("a", 0, 100)

    assert conversation.items()[0].content[0].transcript is None


def test_old_audio_is_forgotten_first_and_its_length_stays_known():
    conversation = Conversation()
    for name in "abc":
        conversation.add(spoken(name, 100))
    conversation.forget_old_audio(limit_bytes=2 * 100 * pcm.BYTES_PER_MS)
    first, *others = (item.content[0] for item in conversation.items())

    assert (len(first.audio), first.audio_ms) == (0, 100)
    assert all(len(part.audio) == 100 * pcm.BYTES_PER_MS for part in others)


def test_audio_is_shown_only_on_request():
    item = spoken("a", 1)

    assert "audio" not in item.wire()["content"][0]
    assert pcm.decode(item.wire(AudioFormat.PCM)["content"][0]["audio"]) == bytes(48)


def test_what_was_heard_is_for_the_assistant_only():
    part = Part("input_audio", heard="hello")

    assert part.wire()["transcript"] is None
    assert part.for_brain()["transcript"] == "hello"


def test_an_image_comes_back_as_it_was_given():
    given = {"type": "input_image", "image_url": PNG, "detail": "low"}
    item = from_client({"type": "message", "role": "user", "content": [given]}, "x")

    assert item.wire()["content"] == [given]


def test_the_clients_id_and_status_are_kept():
    fields = {"type": "function_call", "name": "f", "arguments": "{}"}
    chosen = from_client({**fields, "id": "mine", "status": "incomplete"}, "ours")
    unset = from_client(fields, "ours")

    assert (chosen.id, chosen.status) == ("mine", "incomplete")
    assert (unset.id, unset.status) == ("ours", "completed")


@pytest.mark.parametrize("text", ["?", "AAAA", "AA=", "AA==\n"])
def test_audio_that_is_not_base64_of_whole_samples_is_refused(text):
    with pytest.raises(Refusal) as refused:
        decode_audio(text, "audio")
    assert refused.value.param == "audio"
