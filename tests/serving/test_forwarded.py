import ipaddress

import pytest

from console.serving import forwarded

OURS = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128")]


@pytest.mark.parametrize(
    ("peer", "lines", "visitor"),
    [
        ("203.0.113.5", ["198.51.100.7"], None),
        ("10.0.0.1", [], None),
        ("", ["198.51.100.7"], None),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["203.0.113.5, 198.51.100.7:80, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.5", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
    ],
)
def test_a_proxy_of_ours_is_believed_for_whom_it_speaks_and_nobody_else(peer, lines, visitor):
    assert forwarded.visitor(peer, lines, OURS) == visitor


@pytest.mark.parametrize(
    ("peer", "is_ours"), [("10.0.0.1", True), ("::1", True), ("203.0.113.5", False), ("", False)]
)
def test_a_proxy_of_ours_is_known_by_its_network(peer, is_ours):
    assert forwarded.is_proxy(peer, OURS) is is_ours
