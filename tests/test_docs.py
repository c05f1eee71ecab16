"""The documents say what is true: every setting, flag and dependency is there, examples run."""

from __future__ import annotations

import contextlib
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from dotenv import dotenv_values
from packaging.requirements import Requirement

from console.settings import Settings
from tests.audio import __doc__ as FAULTS_OF_SOUND

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / ".env.example"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return str(alias) if alias else f"CONSOLE_{field.upper()}"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def block_below(heading: str) -> str:
    found = re.search(rf"^#+ +{heading}.*?^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found, f'README.md has no code block below a heading "{heading}"'
    return found[1]


def uncommented() -> str:
    return re.sub(r"^#(?=[A-Z_]+=)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_stands_in_the_example_file(field):
    assert re.search(rf"^#?{variable(field)}=", EXAMPLE.read_text(), re.MULTILINE)


def test_the_example_file_names_only_settings_and_shows_their_defaults(tmp_path, monkeypatch):
    path = tmp_path / ".env"
    path.write_text(uncommented().replace("sk-...", "sk-of-somebody"))
    for name in dotenv_values(path):
        monkeypatch.delenv(name, raising=False)

    monkeypatch.chdir(tmp_path)

    shown = Settings()

    assert set(dotenv_values(path)) == {variable(field) for field in Settings.model_fields}
    for field, info in Settings.model_fields.items():
        if field != "openai_api_key":
            assert getattr(shown, field) == info.default, field


def test_the_example_file_changes_nothing_as_it_is():
    assert dotenv_values(EXAMPLE) == {}


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_stands_in_the_readme_by_its_flag_or_variable(field):
    flag = rf"--(no-)?{field.replace('_', '-')}\b"

    assert re.search(rf"{flag}|\b{variable(field)}\b", README)


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        (thing, re.findall(r"`(\w+)`", said))
        for things, said in re.findall(
            r"^\| (`console\.[^|]+) \| ([^|]+) \|$", README, re.MULTILINE
        )
        for thing in re.findall(r"`([\w.]+)`", things)
    ],
)
def test_every_name_of_the_library_of_sound_can_be_imported(thing, names):
    found = pkgutil.resolve_name(thing)

    assert [each for each in names if not hasattr(found, each)] == []


@pytest.mark.parametrize(
    ("file", "test"), re.findall(r"^  (tests/\S+)::(\w+)$", FAULTS_OF_SOUND or "", re.MULTILINE)
)
def test_the_test_of_a_fault_of_sound_is_there(file, test):
    text = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {test}\(", text, re.MULTILINE)


@pytest.mark.parametrize(
    "name", [re.split(r"[^\w-]", each, maxsplit=1)[0] for each in PROJECT["dependencies"]]
)
def test_every_dependency_has_its_reason_in_the_architecture(name):
    assert f"`{name}`" in ARCHITECTURE


REQUIREMENTS = (
    *PROJECT["dependencies"],
    *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
)


DATA = {"tzdata"}
"""What does nothing: of it the newest is always right."""


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_every_dependency_has_a_lowest_version_and_one_that_was_never_tried(text):
    wanted = Requirement(text)

    bounds = {each.operator for each in wanted.specifier}

    assert bounds == ({">="} if wanted.name in DATA else {">=", "<"})


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_what_is_installed_is_within_the_bounds(text):
    wanted = Requirement(text)
    if wanted.marker is None or wanted.marker.evaluate():
        with contextlib.suppress(PackageNotFoundError):  # of an extra that is not needed here
            assert wanted.specifier.contains(version(wanted.name))


def test_every_package_and_module_of_a_layer_stands_in_the_architecture():
    parts = [each.name for each in (ROOT / "console").iterdir() if each.suffix == ".py"]
    parts += [each.parent.name for each in (ROOT / "console").glob("*/__init__.py")]

    missing = [each for each in parts if each != "__init__.py" and each not in ARCHITECTURE]

    assert missing == []


def test_the_two_commands_are_enough_on_a_fresh_machine():
    environment = "python3 -m venv .venv && .venv/bin/pip install -e"

    assert f"{environment} . && .venv/bin/python main.py\n" in README
    assert block_below("Run the tests").strip() == (
        f'{environment} ".[dev]" && .venv/bin/python tests/check.py'
    )


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:|#)([^)#]+)", README + ARCHITECTURE))
def test_every_link_to_a_file_leads_to_one(link):
    assert (ROOT / link).exists()


@pytest.fixture
def simulator_url():
    """The address of a simulator in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "main.py", "simulator", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line.removeprefix("Simulator ready at ").strip()
        process.terminate()
        assert process.wait(6) == 0


def test_every_python_example_in_the_readme_runs_against_the_simulator(simulator_url, tmp_path):
    examples = blocks(README, "python")

    assert examples, "README.md shows no Python"
    for number, code in enumerate(examples):
        program = tmp_path / f"example_{number}.py"
        program.write_text(re.sub(r"wss?://[\w.:-]+/v1/realtime", simulator_url, code))
        done = subprocess.run(
            [sys.executable, str(program)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{code}\n{done.stderr}"
        assert done.stdout.strip(), "an example that shows nothing teaches nothing"
