"""Custom elements: a Python class beside its JavaScript."""
