import asyncio

import httpx
import pytest

from console.serving import shared_port
from tests.simulator.serving import open_session, running, until


async def raw_connection(server, first_bytes=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(first_bytes)
    return reader, writer


async def test_a_method_that_comes_in_pieces_is_still_recognised():
    async with running() as server:
        reader, writer = await raw_connection(server, b"G")
        host = f"127.0.0.1:{server.port}"
        for piece in (b"E", b"T", b" / HTTP/1.1\r\n", f"Host: {host}\r\n\r\n".encode()):
            await writer.drain()
            writer.write(piece)
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_other_methods_are_answered_beside_websockets():
    async with running() as server, httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{server.port}/v1/realtime")
        async with open_session(server) as connection:
            first = await connection.recv()

    assert answer.status_code == 405
    assert "session.created" in first


@pytest.mark.parametrize("first_bytes", [b"", b"GE"])
async def test_one_who_says_nothing_is_cut_off(monkeypatch, first_bytes):
    monkeypatch.setattr(shared_port, "FIRST_BYTES_TIMEOUT_S", 0.01)
    async with running() as server:
        reader, writer = await raw_connection(server, first_bytes)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()

    assert answer == b""


@pytest.mark.parametrize("first_bytes", [b"", b"PO"])
async def test_one_who_leaves_before_saying_what_he_wants_is_forgotten(first_bytes):
    async with running() as server:
        _, writer = await raw_connection(server, first_bytes)
        await asyncio.wait_for(until(lambda: server._port.waiting), 5)
        writer.close()
        await asyncio.wait_for(until(lambda: not server._port.waiting), 5)


async def test_stopping_does_not_wait_for_those_who_say_nothing():
    async with running() as server:
        _, writer = await raw_connection(server)
        await asyncio.wait_for(until(lambda: server._port.waiting), 5)
        async with asyncio.timeout(2):
            await server.stop()
        writer.close()
