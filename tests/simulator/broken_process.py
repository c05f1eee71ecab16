"""A worker program for tests that cannot load its engine."""

from __future__ import annotations

from console.simulator.speech.worker_program import Work, serve


def load() -> Work:
    raise RuntimeError("the model is missing")


if __name__ == "__main__":
    serve(load)
