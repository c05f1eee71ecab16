import errno
import socket
import ssl
from types import SimpleNamespace

import pytest
from nicegui.server import Server

from console.errors import ConfigurationError
from console.ui.listening import available, listen_on, take_tls, usable_port


def test_a_free_port_is_taken_when_none_is_named():
    port = usable_port(["127.0.0.1"], 0)

    assert 0 < port <= 65535
    assert usable_port(["127.0.0.1", "::1"], port) == port


def test_a_port_in_use_is_named_with_the_next():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(
            ConfigurationError, match=f"Port {port} is in use. Try --port {port + 1}"
        ):
            usable_port(["127.0.0.1"], port)


def test_a_port_that_this_user_may_not_open_is_named(monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)

    with pytest.raises(ConfigurationError, match=r"Port 80 may not be opened.*Try --port 8080"):
        usable_port(["127.0.0.1"], 80)


def test_an_address_of_another_machine_is_named():
    with pytest.raises(ConfigurationError, match=r"Cannot listen on 198\.51\.100\.7 port 8080"):
        usable_port(["198.51.100.7"], 8080)


def test_a_host_where_the_port_is_taken_is_left_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert available(["127.0.0.1", "127.0.0.2"], port) == ["127.0.0.2"]


async def test_the_server_listens_on_all_hosts_that_can_be_had(monkeypatch):
    config = SimpleNamespace(host="0.0.0.0")
    monkeypatch.setattr(Server, "instance", SimpleNamespace(config=config), raising=False)
    port = usable_port(["127.0.0.1"], 0)

    await listen_on(["127.0.0.1"], port)
    assert config.host == "0.0.0.0"
    await listen_on(["127.0.0.1", "198.51.100.7", "127.0.0.2"], port)
    assert config.host == ["127.0.0.1", "127.0.0.2"]


def test_whoever_takes_tls_from_the_server_leaves_it_none(monkeypatch):
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    config = SimpleNamespace(ssl=tls)
    monkeypatch.setattr(Server, "instance", SimpleNamespace(config=config), raising=False)

    assert take_tls() is tls
    assert config.ssl is None
