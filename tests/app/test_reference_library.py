import asyncio
import threading

import pytest

from console.app import reference_library
from console.app.reference.catalogue import ReferenceUnavailableError
from console.app.reference_library import load_catalogue
from tests.app.reference.rig import catalogue


@pytest.fixture
def reads(monkeypatch):
    """Return where each reading is noted; nothing has been read yet."""
    noted = []

    def read():
        noted.append(threading.current_thread())
        return catalogue()

    monkeypatch.setattr(reference_library, "read_catalogue", read)
    reference_library._kept.cache_clear()
    yield noted
    reference_library._kept.cache_clear()


async def test_it_is_read_once_for_all_who_ask_and_not_on_the_event_loop(reads):
    found = await asyncio.gather(*(load_catalogue() for _ in range(5)))

    assert len(reads) == 1
    assert reads[0] is not threading.current_thread()
    assert all(each is found[0] for each in found)


async def test_what_could_not_be_read_is_tried_again(reads, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(reference_library, "read_catalogue", fail)
        with pytest.raises(ReferenceUnavailableError, match="not there"):
            await load_catalogue()

    assert await load_catalogue() is catalogue()


def fail():
    raise ReferenceUnavailableError("not there")
