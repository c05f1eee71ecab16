"""An assistant behind any OpenAI-compatible chat-completions endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from console.clock import Clock, SystemClock
from console.errors import BrainError, ConfigurationError
from console.simulator.assistant import chat_messages
from console.simulator.assistant.chat_stream import (
    DONE,
    CallAssembly,
    Characters,
    EventStream,
    loads,
    whole,
)
from console.simulator.assistant.sentences import SentenceSplitter
from console.simulator.senses import BrainCall, BrainReply, BrainTurn, StopReason
from console.wire_mask import WireMask

CONNECT_TIMEOUT_S: Final = 5.0
SILENCE_TIMEOUT_S: Final = 60.0
"""A model may think for long before its first word."""
ANSWER_TIMEOUT_S: Final = 300.0
MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
MAX_REFUSAL_BYTES: Final = 16 * 1024
_PATH: Final = "/chat/completions"
_SECRET_LENGTH: Final = 8
_TEXT: Final = "text"
"""What an answer says, as the mask knows it: all of it is one text."""
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_STOPS: Final[Mapping[str, StopReason]] = {
    "length": "max_output_tokens",
    "content_filter": "content_filter",
}


class ChatBrain:
    """Implements `senses.Brain`; one endpoint for all sessions. Keeps nothing between turns."""

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        *,
        http: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Prepare; nothing is connected before the first question.

        Args:
            url: The endpoint's base (``http://127.0.0.1:11434/v1``) or the whole address.
            model: The model's name there.
            api_key: Sent as a bearer token; never logged or shown.
            http: Makes the requests; without it one of this object's own, which `close` closes.
            clock: Time.

        Raises:
            ConfigurationError: The address is none, would show the key to the network, or there
                is no model.
        """
        self._url = _checked(url, has_key=bool(api_key))
        self._where = urlsplit(self._url).netloc
        if not model.strip():
            raise ConfigurationError("--brain needs a model: add --brain-model NAME.")
        self._model = model.strip()
        self._key = api_key
        self._http = http
        self._owns_http = http is None
        self._clock: Clock = clock or SystemClock()

    def understands(self, turn: BrainTurn) -> bool:
        """Return True: only the model could tell, and asking it is neither quick nor free."""
        return True

    async def respond(self, turn: BrainTurn) -> AsyncGenerator[BrainReply, None]:
        """Stream the answer, then its calls: as it comes to a reader, by sentences to a listener.

        Closing the generator closes the request at once.

        Raises:
            BrainError: The endpoint cannot be reached, refuses, or breaks off; the sentence says
                which, the code is the Realtime API's.
        """
        answer = _Answer(WireMask([self._key or ""]), is_heard=turn.modality == "audio")
        body = orjson.dumps(chat_messages.request(turn, self._model))
        try:
            with self._by_cause():
                async with contextlib.aclosing(self._stream(body)) as events:
                    async for event in events:
                        for reply in answer.take(self._delta(event)):
                            yield reply
            if not answer.has_ended:
                raise BrainError(f"The assistant's endpoint at {self._where} broke off its answer.")
        except BrainError:
            for reply in answer.rest():
                yield reply
            raise
        for reply in answer.end():
            yield reply

    async def close(self) -> None:
        """Close the connections of this object's own. Safe to call twice."""
        if self._http is not None and self._owns_http:
            await self._http.aclose()

    # ------------------------------------------------------------ the request

    async def _stream(self, body: bytes) -> AsyncGenerator[str, None]:
        """Yield the data of the endpoint's events up to its end mark."""
        http = await self._opened()
        began_s, n_bytes, events = self._clock.now_s(), 0, EventStream()
        request = http.stream("POST", self._url, content=body, headers=self._headers())
        async with request as response:
            await self._check(response)
            async for data in response.aiter_bytes():
                n_bytes += len(data)
                for event in events.feed(data):
                    if event.strip() == DONE:
                        return
                    yield event
                if n_bytes > MAX_ANSWER_BYTES:
                    raise BrainError(f"The answer of {self._where} is too long (8 MiB).")
                if self._clock.now_s() - began_s > ANSWER_TIMEOUT_S:
                    raise BrainError(f"{self._where} has not finished within 5 minutes.")
            for event in events.feed(b"", last=True):
                if event.strip() != DONE:
                    yield event

    def _headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            # A compressed stream comes in blocks, and the first sentence late.
            "Accept-Encoding": "identity",
        }
        return headers | ({"Authorization": f"Bearer {self._key}"} if self._key else {})

    async def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            # Reading the certificates takes long enough to be noticed in a conversation.
            tls = await asyncio.to_thread(ssl.create_default_context)
            # Another session may have been quicker.
            if self._http is None:
                self._http = httpx.AsyncClient(
                    timeout=httpx.Timeout(SILENCE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
                    follow_redirects=False,
                    trust_env=False,
                    verify=tls,
                )
        return self._http

    # ------------------------------------------------------------ what may go wrong

    @contextlib.contextmanager
    def _by_cause(self) -> Iterator[None]:
        """Turn the errors of the line into sentences."""
        try:
            yield
        except httpx.TimeoutException as error:
            raise BrainError(
                f"The assistant's endpoint at {self._where} did not answer in time."
            ) from error
        except httpx.RemoteProtocolError as error:
            raise BrainError(
                f"The assistant's endpoint at {self._where} broke off its answer."
            ) from error
        except httpx.HTTPError as error:
            raise BrainError(
                f"The assistant's endpoint at {self._where} cannot be reached. Is it running?"
            ) from error

    async def _check(self, response: httpx.Response) -> None:
        """Raise unless the endpoint streams an answer."""
        status = response.status_code
        if status == httpx.codes.OK:
            kind = response.headers.get("content-type", "")
            if not kind.startswith("text/event-stream"):
                raise BrainError(
                    f"The assistant's endpoint at {self._where} does not stream: it answered with "
                    f"{kind.split(';')[0] or 'no content type'} instead of text/event-stream."
                )
            return
        error = _error_of(await _read_some(response))
        raise self._refusal(status, error, self._without_key(_message(error)))

    def _refusal(self, status: int, error: Mapping[str, Any], message: str) -> BrainError:
        where = f"the assistant's endpoint at {self._where}"
        detail = f" It says: {message}" if message else ""
        if status in {401, 403}:
            return BrainError(f"The key was refused by {where} (HTTP {status}).{detail}")
        if status == httpx.codes.NOT_FOUND:
            return BrainError(
                f"There is no such address or model at {where}: check --brain and "
                f"--brain-model {self._model}.{detail}"
            )
        if status == httpx.codes.TOO_MANY_REQUESTS:
            code = _limit_code(error)
            what = "The quota is used up" if code == "insufficient_quota" else "Too many requests"
            return BrainError(f"{what} at {where}.{detail}", code=code)
        if 300 <= status < 400:
            return BrainError(f"A redirect came from {where}, which is not followed.")
        return BrainError(f"HTTP {status} came from {where}.{detail}")

    def _delta(self, event: str) -> Mapping[str, Any]:
        """Return the choice that an event of the stream carries; empty for one without any."""
        try:
            chunk = loads(event)
        except ValueError:
            chunk = None
        if not isinstance(chunk, Mapping):
            raise BrainError(f"The assistant's endpoint at {self._where} has sent no valid JSON.")
        if chunk.get("error"):
            error = _error_in(chunk)
            message = self._without_key(_message(error)) or "no reason was given"
            code = error.get("code")
            known = code if code in {"insufficient_quota", "rate_limit_exceeded"} else None
            raise BrainError(
                f"The assistant's endpoint at {self._where} failed: {message}",
                code=known or "server_error",
            )
        choices = chunk.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        return first if isinstance(first, Mapping) else {}

    def _without_key(self, text: str) -> str:
        if not self._key:
            return text
        if len(self._key) >= _SECRET_LENGTH:
            return text.replace(self._key, "***")
        # In the place of a secret, such as "x": its letters may stand in any word.
        return re.sub(rf"(?<!\w){re.escape(self._key)}(?!\w)", "***", text)


class _Answer:
    """What has come of an answer."""

    def __init__(self, mask: WireMask, *, is_heard: bool) -> None:
        self._mask = mask
        self._is_heard = is_heard
        self.has_ended = False
        """Whether the endpoint has said why it stops."""
        self._characters = Characters()
        self._splitter = SentenceSplitter()
        self._calls = CallAssembly()
        self._stop: StopReason | None = None

    def take(self, choice: Mapping[str, Any]) -> Iterator[BrainReply]:
        """Yield what a choice of the stream makes whole."""
        delta = choice.get("delta")
        delta = delta if isinstance(delta, Mapping) else {}
        for name in ("content", "refusal"):
            if isinstance(said := delta.get(name), str) and (text := self._characters.feed(said)):
                yield from self._told(text)
        fragments = delta.get("tool_calls")
        if isinstance(fragments, list) and fragments:
            # Nothing more is said before the call: the last sentence need not wait.
            yield from self.rest()
            for each in fragments:
                if isinstance(each, Mapping):
                    self._calls.add(each)
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self.has_ended = True
            self._stop = _STOPS.get(reason)
            yield from self.rest()

    def rest(self) -> Iterator[BrainReply]:
        """Yield what is no whole sentence, since nothing more is said after it."""
        if broken := self._characters.feed("", last=True):
            yield from self._told(broken)
        yield from self._shown(self._mask.end(_TEXT))
        yield from _said(self._splitter.flush())

    def _told(self, text: str) -> Iterator[BrainReply]:
        # The endpoint may quote the key, and what is said goes on to others.
        yield from self._shown(self._mask.take(_TEXT, text))

    def _shown(self, text: str) -> Iterator[BrainReply]:
        if self._is_heard:
            yield from _said(self._splitter.feed(text))
        elif text:
            yield BrainReply(text=text)

    def end(self) -> Iterator[BrainReply]:
        """Yield what is left at the end."""
        found = () if self._stop else self._calls.take()
        calls = [BrainCall(each.name, self._mask.hide(each.arguments_json)) for each in found]
        if calls or self._stop:
            yield BrainReply(calls=calls, stop=self._stop)


def _said(sentences: list[str]) -> Iterator[BrainReply]:
    if sentences:
        # Line breaks before them nobody hears.
        yield BrainReply([each.strip() for each in sentences])


async def _read_some(response: httpx.Response) -> bytes:
    body = b""
    async for data in _bounded(response):
        body += data
    return body


async def _bounded(response: httpx.Response) -> AsyncIterator[bytes]:
    n_bytes = 0
    async for data in response.aiter_bytes():
        yield data
        n_bytes += len(data)
        if n_bytes >= MAX_REFUSAL_BYTES:
            return


def _error_of(body: bytes) -> Mapping[str, Any]:
    """Return the `error` of a refusal, in the forms that servers give it."""
    try:
        return _error_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        return {}


def _error_in(decoded: Any) -> Mapping[str, Any]:
    error = decoded.get("error") if isinstance(decoded, Mapping) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, Mapping) else {}


def _message(error: Mapping[str, Any]) -> str:
    return " ".join(whole(str(error.get("message") or "")).split())[:300]


def _limit_code(error: Mapping[str, Any]) -> str:
    is_quota = "insufficient_quota" in (error.get("code"), error.get("type"))
    return "insufficient_quota" if is_quota else "rate_limit_exceeded"


def _checked(url: str, *, has_key: bool) -> str:
    """Return the whole address of the endpoint."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"--brain {url}: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(
            f"--brain {url} is no web address; give one such as http://127.0.0.1:11434/v1."
        )
    if parts.username or parts.password:
        raise ConfigurationError("--brain: leave user names and passwords out of the address.")
    if parts.scheme == "http" and has_key and host not in _LOOPBACK:
        raise ConfigurationError(
            f"--brain {url} would send its key unencrypted. Use https://, or no key."
        )
    path = parts.path.rstrip("/")
    whole = path if path.endswith(_PATH) else path + _PATH
    return parts._replace(path=whole, fragment="").geturl()
