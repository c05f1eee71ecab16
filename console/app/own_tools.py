"""The tools that whoever started the console wrote: one file for the process, followed as it changes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Collection
from pathlib import Path
from typing import Any, Final

import watchfiles

from console import tasks
from console.errors import ConfigurationError
from console.signals import Signal
from console.tools.declared import DeclaredTool
from console.tools.stoppable import OverdueError, stoppable
from console.tools.tool_file import ToolFileError, read_tools

logger = logging.getLogger(__name__)

LOAD_TIMEOUT_S: Final = 30.0
Changes = Callable[[Path], AsyncGenerator[Any, None]]


class OwnTools:
    """What is in the file of `--tools`; a change that cannot be used leaves what there was."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        taken: Collection[str] = (),
        changes: Changes | None = None,
    ) -> None:
        """Read the file, if there is one.

        Args:
            path: The file.
            taken: Names that tools of the console have.
            changes: Yields each time a file may have changed; by default the system is asked.

        Raises:
            ConfigurationError: It cannot be used; the sentence names file and line.
        """
        self._path = path
        self._taken = frozenset(taken)
        self._changes = changes or _changes
        self._following: asyncio.Task[None] | None = None
        self.tools: tuple[DeclaredTool, ...] = ()
        """Those of the last version that could be used."""
        self.problem = ""
        """Why the newest version is not used, in a sentence; empty: it is."""
        self.changed: Signal[None] = Signal("own tools changed")
        """After `tools` or `problem` has changed."""
        if path is not None:
            try:
                self.tools = self._read(path)
            except ToolFileError as error:
                raise ConfigurationError(f"--tools: {error}") from error

    async def start(self) -> None:
        """Follow the file from now on."""
        if self._path is not None:
            self._following = tasks.spawn(self._follow(self._path), name="follow own tools")

    async def close(self) -> None:
        """Follow it no more."""
        await tasks.cancel(self._following)

    async def reload(self) -> None:
        """Read the file anew."""
        if self._path is None:
            return
        path, tools, problem = self._path, self.tools, ""
        try:
            tools = await stoppable(
                lambda: self._read(path), timeout_s=LOAD_TIMEOUT_S, name="load own tools"
            )
        except ToolFileError as error:
            problem = str(error)
        except OverdueError as error:
            goes_on = "" if error.has_ended else " It goes on until the console is started again."
            problem = (
                f"{path} did not load within {LOAD_TIMEOUT_S:g} s. Move what takes long into the "
                f"functions.{goes_on}"
            )
        if problem:
            logger.warning("own tools stay as they were: %s", problem)
        self.tools, self.problem = tools, problem
        self.changed.emit(None)

    async def _follow(self, path: Path) -> None:
        try:
            async with contextlib.aclosing(self._changes(path)) as changes:
                async for _ in changes:
                    await self.reload()
        except OSError as error:  # the system watches no more files, or the folder is gone
            self.problem = f"Changes of {path} are not seen any more ({error}). Start again."
            logger.warning("%s", self.problem)
            self.changed.emit(None)

    def _read(self, path: Path) -> tuple[DeclaredTool, ...]:
        tools = read_tools(path)
        for each in tools:
            if each.tool.name in self._taken:
                raise ToolFileError(
                    f"{path}, line {each.line}: the console has a tool named {each.tool.name}. Give "
                    "this one another name, as in @tool(name='...')."
                )
        return tools


def _changes(path: Path) -> AsyncGenerator[Any, None]:
    # The folder, since editors put a new file in the place of the old one.
    file = path.resolve()
    return watchfiles.awatch(
        file.parent, watch_filter=lambda _, name: Path(name).name == file.name, recursive=False
    )
