import pytest

from console import tasks
from console.relay.drain import GOING_AWAY, NOTICE_S, STOPPING, Drain
from tests.fakes import ManualClock, settle
from tests.relay.facts import passed


class Session:
    def __init__(self, server, *, is_answering=False):
        self.server = server
        self.is_answering = is_answering
        self.told = []
        self.ended = None
        server.sessions.append(self)

    def tell(self, refusal):
        self.told.append(refusal)

    def end(self, code, reason):
        self.ended = (code, reason)
        if self in self.server.sessions:
            self.server.sessions.remove(self)
            self.server.drain.session_closed("s", code, reason, "relay")


class Server:
    def __init__(self, drain):
        self.drain = drain
        self.sessions = []
        self.is_accepting = True

    def stop_accepting(self):
        self.is_accepting = False


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def server(clock):
    return Server(Drain(clock))


async def begin(server, longest_s=30):
    draining = tasks.spawn(server.drain.run(server, longest_s), name="drain")
    await settle()
    return draining


def answer_ends(server, session):
    session.is_answering = False
    server.drain.event_passed(passed("down", {"type": "response.done"}, 1, session_id="s"))


async def test_without_sessions_it_ends_at_once_and_lets_nobody_in(server):
    draining = await begin(server)

    assert draining.done()
    assert not server.is_accepting


async def test_everybody_is_told_and_has_a_moment_to_read_it(server, clock):
    quiet = Session(server)
    draining = await begin(server)

    assert [each.code for each in quiet.told] == [STOPPING]
    assert "30 s" in quiet.told[0].message
    await clock.advance(NOTICE_S - 0.01)
    assert quiet.ended is None
    await clock.advance(0.02)
    assert quiet.ended == (GOING_AWAY, STOPPING)
    assert draining.done()


async def test_an_answer_under_way_is_finished_first(server, clock):
    quiet, busy = Session(server), Session(server, is_answering=True)
    draining = await begin(server)
    await clock.advance(10)
    assert quiet.ended
    assert busy.ended is None

    answer_ends(server, busy)
    await settle()

    assert busy.ended == (GOING_AWAY, STOPPING)
    assert draining.done()


async def test_an_answer_that_takes_too_long_is_ended_in_its_middle(server, clock):
    busy = Session(server, is_answering=True)
    draining = await begin(server, longest_s=5)

    await clock.advance(4.9)
    assert busy.ended is None
    await clock.advance(0.2)

    assert busy.ended == (GOING_AWAY, STOPPING)
    assert draining.done()


async def test_who_leaves_by_themselves_is_not_waited_for(server, clock):
    session = Session(server)
    draining = await begin(server)

    session.end(1000, "")
    await settle()

    assert draining.done()
    assert clock.now_s() == 1000.0


async def test_without_time_all_end_at_once(server):
    busy = Session(server, is_answering=True)

    draining = await begin(server, longest_s=0)

    assert busy.ended == (GOING_AWAY, STOPPING)
    assert draining.done()
