"""Tools from a Python file that somebody wrote: read anew at each change, whole or not at all."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from console.errors import ConsoleError
from console.regular_file import read_regular
from console.tools.declared import DeclarationError, DeclaredTool, declared

MODULE_NAME: Final = "console_own_tools"
"""What the file is called while it runs: classes in it are looked up by that."""
_EXAMPLE: Final = (
    "Write 'from console.tools.declared import tool' at the top and '@tool' before a function"
)


class ToolFileError(ConsoleError):
    """A file of tools cannot be used; the sentence names file and line and says what to do."""


def read_tools(path: Path) -> tuple[DeclaredTool, ...]:
    """Run a file and return the functions that it has made tools, in their order.

    The file can do all that the console can do: only who has started the console may name it.
    Modules beside it can be imported, and are read once.

    Args:
        path: Of the file.

    Raises:
        ToolFileError: It cannot be read or run, or has no tools, or two of one name. What was
            loaded before is as it was.

    Thread: any, one at a time. It takes as long as the file takes.
    """
    code = _compiled(path)
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    module = ModuleType(MODULE_NAME)
    module.__file__ = str(path)
    before = sys.modules.get(MODULE_NAME)
    sys.modules[MODULE_NAME] = module
    try:
        _run(code, module, path)
        return _tools_of(module, path)
    except ToolFileError:
        if before is None:
            del sys.modules[MODULE_NAME]
        else:
            sys.modules[MODULE_NAME] = before
        raise


def _compiled(path: Path) -> CodeType:
    try:
        source = read_regular(path)
    except OSError as error:
        raise ToolFileError(
            f"{path} cannot be read: {error.strerror or error}. Name a Python file."
        ) from error
    try:
        return compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ToolFileError(
            f"{path}, line {error.lineno or 1}: {error.msg}. Correct the line."
        ) from error
    except ValueError as error:
        raise ToolFileError(f"{path} is no Python file: {error}.") from error


def _run(code: CodeType, module: ModuleType, path: Path) -> None:
    try:
        exec(code, module.__dict__)
    except DeclarationError as error:
        raise ToolFileError(f"{_place(path, error)}: {error}.") from error
    except ImportError as error:
        raise ToolFileError(
            f"{_place(path, error)}: {error}. Install it into {sys.prefix}, or correct its name."
        ) from error
    except SystemExit as error:
        raise ToolFileError(
            f"{_place(path, error)}: it ends the program. Take that out: the file is only loaded."
        ) from error
    except Exception as error:
        words = f"{type(error).__name__}: {error}".rstrip(".: ")
        raise ToolFileError(f"{_place(path, error)}: {words}. Correct the line.") from error


def _place(path: Path, error: BaseException) -> str:
    """Return the line of the file from which an error came, however deep it was raised."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return f"{path}, line {lines[-1]}" if lines else str(path)


def _tools_of(module: ModuleType, path: Path) -> tuple[DeclaredTool, ...]:
    found: dict[str, DeclaredTool] = {}
    for each in _declared_in(module):
        name = each.tool.name
        if found.setdefault(name, each) is not each:
            raise ToolFileError(
                f"{path}, line {each.line}: there is a tool named {name} already. Give this one "
                "another, as in @tool(name='...')."
            )
    if not found:
        raise ToolFileError(f"{path} has no tools. {_EXAMPLE}.")
    return tuple(found.values())


def _declared_in(module: ModuleType) -> Iterator[DeclaredTool]:
    for value in list(vars(module).values()):
        own = declared(value)
        if own is not None:
            yield own
