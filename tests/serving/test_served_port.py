import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from console.serving.served_port import ServedPort
from console.serving.shared_port import SharedPortConnection


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "ws://127.0.0.1:8081/v1/realtime"), ("::1", "ws://[::1]:8081/v1/realtime")],
)
def test_its_url_is_one_that_can_be_called(host, url):
    assert ServedPort(host, 8081).url == url


async def test_an_open_port_is_called_by_the_number_that_it_got_and_answers_with_realtime_alone():
    port = ServedPort("127.0.0.1", 0)

    async def greet(connection):
        await connection.send("hello")

    async def let_all_in(connection, request):
        return None

    def line(*args, **options):
        return SharedPortConnection(
            *args, hand_over=lambda *_: None, waiting=port.waiting, **options
        )

    server = await port.open(greet, line, let_all_in, max_size=100)
    try:
        offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.secret")]
        async with connect(port.url, subprotocols=offered, proxy=None) as client:
            greeting = await client.recv()
    finally:
        server.close()
        await server.wait_closed()

    assert port.number != 0
    assert greeting == "hello"
    assert client.subprotocol == "realtime"
    assert not port.waiting
