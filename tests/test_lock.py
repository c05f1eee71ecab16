"""`requirements.lock` has what the console needs, in versions that it allows, each with hashes.

And what looks for vulnerabilities looks at all of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
REMEDY = "the command at its head makes it anew"
AUDIT = ROOT / ".github" / "workflows" / "audit.yml"
COMMAND = "pip-audit --strict --require-hashes --disable-pip -r requirements.lock"
"""Without `--strict` it passes where it cannot ask, and without the rest it may ask about something else."""
MANIFESTS = {
    "pip": "pyproject.toml",
    "npm": "package-lock.json",
    "github-actions": ".github/workflows",
}
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


def audit() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(AUDIT.read_text(encoding="utf-8"))
    return found


def is_asked_about(marker: str, pythons: list[str]) -> bool:
    environments = (
        {
            "python_version": each,
            "python_full_version": f"{each}.0",
            "sys_platform": "linux",
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
        }
        for each in pythons
    )
    return not marker or any(Marker(marker).evaluate(each) for each in environments)


def test_vulnerabilities_are_looked_for_every_day_and_when_the_lock_changes():
    when = audit()["on"]

    assert re.fullmatch(r"\d+ \d+ \* \* \*", when["schedule"][0]["cron"])
    assert "requirements.lock" in when["push"]["paths"]
    assert [each for each in when["push"]["paths"] if not (ROOT / each).is_file()] == []


def test_the_audit_is_of_the_whole_lock_and_never_passes_unasked():
    job = audit()["jobs"]["python"]
    pythons = job["strategy"]["matrix"]["python"]
    left_out = [
        name
        for name, _, marker, _ in _ENTRY.findall(LOCK)
        if not is_asked_about(marker, pythons) and "sys_platform == 'emscripten'" not in marker
    ]

    assert [each["run"] for each in job["steps"] if "run" in each][1:] == [COMMAND]
    assert "${{ matrix.python }}" in str(job["steps"])
    assert left_out == []
    assert "continue-on-error" not in AUDIT.read_text(encoding="utf-8")


def test_the_clients_of_javascript_are_audited_by_their_own_lock():
    (step,) = (each for each in audit()["jobs"]["javascript"]["steps"] if "run" in each)

    assert step["run"] == "npm audit --package-lock-only"
    assert (ROOT / step["working-directory"] / "package-lock.json").is_file()


def test_the_audit_can_be_typed_as_it_is_documented():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    steps = audit()["jobs"]["python"]["steps"]
    (program,) = re.findall(r"pip-audit==[\d.]+", str(steps))

    assert f"\n{COMMAND}\n" in text
    assert f"`pip install {program}`" in text


def test_new_versions_are_proposed_of_everything_that_has_some():
    found = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    places = {
        each["package-ecosystem"]: ROOT / each["directory"].strip("/") for each in found["updates"]
    }

    assert places.keys() == MANIFESTS.keys()
    assert [name for name, place in places.items() if not (place / MANIFESTS[name]).exists()] == []
