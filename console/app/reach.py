"""Where the console is to be reached: by its owner, by others on the network, through a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from console.app.local_simulator import tls_context
from console.errors import ConfigurationError
from console.lan import addresses
from console.lan.addresses import Reachable, in_url
from console.lan.certificate import OwnCertificate, ensure_certificate, hosts_in
from console.settings import Settings

CERTIFICATE_FOLDER: Final = "lan"
LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
EVERYWHERE: Final = ("0.0.0.0", "::")
_NO_SOUND: Final = (
    "Pages by http have no microphone and no sound except on this machine itself: browsers give "
    "them to https only. Typing and sound files instead of a microphone work. For speech, "
)
NO_SOUND: Final = f"{_NO_SOUND}start with --lan."
NO_SOUND_BEHIND_PROXY: Final = (
    f"{_NO_SOUND}have the proxy serve https, and name that origin with --behind-proxy."
)
_DEFAULT_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A reverse proxy that serves the console."""

    origin: str
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that follows from the settings about addresses."""

    listens_on: tuple[str, ...]
    hosts: tuple[str, ...]
    """What a request may name as its host, as in a URL, without port."""
    owner_base: str
    """Scheme, host and port at which the owner opens the page."""
    guest_bases: tuple[str, ...] = ()
    """The same for others, the likeliest to work first; empty if nobody else can come."""
    certificate_file: str = ""
    key_file: str = ""
    own_certificate: OwnCertificate | None = None
    """Set if the certificate is of our own making, so that browsers warn of it."""
    proxy: Proxy | None = None

    @property
    def is_secure(self) -> bool:
        """Whether visitors come by https."""
        return self.owner_base.startswith("https:")

    @property
    def is_for_others(self) -> bool:
        """Whether anybody but this machine's user can come."""
        return bool(self.guest_bases)

    @property
    def remark(self) -> str:
        """What others will miss, in a sentence for people; empty if nothing."""
        is_plain = self.is_for_others and not self.guest_bases[0].startswith("https:")
        if not is_plain:
            return ""
        return NO_SOUND if self.proxy is None else NO_SOUND_BEHIND_PROXY


def find_reach(
    settings: Settings, port: int, directory: Path, now_s: float, reachable: Reachable | None = None
) -> Reach:
    """Return where the console is reached as the settings want it.

    With ``--lan`` the certificate is made or renewed if need be.

    Args:
        settings: Of the console.
        port: On which it listens.
        directory: Where the console keeps what it needs at the next start.
        now_s: Seconds since 1970 (UTC).
        reachable: Addresses and names of this machine; looked for if None.

    Raises:
        ConfigurationError: Settings contradict each other, the certificate cannot be used or
            kept, or there is no network for others to come by.
    """
    check_settings(settings)
    reachable = reachable or addresses.find_reachable()
    if settings.behind_proxy:
        return _behind_proxy(settings, port)
    files = (settings.tls_cert, settings.tls_key)
    is_tls = bool(settings.tls_cert)
    # A certificate of the user's own is had for the names that people shall open.
    told = names_told_by(settings.tls_cert) if is_tls else ()
    if not settings.lan:
        return _at_host(settings.host, port, files if is_tls else ("", ""), reachable, told)
    listens_on = lan_listeners(settings)
    found = lan_reachable(settings, reachable)
    if not found.hosts():
        raise ConfigurationError(
            "--lan finds no network: this machine has no address that others could open. Join a "
            "network, or leave --lan out."
        )
    own = None
    if not is_tls:
        own = ensure_certificate(directory / CERTIFICATE_FOLDER, certificate_hosts(found), now_s)
        files = (str(own.certificate_file), str(own.key_file))
    is_everywhere = listens_on == EVERYWHERE
    return Reach(
        listens_on=listens_on,
        hosts=_unique(*(LOOPBACK_HOSTS if is_everywhere else ()), *told, *found.hosts()),
        owner_base=_base("https", "localhost" if is_everywhere else listens_on[0], port),
        # Under other names browsers would warn of a certificate that is somebody else's.
        guest_bases=tuple(f"https://{each}:{port}" for each in told or found.hosts()),
        certificate_file=files[0],
        key_file=files[1],
        own_certificate=own,
    )


def lan_listeners(settings: Settings) -> tuple[str, ...]:
    """Return where ``--lan`` listens: everywhere, unless ``--host`` names something else."""
    if settings.host == _DEFAULT_HOST or addresses.is_everywhere(settings.host):
        return EVERYWHERE
    return (settings.host,)


def lan_reachable(settings: Settings, reachable: Reachable) -> Reachable:
    """Return by which of the machine's addresses and names others reach it with ``--lan``."""
    listens_on = lan_listeners(settings)
    return reachable if listens_on == EVERYWHERE else Reachable(listens_on, ())


def certificate_hosts(found: Reachable) -> tuple[str, ...]:
    """Return the names and addresses that the certificate of ``--lan`` holds for."""
    return _unique(
        *found.addresses,
        *found.names,
        *addresses.LOOPBACK_NAMES,
        *addresses.LOOPBACK_ADDRESSES,
    )


def check_settings(settings: Settings) -> None:
    """Check what the settings say of addresses and certificates, while one sentence can be said of it.

    Raises:
        ConfigurationError: Settings contradict each other, or the certificate cannot be used.
    """
    _check_together(settings)
    if not settings.behind_proxy:
        tls_context(settings.tls_cert, settings.tls_key)


def _check_together(settings: Settings) -> None:
    if settings.lan and settings.behind_proxy:
        raise ConfigurationError(
            "--lan and --behind-proxy do not go together: the proxy brings https of its own."
        )
    if settings.native and (settings.lan or settings.behind_proxy):
        raise ConfigurationError(
            "--native is a window on this machine: leave --lan and --behind-proxy out, or use a "
            "browser."
        )
    if settings.native and not addresses.is_loopback(settings.host):
        raise ConfigurationError(
            f"--native is a window on this machine: leave --host {settings.host} out."
        )


def names_told_by(certificate_file: str) -> tuple[str, ...]:
    """Return for what a certificate was made beside this machine's own names, as in a URL."""
    local = (*addresses.LOOPBACK_NAMES, *addresses.LOOPBACK_ADDRESSES)
    return tuple(in_url(each) for each in hosts_in(Path(certificate_file)) if each not in local)


def _at_host(
    host: str, port: int, files: tuple[str, str], reachable: Reachable, told: tuple[str, ...]
) -> Reach:
    scheme = "https" if files[0] else "http"
    if addresses.is_everywhere(host):
        # Both kinds of address may be asked for; what the socket does not take never comes here.
        local = "localhost" if files[0] else ("[::1]" if ":" in host else "127.0.0.1")
        others = told or reachable.hosts()
        hosts = _unique(*LOOPBACK_HOSTS, *told, *reachable.hosts())
    elif addresses.is_loopback(host):
        local, others = in_url(host), ()
        hosts = _unique(*LOOPBACK_HOSTS, local, *told)
    else:
        local = in_url(host)
        others = hosts = _unique(*told, local)
    return Reach(
        listens_on=(host,),
        hosts=hosts,
        owner_base=f"{scheme}://{local}:{port}",
        guest_bases=tuple(f"{scheme}://{each}:{port}" for each in others),
        certificate_file=files[0],
        key_file=files[1],
    )


def _behind_proxy(settings: Settings, port: int) -> Reach:
    origin = settings.behind_proxy
    public = in_url(urlsplit(origin).hostname or "")
    return Reach(
        listens_on=(settings.host,),
        hosts=_unique(*LOOPBACK_HOSTS, public),
        owner_base=origin,
        guest_bases=(origin,),
        proxy=Proxy(origin, tuple(settings.proxy_network.split(","))),
    )


def _base(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{in_url(host)}:{port}"


def _unique(*each: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each))
