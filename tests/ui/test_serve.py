"""The running console from the outside: who gets in, what is refused, how it ends."""

import asyncio
import contextlib
import re
import struct
import zlib

import httpx
import pytest
import pytest_asyncio
import socketio
import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.typing import Origin

from console.ui.door.connections import CONNECTIONS_PER_SOCKET
from console.ui.door.rates import DoorLimits
from console.ui.door.refusal import POLICY_VIOLATION
from console.ui.serve import MAX_MESSAGE_BYTES
from tests.live_console import open_console
from tests.page_visitor import PageVisitor

FOREIGN = "https://evil.example"
CONNECT = "Connect"
SOCKETS = ("/_nicegui_ws/socket.io/?EIO=4&transport=websocket", "/rt/some-session")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(tmp_path_factory):
    directory = tmp_path_factory.mktemp("console")
    arguments = ("--target", "simulator", "--log-level", "debug")
    async with open_console(directory, *arguments, environment={}) as program:
        yield program


pytestmark = pytest.mark.asyncio(loop_scope="module")


def socket_url(console, path):
    return console.origin.replace("http", "ws", 1) + path


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", [FOREIGN, "null", "http://127.0.0.1:1"])
async def test_no_page_of_another_origin_opens_a_socket(console, path, origin):
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with websockets.connect(socket_url(console, path), origin=origin):
            pass

    assert caught.value.response.status_code == 403


def frame(opcode: int, payload: bytes, *, is_last: bool = True, first: int = 0) -> bytes:
    """A frame as a browser sends it; its mask changes nothing."""
    head = bytes(((0x80 if is_last else 0) | first | opcode, 0x80 | min(len(payload), 126)))
    long = struct.pack("!H", len(payload)) if len(payload) >= 126 else b""
    return head + long + bytes(4) + payload


@pytest.mark.parametrize(
    "sent",
    [
        frame(1, b"4", is_last=False) + frame(0, b"0", is_last=False) * 20_000,
        b"\x81\x01x",
        frame(1, b"\xff\xfe"),
        frame(1, b"x", first=0x40),
        frame(3, b"x"),
        frame(9, bytes(126)),
        frame(8, struct.pack("!H", 1005)),
        frame(8, struct.pack("!H", 9999)),
        frame(8, b"\x03"),
        frame(8, struct.pack("!H", 1000)) + frame(1, b"after the close"),
    ],
    ids=["fragments", "unmasked", "no UTF-8", "reserved bit", "opcode", "long ping",
         "close 1005", "close 9999", "half a code", "after the close"],
)  # fmt: skip
async def test_frames_that_break_the_protocol_end_their_socket_only(console, sent):
    host, port = console.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET {SOCKETS[0]} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: {(await console.cookie())['cookie']}\r\n\r\n".encode()
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")

    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):  # it may be closed before all was sent
            writer.write(sent + frame(8, struct.pack("!H", 1000)))
            await writer.drain()
            await reader.read()
    writer.close()

    async with httpx.AsyncClient(headers=await console.cookie()) as client:
        assert (await client.get(f"{console.origin}/door")).status_code == 204


@pytest.mark.parametrize("path", SOCKETS)
async def test_no_socket_opens_under_another_host_name(console, path):
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with websockets.connect(
            socket_url(console, path).replace("127.0.0.1", "evil.example"),
            host="127.0.0.1",
            port=int(console.origin.rsplit(":", 1)[1]),
        ):
            pass

    assert caught.value.response.status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/assets/style.css", "/rt/x/rows/0", "/_nicegui_ws/socket.io/"]
)
async def test_every_route_refuses_a_foreign_host(console, path):
    async with httpx.AsyncClient() as client:
        answer = await client.get(console.origin + path, headers={"host": "evil.example"})

    assert answer.status_code == 400


async def test_niceguis_polling_tells_nothing_to_another_origin(console):
    url = f"{console.origin}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    async with httpx.AsyncClient() as client:
        answer = await client.get(url, headers={"origin": FOREIGN})

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", SOCKETS)
async def test_messages_are_not_compressed(console, path):
    async with websockets.connect(
        socket_url(console, path),
        origin=console.origin,
        additional_headers=await console.cookie(),
        compression=None,
        extensions=[ClientPerMessageDeflateFactory()],
    ) as socket:
        assert socket.response is not None
        assert socket.response.headers.get("sec-websocket-extensions") is None


async def test_a_message_beyond_the_limit_ends_its_socket_only(console):
    async with websockets.connect(
        socket_url(console, SOCKETS[0]),
        origin=console.origin,
        additional_headers=await console.cookie(),
        compression=None,
    ) as socket:
        # One byte too many of a longer one: what is not read yet would take the answer along.
        announced = (17 * 1024 * 1024).to_bytes(8, "big")
        too_many = b"x" * (MAX_MESSAGE_BYTES + 1)
        socket.transport.write(b"\x81\xff" + announced + bytes(4) + too_many)
        await socket.wait_closed()
        assert socket.close_code == 1009

    async with httpx.AsyncClient(headers=await console.cookie()) as client:
        assert (await client.get(console.origin)).status_code == 200


async def test_bombs_of_compression_cost_no_memory(console):
    packed = zlib.compressobj(wbits=-15)
    bomb = packed.compress(bytes(200 * 1024 * 1024)) + packed.flush(zlib.Z_SYNC_FLUSH)
    before = console.memory_kib
    for _ in range(10):
        async with websockets.connect(
            socket_url(console, SOCKETS[0]),
            origin=console.origin,
            additional_headers=await console.cookie(),
            compression=None,
        ) as socket:
            # A frame that says to be compressed though nobody has agreed to that; masked with zeros.
            head = struct.pack("!BBQ", 0xC1, 0xFF, len(bomb)) + bytes(4)
            socket.transport.write(head + bomb)
            await socket.wait_closed()
            # By its words, or without any if it had not read all that came.
            assert socket.close_code in {1002, 1006}

    assert len(bomb) < 300_000
    assert console.memory_kib - before < 30 * 1024


async def page_client(console):
    """Load the page as its owner; return the id of its client, which only pages know."""
    async with httpx.AsyncClient(headers=await console.cookie()) as client:
        page = await client.get(console.origin)
    found = re.search(r"client_id[^0-9a-f]{1,12}([0-9a-f-]{36})", page.text)
    assert found
    return found[1]


async def test_who_knows_the_client_of_a_page_but_has_no_cookie_is_kept_out(console):
    query = f"client_id={await page_client(console)}&tab_id=x&document_id=y&implicit_handshake=true"
    for transport in ("websocket", "polling"):
        url = f"{SOCKETS[0].partition('?')[0]}?EIO=4&transport={transport}&{query}"
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with websockets.connect(socket_url(console, url), origin=console.origin):
                pass
        assert caught.value.response.status_code == 403
        async with httpx.AsyncClient() as client:
            assert (await client.post(console.origin + url, content="40")).status_code == 403


async def test_who_is_inside_and_knows_the_client_of_a_page_does_not_click_its_buttons(console):
    known, other = PageVisitor(console), PageVisitor(console)
    await known.open()
    await other.open(await console.new_cookie())
    try:
        await known.until(lambda: known.shows(CONNECT))
        await other.until(lambda: other.shows(CONNECT))
        with other.pretending_to_be(known):
            await other.click(CONNECT)
        await other.click(CONNECT)
        await other.until(lambda: not other.shows(CONNECT))

        assert known.shows(CONNECT)
        await known.click(CONNECT)
        await known.until(lambda: not known.shows(CONNECT))
    finally:
        await known.close()
        await other.close()


async def test_who_is_inside_and_knows_all_names_of_a_page_does_not_see_it_nor_load_it_anew(
    console,
):
    known, other = PageVisitor(console), PageVisitor(console)
    await known.open()
    try:
        await known.until(lambda: known.shows(CONNECT))
        before = len(known.frames)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await other.open_socket_of(known, await console.new_cookie())
        await known.click(CONNECT)
        await known.until(lambda: not known.shows(CONNECT))

        assert other.frames == []
        assert not any("reload" in each for each in known.frames[before:])
    finally:
        await known.close()
        await other.close()


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (b"\x04" * 1000, "sends what no page does"),
        ("bBAQEBAQE", "sends what no page does"),
        ('459999999999-["event",{"_placeholder":true,"num":0}]', "'frame'"),
        ('460-["event",{"_placeholder":true,"num":0}]', "'frame'"),
        ("42[no JSON", "'frame'"),
    ],
)
async def test_a_socket_of_the_page_that_sends_what_no_page_does_is_closed_and_told_in_a_line(
    console, frame, told
):
    async with websockets.connect(
        socket_url(console, SOCKETS[0]),
        origin=console.origin,
        additional_headers=await console.cookie(),
    ) as socket:
        await socket.recv()
        await socket.send("40")
        await socket.recv()
        await socket.send(frame)
        await socket.wait_closed()

    assert socket.close_code == POLICY_VIOLATION
    assert "Traceback" not in await console.wait_for_error(told)


async def test_a_browser_cannot_forge_lines_of_the_log(console):
    message = "x\n2026-01-01 CRITICAL forged\x1b[31m sk-planted-0123456789"
    page = PageVisitor(console)
    await page.open()
    try:
        await page.say("log", {"level": "error", "message": message})
        written = await console.wait_for_error("forged")
    finally:
        await page.close()

    (line,) = [each for each in written.splitlines() if "forged" in each]
    assert "x\\n2026-01-01 CRITICAL forged\\x1b[31m [secret]" in line
    assert "planted" not in written


async def test_an_endless_address_ends_its_connection_only(console):
    host, port = console.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    with contextlib.suppress(ConnectionError):  # it may close before all was sent
        writer.write(b"GET /?token=" + b"x" * 10_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await writer.drain()
        answer = await reader.read(100)
        assert answer == b"" or int(answer.split()[1]) >= 400
    writer.close()

    async with httpx.AsyncClient(headers=await console.cookie()) as client:
        assert (await client.get(f"{console.origin}/door")).status_code == 204


async def test_what_is_no_request_is_told_in_one_line_however_often_it_comes(console):
    url, told = httpx.URL(console.origin), "Invalid HTTP request"
    n_before = console.errors.count(told)
    for _ in range(20):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(b"\x16\x03\x01 no request\r\n\r\n")
        assert b"400 Bad Request" in await reader.read()
        writer.close()
        await writer.wait_closed()

    # None if one was told less than a minute ago.
    assert (await console.wait_for_error(told)).count(told) - n_before <= 1


async def test_who_opens_connections_and_says_nothing_takes_them_from_nobody_else(console):
    host, port = console.origin.removeprefix("http://").split(":")
    most = DoorLimits().sockets * CONNECTIONS_PER_SOCKET

    async def knock():
        return await asyncio.open_connection(host, int(port), local_addr=("127.0.0.2", 0))

    async with contextlib.AsyncExitStack() as lines:
        for _ in range(most):
            _, writer = await knock()
            lines.callback(writer.close)
        reader, writer = await knock()
        lines.callback(writer.close)
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        async with httpx.AsyncClient(headers=await console.cookie()) as client:
            assert (await client.get(f"{console.origin}/door")).status_code == 204

    assert "refused a connection of 127.0.0.2" in await console.wait_for_error("too many")


async def test_no_log_of_any_level_has_tokens_cookies_or_clients(console):
    cookie = (await console.cookie())["cookie"].partition("=")[2]
    token = console.url.partition("?token=")[2]
    client_id = await page_client(console)
    query = f"&client_id={client_id}&tab_id=x&document_id=y&implicit_handshake=true"
    nobody: dict[str, str] = {}
    for headers in (nobody, await console.cookie()):
        with contextlib.suppress(websockets.InvalidStatus):
            async with websockets.connect(
                socket_url(console, SOCKETS[0] + query), additional_headers=headers
            ) as socket:
                await socket.recv()
    async with httpx.AsyncClient() as client:
        await client.get(f"{console.url}x")
        await client.post(console.url, headers={"origin": f"http://{token}.example"})

    assert min(len(token), len(cookie)) == 43
    for secret in (token, cookie, client_id):
        assert secret not in console.errors


async def test_the_page_and_all_that_it_loads_come_from_here(console):
    async with httpx.AsyncClient(headers=await console.cookie()) as client:
        page = await client.get(console.origin)
        style = await client.get(f"{console.origin}/assets/style.css")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "server" not in page.headers
    for text in (page.text, style.text):
        for scheme in ("https://", "http://"):
            assert f'src="{scheme}' not in text
            assert f"url({scheme}" not in text


async def test_it_ends_in_time_although_a_socket_stays_open(tmp_path):
    async with (
        open_console(tmp_path, "--target", "simulator", environment={}) as program,
        websockets.connect(
            socket_url(program, SOCKETS[0]),
            origin=Origin(program.origin),
            additional_headers=await program.cookie(),
            compression=None,
        ),
    ):
        status, duration_s = await program.end()

    assert status in (0, -15)
    assert duration_s < 6
