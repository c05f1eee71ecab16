"""Which hosts are this machine itself."""

import pytest

from console.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("studio.local", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_a_host_is_this_machine_by_its_address_or_by_the_one_name_that_is_never_looked_up(
    host, is_here
):
    assert is_loopback(host) is is_here
