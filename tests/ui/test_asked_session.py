"""Which session a request gets at."""

from __future__ import annotations

import pytest
from fastapi import HTTPException

from console.app.backend import Backend
from console.settings import Settings
from console.ui.asked_session import GONE, own_session
from console.ui.door.people import Person
from console.ui.sessions import SessionRegistry
from console.ui.visits import Visit

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")
GUEST, OTHER = Person("a", "guest", "link"), Person("b", "guest", "link")


async def test_a_session_is_found_by_whoever_has_it_until_it_ends() -> None:
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS)
    session = registry.session_for({}, Visit(GUEST))

    assert own_session(registry, session.session_id, GUEST) is session
    await registry.close()
    with pytest.raises(HTTPException) as ended:
        own_session(registry, session.session_id, GUEST)
    assert (ended.value.status_code, ended.value.detail) == (404, GONE)


async def test_others_learn_no_more_than_of_one_that_there_is_not() -> None:
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS)
    session = registry.session_for({}, Visit(GUEST))

    answers = []
    for session_id in (session.session_id, session.watch_id, "nonsense"):
        with pytest.raises(HTTPException) as refused:
            own_session(registry, session_id, OTHER)
        answers.append((refused.value.status_code, refused.value.detail))

    assert answers == [(404, GONE)] * 3
    await registry.close()
