"""What the relay lets through: the models of the policy's document. Their defaults are safe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from console.relay import session_fields, web_names
from console.relay.session_fields import RESPONSE, SESSION, Leaf, Table
from console.relay.tokens import HASH, hashed

Kind = Literal["realtime", "transcription"]
OpenMode = Literal["anything"]

CLIENT_EVENTS: Final = (
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.truncate",
    "conversation.item.delete",
    "response.create",
    "response.cancel",
    "output_audio_buffer.clear",
)
"""All that a client can send and the relay understands."""

NEEDED: Final = frozenset({"audio", "output_modalities"})
"""What a client has to know of its session, to send sound and to play it."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_Name = Annotated[str, Field(pattern=r"^[\w .@-]{1,64}$")]
_Positive = Annotated[float, Field(gt=0)]
_Count = Annotated[int, Field(ge=1)]
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TokenLimits(_Part):
    """How much one token may use; what is left out has no limit."""

    sessions: _Count | None = None
    """At once."""
    starts_per_minute: _Count | None = None
    """Sessions that begin in any minute."""
    session_minutes: _Positive | None = None
    session_dollars: _Positive | None = None
    day_minutes: _Positive | None = None
    """In a day of UTC, as below."""
    day_dollars: _Positive | None = None
    total_minutes: _Positive | None = None
    total_dollars: _Positive | None = None


class LimitsOfAll(_Part):
    """How much all tokens together may use; what is left out has no limit."""

    sessions: _Count | None = 200
    day_minutes: _Positive | None = None
    day_dollars: _Positive | None = 100
    total_minutes: _Positive | None = None
    total_dollars: _Positive | None = None


class Token(_Part):
    """Who may come in."""

    name: _Name
    hash: str
    """As the command ``relay token NAME`` prints it; the token itself is stored nowhere."""
    expires: datetime | date | None = None
    """A day counts until its end (UTC)."""
    limits: TokenLimits | None = None
    """In place of those of all tokens, one by one."""

    @field_validator("hash")
    @classmethod
    def _is_hash(cls, text: str) -> str:
        if HASH.fullmatch(text) is None:
            raise ValueError(
                "this is no hash such as sha256:...; `python main.py relay token NAME` makes one"
            )
        return text

    @field_validator("expires", mode="before")
    @classmethod
    def _day_or_hour(cls, value: Any) -> Any:
        # A text that is a day would be taken for its first moment.
        is_day = isinstance(value, str) and _DAY.fullmatch(value) is not None
        return date.fromisoformat(value) if is_day else value

    def is_good(self, now_s: float) -> bool:
        """Return whether it still opens at a time in seconds since 1970."""
        if self.expires is None:
            return True
        end = self.expires
        if not isinstance(end, datetime):
            end = datetime.combine(end, time.max)
        if end.tzinfo is None:
            end = end.replace(tzinfo=UTC)
        return now_s < end.timestamp()


class Upstream(_Part):
    """Whom the relay calls. The key never stands in a policy: it comes from the environment."""

    url: str | None = None
    """``openai``, ``azure``, or the WebSocket URL of any server."""
    model: str | None = None
    """What every session gets."""
    models: OpenMode | tuple[str, ...] = ()
    """What a client may ask for instead; anything else gets `model`."""


class Strangers(_Part):
    """How many connections may be open at a worker on which no good token has been shown yet."""

    connections: _Count = 256
    """In all."""
    connections_per_address: _Count = 32
    """Of those whose address is known: behind a proxy all come from the proxy's."""


class Rates(_Part):
    """How fast one client may send; who is faster waits, and in the end is closed."""

    messages_per_s: _Positive = 100.0
    audio_speed: _Positive = 2.0
    """Seconds of sound in a second."""
    audio_burst_s: _Positive = 10.0


class Sizes(_Part):
    """The largest messages."""

    event_bytes: _Count = 64 * 1024
    append_bytes: _Count = 256 * 1024
    item_bytes: _Count = 256 * 1024
    """`conversation.item.create`, where sound and images may be."""

    @property
    def largest(self) -> int:
        """What no message exceeds."""
        return max(self.event_bytes, self.append_bytes, self.item_bytes)


class Queues(_Part):
    """What waits for a slow peer; beyond it the oldest sound goes first, and the rest waits."""

    up_audio_s: _Positive = 15.0
    down_audio_s: _Positive = 120.0
    control_bytes: _Count = 1024 * 1024
    stall_s: _Positive = 5.0
    """A client that has read nothing for so long is given up."""


class FieldRule(_Part):
    """Bounds of one field."""

    one_of: tuple[str | int | float | None, ...] | None = None
    min: _Finite | None = None
    max: _Finite | None = None
    max_chars: _Count | None = None

    @model_validator(mode="after")
    def _leaves_something(self) -> FieldRule:
        if self.one_of == ():
            raise ValueError(
                "one_of is empty, so that nothing could be set; write false in place of the bounds"
            )
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"nothing is between {self.min:g} and {self.max:g}")
        return self

    def check(self, path: str, leaf: Leaf) -> None:
        """Refuse bounds that are not for values of a kind.

        Raises:
            ValueError: They are not.
        """
        if not (self.min is self.max is None) and leaf not in session_fields.NUMBERS:
            raise ValueError(f"{path} is {leaf.words}: min and max are for numbers")
        if self.max_chars is not None and leaf not in session_fields.TEXTUAL:
            raise ValueError(f"{path} is {leaf.words}: max_chars is for strings")
        for each in self.one_of or ():
            if each is not None and not (leaf.accepts(each) or leaf.accepts([each])):
                raise ValueError(f"{path} is {leaf.words}, and never {each!r}")


Rules = Mapping[str, bool | FieldRule]


def _usual_settings() -> Rules:
    return {
        "output_modalities": True,
        "audio.input.format": True,
        "audio.input.noise_reduction": True,
        "audio.input.transcription": True,
        "audio.input.turn_detection": True,
        "audio.input.turn_detection.prefix_padding_ms": FieldRule(min=0, max=5000),
        "audio.input.turn_detection.silence_duration_ms": FieldRule(min=0, max=10_000),
        # The service would go on by itself, again and again, and it costs.
        "audio.input.turn_detection.idle_timeout_ms": False,
        "audio.output.format": True,
        "audio.output.voice": True,
        "audio.output.speed": FieldRule(min=0.25, max=1.5),
    }


def _usual_wishes() -> Rules:
    return {
        "output_modalities": True,
        "max_output_tokens": FieldRule(min=1, max=4096),
        "metadata": True,
    }


def _checked(rules: OpenMode | Rules, table: Table) -> OpenMode | Rules:
    if not isinstance(rules, str):
        for path, rule in rules.items():
            table.check_path(path, has_bounds=isinstance(rule, FieldRule))
            if isinstance(rule, FieldRule):
                rule.check(path, table.leaves[path])
    return rules


class Session(_Part):
    """Settings of a session: who sets what."""

    kinds: tuple[Kind, ...] = ("realtime",)
    keep: Mapping[str, Any] = Field(default_factory=dict)
    """What the relay sets at the beginning, and no client can change: a `session` object."""
    instructions_file: str | None = None
    """The instructions, as a text file beside the policy."""
    client_may_set: OpenMode | Rules = Field(default_factory=_usual_settings)
    """By the path of each: true, false, or bounds; the most exact path counts."""
    hide: tuple[str, ...] | None = None
    """What clients do not get to see, by path; by default all that is kept but `NEEDED`."""

    @field_validator("client_may_set")
    @classmethod
    def _known_paths(cls, rules: OpenMode | Rules) -> OpenMode | Rules:
        return _checked(rules, SESSION)

    @field_validator("keep")
    @classmethod
    def _known_fields(cls, keep: Mapping[str, Any]) -> Mapping[str, Any]:
        session_fields.check_kept(keep)
        return keep

    @field_validator("hide")
    @classmethod
    def _known_hidden(cls, hide: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for path in hide or ():
            SESSION.check_path(path, has_bounds=False)
        return hide

    @property
    def hidden(self) -> tuple[str, ...]:
        """The paths of what of a session does not come down."""
        if self.hide is not None:
            return self.hide
        return tuple(each for each in self.keep if each not in NEEDED)


class Responses(_Part):
    """What a client may say about one answer."""

    client_may_set: OpenMode | Rules = Field(default_factory=_usual_wishes)
    """As in a session."""

    @field_validator("client_may_set")
    @classmethod
    def _known_paths(cls, rules: OpenMode | Rules) -> OpenMode | Rules:
        return _checked(rules, RESPONSE)


class Items(_Part):
    """What a client may put into the conversation."""

    roles: tuple[Literal["user", "assistant", "system"], ...] = ("user",)
    function_outputs: bool = True
    """Answers to the tools that are not the relay's."""
    function_calls: bool = False
    """Calls of the past, as a client may want to restore them."""
    images: bool = False


class Events(_Part):
    """Which events pass at all."""

    up: OpenMode | tuple[str, ...] = CLIENT_EVENTS
    down_without: tuple[str, ...] = ()
    """Types that clients do not get to see; what is new in the service passes."""

    @field_validator("up")
    @classmethod
    def _known(cls, types: OpenMode | tuple[str, ...]) -> OpenMode | tuple[str, ...]:
        if not isinstance(types, str):
            for each in types:
                session_fields.check_name(each, CLIENT_EVENTS, "an event of clients")
        return types


class Policy(_Part):
    """The whole document."""

    upstream: Upstream = Upstream()
    tokens: tuple[Token, ...] = ()
    operators: tuple[Token, ...] = ()
    """Who may see the sessions that go on."""
    hosts: tuple[str, ...] = ()
    """Names under which the relay is reached, beside those of this machine."""
    origins: tuple[str, ...] = ()
    """Web origins whose pages may connect, beside those of this machine."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of reverse proxies that are believed for whom they speak."""
    limits: TokenLimits = TokenLimits(
        sessions=20, starts_per_minute=60, session_minutes=60, session_dollars=5, day_dollars=20
    )
    """Of each token that has none of its own."""
    limits_of_all: LimitsOfAll = LimitsOfAll()
    strangers: Strangers = Strangers()
    rates: Rates = Rates()
    sizes: Sizes = Sizes()
    queues: Queues = Queues()
    session: Session = Session()
    response: Responses = Responses()
    items: Items = Items()
    events: Events = Events()
    relay_tools: tuple[str, ...] = ()
    """Tools that run on the relay, by name; the model's calls of them reach no client."""
    forbidden_fields: Literal["leave_out", "refuse"] = "leave_out"
    """What becomes of an event that sets what its client may not set."""
    beta: bool = True
    """Whether clients of the beta are served."""

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for each in origins:
            web_names.check_origin(each)
        return origins

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for each in hosts:
            web_names.check_host(each)
        return hosts

    @model_validator(mode="after")
    def _different_names(self) -> Policy:
        for those in (self.tokens, self.operators):
            names = [each.name for each in those]
            if twice := next((each for each in names if names.count(each) > 1), None):
                raise ValueError(f"two tokens are called {twice!r}; give each a name of its own")
        return self

    def limits_for(self, token: Token) -> TokenLimits:
        """Return the limits of one token."""
        own = {} if token.limits is None else token.limits.model_dump(exclude_unset=True)
        return self.limits.model_copy(update=own)

    def operator(self, token: str, now_s: float) -> str | None:
        """Return the name of the operator whose token this is at a time in seconds since 1970."""
        found = find(self.operators, token, now_s)
        return None if found is None else found.name


def find(those: tuple[Token, ...], shown: str, now_s: float) -> Token | None:
    """Return the one of `those` that is meant by a token that was shown, if it is still good."""
    # Of a hash that fits in part nobody can make more: no time needs to be hidden.
    wanted = hashed(shown)
    found = next((each for each in those if each.hash == wanted), None)
    return found if found is not None and found.is_good(now_s) else None


ANYTHING: Final = {
    "upstream": {"models": "anything"},
    "session": {"client_may_set": "anything", "kinds": ["realtime", "transcription"]},
    "response": {"client_may_set": "anything"},
    "items": {
        "roles": ["user", "assistant", "system"],
        "function_calls": True,
        "images": True,
    },
    "events": {"up": "anything"},
    "sizes": {
        "event_bytes": 20 * 1024 * 1024,
        "append_bytes": 20 * 1024 * 1024,
        "item_bytes": 20 * 1024 * 1024,
    },
    "limits": {},
    "limits_of_all": {"sessions": None, "day_dollars": None},
}
"""The policy of ``--open``, for a developer alone: everything but MCP."""
