"""What a page shows when something of ours fails in it: one sentence, and the number in the log."""

from __future__ import annotations

import logging
import secrets
from typing import Final

from nicegui import Client

from console.app.view_model import Notice, ViewModel

logger = logging.getLogger(__name__)

NOTICE: Final = "mishap"


def tell(client: Client, view: ViewModel) -> None:
    """From now on tell the page of `client` when a handler of it fails; other pages go on."""

    def failed(error: Exception) -> None:
        number = secrets.token_hex(2)
        # The words of the exception may hold anything; they are for the log alone, which is clean.
        logger.error("failure %s in a page", number, exc_info=error)
        sentence = (
            f"Something went wrong (id {number}). Everything so far is kept; the console's log says "
            "more."
        )
        view.add_notice(Notice(NOTICE, "error", sentence))

    client.on_exception(failed)
