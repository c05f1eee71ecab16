"""The policy as a file: checked at the start, read again when it changes."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from console import document
from console.clock import Clock
from console.document import Document, Place
from console.errors import ConfigurationError
from console.regular_file import read_regular
from console.relay.policy import Policy
from console.signals import Signal

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0
MAX_INSTRUCTIONS_BYTES: Final = 256 * 1024
_SHOULD_BE: Final = "Input should be "


def parse(value: Any, source: str = "the policy") -> Policy:
    """Return the policy that plain values describe.

    Raises:
        ConfigurationError: They describe none; the sentence names the place and what to do.
    """
    return _parsed(Document(value, source), Path())


def load(path: Path, tools: Collection[str] = ()) -> Policy:
    """Return the policy of a YAML or JSON file.

    Args:
        path: Of the file.
        tools: The names of those that can run on this relay.

    Raises:
        ConfigurationError: It cannot be read, or describes none; line and place are named.
    """
    found = document.read(path)
    policy = _parsed(found, path.parent)
    for n, name in enumerate(policy.relay_tools):
        if name not in tools:
            known = f"there is {', '.join(tools)}" if tools else "there is none"
            raise found.error(
                ("relay_tools", n), f"there is no tool {name!r} on this relay; {known}"
            )
    return policy


class PolicyFile:
    """The policy that counts now."""

    def __init__(
        self, policy: Policy, path: Path | None = None, tools: Collection[str] = ()
    ) -> None:
        """Begin with a policy.

        Args:
            policy: What counts.
            path: The file that it was read from; without it, it never changes.
            tools: The names of those that can run on this relay.
        """
        self.policy = policy
        """What counts for those who come now."""
        self.changed: Signal[Policy] = Signal("policy changed")
        self._path = path
        self._tools = tools
        self._state = self._look_at_files()

    @classmethod
    def open(cls, path: Path, tools: Collection[str] = ()) -> PolicyFile:
        """Read a file.

        Args:
            path: Of the file.
            tools: The names of those that can run on this relay.

        Raises:
            ConfigurationError: See `load`.
        """
        return cls(load(path, tools), path, tools)

    async def watch(self, clock: Clock) -> None:
        """Read the file again whenever it has changed, for ever; what cannot be used is not."""
        while self._path is not None:
            await clock.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Read the file again if it has changed; the old policy stays if the new one is none."""
        if self._path is None or (state := self._look_at_files()) == self._state:
            return
        self._state = state
        try:
            policy = load(self._path, self._tools)
        except ConfigurationError as error:
            logger.error("the policy was changed, and the old one still counts: %s", error)
            return
        logger.warning("the policy was changed and counts from now on: %s", self._path)
        self.policy = policy
        self._state = self._look_at_files()
        self.changed.emit(policy)

    def _look_at_files(self) -> list[tuple[int, int, int] | None]:
        if self._path is None:
            return []
        instructions = self.policy.session.instructions_file
        beside = [] if instructions is None else [self._path.parent / instructions]
        return [_state(each) for each in (self._path, *beside)]


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        # Whoever saves a file may take it away for a moment.
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(found: Document, directory: Path) -> Policy:
    value = {} if found.value is None else found.value
    if not isinstance(value, dict):
        raise found.error((), "a policy is a list of settings by name")
    try:
        policy = Policy.model_validate(value)
    except ValidationError as error:
        raise _first_problem(found, error) from error
    return _with_instructions(policy, found, directory)


def _with_instructions(policy: Policy, found: Document, directory: Path) -> Policy:
    """Return the policy with the instructions of its file among what is kept."""
    if (name := policy.session.instructions_file) is None:
        return policy
    place = ("session", "instructions_file")
    if "instructions" in policy.session.keep:
        raise found.error(place, "the instructions are given in `keep`, too; leave one away")
    try:
        text = read_regular(directory / name)[: MAX_INSTRUCTIONS_BYTES + 1].decode()
    except OSError as error:
        raise found.error(place, f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise found.error(place, f"{name} is not UTF-8 text") from error
    if len(text) > MAX_INSTRUCTIONS_BYTES:
        raise found.error(place, f"{name} is larger than {MAX_INSTRUCTIONS_BYTES} bytes")
    keep = {**policy.session.keep, "instructions": text}
    session = policy.session.model_copy(update={"keep": keep})
    return policy.model_copy(update={"session": session})


def _first_problem(found: Document, error: ValidationError) -> ConfigurationError:
    # Where a value may be of several kinds, what came closest is about the deepest place, and there
    # what a model says of its own: it has taken the value for one of its kind.
    problems = error.errors(include_url=False)
    depths = [len(_place(found.value, each["loc"])) for each in problems]
    closest = [each for each, depth in zip(problems, depths, strict=True) if depth == max(depths)]
    closest = [each for each in closest if each["type"] == "value_error"] or closest
    problem = closest[0]
    place = _place(found.value, problem["loc"])
    what = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        name = str(problem["loc"][-1])
        near = difflib.get_close_matches(name, _names(problem["loc"][:-1]), n=1)
        what = f"there is no setting {name!r} here" + (f"; did you mean {near[0]}?" if near else "")
    elif problem["type"] != "value_error":
        what = _kinds(
            [each["msg"] for each in closest if _place(found.value, each["loc"]) == place]
        )
    return found.error(place, what)


def _kinds(messages: list[str]) -> str:
    """Return in one sentence what a value might have been."""
    kinds = [each.removeprefix(_SHOULD_BE).partition(" or instance of ")[0] for each in messages]
    return _SHOULD_BE + " or ".join(dict.fromkeys(kinds)).replace("valid tuple", "valid list")


def _place(value: Any, parts: tuple[str | int, ...]) -> Place:
    """Return the way that exists in a document; the rest names kinds of values."""
    place: list[str | int] = []
    for each in parts:
        inner: Mapping[Any, Any] = value if isinstance(value, Mapping) else {}
        if isinstance(value, list):
            inner = dict(enumerate(value))
        if each in inner:
            value = inner[each]
            place.append(each)
    return tuple(place)


def _names(parts: tuple[str | int, ...]) -> list[str]:
    """Return the settings of the model that a place of the policy is of."""
    model: Any = Policy
    for each in parts:
        if isinstance(each, int):
            continue
        field = model.model_fields.get(each)
        kinds = [] if field is None else _models(field.annotation)
        model = kinds[0] if kinds else model
    return list(model.model_fields)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models inside a type."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [each for inner in getattr(annotation, "__args__", ()) for each in _models(inner)]
