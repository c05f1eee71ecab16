"""The commands that sentences tell to copy run as they stand."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from console import invocation

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def as_the_readme_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (tmp_path / "main.py").touch()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(invocation, "_ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("as_the_readme_installs_it")
def test_in_the_folder_of_the_console_commands_are_those_of_the_readme() -> None:
    assert invocation.run("--lan") == ".venv/bin/python main.py --lan"
    assert invocation.install("aiortc") == ".venv/bin/python -m pip install aiortc"
    assert invocation.install_extra("native") == '.venv/bin/python -m pip install -e ".[native]"'


def test_elsewhere_they_name_whole_paths(
    as_the_readme_installs_it: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = as_the_readme_installs_it
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    assert shlex.split(invocation.run("--lan")) == [
        str(folder / ".venv/bin/python"),
        str(folder / "main.py"),
        "--lan",
    ]
    assert shlex.split(invocation.install_extra("native"))[-1] == f"{folder}[native]"


def test_without_its_source_it_is_a_package_among_others(
    as_the_readme_installs_it: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invocation, "_ROOT", as_the_readme_installs_it / ".venv")

    assert invocation.run() == ".venv/bin/realtime-console"
    assert invocation.install_extra("native").endswith(' install "realtime-console[native]"')


def test_a_path_with_a_space_is_quoted(
    as_the_readme_installs_it: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my programs/python")

    assert invocation.run() == "'/opt/my programs/python' main.py"
