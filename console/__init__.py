"""Realtime Console: an inspector for realtime voice applications, its client and its simulator."""
