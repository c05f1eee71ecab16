import asyncio
import logging

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from console.ui.door import door as door_module
from console.ui.door.door import Door
from console.ui.door.people import SCOPE_KEY
from console.ui.door.rates import DoorLimits
from console.ui.door.socket_guard import LINE_EVERY_S, MESSAGE_BURST, MOST_LINES, SocketGuard
from tests.fakes import ManualClock, settle
from tests.ui.door.knock import browser, echo
from tests.ui.test_rate_limit import SteppedClock

CHANNEL = "/_nicegui_ws/socket.io/"


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def door(clock):
    return Door(clock=clock)


@pytest.fixture
def guarded(door, clock):
    def with_limits(clock=clock, **limits):
        app = Starlette(routes=[WebSocketRoute(each, echo) for each in ("/rt/x", CHANNEL)])
        app.add_middleware(SocketGuard, door=door, limits=DoorLimits(**limits), clock=clock)
        return app

    return with_limits


def is_served(client):
    try:
        with client.websocket_connect("/rt/x") as socket:
            socket.send_text("hello")
            return socket.receive_text() == "hello"
    except WebSocketDisconnect:
        return False


def test_an_address_has_so_many_sockets_and_gets_room_when_one_closes(guarded, caplog):
    app = guarded(sockets=2)
    caplog.set_level(logging.WARNING)
    client = browser(app)
    with client.websocket_connect("/rt/x"):
        with client.websocket_connect("/rt/x"):
            assert not is_served(client)
            assert is_served(browser(app, client=("192.0.2.9", 1)))
        assert is_served(client)

    assert "too many" in caplog.text


def test_all_together_have_so_many_sockets(guarded):
    app = guarded(sockets_in_all=1)
    with browser(app).websocket_connect("/rt/x"):
        assert not is_served(browser(app, client=("192.0.2.9", 1)))

    assert is_served(browser(app, client=("192.0.2.9", 1)))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_niceguis_channel_takes_no_requests_but_its_websocket(guarded, method):
    answer = browser(guarded()).request(method, "/_nicegui_ws/socket.io/?transport=polling")

    assert answer.status_code == 400
    assert "open a WebSocket" in answer.text


def test_who_talks_faster_than_any_page_is_cut_off(guarded):
    with browser(guarded()).websocket_connect("/rt/x") as socket:
        for _ in range(MESSAGE_BURST + 1):
            socket.send_text("x")
        for _ in range(MESSAGE_BURST):
            socket.receive_text()
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_text()

    assert caught.value.code == 1008


@pytest.mark.parametrize("message", ["", "7", "9", "x", "bAAAA", "é", "²", b"4", b""])
def test_who_says_on_niceguis_channel_what_its_library_fails_over_is_cut_off(guarded, message):
    with browser(guarded()).websocket_connect(CHANNEL) as socket:
        send = socket.send_text if isinstance(message, str) else socket.send_bytes
        socket.send_text("3")
        assert socket.receive_text() == "3"
        send(message)
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_text()

    assert caught.value.code == 1008


def test_who_is_cut_off_or_refused_again_and_again_fills_no_log(guarded, caplog):
    caplog.set_level(logging.WARNING)
    clock = SteppedClock()
    client = browser(guarded(clock, sockets=1))

    def cut_off():
        with client.websocket_connect(CHANNEL) as socket:
            assert not is_served(client)
            socket.send_text("x")
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()

    for _ in range(MOST_LINES):
        cut_off()
    assert len(caplog.records) == MOST_LINES

    clock.time_s += LINE_EVERY_S
    cut_off()
    assert len(caplog.records) == MOST_LINES + 1


class Line:
    """A server's end of a WebSocket as a person has it, driven by hand."""

    def __init__(self, guard, person, *, stuck=False):
        self.sent = []
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.stuck = asyncio.Event()
        if not stuck:
            self.stuck.set()
        scope = {"type": "websocket", "path": "/rt/x", "headers": [], "client": ("a", 1)}
        self.task = asyncio.create_task(
            guard({**scope, SCOPE_KEY: person}, self.queue.get, self.send)
        )
        self.queue.put_nowait({"type": "websocket.connect"})

    async def send(self, message):
        if message["type"] != "websocket.accept":
            await self.stuck.wait()
        self.sent.append(message)
        if message["type"] == "websocket.close":
            # As the server does: it tells the application that the socket is gone.
            self.queue.put_nowait({"type": "websocket.disconnect", "code": message["code"]})


async def test_the_sockets_of_somebody_who_is_sent_away_are_closed_and_no_others(door):
    guard = SocketGuard(Starlette(routes=[WebSocketRoute("/rt/x", echo)]), door, DoorLimits())
    ada = door.admit(door.issue("guest").token).person
    bob = door.admit(door.issue("guest").token).person
    hers, his = [Line(guard, ada), Line(guard, ada)], Line(guard, bob)
    await settle()

    door.revoke(ada)
    await asyncio.wait_for(asyncio.gather(*(each.task for each in hers)), 5)

    assert [each.sent[-1] for each in hers] == [{"type": "websocket.close", "code": 1008}] * 2
    assert [each["type"] for each in his.sent] == ["websocket.accept"]
    his.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await his.task


async def test_who_has_a_socket_is_not_forgotten_for_those_who_come(door, monkeypatch):
    monkeypatch.setattr(door_module, "MAX_PEOPLE", 2)
    guard = SocketGuard(Starlette(routes=[WebSocketRoute("/rt/x", echo)]), door, DoorLimits())
    link = door.issue("guest")
    ada, bob = door.admit(link.token).person, door.admit(link.token).person
    hers = Line(guard, ada)
    await settle()

    carl = door.admit(link.token).person

    assert set(door.people()) == {ada, carl}
    assert bob not in door.people()
    hers.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await hers.task
    door.admit(link.token)
    assert ada not in door.people()


async def test_somebody_who_reads_nothing_does_not_keep_others_from_being_closed(door):
    guard = SocketGuard(Starlette(routes=[WebSocketRoute("/rt/x", echo)]), door, DoorLimits())
    ada = door.admit(door.issue("guest").token).person
    stuck, free = Line(guard, ada, stuck=True), Line(guard, ada)
    await settle()

    door.revoke(ada)
    await asyncio.wait_for(free.task, 5)

    assert not stuck.task.done()
    stuck.stuck.set()
    await asyncio.wait_for(stuck.task, 5)
