"""The addresses and the port that the console listens on."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from collections.abc import Sequence

from nicegui.server import Server

from console.errors import ConfigurationError
from console.settings import another_port


def usable_port(hosts: Sequence[str], port: int) -> int:
    """Return the port if it can be had on the first of the hosts; for 0 one that is free there.

    Raises:
        ConfigurationError: It is in use, may not be opened, or the address is none of ours.
    """
    host = hosts[0]
    try:
        with _socket(host) as probe:
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} is in use. Try --port {another_port(port)}."
            ) from error
        if error.errno == errno.EACCES:
            raise ConfigurationError(
                f"Port {port} may not be opened by this user. Try --port 8080."
            ) from error
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error


def available(hosts: Sequence[str], port: int) -> list[str]:
    """Return those of the hosts where `port` can be had; a machine without IPv6 has no ``::``."""
    return [each for each in hosts if _is_available(each, port)]


async def listen_on(hosts: Sequence[str], port: int) -> None:
    """Let the server, which has not begun to listen, do so on all of the hosts that can be had.

    NiceGUI takes a single host; the event loop takes several.
    """
    if len(hosts) > 1:
        Server.instance.config.host = available(hosts, port)  # type: ignore[assignment]  # see above


def take_tls() -> ssl.SSLContext | None:
    """Take certificate and key from the server, which has not begun to listen.

    Whoever takes them shakes hands: the server itself would let anybody wait there uncounted.
    """
    config = Server.instance.config
    tls, config.ssl = config.ssl, None
    return tls


def _is_available(host: str, port: int) -> bool:
    try:
        with _socket(host) as probe:
            probe.bind((host, port))
    except OSError:
        return False
    return True


def _socket(host: str) -> socket.socket:
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":
        # As servers do: a port that was closed a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if probe.family == socket.AF_INET6:
        # The event loop keeps the two kinds of address apart, and so do we.
        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return probe
