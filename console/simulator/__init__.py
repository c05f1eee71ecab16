"""A server of the same protocol with real turn detection, recognition and speech."""
