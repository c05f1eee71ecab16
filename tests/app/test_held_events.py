from dataclasses import dataclass, field

from console.app.event_shelf import Entry
from console.app.held_events import ENTRY_BYTES, HeldEvents
from console.realtime.events import Event

AUDIO = "A" * 1_000


@dataclass
class Run:
    entries: list[Entry] = field(default_factory=list)
    n_gone: int = 0


def add(held, run, n, *, audio=AUDIO, size_bytes=1_050):
    entry = Entry(float(n), "server", Event("a", None, {"delta": audio}), size_bytes)
    run.entries.append(entry)
    held.add(run, entry, "delta")
    held.keep_bounds()
    return entry


def sounding(run):
    return [each.t_ms for each in run.entries if each.event.fields["delta"] == AUDIO]


def test_what_is_within_the_bound_stays_whole():
    held, run = HeldEvents(10 * (1_050 + ENTRY_BYTES)), Run()
    for n in range(10):
        add(held, run, n)

    assert held.n_bytes == 10 * (1_050 + ENTRY_BYTES)
    assert (held.n_gone, held.n_silenced) == (0, 0)


def test_beyond_it_sound_keeps_half_and_then_the_oldest_events_go():
    bound = 20_000
    held, run = HeldEvents(bound), Run()
    for n in range(200):
        add(held, run, n)
        assert held.n_bytes <= bound

    assert len(sounding(run)) == bound // 2 // len(AUDIO)
    assert sounding(run) == [each.t_ms for each in run.entries[-len(sounding(run)) :]]
    assert len(run.entries) + held.n_gone == 200
    assert run.n_gone == held.n_gone > 100
    silenced = run.entries[0].event.fields["delta"]
    assert silenced == "(1000 characters of base64 were dropped to bound memory)"


def test_the_newest_event_stays_however_large_it_is():
    held, run = HeldEvents(5_000), Run()
    add(held, run, 0, audio=7)
    add(held, run, 1, audio=7, size_bytes=1_000_000)

    assert [each.t_ms for each in run.entries] == [1]


def test_sound_that_is_shorter_than_the_words_for_it_stays():
    held, run = HeldEvents(60), Run()
    for n in range(2):
        add(held, run, n, audio="AA" * 20, size_bytes=900)

    assert held.n_silenced == 0
    assert run.entries[0].event.fields["delta"] == "AA" * 20
    assert [each.t_ms for each in run.entries] == [1]


def test_runs_that_were_forgotten_leave_nothing_behind():
    held, runs = HeldEvents(30_000), [Run(), Run(), Run()]
    for n in range(3):
        for run in runs:
            add(held, run, n)
    # The one in the middle goes first: what stands in line for it is passed over.
    held.forget(runs[1])
    held.forget(runs[0])
    assert held.n_bytes == 3 * (1_050 + ENTRY_BYTES)

    for n in range(3, 200):
        add(held, runs[2], n)
        assert held.n_bytes == sum(each.size_bytes + ENTRY_BYTES for each in runs[2].entries)
    assert held.n_bytes <= 30_000
    assert (runs[0].n_gone, runs[1].n_gone) == (0, 0)
    held.forget(runs[2])
    assert held.n_bytes == 0
