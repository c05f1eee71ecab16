"""The servers that settings may name, as targets with the key that belongs to each."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from console.client import address, targets
from console.errors import ConfigurationError
from console.loopback import is_loopback
from console.scrubber import scrubber
from console.settings import Settings, is_host

_OPENAI_HOST: Final = "api.openai.com"


def openai(settings: Settings, key: SecretStr | None, flag: str = "--target") -> targets.Target:
    """Return OpenAI.

    Args:
        settings: They say the model.
        key: Of the API.
        flag: Which setting asks for it, for errors.

    Raises:
        ConfigurationError: There is no key.
    """
    if key is None:
        raise ConfigurationError(
            f"{flag} openai needs a key. Put OPENAI_API_KEY=sk-... into .env or the "
            f"environment, or leave {flag} away to use the simulator."
        )
    return targets.openai(settings.model, api_key=shown(key))


def azure(settings: Settings, flag: str = "--target") -> targets.Target:
    """Return the deployment at Azure; for `flag` see `openai`.

    Raises:
        ConfigurationError: Its address or key is missing, or makes no sense.
    """
    if not settings.azure_openai_endpoint or settings.azure_openai_api_key is None:
        raise ConfigurationError(
            f"{flag} azure needs AZURE_OPENAI_ENDPOINT (https://RESOURCE.openai.azure.com) and "
            "AZURE_OPENAI_API_KEY in .env or the environment."
        )
    parts = urlsplit(settings.azure_openai_endpoint)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ConfigurationError(
            f"{flag} azure: AZURE_OPENAI_ENDPOINT would send the key and everything that is said "
            "unencrypted. Use https://; http:// is for this machine alone."
        )
    try:
        return targets.azure(
            settings.azure_openai_endpoint,
            settings.azure_deployment or settings.model,
            api_key=shown(settings.azure_openai_api_key),
            api_version=settings.azure_api_version or None,
        )
    except ValueError as error:
        raise ConfigurationError(f"{flag} azure: {error}") from error


def at_url(url: str, settings: Settings, flag: str = "--target") -> targets.Target:
    """Return the target at `url`, with the key that belongs to its host; for `flag` see `openai`.

    Raises:
        ConfigurationError: It is no WebSocket URL that may be used; the sentence says why.
    """
    _check_url(url, flag)
    is_openai = urlsplit(url).hostname == _OPENAI_HOST
    key = settings.openai_api_key if is_openai else settings.target_key
    try:
        # What the URL itself says that the session is about counts more than the model.
        target = targets.Target(url=url, model=settings.model, api_key=shown(key))
    except ValueError as error:
        raise ConfigurationError(f"{flag}: {error}") from error
    for secret in target.credentials.secrets:
        # A gateway's token may stand in the query.
        scrubber.keep_secret(secret)
    return target


def _check_url(url: str, flag: str) -> None:
    named = f"{flag} {address.public(url)}"
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"{named}: {error}.") from error
    if parts.username or parts.password:
        raise ConfigurationError(f"{flag}: leave user names and passwords out of the URL.")
    if parts.scheme not in {"ws", "wss"} or not host:
        raise ConfigurationError(
            f"{named} is none of simulator, openai and azure, nor a WebSocket URL such as "
            "wss://example.org/v1/realtime."
        )
    if not url.isprintable() or " " in url or not is_host(host):
        raise ConfigurationError(
            f"{named} cannot be called: a URL has no spaces, and its host is a name such as "
            "example.org or an IP address."
        )
    if parts.scheme == "ws" and not is_loopback(host):
        raise ConfigurationError(
            f"{named} would send everything that is said unencrypted. Use wss://; ws:// is "
            "for this machine alone."
        )


def shown(secret: SecretStr | None) -> str | None:
    """Return a secret itself."""
    return None if secret is None else secret.get_secret_value()
