"""What those see who do not get in: one small page that fetches nothing, or its words alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

POLICY_VIOLATION: Final = 1008
"""Close code of a WebSocket that was open already."""

_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
# As assets/icon.svg, which is not to be had without being let in.
_LOGO: Final = """<svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
<rect width="32" height="32" rx="7" fill="#14181d"/><g stroke-width="3" stroke-linecap="round">
<path stroke="#7db0ff" d="M7 14v4M12 9v14"/><path stroke="#ffffff" d="M16.5 13v6" stroke-width="2"/>
<path stroke="#6fd08c" d="M21 7v18M26 13v6"/></g></svg>"""
_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
$refresh<link rel="icon" href="data:,">
<title>$title - Realtime Console</title>
<style>
:root { --page: #f6f7f9; --card: #fff; --text: #1a1e24; --soft: #59626f; --line: #e1e5ea;
  --edge: #868f9c; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0f1216; --card: #15191f; --text: #e4e8ed; --soft: #99a3b0; --line: #272d36;
    --edge: #6d7785; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
  background: var(--page); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 28px 32px 30px; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; }
.name { display: flex; gap: 8px; align-items: center; margin: 0 0 24px; color: var(--soft); }
h1 { margin: 0 0 12px; font-size: 22px; font-weight: 600; line-height: 28px;
  text-wrap: balance; }
p { margin: 0 0 8px; font-size: 15px; line-height: 22px; overflow-wrap: anywhere; }
p:last-child { margin: 0; }
.why { margin: 20px 0 0; padding: 16px 0 0; border-top: 1px solid var(--line); }
.why p { color: var(--soft); font-size: 13px; line-height: 19px; }
p.way, p.way:last-child { margin: 20px 0 0; }
a { display: inline-block; padding: 9px 16px; border: 1px solid var(--edge); border-radius: 6px;
  color: var(--text); font-size: 14px; font-weight: 500; text-decoration: none; }
a:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
</style>
</head>
<body>
<main>
<p class="name">$logo Realtime Console</p>
<h1>$title</h1>
$paragraphs
</main>
</body>
</html>
""")


class Link(NamedTuple):
    """Where somebody may go on."""

    words: str
    address: str
    """May be relative to what was asked for."""


def page(
    status: int,
    title: str,
    *sentences: str,
    why: Sequence[str] = (),
    accept: str = "text/html",
    headers: Mapping[str, str] | None = None,
    refresh: str | None = None,
    link: Link | None = None,
) -> Response:
    """Return an answer in plain words.

    Args:
        status: Of HTTP.
        title: What it is about.
        sentences: What to do, above all; one paragraph each.
        why: What else there is to know, small below them; one paragraph each.
        accept: What the client takes; without HTML in it, the words come as text.
        headers: Of the answer, beside those that keep it to itself.
        refresh: Where the browser goes at once by itself.
        link: Where the visitor may go, below the sentences.
    """
    if "text/html" not in accept:
        way = () if link is None else (f"{link.words}: {link.address}",)
        words, media_type = " ".join((*sentences, *why, *way)) + "\n", "text/plain"
    else:
        words, media_type = _html(title, sentences, why, refresh, link), "text/html"
    return Response(words, status, {**_HEADERS, **(headers or {})}, media_type)


def _html(
    title: str,
    sentences: Sequence[str],
    why: Sequence[str],
    refresh: str | None,
    link: Link | None,
) -> str:
    goes = (
        ""
        if refresh is None
        else f'<meta http-equiv="refresh" content="0;url={escape(refresh)}">\n'
    )
    parts = _paragraphs(sentences)
    if link is not None:
        parts.append(
            f'<p class="way"><a href="{escape(link.address)}">{escape(link.words)}</a></p>'
        )
    if why:
        parts += ['<div class="why">', *_paragraphs(why), "</div>"]
    return _PAGE.substitute(
        logo=_LOGO, title=escape(title), paragraphs="\n".join(parts), refresh=goes
    )


def _paragraphs(sentences: Sequence[str]) -> list[str]:
    return [f"<p>{escape(each)}</p>" for each in sentences]


async def answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a refusal; a WebSocket is closed in its handshake, which nobody sees a page of."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
    else:
        await response(scope, receive, send)


def accepted_by(scope: Scope) -> str:
    """Return what the client of a request takes."""
    return Headers(scope=scope).get("accept", "")
