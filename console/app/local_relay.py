"""A relay of our own, as the settings want it."""

from __future__ import annotations

import dataclasses
import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from console.app import service_target
from console.app.local_simulator import open_simulator, tls_context
from console.app.own_tools import OwnTools
from console.client.targets import Target
from console.clock import SystemClock
from console.errors import ConfigurationError, ConnectError
from console.lan.addresses import is_loopback
from console.realtime.prices import SIMULATOR, PriceTable
from console.relay import assembly, policy_file
from console.relay.assembly import Parts
from console.relay.door import Door
from console.relay.policy import ANYTHING, Policy
from console.relay.policy_file import PolicyFile
from console.relay.server import RelayServer, Surroundings
from console.relay.tokens import new_token
from console.relay.upstream import Upstream
from console.serving.shared_store import SharedStore
from console.settings import Settings, another_port
from console.simulator.server import SimulatorServer
from console.tools.registry import ToolRegistry
from console.tools.weather import WeatherService, weather_tool

_FLAG: Final = "--upstream"


@dataclass(slots=True)
class LocalRelay:
    """A relay that runs, with what belongs to it."""

    server: RelayServer
    parts: Parts
    simulator: SimulatorServer | None
    """Whom it calls, where that is one of our own."""
    new_token: str | None
    """The token that was made for it, where there is no other."""

    async def stop(self, drain_s: float) -> None:
        """Let answers under way end, for at most so many seconds, then end everything."""
        await self.parts.drain(drain_s)
        await self.server.stop()
        await self.parts.close()
        if self.simulator is not None:
            await self.simulator.stop()


async def open_relay(
    settings: Settings, host: str, port: int, tools: ToolRegistry | None = None
) -> LocalRelay:
    """Start a relay.

    Args:
        settings: What it is to be like.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        tools: All that can run on it, of which its policy names those that do; the usual ones
            without it.

    Raises:
        ConfigurationError: A setting or the policy cannot be used, or the address is in use; the
            sentence says which.
    """
    tools = usual_tools(settings) if tools is None else tools
    policy = _policy(settings, host, tools)
    name = _upstream(settings, policy.policy)
    target = _target(name, settings, policy.policy)
    parts = _parts(settings, policy, name)
    simulator = None
    try:
        if target is None:
            simulator = await open_simulator(settings, "127.0.0.1", 0)
            key = service_target.shown(settings.simulator_key)
            target = Target(url=simulator.url, model=_model(settings, policy.policy), api_key=key)
        relay = _assembled(settings, host, port, policy, parts, target, tools)
        relay.simulator = simulator
        await _start(relay.server, host, port)
    except ConfigurationError:
        await parts.close()
        if simulator is not None:
            await simulator.stop()
        raise
    return relay


def _parts(settings: Settings, policy: PolicyFile, upstream: str) -> Parts:
    clock = SystemClock()
    return assembly.build(
        policy,
        prices=PriceTable.read(Path(settings.prices) if settings.prices else None),
        clock=clock,
        operator_token=service_target.shown(settings.operator_token) or "",
        store=SharedStore.of(settings, clock, meanwhile="nobody new is let in"),
        price_model=SIMULATOR if upstream == "simulator" else "",
        is_sure_of_prices=upstream in ("openai", "azure"),
    )


def _assembled(
    settings: Settings,
    host: str,
    port: int,
    policy: PolicyFile,
    parts: Parts,
    target: Target,
    tools: ToolRegistry,
) -> LocalRelay:
    clock = SystemClock()
    own_token = service_target.shown(settings.relay_token)
    made = None
    if own_token is None and not policy.policy.tokens and not settings.open:
        own_token = made = new_token()
    door = Door(
        parts.admission,
        lambda: policy.policy,
        clock,
        own_token=own_token,
        is_open=settings.open,
    )
    server = RelayServer(
        host,
        port,
        Upstream(target),
        policy,
        door,
        Surroundings(parts.admission, parts.observers, parts.operation, tools),
        tls=tls_context(settings.tls_cert, settings.tls_key),
        clock=clock,
    )
    parts.serve(server)
    return LocalRelay(server, parts, None, made)


def usual_tools(settings: Settings) -> ToolRegistry:
    """Return the tools that a relay can run, if its policy names them.

    Those of `--tools` are as their file is now: a policy is read with the tools that there are.

    Raises:
        ConfigurationError: That file cannot be used; the sentence names file and line.
    """
    tools = ToolRegistry()
    tools.add(weather_tool(WeatherService(settings.weather_url)))
    path = Path(settings.tools) if settings.tools else None
    for each in OwnTools(path, taken=[each.name for each in tools]).tools:
        tools.add(each.tool)
    return tools


async def _start(server: RelayServer, host: str, port: int) -> None:
    try:
        await server.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} is in use. Try --port {another_port(port)}."
            ) from error
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error


def _policy(settings: Settings, host: str, tools: ToolRegistry) -> PolicyFile:
    if settings.open:
        if not is_loopback(host):
            raise ConfigurationError(
                f"--open is for this machine alone, and --host {host} lets others in. Leave one "
                "of them away."
            )
        if settings.policy:
            raise ConfigurationError(
                "--open lets everything pass, and --policy does not: leave one of them away."
            )
        return PolicyFile(policy_file.parse(ANYTHING))
    if not settings.policy:
        return PolicyFile(policy_file.parse({}))
    return PolicyFile.open(Path(settings.policy), [each.name for each in tools])


def _upstream(settings: Settings, policy: Policy) -> str:
    if settings.upstream != "auto":
        return settings.upstream
    if policy.upstream.url is not None:
        return policy.upstream.url
    return "openai" if settings.openai_api_key is not None else "simulator"


def _target(name: str, settings: Settings, policy: Policy) -> Target | None:
    """Return whom to call; None for a simulator of our own.

    Raises:
        ConfigurationError: It cannot be called.
    """
    if name == "simulator":
        return None
    asked = settings.model_copy(update={"model": _model(settings, policy)})
    if name == "openai":
        target = service_target.openai(asked, settings.openai_api_key, _FLAG)
    elif name == "azure":
        target = service_target.azure(asked, _FLAG)
    else:
        target = service_target.at_url(name, asked, _FLAG)
    if target.dialect == "beta":
        raise ConfigurationError(
            "The relay speaks today's protocol with the service: leave --azure-api-version away."
        )
    if target.is_call:
        raise ConfigurationError(f"{_FLAG} names a call; the relay carries sessions of its own.")
    try:
        target.full_url()
        target.handshake_headers()
    except ConnectError as error:
        raise ConfigurationError(f"{_FLAG} {urlsplit(target.url).hostname}: {error}") from error
    return dataclasses.replace(target, dialect="ga")


def _model(settings: Settings, policy: Policy) -> str:
    return policy.upstream.model or settings.model
