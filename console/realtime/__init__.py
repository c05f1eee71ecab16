"""The protocol as values: events, items, session, conversation; no sockets, no devices."""
