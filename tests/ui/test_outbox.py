"""What waits for a browser: control first, audio bounded."""

import asyncio

import orjson

from console.ui.outbox import FRAME_BYTES, MAX_QUEUED_BYTES, Outbox, audio_frame


def make() -> tuple[Outbox, list[tuple[str, int]]]:
    dropped: list[tuple[str, int]] = []
    return Outbox(lambda track, n: dropped.append((track, n))), dropped


def drain(outbox: Outbox) -> list[tuple[str, bytes | None]]:
    taken = []
    while (part := outbox.next_audio()) is not None:
        taken.append(part)
    return taken


def test_messages_that_wait_together_travel_together() -> None:
    outbox, _ = make()
    outbox.put_message({"k": "capture", "mode": "vad"})
    outbox.put_message({"k": "forget"})

    frame = outbox.next_message_frame()
    assert frame is not None
    assert orjson.loads(frame) == [{"k": "capture", "mode": "vad"}, {"k": "forget"}]
    assert outbox.next_message_frame() is None


def test_audio_keeps_its_order_and_its_end() -> None:
    outbox, _ = make()
    outbox.put_audio("a", b"\1\1")
    outbox.put_finish("a")
    outbox.put_audio("b", b"\2\2")

    assert drain(outbox) == [("a", b"\1\1"), ("a", None), ("b", b"\2\2")]


def test_audio_that_is_put_back_comes_first_and_in_its_order() -> None:
    outbox, _ = make()
    outbox.put_finish("z")
    outbox.put_audio("b", b"\3\3")
    assert outbox.first_track == "b"
    outbox.put_back([("a", b"\1\1"), ("a", None), ("b", b"\2\2")])

    assert outbox.queued_bytes == 6
    assert outbox.first_track == "a"
    assert drain(outbox) == [
        ("a", b"\1\1"),
        ("a", None),
        ("b", b"\2\2"),
        ("z", None),
        ("b", b"\3\3"),
    ]
    assert outbox.first_track is None


def test_a_large_chunk_is_cut_into_frames_of_whole_samples() -> None:
    outbox, _ = make()
    pcm = bytes(range(256)) * 400
    outbox.put_audio("a", pcm)

    parts = [part or b"" for _, part in drain(outbox)]
    assert max(map(len, parts)) == FRAME_BYTES
    assert not any(len(part) % 2 for part in parts)
    assert b"".join(parts) == pcm


def test_the_oldest_audio_gives_way_and_is_counted_but_no_end_is_lost() -> None:
    outbox, dropped = make()
    outbox.put_audio("old", bytes(FRAME_BYTES))
    outbox.put_finish("old")
    outbox.put_message({"k": "forget"})
    outbox.put_audio("new", bytes(MAX_QUEUED_BYTES))

    assert outbox.queued_bytes <= MAX_QUEUED_BYTES
    assert dropped[0] == ("old", FRAME_BYTES // 2)
    assert drain(outbox)[0] == ("old", None)
    assert outbox.next_message_frame() is not None


def test_dropped_audio_is_gone_with_its_size() -> None:
    outbox, dropped = make()
    outbox.put_audio("a", bytes(100))
    outbox.drop_audio()

    assert outbox.queued_bytes == 0
    assert drain(outbox) == []
    assert dropped == []


async def test_waiting_ends_when_something_is_put_in_or_somebody_wakes() -> None:
    outbox, _ = make()
    for fill in (
        lambda: outbox.put_audio("a", b"\0\0"),
        lambda: outbox.put_finish("a"),
        outbox.wake,
    ):
        waiting = asyncio.ensure_future(outbox.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        fill()
        await asyncio.wait_for(waiting, 1)


def test_an_end_travels_as_a_message_and_audio_as_bytes() -> None:
    assert audio_frame("a", None) == '[{"k":"finish","track":"a"}]'
    assert audio_frame("a", b"\1\2") == b"\x02\x01a\x00\x01\x02"
