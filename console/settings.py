"""Settings: the one place that reads the environment, `.env` and the key."""

from __future__ import annotations

import ipaddress
from io import StringIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.errors import ConfigurationError

DEFAULT_MODEL = "gpt-realtime-2.1"
DEFAULT_VOICE = "marin"
ENV_FILE = Path(".env")


def check_env_file(path: Path) -> None:
    """Refuse a settings file that would be half read; none at all is fine.

    Raises:
        ConfigurationError: It cannot be read, or a line of it makes no sense.
    """
    if not path.exists():
        return
    try:
        lines = list(parse_stream(StringIO(path.read_text(encoding="utf-8"))))
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    for line in lines:
        if line.error:
            raise ConfigurationError(
                f"{path}, line {line.original.line}, is not NAME=value; a quote may be missing."
            )


class Settings(BaseSettings):
    """Every setting of the console. A flag beats the environment, which beats `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="CONSOLE_", env_file=ENV_FILE, extra="ignore", env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="address of this machine to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    show: bool = Field(True, description="open the browser")
    target: str = Field(
        "auto",
        description="simulator, openai, or a ws:// or wss:// URL; auto is openai when a key is set",
    )
    model: str = Field(DEFAULT_MODEL, description="model to ask for")
    voice: str = Field(DEFAULT_VOICE, description="voice to ask for")
    audio: Literal["browser", "local"] = Field(
        "browser", description="whose microphone and speaker: the browser's or this machine's"
    )
    weather_url: str = Field(
        "https://api.open-meteo.com", description="base URL of the weather service"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="how much to log"
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="key of the OpenAI API"
    )

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        try:
            is_loopback = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
        except ValueError:
            is_loopback = False
        if not is_loopback:
            raise ValueError(
                "only this machine's own addresses (127.0.0.1, localhost, ::1) are served: nobody "
                "is asked for a password. From another machine, use a tunnel such as "
                "ssh -L 8080:127.0.0.1:8080"
            )
        return host.strip("[]")

    @field_validator("weather_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("a web address such as https://api.open-meteo.com is needed")
        return url.rstrip("/")

    @field_validator("openai_api_key")
    @classmethod
    def _usable_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not key.get_secret_value().strip():
            return None
        text = key.get_secret_value().strip()
        if not text.isascii() or any(each.isspace() or each in "'\"" for each in text):
            raise ValueError(
                "OPENAI_API_KEY has spaces, quotes or characters outside ASCII; "
                "paste the key alone, as in OPENAI_API_KEY=sk-..."
            )
        return SecretStr(text)
