"""Identifiers."""

import random
import re

from console.realtime.ids import IdSource


def test_an_item_id_is_its_prefix_and_base62_and_fits_into_the_allowed_32_characters():
    item_id = IdSource().new("item")

    assert re.fullmatch(r"item_[0-9A-Za-z]{21}", item_id)
    assert len(item_id) <= 32


def test_ids_do_not_repeat_and_sort_in_the_order_in_which_they_were_made():
    source = IdSource(random.Random(1))

    made = [source.new("event") for _ in range(10_000)]

    assert len(set(made)) == 10_000
    assert made == sorted(made)


def test_two_sources_make_different_ids_and_one_seed_the_same():
    first, second = IdSource(random.Random(1)), IdSource(random.Random(2))
    again = IdSource(random.Random(1))

    made = first.new("item")

    assert made != second.new("item")
    assert made == again.new("item")
