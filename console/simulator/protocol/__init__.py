"""The server's side of the protocol as state machines, without sockets or engines."""
