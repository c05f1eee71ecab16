"""How to reach a server."""

from collections.abc import Mapping

import pytest

from console.client.server import Server
from console.client.targets import Target
from tests.fakes import FakeTransport


class Network:
    """Notes what is dialled."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, Mapping[str, str], float]] = []

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> FakeTransport:
        self.dialled.append((url, headers, timeout_s))
        return await FakeTransport().open(url, headers, timeout_s)


@pytest.fixture
def network() -> Network:
    return Network()


def server_of(network: Network, **target: object) -> Server:
    given = {"url": "wss://server.test:8443/v1", "model": "m", "api_key": "sk-key", **target}
    return Server(Target(**given), network.open)  # type: ignore[arg-type]  # as the test has it


async def test_it_is_dialled_with_the_model_and_the_key(network):
    transport = await server_of(network).dial(7)

    assert isinstance(transport, FakeTransport)
    assert network.dialled == [
        ("wss://server.test:8443/v1?model=m", {"Authorization": "Bearer sk-key"}, 7)
    ]


async def test_in_beta_it_is_the_same_server_with_another_handshake_and_wire(network):
    server = server_of(network)

    beta = server.in_beta()
    await beta.dial(1)

    assert beta.target.url == server.target.url
    assert network.dialled[0][1]["OpenAI-Beta"] == "realtime=v1"
    assert server.new_wire().is_plain
    assert not beta.new_wire().is_plain


@pytest.mark.parametrize(("dialect", "may"), [("auto", True), ("ga", False), ("beta", False)])
def test_beta_may_be_tried_where_nobody_has_said_what_is_spoken(network, dialect, may):
    server = server_of(network, dialect=dialect)

    assert server.may_speak_beta is may
    assert not server.in_beta().may_speak_beta


def test_the_words_about_it_name_host_and_subject_and_not_the_key(network):
    server = server_of(network, call_id="rtc_1", model=None)

    refusal = server.refusals().timed_out(3)

    assert server.is_call
    assert server.host == "server.test:8443"
    assert server.host in str(refusal)
    assert "sk-key" not in str(refusal)
