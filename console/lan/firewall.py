"""Whether a firewall of this machine may keep others out: what can be read of it without rights."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

UFW_SETTINGS: Final = Path("/etc/ufw/ufw.conf")
TIMEOUT_S: Final = 3.0
_ENABLED: Final = re.compile(r"^ENABLED\s*=\s*yes\s*$", re.MULTILINE | re.IGNORECASE)
_REFUSES: Final = re.compile(
    r"hook input\b[^;]*;\s*policy drop|^-P INPUT (DROP|REJECT)", re.MULTILINE
)
_RULES: Final = (("nft", "list", "ruleset"), ("iptables", "-S", "INPUT"))

Run = Callable[[Sequence[str]], str | None]
"""Runs a program and returns what it printed; None if it is missing or may not."""


def firewall_hint(port: int, *, ufw_settings: Path = UFW_SETTINGS, run: Run | None = None) -> str:
    """Return a sentence if a firewall seems to be on; empty if none is seen.

    Reading the rules needs rights that few have; then only ufw's settings tell.

    Args:
        port: On which the console listens.
        ufw_settings: Where ufw says whether it is enabled.
        run: Runs programs; for tests.
    """
    ask = run or _run
    if _is_ufw_on(ufw_settings):
        return f"ufw is on. If others cannot reach the console: ufw allow {port}/tcp"
    for command in _RULES:
        rules = ask(command)
        if rules is not None and _REFUSES.search(rules):
            return (
                f"{command[0]} refuses what it does not allow. If others cannot reach the console, "
                f"let TCP port {port} in."
            )
    return ""


def _is_ufw_on(settings: Path) -> bool:
    try:
        return _ENABLED.search(settings.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def _run(command: Sequence[str]) -> str | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *command[1:]], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
