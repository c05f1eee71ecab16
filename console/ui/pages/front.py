"""Which page a visitor gets: a session of their own, one to watch, or a word why there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import Client, app, ui

from console.ui import tabs
from console.ui.door.people import person_of
from console.ui.pages import console as console_page
from console.ui.pages.relays import LIST_PATH
from console.ui.pages.watch import WatchPage
from console.ui.pages.word import word_page
from console.ui.people import People
from console.ui.sessions import SessionRegistry, TooManySessionsError
from console.ui.sharing import Sharing
from console.ui.visits import Visit

ONLY_WATCHING: Final = "You were given a link to watch a session. Open that link again."
NOT_TO_WATCH: Final = (
    "This session has ended, or its link was meant for somebody else. Ask whoever talks there for the "
    "next link: People at the head of their page shows it."
)
NOT_YET: Final = "The last session here has ended. The next one is shown here as soon as it begins."
TOO_MANY: Final = "You have many sessions open already. Close some of their tabs, then reload."


def install(registry: SessionRegistry, title: str) -> None:
    """Add the page of those who watch, and forget the tabs of those who have left."""
    app.on_connect(lambda: tabs.forget_closed(registry))

    @ui.page("/watch-{watch_id}", title=title, dark=None)
    async def watch(client: Client, watch_id: str) -> None:
        person = person_of(client.request)
        session = registry.watched(watch_id, person)
        if session is None:
            may_talk = person.role != "watcher"
            way = ("Open the console", "./") if may_talk else None
            word_page("Nothing to watch here", NOT_TO_WATCH, way)
        elif session.watching.is_waiting:
            word_page("Nothing to watch yet", NOT_YET)
            client.on_delete(session.watching.begun.connect(lambda _: _reload(client)))
        else:
            WatchPage(session.to_watch(), registry.whose(session))


def root(
    registry: SessionRegistry,
    guest_base: str = "",
    sharing: Sharing | None = None,
    *,
    has_relays: bool = False,
) -> Callable[[], Awaitable[None]]:
    """Return the function that builds the page of one visitor.

    Args:
        registry: All sessions.
        guest_base: Where others reach the console; empty: where the visitor does.
        sharing: What the owner may give away.
        has_relays: Whether there are relays whose sessions the owner can watch.
    """

    async def build() -> None:
        client = ui.context.client
        await client.connected()
        if client.is_deleted:  # who asked has left, or was no browser
            return
        visit = Visit.of(client.request)
        if visit.person.role == "watcher":
            word_page("You are here to watch", ONLY_WATCHING)
            return
        try:
            session = registry.session_for(app.storage.tab, visit)
        except TooManySessionsError:
            word_page("Too many sessions", TOO_MANY)
            return
        base = guest_base or str(client.request.base_url).rstrip("/")
        people = People(registry, session, visit, base)
        is_owner = visit.person.is_owner
        console_page.build_page(
            session,
            people,
            sharing if is_owner else None,
            _open_relays if is_owner and has_relays else None,
        )

    return build


def _reload(client: Client) -> None:
    with client:
        ui.navigate.reload()


def _open_relays() -> None:
    # A tab that knows its opener gets a copy of what the opener is known by, and so its session.
    ui.run_javascript(f'window.open("{LIST_PATH}", "_blank", "noopener")')
