"""The repository keeps its shape: layers, sizes, names, and a page that is whole without a net."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted((ROOT / "console").rglob("*.py"))
PAGE_SOURCES = sorted(
    path
    for directory in ("console/ui", "assets")
    for path in (ROOT / directory).rglob("*")
    if path.suffix in {".py", ".js", ".css", ".html", ".svg"}
)

MAX_CODE_LINES = 400
MAX_FUNCTION_LINES = 40
NO_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE,
    tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}

ALLOWED_URLS = (
    r"https://(\*\.)?tile\.openstreetmap\.org\b",  # laid over our own outline
    r"https://www\.openstreetmap\.org/copyright",  # a link to follow, as their licence asks
    r"http://www\.w3\.org/",  # names of XML namespaces: nothing is fetched
    r"https?://(127\.0\.0\.1|localhost|\[::1\])",
    r"https?://[{$]",  # put together from our own host
)
"""What page sources may name; everything else comes with us."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def contract(name: str) -> dict[str, Any]:
    found = [each for each in CONFIG["tool"]["importlinter"]["contracts"] if each["name"] == name]
    assert len(found) == 1, f"pyproject.toml has no import contract {name!r}"
    return dict(found[0])


def test_the_layers_are_a_contract_that_every_new_package_has_to_join():
    layers = contract("layers point downwards")

    assert layers["type"] == "layers"
    assert layers["exhaustive"] is True
    assert [each.split()[0] for each in layers["layers"]][:5] == [
        "cli",
        "ui",
        "app",
        "relay",
        "client",
    ]


def test_the_core_reaches_no_sockets_devices_or_page():
    core = contract("the core does no I/O")

    assert {
        "console.realtime",
        "console.simulator.protocol",
        "console.audio.playback",
    } <= set(core["source_modules"])
    assert {"asyncio", "websockets", "nicegui", "sounddevice", "httpx"} <= set(
        core["forbidden_modules"]
    )


def test_only_ui_may_know_nicegui():
    packages = {
        f"console.{path.parent.name}" for path in (ROOT / "console").glob("*/__init__.py")
    } - {"console.ui"}

    assert set(contract("NiceGUI stays in ui")["source_modules"]) >= packages


def test_only_one_module_imports_sounddevice_and_only_when_it_is_needed():
    importing = [
        name_of(path)
        for path in MODULES
        if re.search(r"^\s*(import|from) sounddevice\b", path.read_text(), re.MULTILINE)
    ]
    at_the_top = re.search(
        r"^(import|from) sounddevice\b",
        (ROOT / "console/audio/sounddevice_library.py").read_text(),
        re.MULTILINE,
    )

    assert importing == ["console/audio/sounddevice_library.py"]
    assert at_the_top is None


def test_only_the_settings_read_the_environment():
    reading = [
        name_of(path)
        for path in MODULES
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    ]

    assert set(reading) <= {"console/settings.py"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_of_a_size_that_can_be_read_in_one_go(path):
    assert len(code_lines(path.read_text(encoding="utf-8"))) <= MAX_CODE_LINES


def code_lines(text: str) -> set[int]:
    """The numbers of the lines that hold code: no blanks, comments or docstrings."""
    code = {
        number
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in NO_CODE
        for number in range(token.start[0], token.end[0] + 1)
    }
    strings = (
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
    return code - {number for lines in strings for number in lines}


def test_code_lines_are_counted_without_blanks_comments_and_docstrings():
    text = '"""Doc.\n\nMore.\n"""\n\n# why\na = (\n    1,\n)\n\n\ndef f():\n    """Doc."""\n    return a\n'

    assert len(code_lines(text)) == 5


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_are_short(path):
    long = [
        f"{node.name}: {lines} lines"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := length_of(node)) > MAX_FUNCTION_LINES
    ]

    assert long == []


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_module_has_a_name_that_says_nothing():
    vague = [name_of(path) for path in MODULES if path.stem in VAGUE_NAMES]

    assert vague == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for(path):
    if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
        return
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


MARKUP = {
    "html", "Html", "markdown", "restructured_text", "mermaid", "add_head_html", "add_body_html",
    "add_css", "add_slot", "run_javascript", "HTMLResponse",
}  # fmt: skip
"""What takes markup, styles or scripts."""
NOT_CONSTANT = {
    "console/ui/theme.py": "the address of our own stylesheet",
    "console/ui/pages/front.py": "the path of a page of our own",
    "console/ui/preferences.py": "percent-encoded, so that no character of it ends the string",
    "console/ui/panels/actions.py": "words of the program's own table",
    "console/ui/elements/world_map.py": "an element's number and the address of our own file",
}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_constants_are_ever_markup_or_script(path):
    put_together = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for argument in markup_of(node)
        if not is_constant(argument)
    ]

    assert put_together == [] or name_of(path) in NOT_CONSTANT


def markup_of(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that a browser takes for more than text."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    scripts = [each.value for each in call.keywords if each.arg == "js_handler"]
    named = [each.value for each in call.keywords if each.arg in {"content", "template", "code"}]
    return scripts + ([*call.args, *named] if name in MARKUP else [])


def is_constant(node: ast.expr) -> bool:
    """Whether an expression is text of the program: a literal, or a constant by its name."""
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    is_named = isinstance(node, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z_]+", node.id)
    return isinstance(node, ast.Constant) or bool(is_named)


def test_text_that_was_put_together_is_told_from_a_constant():
    calls = {
        "ui.html('<b>x</b>')": True,
        "ui.html(_ICON)": True,
        "ui.html('<b>' + _ICON)": True,
        "ui.html(text)": False,
        "ui.markdown(content=item.text)": False,
        "ui.run_javascript(f'alert({name})')": False,
        "ui.html('<b>' + text)": False,
        "button.on('click', js_handler=f'() => {name}')": False,
    }

    for code, is_fine in calls.items():
        (call,) = (each for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Call))
        assert all(is_constant(each) for each in markup_of(call)) is is_fine, code


@pytest.mark.parametrize(
    "path", [each for each in PAGE_SOURCES if each.suffix == ".js"], ids=name_of
)
def test_no_script_of_ours_makes_markup_of_text(path):
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc"
        r"|v-html|\beval\(|new Function|bindPopup|bindTooltip|setHTMLUnsafe|DOMParser"
    )

    assert re.findall(sinks, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PAGE_SOURCES, ids=name_of)
def test_the_page_fetches_nothing_from_the_internet(path):
    named = re.findall(r"https?://[^\s\"'`)>]+", path.read_text(encoding="utf-8"))

    foreign = [url for url in named if not any(re.match(each, url) for each in ALLOWED_URLS)]

    assert foreign == []


def test_the_text_of_no_module_is_left_for_later():
    unfinished = [
        f"{name_of(path)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)
    ]

    assert unfinished == []


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", ".env.example", ".ci/run"]
)
def test_the_repository_has_what_people_look_for(name):
    assert (ROOT / name).stat().st_size > 0
