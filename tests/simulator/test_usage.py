import pytest

from console.simulator import usage
from console.simulator.items import Item, Part
from console.simulator.usage import InputTokens, PromptMeter, Tokens


def said(item_id, audio_ms, role="user"):
    kind = "input_audio" if role == "user" else "output_audio"
    return Item(item_id, "message", role=role, content=[Part(kind, audio_ms=audio_ms)])


@pytest.mark.parametrize(("audio_ms", "tokens"), [(2796, 27), (2668, 26), (99, 0)])
def test_the_users_audio_costs_a_token_for_each_whole_100_ms(audio_ms, tokens):
    assert usage.of_item(said("a", audio_ms)) == Tokens(audio=tokens)


def test_the_assistants_audio_costs_a_token_for_50_ms_and_its_transcript():
    item = said("a", 1000, role="assistant")
    item.content[0].transcript = "12345678"

    assert usage.of_item(item) == Tokens(text=2, audio=20)


def test_only_the_common_beginning_is_cached_in_blocks_of_64():
    meter = PromptMeter()
    long = said("a", 10_000)
    first = meter.measure("", [], [long])
    second = meter.measure("", [], [long, said("b", 500)])
    changed = meter.measure("other", [], [long, said("b", 500)])

    assert first == InputTokens(Tokens(audio=100), Tokens())
    assert second == InputTokens(Tokens(audio=105), Tokens(audio=64))
    assert changed.cached == Tokens()


def test_tools_are_part_of_the_prompt():
    tools = [{"type": "function", "name": "f"}]

    assert PromptMeter().measure("", tools, []).all.text > 0


def test_the_sums_on_the_wire_agree():
    shown = usage.wire(InputTokens(Tokens(100, 50), Tokens(64, 0)), Tokens(3, 20))

    assert (shown["total_tokens"], shown["input_tokens"], shown["output_tokens"]) == (173, 150, 23)
    assert shown["input_token_details"]["cached_tokens"] == 64
    assert shown["output_token_details"] == {"text_tokens": 3, "audio_tokens": 20}


def test_transcription_counts_seconds_or_tokens_by_its_model():
    seconds = usage.of_transcription("gpt-realtime-whisper", 2668, "hi")
    tokens = usage.of_transcription("gpt-4o-mini-transcribe", 2668, "hi there")

    assert seconds == {"type": "duration", "seconds": 3}
    assert (tokens["input_tokens"], tokens["output_tokens"], tokens["total_tokens"]) == (26, 2, 28)
