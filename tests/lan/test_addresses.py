import ipaddress
import socket

import pytest

from console.lan import addresses
from console.lan.addresses import Reachable, host_names, in_url, usable_addresses


def test_what_no_browser_elsewhere_could_open_is_left_out():
    found = [
        ("lo", "127.0.0.1"),
        ("lo", "::1"),
        ("eth0", "fe80::1%eth0"),
        ("eth0", "fe80::2"),
        ("eth0", "0.0.0.0"),
        ("eth0", "192.168.1.5"),
        ("eth0", "2001:db8::5"),
    ]

    assert usable_addresses(found) == ("192.168.1.5", "2001:db8::5")


def test_the_address_that_the_machine_itself_uses_comes_first_and_containers_last():
    found = [
        ("docker0", "172.17.0.1"),
        ("eth1", "10.0.0.9"),
        ("wlan0", "fd00::7"),
        ("wlan0", "192.168.1.5"),
    ]

    assert usable_addresses(found, ["192.168.1.5", "fd00::7"]) == (
        "192.168.1.5",
        "fd00::7",
        "10.0.0.9",
        "172.17.0.1",
    )


def test_an_address_of_two_interfaces_is_told_once():
    assert usable_addresses([("a", "10.0.0.1"), ("b", "10.0.0.1")]) == ("10.0.0.1",)


def test_a_machine_with_a_thousand_addresses_tells_the_first_few():
    found = [("eth0", f"10.0.{n // 250}.{n % 250 + 1}") for n in range(1000)]

    assert len(usable_addresses(found)) == addresses.MOST_ADDRESSES


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Studio", ("studio.local", "studio")),
        ("studio.local", ("studio.local",)),
        ("studio.example.org.", ("studio.example.org",)),
        ("localhost", ()),
        ("", ()),
        ("my_machine", ()),
        ("-x", ()),
        ("a" * 64, ()),
        ("käse", ()),
        ("a b", ()),
    ],
)
def test_a_machine_has_the_names_that_can_stand_in_a_url(name, names):
    assert host_names(name) == names


def test_hosts_stand_as_in_a_url():
    assert Reachable(("10.0.0.1", "fd00::1"), ("a.local",)).hosts() == (
        "10.0.0.1",
        "[fd00::1]",
        "a.local",
    )
    assert in_url("::1") == "[::1]"


@pytest.mark.parametrize(
    ("host", "is_everywhere"),
    [
        ("localhost", False),
        ("127.0.0.2", False),
        ("0.0.0.0", True),
        ("::", True),
        ("192.168.1.5", False),
        ("studio.local", False),
    ],
)
def test_a_host_that_stands_for_all_interfaces_is_told_from_one_of_them(host, is_everywhere):
    assert addresses.is_everywhere(host) is is_everywhere


def test_this_machine_is_found_without_its_loopback():
    found = addresses.find_reachable()

    assert not any(ipaddress.ip_address(each).is_loopback for each in found.addresses)
    assert all("%" not in each for each in found.addresses)


def test_without_a_network_nothing_is_preferred(monkeypatch):
    class Unconnected:
        def __init__(self, *_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def connect(self, _):
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Unconnected)

    assert addresses._preferred() == []
