"""OpenAI's clients of JavaScript, in pinned versions, and how to get them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests/integration/javascript_clients"
INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def is_there() -> bool:
    """Return whether the clients are installed in the versions that are pinned."""
    installed = FOLDER / "node_modules/.package-lock.json"
    wanted = _versions(FOLDER / "package-lock.json")
    return installed.is_file() and _versions(installed) == wanted


def provide() -> None:
    """Install what is missing; a failure shows itself in the tests that need it."""
    if not is_there() and shutil.which(INSTALL[0]):
        print(f"--- clients of JavaScript: {' '.join(INSTALL)}", flush=True)
        subprocess.run(INSTALL, cwd=FOLDER, stdin=subprocess.DEVNULL, check=False)


def _versions(lock: Path) -> dict[str, str]:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {name: each["version"] for name, each in packages.items() if name}
