import logging

import pytest

from console.relay import policy_file
from console.relay.strangers import Strangers
from tests.relay.told import Told


class Line:
    """A connection from an address."""

    def __init__(self, address="192.0.2.7"):
        self.address = address
        self.has_ended = False

    def get_extra_info(self, name):
        assert name == "peername"
        return (self.address, 4711)

    def is_closing(self):
        return self.has_ended


@pytest.fixture
def told():
    return Told()


def strangers(told, in_all=3, of_address=3, **policy):
    found = policy_file.parse(
        {"strangers": {"connections": in_all, "connections_per_address": of_address}, **policy}
    )
    return Strangers(lambda: found, told)


def test_there_is_no_room_for_more_than_the_policy_allows(told, caplog):
    room = strangers(told)

    with caplog.at_level(logging.WARNING):
        came = [room.may_come(Line(f"192.0.2.{n}")) for n in range(5)]

    assert came == [True, True, True, False, False]
    assert len(told.of("connection_refused")) == 2
    assert len(caplog.records) == 1, "a flood does not fill the log"
    assert "192.0.2.3" in caplog.text


@pytest.mark.parametrize("leaves", ["by its end", "by a good token"])
def test_who_leaves_makes_room(told, leaves):
    room = strangers(told, in_all=1)
    first, second = Line(), Line()
    room.may_come(first)
    was_full = not room.may_come(second)

    if leaves == "by its end":
        first.has_ended = True
    else:
        room.is_known(first)

    assert was_full
    assert room.may_come(second)
    assert len(room) == 1


def test_one_address_leaves_room_for_others(told):
    room = strangers(told, of_address=2)

    assert [room.may_come(Line()) for _ in range(3)] == [True, True, False]
    assert room.may_come(Line("192.0.2.8"))


def test_a_proxy_of_ours_may_have_all_the_room(told):
    room = strangers(told, of_address=1, proxies=["10.0.0.0/8"])

    assert [room.may_come(Line("10.1.2.3")) for _ in range(4)] == [True, True, True, False]


def test_who_was_never_counted_can_become_known(told):
    room = strangers(told)

    room.is_known(Line())

    assert len(room) == 0
