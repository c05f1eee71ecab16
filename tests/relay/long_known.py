"""Counters in a Redis that have been there for long: whoever comes is let in at once."""

from console.relay.counters import MEMORY_KEY
from tests.redis_server import RedisServer


def let_settle(server: RedisServer) -> None:
    """Have the counters be as old as they have to be, whatever they have just forgotten."""
    with server.client() as client:
        client.set(MEMORY_KEY, 1, nx=True)
        client.persist(MEMORY_KEY)
