import pytest

from console.app import event_search, event_view
from console.app.event_filter import EventFilter
from console.app.event_log import EventLog
from console.app.event_view import EventView, Find, Look
from console.realtime.events import Event
from tests.app.log_rig import add_talk, audio, words
from tests.realtime.shelf import MemoryShelf


def told(view):
    """Search to the end; return the messages."""
    while True:
        while view.scan():
            pass
        messages = view.messages()
        if messages or not view.is_scanning:
            return messages


def looking(log, zoom="frames", n=1, **wanted):
    """Return a view and the first message about its rows."""
    filtered = EventFilter(**{key: wanted.pop(key) for key in list(wanted)
                              if key in ("text", "client", "server", "errors", "types")})  # fmt: skip
    view = EventView(log)
    view.look(Look(n, zoom, filtered, **wanted))
    return view, told(view)[0]


def talk(n_turns=3, **limits):
    log = EventLog(**limits)
    add_talk(log, n_turns)
    return log


def numbers(message):
    return [row["i"] for row in message["rows"]]


def test_nobody_is_told_anything_before_they_look():
    assert told(EventView(talk())) == []


@pytest.mark.parametrize(("zoom", "total"), [("frames", 369), ("spans", 18), ("turns", 3)])
def test_the_newest_rows_are_in_view_with_their_places_and_gaps(zoom, total):
    log = talk()

    _, message = looking(log, zoom, count=2)

    assert (message["total"], message["all"], message["first"]) == (total, total, total - 2)
    assert [row["p"] for row in message["rows"]] == [total - 2, total - 1]
    before, last = message["rows"]
    assert last["g"] == pytest.approx(last["t"] - before["t"])
    assert (message["k"], message["view"], message["anew"]) == ("rows", 1, True)


def test_a_window_that_moves_brings_only_rows_that_are_not_there():
    view, _ = looking(talk(), first=100, count=50, is_tail=False)

    view.look(Look(1, "frames", EventFilter(), first=120, count=50, is_tail=False))
    (message,) = told(view)

    assert numbers(message) == list(range(150, 170))
    assert not message["anew"]
    assert told(view) == []


def test_new_events_follow_and_what_grew_comes_again():
    log = talk(1)
    view, _ = looking(log, "spans")
    log.add(30.0, "server", words("Hello "), 10)
    (message,) = told(view)
    assert [row["d"] for row in message["rows"]] == ["Hello"]

    log.add(30.1, "server", words("Ada"), 10)
    log.add(30.1, "server", audio(), 10)
    (message,) = told(view)

    assert [(row["d"], row["n"]) for row in message["rows"]] == [("Hello Ada", 2), ("", 1)]
    assert message["total"] == 8


def test_who_reads_further_up_is_told_how_many_there_are_and_no_rows():
    log = talk(1)
    view, _ = looking(log, first=0, count=10, is_tail=False)
    log.add(30.0, "server", words("late"), 10)

    (message,) = told(view)

    assert (message["rows"], message["total"]) == ([], 124)


@pytest.mark.parametrize(
    ("zoom", "wanted", "total"),
    [
        ("frames", {"text": "39 transcript"}, 3),
        ("frames", {"text": "/delta\\W+7\\W/"}, 3),
        ("frames", {"server": False}, 120),
        ("frames", {"client": False, "text": "resp_2"}, 2),
        ("frames", {"errors": True}, 0),
        ("frames", {"types": frozenset({"response.done"})}, 3),
        ("spans", {"text": "38 39"}, 3),
        ("spans", {"server": False}, 3),
        ("spans", {"text": "item_1"}, 2),
        ("turns", {"text": "item_1"}, 1),
        ("turns", {"types": frozenset({"response.done"}), "text": "resp_0"}, 1),
        ("turns", {"errors": True}, 0),
    ],
)
@pytest.mark.parametrize("where", ["memory", "disk"])
def test_filters_hold_at_every_zoom_for_old_rows_and_for_new_ones(zoom, wanted, total, where):
    shelf = MemoryShelf() if where == "disk" else None
    log = EventLog(shelf=shelf)
    view = EventView(log)
    view.look(Look(1, zoom, EventFilter(**wanted)))
    while view.scan():
        pass
    for turn in range(3):
        add_talk(log, 1, first=turn)
        told(view)

    _, anew = looking(log, zoom, **wanted)
    view.look(Look(2, zoom, EventFilter(**wanted)))
    (kept_up,) = told(view)

    assert anew["total"] == kept_up["total"] == total
    assert anew["rows"] == kept_up["rows"]


def test_a_run_that_comes_to_say_what_is_looked_for_appears_in_its_place():
    log = EventLog()
    log.add(0, "server", words("Hel"), 10)
    log.add(0.1, "server", Event("rate_limits.updated", None, {"note": "x"}), 10)
    view, message = looking(log, "spans", text="hello", count=10)
    assert message["total"] == 0

    log.add(0.2, "server", words("Hello", "item_2"), 10)
    log.add(0.2, "server", words("lo", "item_9"), 10)
    (message,) = told(view)
    assert numbers(message) == [2]

    log.add(0.3, "server", words(" and hello", "item_9"), 10)
    (message,) = told(view)
    assert numbers(message)[-1] == 3


def test_types_are_counted_whichever_are_chosen():
    log = talk()
    _, message = looking(
        log, types=frozenset({"response.done"}), server=True, client=False, wants_types=True
    )

    assert message["types"] == [
        ("input_audio_buffer.committed", 3),
        ("response.created", 3),
        ("response.done", 3),
        ("response.output_audio.delta", 120),
        ("response.output_audio_transcript.delta", 120),
    ]
    _, message = looking(log)
    assert message["types"] is None


@pytest.mark.parametrize("text", ["/(/", "/(?:a|aa)+$/", "y" * 500])
def test_what_is_no_filter_is_said_and_shows_nothing(text):
    log = EventLog()
    log.add(0, "server", words("a" * 100 + "b"), 10)
    view, message = looking(log, text=text)

    assert message["wrong"]
    assert (message["total"], message["all"]) == (0, 1)
    view.look(Look(2, "frames", EventFilter()))
    assert told(view)[0]["wrong"] == ""


def test_an_expression_that_turns_out_to_be_slow_leaves_no_row_out(monkeypatch):
    log = EventLog()
    for at in range(600):
        log.add(at, "server", words("ab" * 20), 10)
    monkeypatch.setattr(event_search, "SLOW_S", 1e-9)
    monkeypatch.setattr(event_search, "MOST_SECOND_TRIES", 600)

    _, message = looking(log, text="/(?:a|b)+ /")

    assert (message["total"], message["wrong"]) == (600, "")


@pytest.mark.parametrize("text", ["/(/", "/(?:a|aa)+$/"])
def test_what_comes_while_the_filter_is_none_is_not_shown_either(text):
    log = EventLog()
    log.add(0, "server", words("a" * 100 + "b"), 10)
    view, _ = looking(log, text=text)

    log.add(1, "server", words("Hello"), 10)

    assert [(each["total"], each["all"]) for each in told(view)] == [(0, 2)]


@pytest.mark.parametrize("zoom", ["frames", "spans"])
def test_much_that_is_new_is_searched_in_pieces_and_nothing_of_it_is_lost(monkeypatch, zoom):
    log = talk(1)
    view, _ = looking(log, zoom, text="resp")
    add_talk(log, 20, first=1)
    monkeypatch.setattr(event_view, "SCAN_S", 0.0)

    assert view.messages() == []
    assert view.is_scanning
    add_talk(log, 1, first=21)
    messages = [*told(view), *told(view)]

    monkeypatch.undo()
    _, anew = looking(log, zoom, text="resp")
    assert messages[-1]["total"] == anew["total"] > 40


def test_rows_that_go_while_they_are_searched_are_not_shown(monkeypatch):
    log = EventLog(max_frames=1_024)
    for at in range(1_024):
        log.add(at, "server", words(f"word {at}"), 10)
    monkeypatch.setattr(event_view, "SCAN_S", 0.0)
    view = EventView(log)
    view.look(Look(1, "frames", EventFilter("word")))
    assert view.scan()
    assert view.scan()
    assert view.scan()

    for at in range(1_024, 2_048):
        log.add(at, "server", words(f"word {at}"), 10)
    monkeypatch.undo()
    message = told(view)[0]

    assert message["gone"] == log.frames.first > 0
    assert message["total"] == len(log.frames)


def test_an_expression_that_becomes_too_slow_with_a_new_row_is_refused_then():
    log = EventLog()
    log.add(0, "server", words("b"), 10)
    view, message = looking(log, text="/(?:a|aa)+$/")
    assert message["wrong"] == ""

    log.add(1, "server", Event("x", "a" * 100 + "b", {}), 10)

    assert told(view)[0]["wrong"]


@pytest.mark.parametrize(
    ("by", "value", "zoom", "found"),
    [
        ("frame", 130, "frames", (130, 130)),
        ("frame", 130, "turns", (1, 123)),
        ("name", "resp_1", "frames", (124, 124)),
        ("newest", "resp_1", "frames", (245, 245)),
        ("name", "item_1", "spans", (9, 126)),
        ("time", 10_150.0, "frames", (125, 125)),
        ("time", 10_150.0, "turns", (1, 123)),
        ("time", 1e12, "frames", (368, 368)),
        ("name", "nobody", "frames", (-1, None)),
        ("frame", 5_000, "frames", (-1, None)),
        ("frame", "x", "frames", (-1, None)),
    ],
)
def test_a_row_is_found_by_number_name_and_time(by, value, zoom, found):
    view, _ = looking(talk(), zoom)

    view.find(Find(7, by, value))
    (answer,) = told(view)

    assert answer == {"k": "found", "id": 7, "view": 1, "p": found[0], "i": found[1]}


def test_a_row_that_does_not_pass_is_not_found_but_the_next_one_in_time_is():
    view, _ = looking(talk(), text="response.done")
    view.find(Find(1, "name", "item_1"))
    view.find(Find(2, "time", 10_000.0))

    hidden, near = told(view)

    assert hidden["p"] == -1
    assert (near["p"], near["i"]) == (1, 245)


def test_a_new_epoch_is_searched_from_its_beginning():
    log = talk()
    view, _ = looking(log, text="done")
    log.clear()
    add_talk(log, 1)

    assert view.messages() == []
    assert view.is_scanning
    (message,) = told(view)

    assert (message["epoch"], message["total"], message["anew"]) == (1, 1, True)


@pytest.mark.parametrize("zoom", ["frames", "spans", "turns"])
@pytest.mark.parametrize("wants_types", [False, True])
def test_rows_that_go_at_the_head_are_told_and_the_rest_is_right(zoom, wants_types):
    log = talk(8, max_frames=900)
    view, before = looking(log, zoom, wants_types=wants_types)
    add_talk(log, 4, first=8)

    message = told(view)[0]
    newest = [message, *told(view)][-1]
    _, anew = looking(log, zoom, wants_types=wants_types)

    assert before["gone"] == 0
    assert message["gone"] == log.frames.first > 0
    assert message["rows"] == anew["rows"]
    assert message["total"] == anew["total"] == anew["all"]
    assert message["cut"] > 0
    assert newest["types"] == anew["types"]


def test_a_page_that_has_forgotten_is_told_again():
    view, first = looking(talk())
    view.look(Look(2, "frames", EventFilter()))

    (again,) = told(view)

    assert (again["view"], again["anew"], again["rows"]) == (2, True, first["rows"])
