"""The way from sockets and HTTP to sessions and back."""
