"""A simulator of our own, as the settings want it."""

from __future__ import annotations

import errno
import random
import ssl

from console.app.service_target import shown
from console.errors import ConfigurationError
from console.lan.addresses import is_loopback
from console.regular_file import check_regular
from console.settings import Settings, another_port
from console.simulator.engines import engines_from
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer


def new_simulator(
    settings: Settings, host: str, port: int, *, with_tls: bool = False
) -> SimulatorServer:
    """Return a simulator that is not started yet.

    Args:
        settings: What it is to be like.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        with_tls: Whether the certificate of the settings, if there is one, is shown.

    Raises:
        ConfigurationError: A setting cannot be used, or others could use it without a key; the
            sentence says which.
    """
    if settings.simulator_key is None and not is_loopback(host):
        raise ConfigurationError(
            f"--host {host}: others could use the simulator, and nobody would be asked for a key. "
            "Set CONSOLE_SIMULATOR_KEY to the only key that it shall accept."
        )
    try:
        faults = Faults.parse(settings.faults)
    except ValueError as error:
        raise ConfigurationError(f"--faults: {error}") from error
    tls = tls_context(settings.tls_cert, settings.tls_key) if with_tls else None
    return SimulatorServer(
        host,
        port,
        engines_from(
            brain_url=settings.brain or None,
            brain_model=settings.brain_model or None,
            brain_key=shown(settings.brain_key),
            scenario=settings.scenario or None,
            ears=settings.ears,
            voices=settings.voices,
        ),
        require_key=shown(settings.simulator_key),
        serves_beta=settings.beta,
        max_sessions=settings.max_sessions,
        faults=faults,
        tls=tls,
        random_source=None if settings.seed is None else random.Random(settings.seed),
    )


async def open_simulator(
    settings: Settings, host: str, port: int, *, with_tls: bool = False
) -> SimulatorServer:
    """Start a simulator as `new_simulator` makes it; recogniser and voice load meanwhile.

    Raises:
        ConfigurationError: A setting cannot be used, or the address is in use or cannot be had.
    """
    server = new_simulator(settings, host, port, with_tls=with_tls)
    try:
        await server.start()
    except OSError as error:
        await server.stop()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} is in use. Try --port {another_port(port)}."
            ) from error
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error
    return server


def tls_context(certificate: str, key: str) -> ssl.SSLContext | None:
    """Return what a server shows of itself to its clients, or None for no encryption.

    Args:
        certificate: PEM file; empty for none.
        key: PEM file of its key.

    Raises:
        ConfigurationError: One of the two is missing, or they cannot be read or used.
    """
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise ConfigurationError("--tls-cert and --tls-key go together: give both, or neither.")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        for each in (certificate, key):
            check_regular(each)
        # A key that is protected is not asked for its password on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"--tls-cert {certificate} and --tls-key {key} are no certificate and its key, as PEM "
            f"and without a password ({error.reason or 'unreadable'})."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"--tls-cert {certificate} or --tls-key {key} cannot be read: {error.strerror}."
        ) from error
    return context
