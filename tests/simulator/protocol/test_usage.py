import pytest

from console.simulator.protocol import usage
from console.simulator.protocol.items import Item, Part
from console.simulator.protocol.usage import InputTokens, PromptMeter, Tokens


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


def test_pictures_count_as_image_tokens():
    part = Part("input_image", image_tokens=255)
    item = Item("a", "message", role="user", content=[part, Part("input_text", text="abcd")])

    assert usage.of_item(item) == Tokens(text=1, image=255)


def test_a_servers_answer_is_read_and_not_written():
    item = Item("a", "mcp_call", name="f", arguments="{}1", output="x" * 40)

    assert usage.of_output(item) == Tokens(text=1)
    assert usage.of_item(item) == Tokens(text=11)


def test_lists_of_tools_cost_nothing_beside_the_tools():
    item = Item("a", "mcp_list_tools", server_label="s", tools=[{"name": "f"}])

    assert usage.of_item(item) == Tokens()


def test_reasoning_stands_beside_the_text_that_holds_it():
    shown = usage.wire(InputTokens(), Tokens(text=33), reasoning=17)

    assert shown["output_tokens"] == 33
    assert shown["output_token_details"] == {
        "text_tokens": 33,
        "audio_tokens": 0,
        "reasoning_tokens": 17,
    }


@pytest.mark.parametrize(
    ("text", "audio", "image", "cached"),
    [(30, 30, 3, (0, 0, 0)), (30, 30, 4, (30, 30, 4)), (200, 0, 0, (192, 0, 0)),
     (10, 60, 100, (10, 60, 58))],
)  # fmt: skip
def test_the_cache_holds_whole_blocks_text_first_then_audio_then_pictures(
    text, audio, image, cached
):
    meter = PromptMeter()
    item = said("a", 100 * audio)
    item.content += [Part("input_text", text="x" * 4 * text), Part("x", image_tokens=image)]
    item.content[-1].type = "input_image"
    meter.measure("", [], [item])
    again = meter.measure("", [], [item])

    assert again.cached == Tokens(*cached)
    assert again.cached.total % 64 == 0


def test_a_prompt_of_its_own_does_not_change_what_is_cached():
    meter = PromptMeter()
    long = said("a", 10_000)
    meter.measure("", [], [long])
    meter.measure("other", [], [], remember=False)

    assert meter.measure("", [], [long]).cached == Tokens(audio=64)
