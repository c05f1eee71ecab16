import random
import re

from console.simulator.protocol.ids import IdMaker


def test_an_identifier_is_its_prefix_and_21_base62_characters():
    new_id = IdMaker(random.Random(1), lambda: 1_700_000_000)

    assert re.fullmatch(r"item_[0-9A-Za-z]{21}", new_id("item_"))


def test_identifiers_of_one_second_share_their_beginning_and_later_ones_sort_behind():
    times = iter([1000, 1000, 1001])
    new_id = IdMaker(random.Random(1), lambda: next(times))
    first, second, later = (new_id("") for _ in range(3))

    assert first != second
    assert first[:6] == second[:6]
    assert later > max(first, second)
