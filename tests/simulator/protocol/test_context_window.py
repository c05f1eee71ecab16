import pytest

from console.simulator.protocol.context_window import ContextWindow, ModelLimits, limits_of
from console.simulator.protocol.items import Item, Part
from console.simulator.protocol.usage import Tokens

LIMITS = ModelLimits(context=120, output=20)
NOTHING = Tokens()


def typed(item_id, tokens):
    return Item(
        item_id, "message", role="user", content=[Part("input_text", text="x" * 4 * tokens)]
    )


def items(*tokens):
    return [typed(f"{n}", size) for n, size in enumerate(tokens)]


def ids(fitting):
    return [item.id for item in fitting]


def ratio(retention_ratio, **limits):
    return {"type": "retention_ratio", "retention_ratio": retention_ratio, **limits}


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        ("gpt-realtime", ModelLimits(32_768, 4096)),
        ("gpt-realtime-1.5", ModelLimits(32_768, 4096)),
        ("gpt-realtime-2", ModelLimits(128_000, 32_000)),
        ("gpt-realtime-2.1-mini", ModelLimits(128_000, 32_000)),
        ("my-deployment", ModelLimits(32_768, 4096)),
    ],
)
def test_models_have_their_limits(model, limits):
    assert limits_of(model) == limits


@pytest.mark.parametrize("truncation", ["auto", "disabled", ratio(0.5)])
def test_what_fits_is_left_whole(truncation):
    assert ids(ContextWindow(LIMITS).fit(NOTHING, items(40, 60), truncation)) == ["0", "1"]


def test_beyond_the_window_the_oldest_items_stay_outside():
    assert ids(ContextWindow(LIMITS).fit(NOTHING, items(40, 30, 30, 10), "auto")) == ["1", "2", "3"]


def test_instructions_and_tools_take_room():
    assert ids(ContextWindow(LIMITS).fit(Tokens(text=50), items(40, 30), "auto")) == ["1"]


def test_where_nothing_may_be_left_out_it_does_not_fit():
    assert ContextWindow(LIMITS).fit(NOTHING, items(60, 41), "disabled") is None


def test_a_last_item_that_is_too_large_alone_does_not_fit():
    assert ContextWindow(LIMITS).fit(NOTHING, items(10, 101), "auto") is None
    assert ContextWindow(LIMITS).fit(Tokens(text=101), items(1), "auto") is None


def test_a_ratio_leaves_room_for_what_comes_next():
    window = ContextWindow(LIMITS)
    conversation = items(20, 20, 20, 20, 20)

    assert ids(window.fit(NOTHING, conversation, ratio(0.5))) == ["0", "1", "2", "3", "4"]
    conversation.append(typed("5", 20))
    assert ids(window.fit(NOTHING, conversation, ratio(0.5))) == ["4", "5"]
    conversation.append(typed("6", 20))
    assert ids(window.fit(NOTHING, conversation, ratio(0.5))) == ["4", "5", "6"]


def test_a_ratio_of_nothing_keeps_the_last_item():
    assert ids(ContextWindow(LIMITS).fit(NOTHING, items(60, 60), ratio(0.0))) == ["1"]


@pytest.mark.parametrize(
    ("limits", "kept"),
    [({"post_instructions": 50}, ["2"]), (None, ["0", "1", "2"]), ({}, ["0", "1", "2"])],
)
def test_a_limit_may_be_lower_than_the_window(limits, kept):
    truncation = ratio(1.0, token_limits=limits)

    assert ids(ContextWindow(LIMITS).fit(NOTHING, items(30, 30, 30), truncation)) == kept


def test_the_result_of_a_call_does_not_stay_without_the_call():
    call = Item("call", "function_call", name="f", call_id="c", arguments="x" * 400)
    output = Item("output", "function_call_output", call_id="c", output="x" * 40)
    fitting = ContextWindow(LIMITS).fit(NOTHING, [call, output, typed("last", 10)], "auto")

    assert ids(fitting) == ["last"]


def test_what_a_response_is_given_has_nothing_to_do_with_what_left_the_conversation():
    window = ContextWindow(LIMITS)
    conversation = items(60, 60)
    window.fit(NOTHING, conversation, "auto")

    assert ids(window.fit(NOTHING, conversation[:1], "auto", is_own_input=True)) == ["0"]
    assert ids(window.fit(NOTHING, items(60, 70)[:2], "auto", is_own_input=True)) == ["1"]


def test_a_deleted_item_is_forgotten():
    window = ContextWindow(LIMITS)
    conversation = items(60, 60)
    window.fit(NOTHING, conversation, "auto")
    window.fit(NOTHING, conversation[1:], "auto")

    assert ids(window.fit(NOTHING, items(20, 20), "auto")) == ["0", "1"]
