"""Documentation as blocks and spans of text: the little of Markdown that it uses, and never markup.

A block is `{"kind": "p" | "code" | "li", "spans": [...]}`; a span is a pair of a kind, `text`,
`code`, `strong` or `link`, and its text. Links keep their words; where they lead is a third part
that is shown and not followed by itself.
"""

from __future__ import annotations

import re
from typing import Any, Final

_FENCE: Final = "```"
_BULLET: Final = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
_SPAN: Final = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|\[(?P<words>[^\]]+)\]\((?P<target>https://[^\s)]+|[^\s)]*)\)"
)
_SENTENCE: Final = re.compile(r"(?<![A-Z.])(?<!e\.g)(?<!i\.e)\.(?=\s|$)")


def blocks(text: str) -> list[dict[str, Any]]:
    """Return documentation as blocks."""
    found: list[dict[str, Any]] = []
    waiting: list[str] = []
    kind = "p"

    def close() -> None:
        nonlocal kind
        if waiting:
            found.append({"kind": kind, "spans": spans(" ".join(waiting))})
        waiting.clear()
        kind = "p"

    lines = iter(text.splitlines())
    for line in lines:
        if line.strip().startswith(_FENCE):
            close()
            found.append({"kind": "code", "spans": [["text", _fenced(lines)]]})
        elif not line.strip():
            close()
        elif bullet := _BULLET.match(line):
            close()
            kind = "li"
            waiting.append(line[bullet.end() :].strip())
        else:
            waiting.append(line.strip())
    close()
    return found


def _fenced(lines: Any) -> str:
    inside = []
    for line in lines:
        if line.strip().startswith(_FENCE):
            break
        inside.append(line)
    return "\n".join(inside)


def spans(text: str) -> list[list[str]]:
    """Return the parts of a line: plain, as code, set off, and links with their targets."""
    found: list[list[str]] = []
    at = 0
    for each in _SPAN.finditer(text):
        if each.start() > at:
            found.append(["text", text[at : each.start()]])
        if each["code"] is not None:
            found.append(["code", each["code"]])
        elif each["strong"] is not None:
            found.append(["strong", each["strong"]])
        elif each["target"].startswith("https://"):
            found.append(["link", each["words"].strip("`"), each["target"]])
        else:
            found.append(["text", each["words"]])
        at = each.end()
    if at < len(text):
        found.append(["text", text[at:]])
    return found


def first_sentence(text: str) -> str:
    """Return how documentation begins, without marks."""
    beginning = re.split(r"\n\s*\n|\n\s*```", text.strip(), maxsplit=1)[0]
    plain = "".join(each[1] for each in spans(" ".join(beginning.split())))
    end = _SENTENCE.search(plain)
    return plain[: end.start()] + "." if end else plain
