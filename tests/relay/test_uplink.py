import pytest

from console import g711, pcm
from console.realtime.observed import NOT_SHOWN
from console.realtime.refusal import Refusal
from console.relay.lane import Lane
from console.relay.uplink import Unwanted
from console.serving.messages import MAX_DEPTH
from tests.relay.carrying import carrying


async def test_an_event_of_another_size_than_its_kind_may_have_is_refused():
    policy = {"sizes": {"event_bytes": 100, "append_bytes": 300, "item_bytes": 200}}
    text = [{"type": "input_text", "text": "x" * 100}]
    item = {"type": "message", "role": "user", "content": text}
    async with carrying(policy) as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.client.deliver("input_audio_buffer.append", audio="A" * 200)
        await carried.service.expect("input_audio_buffer.append")
        carried.client.deliver("conversation.item.create", item=item)
        error = await carried.client.expect("error")
        carried.client.deliver("response.cancel", response_id="x" * 100)
        await carried.client.expect("error")

    assert error["error"]["code"] == "relay_event_too_large"
    assert error["error"]["event_id"] == "event_s"


async def test_those_who_watch_hear_of_what_is_too_much_or_none_but_not_all_of_it():
    policy = {"sizes": {"event_bytes": 100}}
    deep = '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)
    async with carrying(policy) as carried:
        carried.begin()
        await carried.client.expect("session.created")
        for message in ("no event \u00e4", deep):
            carried.client.deliver_raw(message)
            await carried.client.expect("error")
        carried.client.deliver("response.cancel", response_id="x" * 100)
        await carried.client.expect("error")

    refused = [(event, code) for _, event, code in carried.told.of("event_refused")]
    assert refused == [
        (
            {"type": NOT_SHOWN, "bytes": 11, "why": "Invalid event: failed to parse JSON value."},
            "invalid_json",
        ),
        (
            {
                "type": NOT_SHOWN,
                "bytes": len(deep),
                "why": "Invalid event: it is nested too deeply.",
            },
            "invalid_event",
        ),
        (
            {
                "type": NOT_SHOWN,
                "bytes": refused[2][0]["bytes"],
                "why": refused[2][0]["why"],
                "event_id": "event_s",
                "event": "response.cancel",
            },
            "relay_event_too_large",
        ),
    ]
    assert "the relay's policy allows 100" in refused[2][0]["why"]


@pytest.mark.parametrize(
    ("kind", "n_bytes"),
    [
        ("audio/pcm", 1000 * pcm.BYTES_PER_MS),
        ("audio/pcmu", 1000 * g711.BYTES_PER_MS),
        ("audio/pcma", 1000 * g711.BYTES_PER_MS),
        ("audio/of-the-future", 1000 * pcm.BYTES_PER_MS),
    ],
)
async def test_sound_counts_by_the_formats_of_the_session(kind, n_bytes, monkeypatch):
    took = []
    real_put = Lane.put

    async def put(lane, parcel):
        if parcel.audio_s:
            took.append(parcel.audio_s)
        await real_put(lane, parcel)

    monkeypatch.setattr(Lane, "put", put)
    second = pcm.encode(bytes(n_bytes))
    async with carrying({"sizes": {"append_bytes": 70_000}}) as carried:
        formats = {each: {"format": {"type": kind}} for each in ("input", "output")}
        carried.begin(audio=formats)
        await carried.client.expect("session.created")
        carried.client.deliver("input_audio_buffer.append", audio=second)
        await carried.service.expect("input_audio_buffer.append")
        carried.service.deliver("response.output_audio.delta", delta=second)
        await carried.client.expect("response.output_audio.delta")

    assert took == [1.0, 1.0]


def test_what_is_unwanted_says_why():
    unwanted = Unwanted(Refusal("Binary."), 1003)

    with pytest.raises(Unwanted, match="Binary"):
        raise unwanted
    assert unwanted.code == 1003
