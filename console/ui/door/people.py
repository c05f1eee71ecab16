"""Who is there: everyone who came in by a link, as routes, sockets and pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends
from starlette.requests import HTTPConnection

Role = Literal["owner", "guest", "watcher"]
"""`owner` started the console, `guest` has the link that was shared, `watcher` looks on."""

SCOPE_KEY: Final = "console.person"
"""Under which the token guard leaves the `Person` in the ASGI scope."""


@dataclass(frozen=True, slots=True)
class Person:
    """A browser that was let in."""

    id: str
    """Cannot be guessed, and opens nothing: the cookie is another secret."""
    role: Role
    link_id: str
    """Of the link by which they came."""

    @property
    def is_owner(self) -> bool:
        """Whether they may change what concerns the host."""
        return self.role == "owner"


def person_of(connection: HTTPConnection) -> Person:
    """Return who sent a request or opened a WebSocket.

    A page asks with the request that its client keeps: `person_of(ui.context.client.request)`.

    Raises:
        RuntimeError: The application is served without its door.
    """
    person = connection.scope.get(SCOPE_KEY)
    if not isinstance(person, Person):
        raise RuntimeError("nobody was let in: the application is served without its door")
    return person


Visitor = Annotated[Person, Depends(person_of)]
"""A parameter of a route or a WebSocket that is who asks."""
