"""The sessions of a relay, for its operator: which there are, and what happens in one of them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import websockets

from console.client import address, rest
from console.client.address import Secret
from console.client.connection import OpenTransport, open_websocket
from console.client.refusals import Refusals
from console.client.targets import Target
from console.errors import ConnectError, ProtocolError
from console.realtime import observed
from console.realtime.observed import ListedSession
from console.transport import Transport
from console.wire_mask import WireMask

TIMEOUT_S: Final = 10.0
_REALTIME: Final = "/v1/realtime"


class RelaySessions:
    """One relay, as seen by its operator."""

    def __init__(
        self,
        url: str,
        token: str | Secret | None,
        *,
        open_transport: OpenTransport = open_websocket,
    ) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            url: A WebSocket URL of the relay; that of its sessions is found by it.
            token: An operator's.
            open_transport: Opens connections; tests put their own here.
        """
        parts = urlsplit(url)
        before = parts.path.rstrip("/").removesuffix(_REALTIME)
        sessions_url = urlunsplit(
            (parts.scheme, parts.netloc, before + observed.SESSIONS_PATH, "", "")
        )
        # What is asked of a target here is its address and its key; no model is meant.
        self._target = Target(url=sessions_url, model="any", api_key=token)
        self._open_transport = open_transport

    @property
    def where(self) -> str:
        """Host and port."""
        return urlsplit(self._target.public_url).netloc

    def new_mask(self) -> WireMask:
        """Return what hides the operator's token in what the relay says on one line."""
        return WireMask(self._target.credentials.secrets)

    async def listed(self) -> list[ListedSession]:
        """Return the sessions, the newest first.

        Raises:
            ConnectError: They cannot be had; the sentence says why.
        """
        body = await rest.get(self._target, action="list its sessions", timeout_s=TIMEOUT_S)
        try:
            return observed.parse_list(self.new_mask().hide_in_message(body))
        except ProtocolError as error:
            raise ConnectError(
                f"{self.where} is no relay whose sessions can be watched.", cause="protocol"
            ) from error

    async def open(self, session_id: str) -> Transport:
        """Return a line on which the relay tells what happens in a session.

        Raises:
            ConnectError: There is none; the sentence says why.
        """
        url = f"{self._target.url}/{quote(session_id, safe='')}"
        address.check_privacy(url, self._target.credentials.what)
        words = Refusals(url, "session", self._target.credentials)
        try:
            return await self._open_transport(url, self._target.handshake_headers(), TIMEOUT_S)
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            raise words.from_exception(error, TIMEOUT_S) from error
