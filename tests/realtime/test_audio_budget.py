"""Audio of items within a budget."""

from console.realtime.audio_budget import AudioBudget
from console.realtime.items import ContentPart


def test_audio_grows_in_place_and_is_counted():
    budget, part = AudioBudget(100), ContentPart("output_audio")
    buffer = part.audio

    budget.keep(part, b"1234")
    budget.keep(part, b"56")

    assert part.audio is buffer
    assert (bytes(buffer), part.received_bytes, budget.kept_bytes) == (b"123456", 6, 6)


def test_the_part_that_began_first_loses_its_audio_first():
    budget = AudioBudget(10)
    first, second = ContentPart("a"), ContentPart("b")
    budget.keep(first, b"123456")
    budget.keep(second, b"1234")
    budget.keep(first, b"")

    budget.keep(second, b"56")

    assert (bytes(first.audio), first.is_audio_dropped, first.received_bytes) == (b"", True, 6)
    assert (bytes(second.audio), budget.kept_bytes) == (b"123456", 6)


def test_a_part_that_lost_its_audio_is_only_counted_from_then_on():
    budget, part = AudioBudget(4), ContentPart("a")
    budget.keep(part, b"123456")

    budget.keep(part, b"78")

    assert (bytes(part.audio), part.received_bytes, budget.kept_bytes) == (b"", 8, 0)


def test_giving_up_twice_counts_once_and_clear_forgets():
    budget, part = AudioBudget(100), ContentPart("a")
    budget.keep(part, b"1234")

    budget.give_up(part)
    budget.give_up(part)
    assert budget.kept_bytes == 0

    budget.keep(ContentPart("b"), b"12")
    budget.clear()
    assert budget.kept_bytes == 0
