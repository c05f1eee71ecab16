"""The native window as the console sees it: is there one, has it a microphone, is it still open?

NiceGUI's own native mode is not used: it starts the main program a second time, opens the window
before anything listens, cannot say why no window came, and takes the choice of the port. Here the
window is a process of its own that begins before the server does, so that what is missing ends
the program with one sentence; it shows the console's address once the server listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

from console.app import native_extra
from console.app.local_sound import has_both
from console.app.native_extra import INSTALL
from console.errors import ConfigurationError
from console.settings import Settings

logger = logging.getLogger(__name__)

SIZE: Final = (1280, 800)
READY_TIMEOUT_S: Final = 60.0
CLOSE_TIMEOUT_S: Final = 2.0
NO_MICROPHONE: Final = (
    "The window's web view gives no page a microphone: this machine's own sound is used "
    "(--audio local)."
)
OWN_SOUND: Final = (
    "This window uses the machine's own sound (--audio local), which is more reliable than its web "
    "view's; to use that, say --audio browser."
)
_PROGRAM: Final = Path(__file__).with_name("native_window.py")
# -P: the folder of the program, with all our modules in it, is not for imports.
_COMMAND: Final = (sys.executable, "-P", str(_PROGRAM))
_WITH_MICROPHONE: Final = frozenset({"qtwebengine", "edgechromium"})
_TOO_OLD: Final = frozenset({"qtwebkit", "mshtml"})
_KEPT_LINES: Final = 50


class NativeWindow:
    """A window in a process of its own."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        """Start the process; it shows nothing yet.

        Args:
            command: The program and its arguments.
        """
        self.renderer = ""
        """The web view, as pywebview calls it; empty before `wait_until_ready`."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C in the terminal is for us; we then close the window.
            start_new_session=True,
        )
        self._is_missing = False
        self._was_shown = False
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._error_reader = threading.Thread(target=self._read_errors, daemon=True)
        self._error_reader.start()
        threading.Thread(target=self._read_messages, daemon=True).start()

    @property
    def has_microphone(self) -> bool:
        """Whether a page in it can have the microphone."""
        return self.renderer in _WITH_MICROPHONE

    def wait_until_ready(self) -> None:
        """Wait until a web view is found; blocks for a second or so.

        Raises:
            ConfigurationError: There is none, or no display for it.
        """
        self._answered.wait(READY_TIMEOUT_S)
        if not self.renderer:
            self.end()
            raise ConfigurationError(self._why_not())
        if self.renderer in _TOO_OLD:
            self.end()
            raise ConfigurationError(
                f"--native needs a newer web view than {self.renderer}. On Windows install "
                f"Microsoft's WebView2 runtime, on Linux the extra: {INSTALL}"
            )

    def show(self, url: str, *, title: str, icon: Path) -> None:
        """Open the window with the page at `url`."""
        order = {"url": url, "title": title, "icon": str(icon), "width": SIZE[0], "height": SIZE[1]}
        # If it has ended meanwhile, `wait_closed` tells.
        with contextlib.suppress(OSError):
            stdin = _pipe(self._process.stdin)
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()

    async def wait_closed(self) -> None:
        """Wait until the user, or we, have closed the window."""
        await asyncio.to_thread(self._ended.wait)

    async def close(self) -> None:
        """Close the window and wait until its process has ended."""
        await asyncio.to_thread(self.end)

    def end(self) -> None:
        """Close the window; blocks until its process has ended. Again is fine."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._ended.wait(CLOSE_TIMEOUT_S)

    def check_shown(self) -> None:
        """Say so if the window has ended without having been there.

        Raises:
            ConfigurationError: It has not been there.
        """
        if not self._was_shown:
            raise ConfigurationError(self._why_not())

    def _why_not(self) -> str:
        if self._is_missing:
            return f"--native needs a web view. Get it with: {INSTALL}"
        said = "\n".join(self._errors)
        if "display" in said:
            return (
                "--native needs a display, and none can be reached (DISPLAY, WAYLAND_DISPLAY). "
                "Leave it out to use the console in a browser."
            )
        last = next(
            (each for each in reversed(self._errors) if each.strip()), "it has said nothing"
        )
        return f"The window could not be opened: {last.strip().rstrip('.')}. Try without --native."

    def _read_messages(self) -> None:
        with _pipe(self._process.stdout) as stdout:
            for line in stdout:
                with contextlib.suppress(ValueError):  # libraries may print what they like
                    self._heard(json.loads(line))
        self._process.wait()
        # What it said last may be the reason; a child of it might hold the pipe open.
        self._error_reader.join(CLOSE_TIMEOUT_S)
        self._answered.set()
        self._ended.set()

    def _heard(self, message: dict[str, Any]) -> None:
        self.renderer = message.get("renderer", self.renderer)
        self._is_missing |= "missing" in message
        self._was_shown |= "shown" in message
        if self.renderer or self._is_missing:
            self._answered.set()

    def _read_errors(self) -> None:
        with _pipe(self._process.stderr) as stderr:
            for line in stderr:
                self._errors.append(line.rstrip())
                logger.debug("native window: %s", line.rstrip())


def open_window() -> NativeWindow:
    """Return a window that has found its web view and shows nothing yet; blocks for a second.

    Raises:
        ConfigurationError: pywebview, a web view or a display is missing; says how to get it.
    """
    if not native_extra.is_available():
        raise ConfigurationError(f"--native needs pywebview. Get it with: {INSTALL}")
    window = NativeWindow()
    window.wait_until_ready()
    return window


def settings_for(settings: Settings, window: NativeWindow) -> tuple[Settings, str]:
    """Return what the console is to use in `window`, and what of it is worth a sentence.

    A free port; and the machine's sound where it has a microphone and a speaker, or the window
    has no microphone: a web view without a graphics card loses much of what is said to it.
    Whoever says `--port` or `--audio` has it their way. May load PortAudio, which takes 0.1 s.
    """
    chosen: dict[str, Any] = {"show": False}
    remark = ""
    if "port" not in settings.model_fields_set:
        chosen["port"] = 0
    if "audio" not in settings.model_fields_set:
        remark = _why_local(window)
        if remark:
            chosen["audio"] = "local"
    return settings.model_copy(update=chosen), remark


def _why_local(window: NativeWindow) -> str:
    """Return in a sentence why the machine's sound is used; empty for the web view's."""
    if not window.has_microphone:
        return NO_MICROPHONE
    return OWN_SOUND if has_both() else ""


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None  # all three are pipes
    return stream
