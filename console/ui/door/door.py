"""The door: which links open it, and who came in by them.

Tokens and cookies are looked up by their SHA-256 digest and then compared in constant time, so that
the time of an answer says nothing about a secret. Both are gone with the process.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from console.clock import Clock, SystemClock
from console.signals import Signal
from console.ui.door.links import Link
from console.ui.door.people import Person, Role

MAX_PEOPLE: Final = 1000
"""Beyond it somebody is forgotten, and opens the link again: whoever was not seen for the longest, has
no socket, and is not one of the owner's last browsers."""
OWNERS_KEPT: Final = 10
_MAX_SECRET_CHARS: Final = 256
_RANK: Final[dict[Role, int]] = {"watcher": 0, "guest": 1, "owner": 2}


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody was let in."""

    person: Person
    cookie: str | None
    """What their browser is to keep; None: it keeps what it has."""


@dataclass(slots=True)
class _Guest:
    person: Person
    cookie: str
    watches: set[str]


class Door:
    """All links and all people of one start of the console."""

    def __init__(self, fixed_token: SecretStr | None = None, *, clock: Clock | None = None) -> None:
        """Make a door that one link opens: the owner's.

        Args:
            fixed_token: Its token; None makes one that nobody can guess.
            clock: Time, for links that end.
        """
        self.revoked: Signal[Person] = Signal("person revoked")
        """Somebody's cookie is void from now on: they were sent away, or forgotten."""
        self._clock = clock or SystemClock()
        self._links: dict[str, Link] = {}
        self._guests: OrderedDict[str, _Guest] = OrderedDict()
        self._present: Counter[Person] = Counter()
        token = secrets.token_urlsafe(32) if fixed_token is None else fixed_token.get_secret_value()
        self._owner = self._keep(Link(_new_id(), "owner", token))

    @property
    def owner(self) -> Link:
        """The link of whoever started the console."""
        return self._owner

    def issue(
        self,
        role: Role,
        *,
        session_id: str | None = None,
        one_time: bool = False,
        lifetime_s: float | None = None,
    ) -> Link:
        """Make a further link.

        Args:
            role: Of everyone who comes by it.
            session_id: The only session that a watcher may see.
            one_time: Whether it opens once only, as for a browser that we open ourselves.
            lifetime_s: Seconds after which it opens nothing; None is never.

        Raises:
            ValueError: A watcher needs a session, and nobody else may have one.
        """
        if (role == "watcher") != (session_id is not None):
            raise ValueError("a link for a watcher names a session, and no other link does")
        ends = None if lifetime_s is None else self._clock.now_s() + lifetime_s
        token = secrets.token_urlsafe(32)
        return self._keep(Link(_new_id(), role, token, session_id, one_time, ends))

    def withdraw(self, link_id: str) -> None:
        """Let nobody in by a link any more; who came by it stays. Again is fine.

        What could be watched by it is over.
        """
        links = self._links
        self._links = {key: each for key, each in links.items() if each.id != link_id}
        for link in links.values():
            if link.id == link_id and link.session_id is not None:
                for guest in self._guests.values():
                    guest.watches.discard(link.session_id)

    def admit(self, token: str, known: Person | None = None) -> Admission | None:
        """Let in whoever shows `token`; None says that it opens nothing.

        Args:
            token: As it came.
            known: Who they are already. A lesser link does not lower them.
        """
        link = self._link_of(token)
        if link is None:
            return None
        if link.is_one_time:
            self.withdraw(link.id)
        guest = None if known is None else self._guest_of(known)
        if guest is None or _RANK[link.role] > _RANK[guest.person.role]:
            guest = self._welcome(link)
            cookie: str | None = guest.cookie
        else:
            cookie = None
        if link.session_id is not None:
            guest.watches.add(link.session_id)
        return Admission(guest.person, cookie)

    def role_of(self, token: str) -> Role | None:
        """Return whom a token lets in; None when it opens nothing."""
        link = self._link_of(token)
        return None if link is None else link.role

    def recognise(self, cookie: str) -> Person | None:
        """Return whose cookie it is; None for any that this start of the console has not given."""
        if len(cookie) > _MAX_SECRET_CHARS:
            return None
        key = _digest(cookie)
        guest = self._guests.get(key)
        if guest is None or not _is_same(guest.cookie, cookie):
            return None
        self._guests.move_to_end(key)
        return guest.person

    @contextlib.contextmanager
    def presence(self, person: Person) -> Iterator[None]:
        """Know somebody as present, who is not forgotten for others; any number at a time."""
        self._present[person] += 1
        try:
            yield
        finally:
            self._present[person] -= 1
            if not self._present[person]:
                del self._present[person]

    def people(self) -> list[Person]:
        """Return everyone who may come in, who was seen last at the end."""
        return [each.person for each in self._guests.values()]

    def may_watch(self, person: Person, session_id: str) -> bool:
        """Return whether somebody may look on at a session that is not theirs."""
        guest = self._guest_of(person)
        return guest is not None and (person.is_owner or session_id in guest.watches)

    def revoke(self, person: Person) -> None:
        """Make somebody's cookie void and end their sockets; a link lets them in again."""
        guest = self._guest_of(person)
        if guest is not None:
            del self._guests[_digest(guest.cookie)]
            self.revoked.emit(person)

    def _keep(self, link: Link) -> Link:
        self._links[_digest(link.token)] = link
        return link

    def _link_of(self, token: str) -> Link | None:
        if not token or len(token) > _MAX_SECRET_CHARS:
            return None
        link = self._links.get(_digest(token))
        if link is None or not _is_same(link.token, token):
            return None
        if link.expires_at_s is not None and self._clock.now_s() >= link.expires_at_s:
            self.withdraw(link.id)
            return None
        return link

    def _welcome(self, link: Link) -> _Guest:
        guest = _Guest(Person(_new_id(), link.role, link.id), secrets.token_urlsafe(32), set())
        self._guests[_digest(guest.cookie)] = guest
        while len(self._guests) > MAX_PEOPLE:
            self.revoke(self._most_dispensable(guest.person))
        return guest

    def _most_dispensable(self, newcomer: Person) -> Person:
        """Return who is forgotten first; of those who are alike, who was not seen for the longest."""
        people = self.people()
        kept = {*self._present, *[each for each in people if each.is_owner][-OWNERS_KEPT:]}
        return min((each for each in people if each != newcomer), key=lambda each: each in kept)

    def _guest_of(self, person: Person) -> _Guest | None:
        return next((each for each in self._guests.values() if each.person == person), None)


def _new_id() -> str:
    return secrets.token_urlsafe(18)


def _digest(secret: str) -> str:
    return hashlib.sha256(_bytes(secret)).hexdigest()


def _is_same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(_bytes(ours), _bytes(theirs))


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogatepass")
