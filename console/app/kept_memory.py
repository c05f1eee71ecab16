"""What people have the console remember of them beyond a session: one memory for each person.

The host's is a file in the state directory. A guest is somebody else when the console has ended, so
theirs is kept in memory until then and never written down.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import orjson

from console import tasks
from console.errors import ConsoleError, ToolError
from console.regular_file import read_regular
from console.signals import Signal
from console.state import write_private
from console.tools.memory import Memory

logger = logging.getLogger(__name__)

FILE_NAME: Final = "memory.json"
MAX_GUESTS: Final = 200
"""Who has kept something for the longest loses it beyond that."""
FORMAT_VERSION: Final = 1


class KeptMemory:
    """What one person keeps; there is something to keep as long as `values` is not None."""

    def __init__(self, path: Path | None = None) -> None:
        """Read what was kept.

        Args:
            path: Its file; None: in memory alone.
        """
        self._path = path
        self._writing: asyncio.Task[None] | None = None
        self._is_stale = False
        self._is_unreadable = False
        self.values: dict[str, Any] | None = None
        """By name; None: nothing is kept."""
        self.is_offered = False
        """Whether the model is told it."""
        self.problem = ""
        """Why nothing can be kept, in a sentence; empty: it can."""
        self.changed: Signal[None] = Signal("kept memory changed")
        if path is not None:
            self._read(path)

    @property
    def where(self) -> str:
        """Where it is kept, in words."""
        if self._path is None:
            return "in the memory of the console, until that ends"
        return f"in {self._path}, which only you can read"

    def keep(self, values: Mapping[str, Any], *, is_offered: bool) -> None:
        """Keep these from now on.

        Raises:
            ConsoleError: There is a file that is no memory, which stays as it is.
        """
        if self._is_unreadable:
            raise ConsoleError(self.problem)
        if self.values == dict(values) and self.is_offered == is_offered:
            return
        self.values, self.is_offered = dict(values), is_offered
        self._changed()

    def forget(self) -> None:
        """Keep nothing, and delete what was kept."""
        if self.values is not None:
            self.values, self.is_offered = None, False
            self._changed()

    async def written(self) -> None:
        """Wait until the file holds what is kept."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    def _read(self, path: Path) -> None:
        try:
            found = orjson.loads(read_regular(path))
            memory = Memory()
            memory.replace(found["values"])
            self.values, self.is_offered = memory.values, bool(found.get("is_offered", False))
        except FileNotFoundError:
            return
        except OSError as error:
            self._is_unreadable = True
            self.problem = f"{path} cannot be read: {error.strerror}. Nothing is kept."
        except (ValueError, KeyError, TypeError, AttributeError, ToolError) as error:
            self._is_unreadable = True
            self.problem = (
                f"{path} holds no memory ({error!r:.200}). Correct or delete it and start again; "
                "nothing is kept until then."
            )

    def _changed(self) -> None:
        self.changed.emit(None)
        self._is_stale = True
        if self._path is not None and (self._writing is None or self._writing.done()):
            self._writing = tasks.spawn(self._write(self._path), name="write memory")

    async def _write(self, path: Path) -> None:
        while self._is_stale:  # it may change again meanwhile
            self._is_stale = False
            content = self._content()
            try:
                await asyncio.to_thread(_put, path, content)
            except OSError as error:
                self.problem = f"{path} cannot be written: {error.strerror}. It is not kept."
                logger.warning("%s", self.problem)
                self.changed.emit(None)
            else:
                self.problem = ""

    def _content(self) -> bytes | None:
        if self.values is None:
            return None
        return orjson.dumps(
            {"version": FORMAT_VERSION, "is_offered": self.is_offered, "values": self.values},
            option=orjson.OPT_INDENT_2,
        )


class KeptMemories:
    """What everybody keeps."""

    def __init__(self, directory: Path | None = None) -> None:
        """Read what the host has kept.

        Args:
            directory: The state directory; None: nothing outlives the process.
        """
        self._owner = KeptMemory(None if directory is None else directory / FILE_NAME)
        # As long as a session of theirs has it; who keeps something has it longer.
        self._guests: WeakValueDictionary[str, KeptMemory] = WeakValueDictionary()
        self._keeping: OrderedDict[str, KeptMemory] = OrderedDict()

    def of(self, guest: str = "") -> KeptMemory:
        """Return what somebody keeps.

        Args:
            guest: The name of a guest that nobody else has; empty for the host.
        """
        if not guest:
            return self._owner
        found = self._guests.get(guest)
        if found is None:
            found = self._guests[guest] = KeptMemory()
            found.changed.connect(lambda _: self._guest_changed(guest))
        return found

    def _guest_changed(self, guest: str) -> None:
        kept = self._guests[guest]
        self._keeping.pop(guest, None)
        if kept.values is not None:
            self._keeping[guest] = kept
            if len(self._keeping) > MAX_GUESTS:
                self._keeping.popitem(last=False)

    async def close(self) -> None:
        """Have everything written."""
        await self._owner.written()


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        write_private(path, content)
