"""Check the syntax of all JavaScript that we ship."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import playwright

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = ("vendor",)
"""Directories with other people's minified code, shipped as it came."""
_IS_MODULE = re.compile(r"^\s*(import|export)\b", re.MULTILINE)


def find_node() -> str:
    """Return the path of Node: the system's, or the one that comes with playwright.

    Raises:
        RuntimeError: There is none.
    """
    bundled = shutil.which("node", path=str(Path(playwright.__file__).parent / "driver"))
    node = shutil.which("node") or bundled
    if node is None:
        raise RuntimeError("not installed: node; install Node.js 18 or later")
    return node


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Yield our JavaScript files."""
    for directory in ("console", "assets"):
        for path in sorted((root / directory).rglob("*.js")):
            if not set(FOREIGN) & set(path.relative_to(root).parts):
                yield path


def syntax_error(path: Path, node: str) -> str | None:
    """Return what Node says against the file, or None.

    Everything is checked as a module: elements and worklets are modules, and module code is
    strict. A worker without imports may be started as a classic script, so that has to work too.
    """
    text = path.read_text(encoding="utf-8")
    kinds = ["module"]
    if path.name.endswith(".worker.js") and not _IS_MODULE.search(text):
        kinds.append("commonjs")
    for kind in kinds:
        command = [node, f"--input-type={kind}", "--check"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.replace("[stdin]", str(path))
    return None


def main() -> int:
    """Print every syntax error; return the exit status."""
    node = find_node()
    paths = list(sources())
    found = [error for path in paths if (error := syntax_error(path, node))]
    print("\n".join(found) if found else f"{len(paths)} files are well formed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
