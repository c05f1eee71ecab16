"""Whose the sessions are: who opened them, from where, and by which link others watch them."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection

from console.ui.console_session import ConsoleSession
from console.ui.door.door import MAX_PEOPLE, Door
from console.ui.door.links import Link
from console.ui.door.peer import client_address
from console.ui.door.people import Person, person_of

MAX_NAMES: Final = MAX_PEOPLE
"""Who has opened no session for the longest is a new guest beyond it."""
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who has opened the page in one tab."""

    person: Person
    address: str = ""
    """From where, as the network says it."""
    browser: str = ""
    """With what, as "Firefox on Windows"; empty when the browser does not say."""

    @classmethod
    def of(cls, connection: HTTPConnection) -> Visit:
        """Return who asks for a page.

        Raises:
            RuntimeError: The application is served without its door.
        """
        told = connection.headers.get("user-agent", "")
        return cls(person_of(connection), client_address(connection.scope), browser_named(told))


def browser_named(user_agent: str) -> str:
    """Return what a `User-Agent` means in words: "Chrome on Android"; empty when it is unknown."""
    words = set(re.findall(r"[A-Za-z]+", user_agent))
    browser = next((name for mark, name in _BROWSERS if mark in words), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system


class Visitors:
    """Which session is whose."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}
        self._watch_links: dict[str, Link] = {}
        self._names: OrderedDict[str, str] = OrderedDict()
        self._n_guests = 0

    def opened(self, session: ConsoleSession, visit: Visit) -> None:
        """Somebody has opened a session."""
        self._visits[session.session_id] = visit
        if visit.person.id not in self._names:
            self._n_guests += not visit.person.is_owner
            is_owner = visit.person.is_owner
            self._names[visit.person.id] = "Host" if is_owner else f"Guest {self._n_guests}"
        self._names.move_to_end(visit.person.id)
        if len(self._names) > MAX_NAMES:
            self._names.popitem(last=False)

    def closed(self, session_id: str) -> tuple[Person, str | None]:
        """A session has ended; return whose it was, and the link by which it was watched."""
        link_id = self.link_ended(session_id)
        return self._visits.pop(session_id).person, link_id

    def link_ended(self, session_id: str) -> str | None:
        """Forget by which link a session was watched, and return it; the next time another is made."""
        link = self._watch_links.pop(session_id, None)
        return None if link is None else link.id

    def of(self, session_id: str) -> Visit:
        """Return who opened a session that is open."""
        return self._visits[session_id]

    def is_of(self, session_id: str, person: Person) -> bool:
        """Whether somebody has opened this session."""
        visit = self._visits.get(session_id)
        return visit is not None and visit.person.id == person.id

    def count(self, person: Person) -> int:
        """Return how many sessions somebody has open."""
        return sum(each.person.id == person.id for each in self._visits.values())

    def name(self, person: Person) -> str:
        """Return what the host calls somebody: "Guest 2"."""
        return self._names.get(person.id, "Guest")

    def watch_link(self, session: ConsoleSession, door: Door) -> Link:
        """Return the link of those who watch a session, the same until it ends."""
        if session.session_id not in self._watch_links:
            link = door.issue("watcher", session_id=session.watch_id)
            self._watch_links[session.session_id] = link
        return self._watch_links[session.session_id]
