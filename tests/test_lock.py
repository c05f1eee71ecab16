"""`requirements.lock` has what the console needs, in versions that it allows, each with hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
REMEDY = "the command at its head makes it anew"
_ENTRY = re.compile(r"^([\w.-]+)==([\w.+!]+)(?: ; (.+?))? \\\n((?:    --hash=.+\n)+)", re.MULTILINE)
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?\n")


def locked() -> dict[str, set[Version]]:
    """Return the versions of each package; more than one where systems differ."""
    found: dict[str, set[Version]] = {}
    for name, version, _, _ in _ENTRY.findall(LOCK):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def own_requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(each) for each in project["dependencies"]]


def is_met(requirement: Requirement) -> bool:
    versions = locked().get(canonicalize_name(requirement.name), set())
    return bool(versions) and all(requirement.specifier.contains(each) for each in versions)


def holds_here(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": each}) for each in {"", *extras})


def needed_here() -> Iterator[tuple[str, Requirement]]:
    """Yield what packages ask for, as far as those are installed here that are locked."""
    waiting = [("realtime-console", each) for each in own_requirements()]
    seen: set[str] = set()
    while waiting:
        asker, requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        yield asker, requirement
        name = canonicalize_name(requirement.name)
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        if Version(installed.version) in locked().get(name, set()):
            asked = (Requirement(each) for each in installed.requires or ())
            waiting += [(name, each) for each in asked if holds_here(each, requirement.extras)]


def test_every_version_has_its_hashes_and_there_is_nothing_else():
    entries = list(_ENTRY.finditer(LOCK))
    hashes = "".join(each[4] for each in entries)

    assert len(entries) > 20
    assert _HASH.sub("", hashes) == ""
    assert re.sub(r"^#.*\n", "", _ENTRY.sub("", LOCK), flags=re.MULTILINE) == ""


def test_what_the_console_asks_for_is_locked_within_its_bounds():
    wrong = [str(each) for each in own_requirements() if not is_met(each)]

    assert wrong == [], REMEDY


def test_what_those_ask_for_is_locked_too():
    needed = list(needed_here())
    wrong = [f"{asker}: {each}" for asker, each in needed if not is_met(each)]

    assert len(needed) > len(own_requirements())
    assert wrong == [], REMEDY
