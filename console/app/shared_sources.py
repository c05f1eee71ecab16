"""What all sessions of a process share of what stands in for a microphone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from console.app.microphone_choice import AFTER_MS, BEFORE_MS
from console.app.sound_settings import KINDS, Microphone
from console.app.user_voice import UserVoice
from console.audio import sound_file
from console.audio.sounds import Recorded
from console.errors import ConfigurationError
from console.settings import Settings

NAMES: Final = tuple(kind for kind in KINDS if kind != "file")
"""What `--microphone` takes beside the name of a file."""


class SharedSources:
    """The microphone that sessions begin with, and the voice for typed words."""

    def __init__(self, settings: Settings) -> None:
        """Read the file that is to be the microphone, if there is one.

        Raises:
            ConfigurationError: It is not there, or no sound; the sentence says what to do.
        """
        self.voice = UserVoice(settings.voices)
        self.file_name = ""
        self.file: Recorded | None = None
        wanted = settings.microphone
        kind = next((name for name in NAMES if name == wanted), None)
        if kind is None:
            path = Path(wanted).expanduser()
            self.file_name, self.file = path.name, _opened(path)
        self.microphone = Microphone(kind=kind or "file")
        """What a session begins with."""

    async def close(self) -> None:
        """Give back what was opened; safe to call twice."""
        await self.voice.close()
        if self.file is not None:
            self.file.close()


def _opened(path: Path) -> Recorded:
    try:
        return sound_file.open_file(path, before_ms=BEFORE_MS, after_ms=AFTER_MS)
    except OSError as error:
        raise ConfigurationError(
            f"--microphone {path} is none of {', '.join(NAMES)}, and as a file it cannot be "
            f"opened: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"--microphone {path} cannot be the microphone: {error}."
        ) from error
