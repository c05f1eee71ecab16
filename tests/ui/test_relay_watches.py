import pytest

from console.app.view_model import Part
from console.client.relay_sessions import RelaySessions
from console.errors import ConnectError
from console.realtime import observed
from console.realtime.observed import ListedSession, ObservedEvent, ObservedNow
from console.settings import Settings
from console.ui.door.people import Person
from console.ui.grace_times import GRACE_S
from console.ui.relay_watches import MAX_WATCHED, RelayWatches
from tests.fakes import FakeTransport, ManualClock, settle

OWNER = Person("p1", "owner", "l1")
GUEST = Person("p2", "guest", "l2")
LISTED = ListedSession("s1", token="shop", model="m")


class Relay(RelaySessions):
    """A relay that the test plays."""

    def __init__(self, *sessions, problem=None):
        super().__init__("ws://127.0.0.1:8081", "token", open_transport=self._open)
        self.sessions = sessions
        self.problem = problem
        self.lines = []

    async def listed(self):
        if self.problem is not None:
            raise ConnectError(self.problem, cause="key")
        return list(self.sessions)

    async def _open(self, url, headers, timeout_s):
        self.lines.append(FakeTransport())
        return self.lines[-1]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def relay():
    return Relay(LISTED)


@pytest.fixture
async def relays(relay, clock):
    relays = RelayWatches([relay], clock=clock)
    yield relays
    await relays.close()


async def test_lists_of_all_relays_come_side_by_side_also_if_one_is_not_there(relay):
    relays = RelayWatches([relay, Relay(problem="No.")])

    first, second = await relays.lists()

    assert (first.relay, first.sessions, first.problem) == (0, (LISTED,), "")
    assert (second.relay, second.sessions, second.problem) == (1, (), "No.")


async def test_a_session_that_is_watched_is_found_by_its_name_and_shows_what_happens(relays, relay):
    watched = await relays.watch(0, "s1", OWNER)
    changed: list[frozenset[Part]] = []
    stop = watched.changed.connect(changed.append)
    event = ObservedEvent(1.0, "client", {"type": "response.create"}, 10)
    await settle()
    relay.lines[0].deliver_raw(observed.dump(event))
    relay.lines[0].deliver_raw(observed.dump(ObservedNow()))
    await settle()

    assert relays.own(watched.session_id, OWNER) is watched
    assert [each.event.type for each in watched.log.entries()] == ["response.create"]
    assert watched.conversation.views() == []
    assert "connection" in changed[0]
    stop()
    stop()
    relay.lines[0].hang_up()
    await settle()
    assert len(changed) == 1


@pytest.mark.parametrize(
    ("relay_number", "session_id", "person"),
    [(0, "s1", GUEST), (0, "s2", OWNER), (1, "s1", OWNER), (-1, "s1", OWNER)],
)
async def test_others_and_what_is_not_there_get_nothing(relays, relay_number, session_id, person):
    assert await relays.watch(relay_number, session_id, person) is None


async def test_nobody_but_the_owner_finds_what_is_watched(relays):
    watched = await relays.watch(0, "s1", OWNER)

    assert relays.own(watched.session_id, GUEST) is None
    assert relays.own("guessed", OWNER) is None


async def test_what_no_page_shows_any_more_is_watched_no_more(relays, relay, clock):
    watched = await relays.watch(0, "s1", OWNER)
    await settle()
    await clock.advance(GRACE_S - 1)
    watched.channel.connected.emit(None)
    await clock.advance(GRACE_S * 5)
    still = relays.own(watched.session_id, OWNER)
    watched.channel.closed.emit(None)
    await clock.advance(GRACE_S + 1)

    assert still is watched
    assert relays.own(watched.session_id, OWNER) is None
    assert relay.lines[0].closed is not None


async def test_only_so_many_are_watched_at_once(relays):
    first = await relays.watch(0, "s1", OWNER)
    for _ in range(MAX_WATCHED):
        await relays.watch(0, "s1", OWNER)

    assert relays.own(first.session_id, OWNER) is None


async def test_the_end_of_the_console_ends_all_lines(relay):
    relays = RelayWatches([relay])
    await relays.watch(0, "s1", OWNER)
    await settle()

    await relays.close()

    assert relay.lines[0].closed is not None


def test_the_relays_are_those_of_the_settings():
    some = Settings(_env_file=None, watch="ws://127.0.0.1:8081, wss://relay.example")

    assert RelayWatches.of(some)
    assert not RelayWatches.of(Settings(_env_file=None))
