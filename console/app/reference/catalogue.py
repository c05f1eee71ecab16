"""The events of the protocol as the installed `openai` package documents them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from console.app.reference.shapes import Record
from console.app.reference.type_source import ModuleName, Named, TypeSource
from console.errors import ConsoleError

PACKAGE: Final = "openai"
MISSING: Final = (
    "The reference is read from the openai package, which is not installed: "
    'install it with "pip install openai" and open this again.'
)
Sender = Literal["client", "server"]

_HOME: Final[ModuleName] = ("types", "realtime")
_UNIONS: Final[tuple[tuple[Sender, str, str], ...]] = (
    ("client", "realtime_client_event_param", "RealtimeClientEventParam"),
    ("server", "realtime_server_event", "RealtimeServerEvent"),
)


class ReferenceUnavailableError(ConsoleError):
    """The types cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class EventDoc:
    """One event of the protocol."""

    type: str
    sender: Sender
    shape: Record

    @property
    def text(self) -> str:
        """What it is for, in Markdown."""
        return self.shape.text


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All events of the protocol."""

    version: str
    """Of the package that they were read from."""
    events: tuple[EventDoc, ...]
    """Sorted by type, the client's first."""

    def of(self, sender: Sender) -> dict[str, EventDoc]:
        """Return the events that one side sends, by their types."""
        return {each.type: each for each in self.events if each.sender == sender}

    def find(self, event_type: str) -> EventDoc | None:
        """Return an event by its type."""
        return next((each for each in self.events if each.type == event_type), None)


def package_root() -> Path:
    """Return the folder of the installed package, which is not imported.

    Raises:
        ReferenceUnavailableError: It is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ReferenceUnavailableError(MISSING)
    return Path(next(iter(spec.submodule_search_locations)))


def read_catalogue(root: Path | None = None) -> Catalogue:
    """Read the events of the installed package, or of one in another folder.

    Takes some tenths of a second: not for the event loop.

    Raises:
        ReferenceUnavailableError: It is not installed, or another version than can be read.
    """
    root = package_root() if root is None else root
    source = TypeSource(root)
    try:
        events = tuple(
            event
            for sender, module, name in _UNIONS
            for event in sorted(_events(source, sender, module, name), key=lambda each: each.type)
        )
    except (LookupError, OSError, SyntaxError, UnicodeDecodeError) as error:
        raise ReferenceUnavailableError(
            f"The types of the installed openai package cannot be read ({error}): "
            'update it with "pip install --upgrade openai".'
        ) from error
    return Catalogue(_version(), events)


def _events(source: TypeSource, sender: Sender, module: str, name: str) -> Iterable[EventDoc]:
    for named in source.union((*_HOME, module), name):
        shape = source.shape(_fullest(source, named))
        if isinstance(shape, Record) and "type" in (constants := shape.constants()):
            yield EventDoc(str(constants["type"]), sender, shape)


def _fullest(source: TypeSource, named: Named) -> Named:
    """Return the type that also takes references to items, where there is one beside it."""
    stem = named.module[-1].removesuffix("_param")
    module = (*named.module[:-1], f"{stem}_with_references_param")
    return Named(module, _with_references(named.name)) if source.has(module) else named


def _with_references(name: str) -> str:
    return f"{name.removesuffix('Param')}WithReferencesParam"


def _version() -> str:
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return ""
