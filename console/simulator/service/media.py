"""Whether calls can have sound here, and what makes it."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
from typing import Any, Final, Protocol

from console import invocation

logger = logging.getLogger(__name__)

PACKAGE: Final = "aiortc"
INSTALL: Final = invocation.install_extra("calls")
_MODULE: Final = "console.simulator.service.webrtc_call"


class Media(Protocol):
    """The streams of one call."""

    async def answer(self, offer: str) -> str:
        """Return the SDP answer to an offer, and begin to wait for the caller.

        Raises:
            Refusal: The offer cannot be taken.
        """

    async def close(self) -> None:
        """End the streams; nothing of them is left. Safe to call twice."""


def is_available() -> bool:
    """Return whether the package is installed that calls with sound need."""
    return importlib.util.find_spec(PACKAGE) is not None


async def load() -> Any | None:
    """Return the module that makes the streams of calls; None where it cannot be used.

    It takes half a second, so it is not done before it is needed, and not on the event loop.
    """
    try:
        return await asyncio.to_thread(importlib.import_module, _MODULE)
    except ImportError:
        logger.warning("calls have no sound: %s cannot be used", PACKAGE, exc_info=True)
        return None
