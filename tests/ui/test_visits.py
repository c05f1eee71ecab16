"""Whose the sessions are."""

import pytest
from starlette.requests import Request

from console.app.backend import Backend
from console.settings import Settings
from console.ui.console_session import ConsoleSession
from console.ui.door.door import Door
from console.ui.door.people import SCOPE_KEY, Person
from console.ui.visits import MAX_NAMES, Visit, Visitors, browser_named
from tests.fakes import ManualClock
from tests.ui.let_in import GUEST, OWNER, STRANGER

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/156.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/156.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like "
            "Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
            "Edge on macOS",
        ),
        ("curl/8.14.1", ""),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words(user_agent, words):
    assert browser_named(user_agent) == words


def test_a_visit_says_who_came_from_where_and_with_what():
    scope = {
        "type": "http",
        "headers": [(b"user-agent", FIREFOX.encode())],
        "client": ("192.0.2.7", 50_000),
        SCOPE_KEY: GUEST,
    }

    assert Visit.of(Request(scope)) == Visit(GUEST, "192.0.2.7", "Firefox on Windows")
    with pytest.raises(RuntimeError, match="door"):
        Visit.of(Request({"type": "http", "headers": []}))


async def test_guests_are_numbered_as_they_come_and_keep_their_number():
    visitors, door = Visitors(), Door()
    sessions = [ConsoleSession(Backend(SETTINGS), SETTINGS, ManualClock()) for _ in range(4)]
    for session, person in zip(sessions, (OWNER, GUEST, STRANGER, GUEST), strict=True):
        visitors.opened(session, Visit(person))

    assert [visitors.name(each) for each in (OWNER, GUEST, STRANGER)] == [
        "Host",
        "Guest 1",
        "Guest 2",
    ]
    assert visitors.count(GUEST) == 2
    assert visitors.closed(sessions[1].session_id) == (GUEST, None)
    assert visitors.count(GUEST) == 1
    link = visitors.watch_link(sessions[3], door)
    assert visitors.watch_link(sessions[3], door) is link
    assert visitors.closed(sessions[3].session_id) == (GUEST, link.id)
    assert not visitors.is_of(sessions[3].session_id, GUEST)
    for session in sessions:
        await session.close()


async def test_names_are_not_kept_without_end_and_no_number_is_given_twice():
    visitors = Visitors()
    session = ConsoleSession(Backend(SETTINGS), SETTINGS, ManualClock())
    people = [Person(f"person-{n}", "guest", "link") for n in range(MAX_NAMES + 1)]
    for person in people:
        visitors.opened(session, Visit(person))
        visitors.closed(session.session_id)

    assert visitors.name(people[0]) == "Guest"
    assert visitors.name(people[1]) == "Guest 2"
    assert visitors.name(people[-1]) == f"Guest {MAX_NAMES + 1}"
    await session.close()
