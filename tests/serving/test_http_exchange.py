import asyncio

import pytest

from console.serving import answers, http_exchange
from tests.simulator.serving import running, until


async def raw(server, *pieces, end=True):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    if end:
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


def post(server, body=b"", more="", path="/v1/realtime/client_secrets"):
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{more}"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


async def test_a_request_that_comes_in_pieces_is_answered_whole():
    async with running() as server:
        request = post(server, b'{"session":{"type":"realtime"}}')
        answer = await raw(server, request[:3], request[3:60], request[60:], end=False)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"value":"ek_' in answer


async def test_a_body_without_a_length_is_read_in_chunks():
    async with running() as server:
        head = (
            f"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        answer = await raw(server, head.encode() + b"2\r\n{}\r\n0\r\n\r\n", end=False)

    assert answer.startswith(b"HTTP/1.1 200")


async def test_who_waits_to_be_asked_for_the_body_is_asked():
    async with running() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        request = post(server, b"{}", "Expect: 100-continue\r\n")
        writer.write(request[:-2])
        continued = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.write(b"{}")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()

    assert continued.startswith(b"HTTP/1.1 100")
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_body_over_the_limit_is_refused_before_all_of_it_is_there(monkeypatch):
    monkeypatch.setattr(http_exchange, "MAX_BODY_BYTES", 1000)
    async with running() as server:
        request = post(server, b"x" * 100_000)
        answer = await raw(server, request[:5000], end=False)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"over 1000 bytes" in answer


@pytest.mark.parametrize("more", ["", "Expect: 100-continue\r\n"])
async def test_a_body_that_its_head_says_is_too_large_is_not_waited_for(more):
    async with running() as server:
        head = (
            f"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"{more}Content-Length: 10000000000\r\n\r\n"
        )
        answer = await raw(server, head.encode(), end=False)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"over 1048576 bytes" in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40_000,
    ],
)
async def test_what_is_no_request_is_refused(request_bytes):
    async with running() as server:
        answer = await raw(server, request_bytes, end=False)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
    assert b"cannot be read" in answer


async def test_one_who_is_too_slow_is_told_so(monkeypatch):
    monkeypatch.setattr(http_exchange, "REQUEST_TIMEOUT_S", 0.01)
    async with running() as server:
        answer = await raw(server, post(server, b"{}")[:-1], end=False)

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_one_who_leaves_in_the_middle_is_forgotten():
    async with running() as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(post(server, b"{}")[:-1])
        await asyncio.wait_for(until(lambda: server._port.waiting), 5)
        writer.close()
        await asyncio.wait_for(until(lambda: not server._port.waiting), 5)


async def test_one_who_goes_on_sending_is_cut_off(monkeypatch):
    monkeypatch.setattr(http_exchange, "LINGER_S", 0.01)
    async with running() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(post(server, b"{}") + b"more and more")
        answer = await asyncio.wait_for(reader.read(), 5)
        await asyncio.wait_for(until(lambda: not server._port.waiting), 5)
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_crash_is_a_500_and_nothing_more(monkeypatch, caplog):
    async with running() as server:
        monkeypatch.setattr(server._secrets, "make", lambda *_, **__: 1 / 0)
        answer = await raw(server, post(server, b"{}"))
        monkeypatch.undo()
        fine = await raw(server, post(server, b"{}"))

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert fine.startswith(b"HTTP/1.1 200")
    assert "could not be answered" in caplog.text


async def test_a_head_is_answered_without_a_body():
    async with running() as server:
        host = f"Host: 127.0.0.1:{server.port}\r\n\r\n"
        answer = await raw(server, f"HEAD /v1/models HTTP/1.1\r\n{host}".encode())

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]) > 0
    assert body == b""


def test_an_answer_says_that_the_connection_ends():
    assert answers.text(200, "x").headers["Connection"] == "close"
