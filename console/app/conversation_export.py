"""The conversation as a file: Markdown, text, subtitles or JSON. Nothing that was said is markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from console import pcm
from console.app.item_view import FAILED_ANSWER, ItemView, images_of
from console.app.turn import ItemSpan
from console.realtime.items import Item
from console.scrubber import scrubber

SHORTEST_SUBTITLE_MS: Final = 500.0
READING_MS_PER_CHARACTER: Final = 55.0
"""How long what is only written stays: about 18 characters a second can be read."""
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:$^=])")
# C0 and C1 but for tabs and line ends, and what turns the direction of reading; letters that join
# or part invisibly are words of many languages, and stay.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_IN_ITS_PLACE: Final = "\N{REPLACEMENT CHARACTER}"
_WIDE: Final = str.maketrans("<>{}\\", "\uff1c\uff1e\uff5b\uff5d\uff3c")
"""Subtitles have no way to write these as they are: players read tags and override codes there."""
_CUT: Final = "[interrupted]"


@dataclass(frozen=True, slots=True)
class Said:
    """One item with what a file tells of it."""

    view: ItemView
    item: Item | None
    """None where no item is behind it: an answer that failed."""
    span: ItemSpan | None
    """When it was spoken or heard, in ms since the log's first event; None: not known."""


def as_markdown(said: Iterable[Said]) -> str:
    """Return the conversation as Markdown; what somebody said is text in it, whatever it holds."""
    parts = ["# Conversation\n"]
    for each in said:
        parts.append(f"## {_heading(each)}\n")
        parts += [f"{_paragraph(line)}\n" for line in _lines(each, _plain_markdown)]
    return "\n".join(parts)


def as_text(said: Iterable[Said]) -> str:
    """Return the conversation as plain text, a block for each item."""
    blocks = []
    for each in said:
        lines = _lines(each, _seen)
        blocks.append("\n".join([f"{_heading(each)}:", *(f"  {line}" for line in _split(lines))]))
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def as_srt(said: Iterable[Said]) -> str:
    """Return what was said and written as subtitles, on the time of the session."""
    cues = [cue for each in said if (cue := _cue(each)) is not None]
    cues.sort(key=lambda cue: cue[0])
    blocks = [
        f"{number}\n{_srt_time(began_ms)} --> {_srt_time(ended_ms)}\n{words}\n"
        for number, (began_ms, ended_ms, words) in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def as_json(said: Iterable[Said]) -> bytes:
    """Return the conversation as JSON: everything that the page knows of each item, and its times."""
    items = [_record(each) for each in said]
    text = orjson.dumps({"format": 1, "items": items}, option=orjson.OPT_INDENT_2).decode()
    # The same characters to whoever reads JSON, and harmless to whoever looks at the file.
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


FORMS: Final[dict[str, tuple[str, Callable[[Sequence[Said]], str | bytes]]]] = {
    "md": ("text/markdown", as_markdown),
    "txt": ("text/plain", as_text),
    "srt": ("application/x-subrip", as_srt),
    "json": ("application/json", as_json),
}
"""By the ending of the file: its media type, and who writes it."""


def export(said: Sequence[Said], form: str) -> bytes:
    """Return a conversation as a file in one of `FORMS`; keys and tokens that stand in it are masked.

    Raises:
        KeyError: There is no such form.
    """
    _, write = FORMS[form]
    written = write(said)
    text = written if isinstance(written, str) else written.decode()
    return scrubber.without_secrets(text).encode()


MAX_ROLE: Final = 20


def _who(view: ItemView) -> str:
    if view.type in ("message", FAILED_ANSWER):
        # What a server calls a role may be anything; a heading takes a word.
        return "".join(filter(str.isalnum, view.role or ""))[:MAX_ROLE] or "message"
    return {"mcp_list_tools": "tools", "mcp_approval_request": "approval"}.get(view.type, "tool")


def _heading(each: Said) -> str:
    time = f" ({_clock(each.span.began_ms)})" if each.span is not None else ""
    apart = ", out of band" if each.view.apart else ""
    return f"{_who(each.view)}{apart}{time}"


def _lines(each: Said, plain: Callable[[str], str]) -> list[str]:
    """Return what an item says, part by part; `plain` makes the words of others harmless."""
    view, lines = each.view, []
    if view.name or view.type.startswith(("function_call", "mcp_")):
        lines.append(plain(f"{_call(view)}({view.arguments or ''})"))
        if view.output:
            lines.append("-> " + plain(view.output))
    if view.text:
        lines.append(_heard(view, plain))
    lines += ["[picture]"] * view.images
    for note in (view.error, view.note, "transcript pending" if view.pending else None):
        if note:
            lines.append(plain(f"[{note}]"))
    return lines


def _call(view: ItemView) -> str:
    name = view.name or view.type
    return f"{view.server}: {name}" if view.server else name


def _heard(view: ItemView, plain: Callable[[str], str]) -> str:
    if view.heard is None or view.heard >= len(view.text):
        return plain(view.text)
    clean = scrubber.without_secrets(view.text)
    if clean != view.text:  # parts of a key would not be found
        return f"{plain(clean)} {plain(_CUT)}"
    heard, rest = view.text[: view.heard], view.text[view.heard :].strip()
    return f"{plain(heard)} {plain(_CUT)} {plain(f'(not heard: {rest})')}".strip()


def _seen(words: str) -> str:
    """Return words that neither move a terminal's cursor nor turn what is read, as long as before."""
    return _UNSEEN.sub(_IN_ITS_PLACE, words)


def _plain_markdown(words: str) -> str:
    """Return words such that Markdown shows them as they are: no link, no tag, no heading."""
    # Keys first: they would not be found among what marks them as text.
    return _MARKUP.sub(r"\\\1", scrubber.without_secrets(_seen(words)))


def _plain_subtitle(words: str) -> str:
    """Return words that are no tag to any player."""
    return scrubber.without_secrets(_seen(words)).translate(_WIDE)


def _paragraph(words: str) -> str:
    # Lines stay lines; leading blanks would make code of them.
    return "  \n".join(line.strip() for line in words.splitlines() if line.strip())


def _split(lines: Iterable[str]) -> list[str]:
    return [line for each in lines for line in each.splitlines()]


def _cue(each: Said) -> tuple[float, float, str] | None:
    view = each.view
    words = view.text if view.heard is None else view.text[: view.heard]
    if each.span is None or view.type != "message" or not words.strip():
        return None
    began_ms, ended_ms = each.span.began_ms, each.span.ended_ms
    if ended_ms is None:
        spoken_ms = float(view.heard_ms if view.heard_ms is not None else view.audio_ms)
        ended_ms = began_ms + (spoken_ms or len(words) * READING_MS_PER_CHARACTER)
    ended_ms = max(ended_ms, began_ms + SHORTEST_SUBTITLE_MS)
    # An empty line would end the subtitle; an arrow, which would be taken for a time, has no head.
    lines = [line.strip() for line in _plain_subtitle(words).splitlines() if line.strip()]
    return began_ms, ended_ms, f"{_who(view)}: " + "\n".join(lines)


def _record(each: Said) -> dict[str, Any]:
    view = each.view
    return {
        "id": view.id,
        "type": view.type,
        "role": view.role,
        "status": view.status,
        "text": view.text,
        "heard_characters": view.heard,
        "heard_ms": view.heard_ms,
        "is_transcript_pending": view.pending,
        "is_out_of_band": view.apart,
        "audio_ms": view.audio_ms,
        "began_ms": None if each.span is None else round(each.span.began_ms, 1),
        "ended_ms": None
        if each.span is None or each.span.ended_ms is None
        else round(each.span.ended_ms, 1),
        "name": view.name,
        "server": view.server,
        "arguments": view.arguments,
        "output": view.output,
        "error": view.error,
        "duration_ms": view.duration_ms,
        "approval": view.approval,
        "note": view.note,
        "images": [_picture(address) for address in images_of(each.item)] if each.item else [],
    }


def _picture(address: str) -> dict[str, Any]:
    """Return what a picture is; the picture itself is saved from the page."""
    head, comma, body = address.partition(",")
    if not comma or not head.startswith("data:"):
        return {"url": address}
    return {"media_type": head[5:].partition(";")[0], "size_bytes": pcm.decoded_size(body)}


def _clock(ms: float) -> str:
    seconds = int(ms // 1000)
    hours, rest = divmod(seconds, 3600)
    tail = f"{rest // 60:02}:{rest % 60:02}"
    return f"{hours}:{tail}" if hours else tail


def _srt_time(ms: float) -> str:
    whole = max(0, round(ms))
    seconds, thousandths = divmod(whole, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{thousandths:03}"
