import asyncio
import json

from console.clock import SystemClock
from console.simulator.service import calls as calls_module
from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import Talker, closing, open_session, running, until


def begin(server, model="gpt-realtime", **settings):
    return server._calls.answer(server.ring(), model, {"type": "realtime", **settings}).id


async def test_whoever_watches_a_call_sees_what_anybody_does_with_it():
    async with running() as server:
        query = f"?call_id={begin(server, instructions='Be brief.')}"
        async with open_session(server, query) as one, open_session(server, query) as other:
            watcher, steerer = Talker(one), Talker(other)
            await steerer.send(type="session.update", session={"type": "realtime"})
            updated = await watcher.until("session.updated")
            await steerer.say("hello")
            await steerer.send(type="response.create")
            seen = await watcher.until("response.done")
            same = await steerer.until("response.done")

    # Nothing comes before the first answer: a call has begun long ago.
    assert [event["type"] for event in updated] == ["session.updated"]
    assert updated[0]["session"]["instructions"] == "Be brief."
    assert [event["event_id"] for event in same[1:]] == [event["event_id"] for event in seen]
    kinds = {event["type"] for event in seen}
    assert "response.output_audio_transcript.delta" in kinds
    assert "response.output_audio.delta" not in kinds


async def test_a_call_goes_on_without_watchers_and_keeps_what_was_said():
    async with running() as server:
        query = f"?call_id={begin(server)}"
        async with open_session(server, query) as connection:
            talker = Talker(connection)
            await talker.say("hello")
            item_id = (await talker.until("conversation.item.added"))[-1]["item"]["id"]
        async with open_session(server, query) as connection:
            talker = Talker(connection)
            await talker.send(type="conversation.item.retrieve", item_id=item_id)
            item = (await talker.until("conversation.item.retrieved"))[-1]["item"]

    assert item["content"][0]["text"] == "hello"


async def test_one_watcher_that_leaves_does_not_end_the_other():
    async with running() as server:
        query = f"?call_id={begin(server)}"
        async with open_session(server, query) as stays:
            async with open_session(server, query):
                pass
            await asyncio.wait_for(until(lambda: server.n_sessions == 1), 5)
            await Talker(stays).send(type="session.update", session={"type": "realtime"})
            event = json.loads(await stays.recv())

    assert event["type"] == "session.updated"


async def test_hanging_up_stops_what_was_being_said():
    senses = FakeSenses()
    async with running(senses) as server:
        call_id = begin(server)
        async with open_session(server, f"?call_id={call_id}") as connection:
            talker = Talker(connection)
            await talker.say("count")
            await talker.send(type="response.create")
            await talker.until("response.output_audio_transcript.delta")
            server._calls.hang_up(call_id)
            async for _ in connection:  # what was on its way
                pass
            ending = await closing(connection)
        await asyncio.wait_for(until(lambda: not server._calls._endings), 5)

    assert ending == (1000, "The call has ended.")


class HastyClock(SystemClock):
    """The first hour is over when the test says so, later ones never; the rest is at once."""

    def __init__(self):
        self.is_late = asyncio.Event()
        self._hours = [self.is_late]

    async def sleep(self, duration_s):
        if duration_s < 3600:
            await super().sleep(0)
        else:
            await (self._hours.pop() if self._hours else asyncio.Event()).wait()


async def test_a_call_ends_after_an_hour_and_its_watchers_are_told():
    clock = HastyClock()
    async with running(clock=clock) as server:
        call_id = begin(server)
        async with open_session(server, f"?call_id={call_id}") as connection:
            talker = Talker(connection)
            await talker.send(type="session.update", session={"type": "realtime"})
            await talker.until("session.updated")
            clock.is_late.set()
            error = (await talker.until("error"))[-1]["error"]
            ending = await closing(connection)

    assert error["code"] == "session_expired"
    assert ending == (1001, "Your session hit the maximum duration of 60 minutes.")
    assert not server._calls._calls


async def test_faults_of_a_watched_call_reach_its_responses():
    async with running() as server:
        query = f"?call_id={begin(server)}&fault=fail_response=insufficient_quota"
        async with open_session(server, query) as connection:
            talker = Talker(connection)
            await talker.say("hello")
            await talker.send(type="response.create")
            failed = (await talker.until("response.done"))[-1]["response"]

    assert failed["status_details"]["error"]["code"] == "insufficient_quota"


async def test_there_is_a_limit_to_calls(monkeypatch):
    monkeypatch.setattr(calls_module, "MAX_CALLS", 1)
    async with running() as server:
        before = server._calls.is_full
        begin(server)
        after = server._calls.is_full

    assert (before, after) == (False, True)


async def test_stopping_the_server_ends_the_calls():
    async with running() as server:
        connection = await open_session(server, f"?call_id={begin(server)}")
        talker = Talker(connection)
        await talker.send(type="session.update", session={"type": "realtime"})
        await talker.until("session.updated")
        await server.stop()
        ending = await closing(connection)

    assert ending == (1001, "")
    assert not server._calls._calls
