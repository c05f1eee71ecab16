"""Nobody passes without the cookie, and only a link gives it.

A link's token leaves the address at once: the answer is the cookie and the way to the same page
without it. That cookie is `SameSite=Strict`, and a browser does not send such a cookie along when
another site has led to us (a link in a web mail, say), not even one that it was given a moment ago.
Then the answer is a page that leads to itself: what our own page leads to has the cookie.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response

from console.ui.door import refusal
from console.ui.door.links import PARAMETER
from console.ui.door.peer import client_address
from console.ui.door.people import SCOPE_KEY, Person
from console.ui.door.rates import Rates

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from console.ui.door.door import Admission, Door

MAX_QUERY_BYTES: Final = 8192
_WHOM_TO_ASK: Final = (
    "If you have started the console, open the link that it has printed.",
    "If not, ask whoever runs it for the present link: Share at the head of their page shows it.",
)
_FROM_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})


class TokenGuard:
    """Let in who has the cookie; turn a link into one; refuse everybody else."""

    def __init__(
        self,
        app: ASGIApp,
        door: Door,
        rates: Rates,
        *,
        cookie: str,
        is_tls: bool,
        public_paths: Collection[str] = (),
    ) -> None:
        """Guard `app`.

        Args:
            app: The application.
            door: Knows links and people.
            rates: Counts bad tokens.
            cookie: Name of the cookie, one for each port, since browsers do not part ports.
            is_tls: Whether the cookie is for https alone.
            public_paths: What anybody may read (not change), exactly.
        """
        self._app = app
        self._door = door
        self._rates = rates
        self._cookie = cookie
        self._public_paths = frozenset(public_paths)
        self._flags = "; HttpOnly; SameSite=Strict; Path=/" + ("; Secure" if is_tls else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its `Person`, or answer it here."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if scope["path"] in self._public_paths and scope.get("method") in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        secret = HTTPConnection(scope).cookies.get(self._cookie)
        person = None if secret is None else self._door.recognise(secret)
        response = await self._knock(scope, person)
        if response is None and person is None:
            response = self._refuse(scope, had_cookie=secret is not None)
        if response is None:
            await self._app({**scope, SCOPE_KEY: person}, receive, send)
        else:
            await refusal.answer(response, scope, receive, send)

    async def _knock(self, scope: Scope, person: Person | None) -> Response | None:
        """Return the answer to a token in the address; None if there is none."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        query = scope["query_string"]
        if len(query) > MAX_QUERY_BYTES:
            return refusal.page(
                414, "That address is too long", *_WHOM_TO_ASK, accept=refusal.accepted_by(scope)
            )
        fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        token = next((value for name, value in fields if name == PARAMETER), None)
        if token is None or not _is_visit(scope):
            return None
        clean = _address(scope, (each for each in fields if each[0] != PARAMETER))
        return await self._exchange(scope, token, person, clean)

    async def _exchange(
        self, scope: Scope, token: str, person: Person | None, clean: str
    ) -> Response | None:
        address = client_address(scope)
        if await self._rates.is_banned(address):
            return RedirectResponse(clean, 303) if person else self._banned(scope)
        is_stranger = person is None and self._door.role_of(token) in ("guest", "watcher")
        if is_stranger and await self._rates.note_newcomer(address):
            return self._crowded(scope)
        admission = self._door.admit(token, person)
        if admission is not None:
            return self._welcome(scope, admission, clean)
        if person is not None:  # an old link of somebody who is inside
            return RedirectResponse(clean, 303)
        if await self._rates.note_bad_token(address):
            return self._banned(scope)
        return self._answer(
            scope,
            403,
            "This link does not work",
            "It is of an earlier start of the console, was for one use only, was for a session that "
            "has ended, or was not copied as a whole.",
        )

    def _welcome(self, scope: Scope, admission: Admission, clean: str) -> Response:
        if _comes_from_elsewhere(scope):
            response = refusal.page(200, "One moment", "The console opens.", refresh=clean)
        else:
            response = RedirectResponse(clean, 303, {"cache-control": "no-store"})
            response.headers["referrer-policy"] = "no-referrer"
        if admission.cookie is not None:
            cookie = f"{self._cookie}={admission.cookie}{self._flags}"
            response.headers.append("set-cookie", cookie)
        return response

    def _refuse(self, scope: Scope, *, had_cookie: bool) -> Response:
        if had_cookie:
            return self._answer(
                scope,
                403,
                "This console needs a new link",
                "It was started anew since this browser was here last, or its host has ended this "
                "visit. Links of an earlier start open nothing any more.",
            )
        # Another site has led here, so a cookie stayed at home; what our own page leads to has it.
        refresh = None
        if _comes_from_elsewhere(scope) and _is_visit(scope) and scope["type"] == "http":
            query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            refresh = _address(scope, query)
        return self._answer(
            scope,
            403,
            "This console needs its link",
            "It opens to those who have its link, and to their browser from then on. If you have "
            "just opened the link, allow this address to set cookies.",
            refresh=refresh,
        )

    def _banned(self, scope: Scope) -> Response:
        return refusal.page(
            429,
            "Too many wrong links",
            f"Wait {_minutes(self._rates)}, then open the present link.",
            *_WHOM_TO_ASK,
            why=(
                "Somebody at your address has tried too many. Who is inside already notices nothing.",
            ),
            accept=refusal.accepted_by(scope),
            headers={"retry-after": str(self._rates.ban_s)},
        )

    def _crowded(self, scope: Scope) -> Response:
        return refusal.page(
            429,
            "Too many browsers",
            "Wait a minute, then open the link again.",
            why=(
                f"More than {self._rates.limits.pages} have come in from your address within a "
                "minute.",
            ),
            accept=refusal.accepted_by(scope),
            headers={"retry-after": "60"},
        )

    def _answer(
        self, scope: Scope, status: int, title: str, *why: str, refresh: str | None = None
    ) -> Response:
        """Return that a link is needed, with why it is."""
        accept = refusal.accepted_by(scope)
        return refusal.page(status, title, *_WHOM_TO_ASK, why=why, accept=accept, refresh=refresh)


def _minutes(rates: Rates) -> str:
    minutes = rates.limits.ban_minutes
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _is_visit(scope: Scope) -> bool:
    """Return whether somebody goes to the address, rather than a page or a guess of the browser.

    Pictures and frames of other sites can be pointed at us without end: they may neither use up a
    link nor have our own user counted as a guesser.
    """
    headers = Headers(scope=scope)
    is_guess = "prefetch" in headers.get("sec-purpose", headers.get("purpose", ""))
    return not is_guess and headers.get("sec-fetch-dest", "document") == "document"


def _comes_from_elsewhere(scope: Scope) -> bool:
    return Headers(scope=scope).get("sec-fetch-site") in _FROM_ELSEWHERE


def _address(scope: Scope, fields: Iterable[tuple[str, str]]) -> str:
    # One slash: two would name another host.
    path = quote("/" + scope["path"].lstrip("/\\"), safe="/:@!$&'()*+,;=-._~")
    query = urlencode(list(fields))
    return f"{path}?{query}" if query else path
