"""A simulator of our own, as the settings want it."""

from __future__ import annotations

import errno
import random

from pydantic import SecretStr

from console.errors import ConfigurationError
from console.settings import Settings
from console.simulator.engines import engines_from
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer


def new_simulator(settings: Settings, host: str, port: int) -> SimulatorServer:
    """Return a simulator that is not started yet.

    Raises:
        ConfigurationError: A setting cannot be used; the sentence says which.
    """
    try:
        faults = Faults.parse(settings.faults)
    except ValueError as error:
        raise ConfigurationError(f"--faults: {error}") from error
    return SimulatorServer(
        host,
        port,
        engines_from(
            brain_url=settings.brain or None,
            brain_model=settings.brain_model or None,
            brain_key=_shown(settings.brain_key),
            scenario=settings.scenario or None,
            ears=settings.ears,
            voices=settings.voices,
        ),
        require_key=_shown(settings.simulator_key),
        serves_beta=settings.beta,
        max_sessions=settings.max_sessions,
        faults=faults,
        random_source=None if settings.seed is None else random.Random(settings.seed),
    )


async def open_simulator(settings: Settings, host: str, port: int) -> SimulatorServer:
    """Start a simulator; its recogniser and voice load in the background.

    Raises:
        ConfigurationError: A setting cannot be used, or the address is in use or cannot be had.
    """
    server = new_simulator(settings, host, port)
    try:
        await server.start()
    except OSError as error:
        await server.stop()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"Port {port} is in use. Try --port {port + 1}.") from error
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error
    return server


def _shown(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
