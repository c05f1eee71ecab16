"""Panels of the page: one panel, one file."""
