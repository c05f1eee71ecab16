from console.realtime.observed import ObservedEvent, ObservedGap, Side
from console.relay.history import ENTRY_BYTES, History

APPEND = {"type": "input_audio_buffer.append", "audio": "AAAA"}
DELTA = {"type": "response.output_audio.delta", "delta": "AAAA"}


def event(number, fields=None, *, refused="", size=100):
    source: Side = "server" if fields is not APPEND else "client"
    return ObservedEvent(float(number), source, fields or {"type": "x"}, size, refused)


def room_for(n):
    return n * (100 + ENTRY_BYTES)


def kept(history):
    return [each.at_s for each in history if isinstance(each, ObservedEvent)]


def test_all_is_told_in_the_order_in_which_it_came():
    history = History()
    for n, fields in enumerate([None, APPEND, None, DELTA, APPEND]):
        history.add(event(n, fields), room_for(10))

    assert kept(history) == [0, 1, 2, 3, 4]
    assert not any(isinstance(each, ObservedGap) for each in history)


def test_the_oldest_sound_goes_first_and_it_is_said_how_much_is_missing():
    history = History()
    for n, fields in enumerate([None, APPEND, None, DELTA, APPEND]):
        history.add(event(n, fields), room_for(3))

    assert next(iter(history)) == ObservedGap(2, n_audio=4)
    assert kept(history) == [0, 2, 4]


def test_when_there_is_no_sound_left_the_oldest_of_all_goes():
    history = History()
    for n in range(6):
        history.add(event(n), room_for(2))

    assert next(iter(history)) == ObservedGap(4)
    assert kept(history) == [4, 5]
    assert history.size_bytes == room_for(2)


def test_the_newest_session_that_was_forgotten_is_told_all_the_same():
    history = History()
    history.add(event(0, {"type": "session.created"}), room_for(2))
    history.add(event(1, {"type": "session.updated"}), room_for(2))
    for n in range(2, 6):
        history.add(event(n), room_for(2))

    assert next(iter(history)) == ObservedGap(3)
    assert kept(history) == [1, 4, 5]


def test_sound_that_was_refused_never_went_up_and_is_not_counted_as_missing():
    history = History()
    history.add(event(0, APPEND, refused="too_fast"), room_for(1))
    history.add(event(1), room_for(1))

    assert next(iter(history)) == ObservedGap(1, n_audio=0)


def test_an_event_that_alone_is_too_large_is_not_kept():
    history = History()
    history.add(event(0, size=10_000), room_for(1))

    assert list(history) == [ObservedGap(1)]
    assert history.size_bytes == 0
