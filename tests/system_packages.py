"""The programs and libraries that the tests need beside Python packages, and how to get them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chromium import find_chromium
from tests.firefox import find_firefox
from tests.redis_server import find_redis


@dataclass(frozen=True, slots=True)
class Need:
    """Something of the system that the tests use."""

    what: str
    is_there: Callable[[], bool]
    debian: tuple[str, ...]
    fedora: tuple[str, ...]
    arch: tuple[str, ...]


def _programs(*names: str) -> Callable[[], bool]:
    return lambda: all(shutil.which(each) for each in names)


def find_nginx() -> str | None:
    """Return the path of the installed nginx, or None; users' own paths often lack its folder."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))


def _portaudio_loads() -> bool:
    # In a process of its own: an import that failed here would be remembered.
    probe = [sys.executable, "-c", "import sounddevice"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _alsa_reaches_pulseaudio() -> bool:
    name = "alsa-lib/libasound_module_pcm_pulse.so"
    return any(any(Path(each).glob(f"**/{name}")) for each in ("/usr/lib", "/usr/lib64"))


NEEDS = (
    Need(
        "Chromium, to test the page", lambda: find_chromium() is not None,
        ("chromium",), ("chromium",), ("chromium",),
    ),
    Need(
        "Firefox, the second browser to test the page", lambda: find_firefox() is not None,
        ("firefox-esr",), ("firefox",), ("firefox",),
    ),
    Need(
        "flite, to speak to the console", _programs("flite"),
        ("flite",), ("flite",), ("flite",),
    ),
    Need(
        "PortAudio, for the machine's own sound", _portaudio_loads,
        ("libportaudio2",), ("portaudio",), ("portaudio",),
    ),
    Need(
        "PulseAudio, for a virtual sound card", _programs("pulseaudio", "pactl", "paplay", "parec"),
        ("pulseaudio", "pulseaudio-utils"), ("pulseaudio", "pulseaudio-utils"), ("pulseaudio",),
    ),
    Need(
        "ALSA's way to PulseAudio", _alsa_reaches_pulseaudio,
        ("libasound2-plugins",), ("alsa-plugins-pulseaudio",), ("alsa-plugins",),
    ),
    Need(
        "Redis, in which consoles share their limits", lambda: find_redis() is not None,
        ("redis-server",), ("valkey",), ("valkey",),
    ),
    Need(
        "nginx, as a reverse proxy", lambda: find_nginx() is not None,
        ("nginx",), ("nginx",), ("nginx",),
    ),
    Need(
        "Node.js and npm, for clients in JavaScript", _programs("node", "npm"),
        ("nodejs", "npm"), ("nodejs", "npm"), ("nodejs", "npm"),
    ),
)  # fmt: skip


def missing() -> list[Need]:
    """Return what is not there."""
    return [need for need in NEEDS if not need.is_there()]


def advice(needs: Sequence[Need]) -> str:
    """Return what is missing and the lines that get it, for people."""
    lines = ["The tests need more of this system:"]
    lines += [f"  - {need.what}" for need in needs]
    lines.append("Get it with the line for your system, then run this again:")
    for system, command, names in (
        ("Debian, Ubuntu", "sudo apt-get install --no-install-recommends", _all(needs, "debian")),
        ("Fedora", "sudo dnf install", _all(needs, "fedora")),
        ("Arch", "sudo pacman -S", _all(needs, "arch")),
    ):
        lines.append(f"  {system}: {command} {' '.join(names)}")
    return "\n".join(lines)


def provide() -> bool:
    """Install what is missing where we may (root on Debian), else say what to do.

    Returns:
        Whether everything is there now.
    """
    needs = missing()
    if needs and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(_all(needs, "debian"))
        needs = missing()
    if needs:
        print(advice(needs), file=sys.stderr, flush=True)
    return not needs


def _all(needs: Sequence[Need], system: str) -> list[str]:
    return [name for need in needs for name in getattr(need, system)]


def _install(packages: Sequence[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        print(f"--- system packages: {shlex.join(command)}", flush=True)
        # A failure shows itself: what is still missing afterwards is reported.
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
