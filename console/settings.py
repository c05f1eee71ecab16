"""Settings: the one place that reads the environment, `.env` and the key."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.key_form import check_secret, check_service_key
from console.networks import networks_in

DEFAULT_MODEL = "gpt-realtime-2.1"
DEFAULT_VOICE = "marin"
ENV_FILE = Path(".env")
MIN_TOKEN_CHARS = 16
MOST_PORT = 65535
SECRETS = {
    "openai_api_key": "OPENAI_API_KEY",
    "azure_openai_api_key": "AZURE_OPENAI_API_KEY",
    "target_key": "CONSOLE_TARGET_KEY",
    "simulator_key": "CONSOLE_SIMULATOR_KEY",
    "brain_key": "CONSOLE_BRAIN_KEY",
    "token": "CONSOLE_TOKEN",
    "operator_token": "CONSOLE_OPERATOR_TOKEN",
    "relay_token": "CONSOLE_RELAY_TOKEN",
}
"""Fields that have no flag, so that they are not seen in a list of processes, and their names."""
MAY_HOLD_PASSWORD = "limits_storage"
"""A field that has a flag and may hold a secret all the same: what it was given is never shown."""
MEMORY = "memory"
_EXAMPLES = {
    "azure_openai_endpoint": "https://my-resource.openai.azure.com",
    "brain": "http://127.0.0.1:11434/v1",
}


_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_ORIGIN = "https://console.example.org"
_REDIS = "redis://127.0.0.1:6379/0"
_REDIS_OPTIONS = {"db", "ssl_ca_certs"}
"""What may stand in the query of its URL: a password there would be shown by those who log URLs."""


def is_host(name: str) -> bool:
    """Return whether it can be the host of a URL: a name, or an IP address without brackets."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        with contextlib.suppress(UnicodeError):  # as resolvers are asked for names of all scripts
            ascii_name = name.lower().encode("idna").decode()
            return _HOST_NAME.fullmatch(ascii_name.removesuffix(".")) is not None
        return False
    return True


def another_port(port: int) -> int:
    """Return the port that is proposed in the place of one that is taken."""
    return port + 1 if port < MOST_PORT else port - 1


def keep_toolkit_storage_in(directory: Path) -> None:
    """Lead NiceGUI's files to `directory`; it reads its environment when it is imported."""
    os.environ["NICEGUI_STORAGE_PATH"] = str(directory)


class Settings(BaseSettings):
    """Every setting of the console. A flag beats the environment, which beats `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="CONSOLE_",
        env_file=ENV_FILE,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,  # it may be a key
    )

    host: str = Field("127.0.0.1", description="address of this machine to listen on")
    port: int = Field(8080, ge=0, le=MOST_PORT, description="port to listen on; 0 takes a free one")
    lan: bool = Field(
        False,
        description="for others on the network: https on all addresses of this machine, with links "
        "to share",
    )
    behind_proxy: str = Field(
        "", description="origin at which a reverse proxy serves the console, as in https://HOST"
    )
    proxy_network: str = Field(
        "127.0.0.0/8,::1/128",
        description="networks of that proxy: nobody else is believed whom it says to speak for",
    )
    show: bool = Field(True, description="open the browser")
    native: bool = Field(
        False,
        description="open a window of its own instead, on a free port unless --port names one; "
        "needs an extra",
    )
    target: str = Field(
        "auto",
        description="simulator, openai, azure, or a ws:// or wss:// URL; auto is openai when a "
        "key is set",
    )
    target_key: SecretStr | None = Field(
        None, description="key of the server at the URL that --target names; no other goes there"
    )
    azure_deployment: str = Field(
        "", description="deployment to ask Azure for; without it the model's name"
    )
    azure_api_version: str = Field(
        "", description="api-version of Azure's preview; without it today's API"
    )
    model: str = Field(DEFAULT_MODEL, description="model to ask for")
    voice: str = Field(DEFAULT_VOICE, description="voice to ask for")
    audio: Literal["browser", "local"] = Field(
        "browser", description="whose microphone and speaker: the browser's or this machine's"
    )
    microphone: str = Field(
        "device",
        description="what is heard of you at first: device, a sound file by its path, or tone, "
        "noise, silence or text (typed words, spoken)",
    )
    keep_audio: Literal["disk", "memory", "none"] = Field(
        "disk",
        description="where the sound of older items goes: to temporary files, nowhere (stays in "
        "memory), or away",
    )
    keep_events_mib: float = Field(
        8,
        ge=1,
        le=4096,
        description="MiB of memory for the events of a session where no temporary file takes them: "
        "without --keep-audio disk, or on a full disk; the oldest sound in them goes first",
    )
    weather_url: str = Field(
        "https://api.open-meteo.com", description="base URL of the weather service"
    )
    tools: str = Field(
        "", description="Python file of your own tools for the model; it may do all that you may"
    )
    token: SecretStr | None = Field(
        None,
        description="token of the owner's link, at least 16 characters, for scripts and reverse "
        "proxies; without it each start makes its own",
    )
    state_dir: str = Field(
        "",
        description="directory for what outlives the console's end; without it the system's place",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="how much to log"
    )
    limit_session_minutes: float | None = Field(
        None,
        ge=0,
        description="how long one session may last; without it 30 for guests; inf for no limit",
    )
    limit_session_dollars: float | None = Field(
        None,
        ge=0,
        description="what one session may cost; without it 2 for guests; the simulator costs nothing",
    )
    limit_guest_minutes: float | None = Field(
        None, ge=0, description="how long a guest may talk in a day; without it 60"
    )
    limit_guest_dollars: float | None = Field(
        None, ge=0, description="what a guest may cost in a day; without it 5"
    )
    limit_day_minutes: float | None = Field(
        None, ge=0, description="how long everybody together may talk in a day (UTC)"
    )
    limit_day_dollars: float | None = Field(
        None,
        ge=0,
        description="what everybody together may cost in a day (UTC); without it guests are "
        "stopped at 20",
    )
    limit_total_minutes: float | None = Field(
        None, ge=0, description="how long everybody together may talk in all"
    )
    limit_total_dollars: float | None = Field(
        None, ge=0, description="what everybody together may cost in all"
    )
    limit_guest_starts: int = Field(
        20, ge=1, le=10_000, description="how many sessions a guest may begin in an hour"
    )
    limit_address_starts: int = Field(
        60,
        ge=1,
        le=10_000,
        description="how many sessions the guests of one address may begin in an hour",
    )
    limits_storage: SecretStr = Field(
        SecretStr(MEMORY),
        description="memory, or the redis:// URL of a Redis in which several consoles count rates, "
        "session starts and what was spent together; needs an extra",
    )
    door_wrong_links: int = Field(
        10, ge=1, le=1000, description="how many wrong links an address may try in a minute"
    )
    door_ban_minutes: int = Field(
        5, ge=1, le=1440, description="for how long it may try none after that"
    )
    door_pages: int = Field(
        30, ge=1, le=100_000, description="how many pages an address may load in a minute"
    )
    door_sockets: int = Field(
        20,
        ge=2,
        le=10_000,
        description="how many WebSockets an address may have open (a page has two), and a fifth of "
        "its connections",
    )
    door_sockets_in_all: int = Field(
        200, ge=2, le=10_000, description="how many WebSockets may be open in all"
    )
    idle_minutes: float | None = Field(
        None,
        gt=0,
        description="after how long without speech or text a session ends; without it 5 for "
        "guests and 30 for you; inf for never",
    )
    prices: str = Field("", description="YAML file of prices in place of those of the console")
    faults: str = Field(
        "", description="what the simulator does wrong, as in drop_after=5,late_deltas"
    )
    beta: bool = Field(True, description="serve clients of the beta in the simulator")
    brain: str = Field(
        "",
        description="URL of an OpenAI-compatible chat completions API that answers in the simulator",
    )
    brain_model: str = Field("", description="model to ask for there")
    scenario: str = Field(
        "", description="YAML or JSON file of what the simulator hears, says and does when"
    )
    ears: str = Field(
        "pocketsphinx", description="recogniser of the simulator: pocketsphinx or whisper:FOLDER"
    )
    voices: str = Field(
        "espeak",
        description="speech synthesis of the simulator: espeak, flite, piper:FILE.onnx or tone",
    )
    seed: int | None = Field(
        None, description="number from which the simulator makes its identifiers, always the same"
    )
    max_sessions: int = Field(
        32, ge=1, le=1000, description="how many sessions the simulator serves at once"
    )
    tls_cert: str = Field(
        "", description="PEM file of a certificate, to be reached at https:// or wss://"
    )
    tls_key: str = Field("", description="PEM file of the key that belongs to the certificate")
    simulator_key: SecretStr | None = Field(
        None, description="the only key that the simulator accepts; any, without it"
    )
    upstream: str = Field(
        "auto",
        description="whom the relay calls: simulator, openai, azure, or a ws:// or wss:// URL; "
        "auto is what its policy says, else openai when a key is set, else the simulator",
    )
    policy: str = Field(
        "", description="YAML or JSON file of what the relay lets pass; without it a safe one"
    )
    open: bool = Field(
        False,
        description="the relay asks nobody for a token and lets everything pass but MCP, for a "
        "developer alone on this machine",
    )
    relay_token: SecretStr | None = Field(
        None, description="a token that opens the relay, beside those of its policy"
    )
    watch: str = Field(
        "",
        description="relays whose sessions the console can watch live, as ws:// or wss:// URLs "
        "with commas between them; needs CONSOLE_OPERATOR_TOKEN",
    )
    operator_token: SecretStr | None = Field(
        None,
        description="the token of a relay's operator, who may see its sessions: the relay takes it, "
        "and the console shows it to the relays of --watch",
    )
    drain_seconds: float = Field(
        4.0,
        ge=0,
        le=3600,
        description="how long answers under way may take when a relay is told to end",
    )
    brain_key: SecretStr | None = Field(None, description="key of the chat completions API")
    azure_openai_endpoint: str = Field(
        "",
        validation_alias="AZURE_OPENAI_ENDPOINT",
        description="address of the Azure OpenAI resource",
    )
    azure_openai_api_key: SecretStr | None = Field(
        None, validation_alias="AZURE_OPENAI_API_KEY", description="key of that resource"
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="key of the OpenAI API"
    )

    @field_validator("host")
    @classmethod
    def _address_or_name(cls, host: str) -> str:
        bare = host.strip().removeprefix("[").removesuffix("]").lower()
        try:
            return str(ipaddress.ip_address(bare))
        except ValueError:
            if _HOST_NAME.fullmatch(bare):
                return bare
        raise ValueError(
            "an address or name of this machine is needed, such as 127.0.0.1, 192.168.1.5 or "
            "0.0.0.0 for all of them"
        )

    @field_validator("behind_proxy")
    @classmethod
    def _public_origin(cls, url: str) -> str:
        if not url.strip():
            return ""
        try:
            parts = urlsplit(url.strip())
            name, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise ValueError(f"{error}; an origin such as {_ORIGIN} is needed") from error
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
        if parts.scheme not in {"http", "https"} or not is_plain or parts.path not in {"", "/"}:
            raise ValueError(f"an origin such as {_ORIGIN} is needed, without a path")
        if not is_host(name):
            raise ValueError(f"an origin such as {_ORIGIN} is needed")
        shown = f"[{name}]" if ":" in name else name
        is_usual = port in {None, {"http": 80, "https": 443}[parts.scheme]}
        return f"{parts.scheme}://{shown}" + ("" if is_usual else f":{port}")

    @field_validator("proxy_network")
    @classmethod
    def _networks(cls, text: str) -> str:
        return networks_in(text)

    @field_validator("limits_storage")
    @classmethod
    def _storage(cls, storage: SecretStr) -> SecretStr:
        text = storage.get_secret_value().strip()
        if text.lower() == MEMORY:
            return SecretStr(MEMORY)
        needed = f"memory, or the URL of a Redis such as {_REDIS}, is needed"
        try:
            parts = urlsplit(text)
            is_port = parts.port is None or parts.port > 0
        except ValueError:
            raise ValueError(needed) from None  # what it names may hold the password
        is_host = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and is_port
        is_socket = parts.scheme == "unix" and len(parts.path) > 1
        is_path = is_socket or re.fullmatch(r"/?\d*", parts.path) is not None
        if not (is_host or is_socket) or not is_path or parts.fragment:
            raise ValueError(needed)
        if set(parse_qs(parts.query, keep_blank_values=True)) - _REDIS_OPTIONS:
            raise ValueError(f"{needed}; of options only {' and '.join(sorted(_REDIS_OPTIONS))}")
        return SecretStr(text)

    @field_validator("door_sockets_in_all")
    @classmethod
    def _enough_for_one(cls, in_all: int, info: ValidationInfo) -> int:
        of_one = info.data.get("door_sockets", 0)
        if in_all < of_one:
            raise ValueError(
                f"as many as one address may have (--door-sockets {of_one}) are needed"
            )
        return in_all

    @field_validator("weather_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not is_host(parts.hostname or ""):
            raise ValueError("a web address such as https://api.open-meteo.com is needed")
        return url.rstrip("/")

    @field_validator("azure_openai_endpoint", "brain")
    @classmethod
    def _service_address(cls, url: str, info: ValidationInfo) -> str:
        if not url.strip():
            return ""
        parts = urlsplit(url.strip())
        if parts.scheme not in {"http", "https"} or not is_host(parts.hostname or ""):
            raise ValueError(f"a web address such as {_EXAMPLES[str(info.field_name)]} is needed")
        if parts.username or parts.password:
            raise ValueError("leave user names and passwords out of the address")
        return url.strip().rstrip("/")

    @field_validator("token", "operator_token", "relay_token")
    @classmethod
    def _long_token(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token is not None and len(token.get_secret_value()) < MIN_TOKEN_CHARS:
            raise ValueError(
                f"{SECRETS[str(info.field_name)]} needs at least {MIN_TOKEN_CHARS} characters that "
                "nobody guesses"
            )
        return token

    @field_validator("watch")
    @classmethod
    def _relays(cls, text: str) -> str:
        found = [each for each in (part.strip() for part in text.split(",")) if each]
        for each in found:
            try:
                parts = urlsplit(each)
                _ = parts.port
            except ValueError as error:
                raise ValueError(f"{each} is no URL: {error}") from error
            is_known = parts.scheme in {"ws", "wss"} and is_host(parts.hostname or "")
            if not is_known or parts.username:
                raise ValueError("a URL such as ws://127.0.0.1:8081 is needed")
        return ",".join(found)

    @field_validator(*SECRETS)
    @classmethod
    def _usable_key(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is None or not key.get_secret_value().strip():
            return None
        text, name = key.get_secret_value().strip(), SECRETS[str(info.field_name)]
        if info.field_name == "openai_api_key":
            check_service_key(text, name, example=f"{name}=sk-...")
        else:
            check_secret(text, name, "token" if name.endswith("TOKEN") else "key")
        return SecretStr(text)
