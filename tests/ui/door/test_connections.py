import asyncio
import contextlib
import logging
import ssl
import sys
from types import SimpleNamespace

import pytest
import uvloop

from console.ui.door.connections import Connections, allow_files
from console.ui.door.rates import DoorLimits
from tests.certificate import write_certificate
from tests.fakes import PATIENCE_S

FEW = DoorLimits(sockets=2, sockets_in_all=4)
"""Ten connections of one address, twenty in all."""


class Server:
    """What the server would do on one connection."""

    def __init__(self):
        self.heard = []
        self.cycle = None

    def connection_made(self, transport):
        self.heard.append("made")
        self.transport = transport

    def connection_lost(self, exc):
        self.heard.append("lost")

    def data_received(self, data):
        self.heard.append(data)
        if data == b"request":
            self.cycle = SimpleNamespace(response_complete=False)
        if data == b"upgrade":
            self.transport.set_protocol(object())

    def eof_received(self):
        self.heard.append("eof")
        return True

    def pause_writing(self):
        self.heard.append("pause")

    def resume_writing(self):
        self.heard.append("resume")


class Line:
    """A transport, and what speaks on it."""

    def __init__(self, limits, address="192.0.2.1"):
        self.address = address
        self.was_aborted = asyncio.Event()
        self.has_ended = False
        self.written = []
        self.protocol = limits()
        self.server = self.protocol._inner
        self.protocol.connection_made(self)

    def get_extra_info(self, name):
        assert name == "peername"
        return (self.address, 1234)

    def get_protocol(self):
        return self.protocol

    def set_protocol(self, protocol):
        self.protocol = protocol

    def is_closing(self):
        return self.has_ended

    def write(self, data):
        assert not self.has_ended, "some transports raise then"
        self.written.append(data)

    def abort(self):
        self.was_aborted.set()

    @property
    def is_open(self):
        return not self.was_aborted.is_set()

    def end(self):
        self.has_ended = True
        self.protocol.connection_lost(None)


@pytest.fixture
def limits():
    return Connections(FEW, speak=Server)


async def test_an_address_has_so_many_and_gets_room_when_one_ends(limits, caplog):
    caplog.set_level(logging.WARNING)
    lines = [Line(limits) for _ in range(10)]
    assert all(each.is_open for each in lines)

    refused = [Line(limits) for _ in range(3)]
    assert not any(each.is_open or each.server.heard for each in refused)
    assert Line(limits, "192.0.2.2").is_open
    for each in refused:
        each.protocol.data_received(b"late")
        each.end()
        assert each.server.heard == []
    assert limits.n_open == 11
    assert len(caplog.records) == 1

    lines[0].end()
    assert Line(limits).is_open


async def test_all_together_have_so_many(limits):
    lines = [Line(limits, f"192.0.2.{n}") for n in range(21)]

    assert [each.is_open for each in lines] == [True] * 20 + [False]


async def test_a_proxy_speaks_for_many(limits):
    limits = Connections(FEW, ["192.0.2.0/30"], speak=Server)

    assert all(Line(limits).is_open for _ in range(20))
    assert not Line(limits).is_open


async def test_all_is_the_servers_and_nothing_is_counted_in_the_end(limits):
    line = Line(limits)
    line.protocol.data_received(b"request")
    line.protocol.pause_writing()
    line.protocol.resume_writing()
    assert line.protocol.eof_received() is True
    line.end()

    assert line.server.heard == ["made", b"request", "pause", "resume", "eof", "lost"]
    assert limits.n_open == 0


async def test_an_answer_to_somebody_who_has_left_goes_nowhere(limits):
    line = Line(limits)
    line.server.transport.write(b"answer")
    line.end()

    line.server.transport.write(b"answer to what was asked behind it")

    assert line.written == [b"answer"]


async def test_a_websocket_is_counted_no_more(limits):
    line = Line(limits)
    speaking = line.protocol

    speaking.data_received(b"upgrade")

    assert limits.n_open == 0
    speaking.connection_lost(None)
    assert limits.n_open == 0


@pytest.mark.parametrize("parts", [[], [b"GET / HT", b"TP/1.1"]], ids=["nothing", "half a head"])
async def test_who_does_not_say_what_they_want_is_cut_off(parts):
    limits = Connections(FEW, timeout_s=0.01, speak=Server)
    line = Line(limits)
    for part in parts:
        line.protocol.data_received(part)

    await asyncio.wait_for(line.was_aborted.wait(), PATIENCE_S)


async def test_an_answer_may_take_its_time_and_the_next_head_may_not():
    limits = Connections(FEW, timeout_s=0.01, speak=Server)
    line, other = Line(limits), Line(limits)
    line.protocol.data_received(b"request")

    await asyncio.wait_for(other.was_aborted.wait(), PATIENCE_S)
    assert line.is_open

    line.server.cycle.response_complete = True
    line.protocol.data_received(b"half")
    await asyncio.wait_for(line.was_aborted.wait(), PATIENCE_S)


class Resource:
    """The system's limit of open files."""

    RLIMIT_NOFILE, RLIM_INFINITY = 7, -1

    def __init__(self, soft, hard):
        self.limit = (soft, hard)

    def getrlimit(self, _):
        return self.limit

    def setrlimit(self, _, limit):
        if self.limit[1] == 666:
            raise ValueError("not allowed")
        self.limit = limit


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((256, -1), (1500, -1)),
        ((1024, 20_000), (1500, 20_000)),
        ((1024, 1100), (1100, 1100)),
        ((4096, 4096), (4096, 4096)),
        ((-1, -1), (-1, -1)),
        ((600, 666), (600, 666)),
    ],
)
def test_the_process_may_open_as_many_files_as_its_limits_need(monkeypatch, before, after):
    system = Resource(*before)
    monkeypatch.setitem(sys.modules, "resource", system)

    allow_files(DoorLimits())

    assert system.limit == after


class Echo(asyncio.Protocol):
    """A server that sends everything back."""

    cycle = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class Counted(Connections):
    """They tell when nobody is left."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.all_left = asyncio.Event()

    def leave(self, address):
        super().leave(address)
        if not self.n_open:
            self.all_left.set()


def over_tls(loop_factory, folder, work, timeout_s=PATIENCE_S):
    """Run `work` with a port that speaks TLS, and what its clients need to trust it."""
    certificate, key = write_certificate(folder)
    limits = Counted(FEW, timeout_s=timeout_s, speak=Echo)
    limits.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    limits.tls.load_cert_chain(certificate, key)
    trust = ssl.create_default_context(cafile=certificate)

    async def run():
        async with asyncio.timeout(2 * PATIENCE_S):
            server = await asyncio.get_running_loop().create_server(limits, "127.0.0.1", 0)
            try:
                await work(limits, server.sockets[0].getsockname()[1], trust)
            finally:
                server.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(run())


LOOPS = pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])


@LOOPS
def test_with_tls_they_are_counted_before_its_handshake(loop_factory, tmp_path):
    async def work(limits, port, trust):
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(9)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        writer.write(b"request")
        assert await reader.read(7) == b"request"
        assert limits.n_open == 10

        refused, its_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            assert await refused.read() == b""

        for each in (writer, its_writer, *(writer for _, writer in silent)):
            each.close()
        await limits.all_left.wait()

    over_tls(loop_factory, tmp_path, work)


@LOOPS
@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n"])
def test_who_never_shakes_hands_is_cut_off_and_forgotten(loop_factory, tmp_path, sent):
    async def work(limits, port, trust):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        await limits.all_left.wait()

    over_tls(loop_factory, tmp_path, work, timeout_s=0.05)


@LOOPS
def test_who_speaks_http_is_told_where_https_is(loop_factory, tmp_path):
    async def work(limits, port, trust):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /a HTTP/1.1\r\n")
        await writer.drain()
        writer.write(b"Host: there:8080\r\n\r\n")
        told = await reader.read()
        writer.close()
        await limits.all_left.wait()

        assert told.startswith(b"HTTP/1.1 307 ")
        assert b"\r\nlocation: https://there:8080/a\r\n" in told

    over_tls(loop_factory, tmp_path, work)


@LOOPS
def test_a_handshake_in_single_bytes_is_one(loop_factory, tmp_path):
    async def work(limits, port, trust):
        ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = trust.wrap_bio(theirs, ours, server_hostname="127.0.0.1")
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for each in ours.read():
            writer.write(bytes([each]))
            await writer.drain()

        assert (await reader.readexactly(1))[0] == 0x16
        writer.close()
        await limits.all_left.wait()

    over_tls(loop_factory, tmp_path, work)
