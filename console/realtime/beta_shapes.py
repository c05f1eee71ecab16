"""The objects of the beta and of today's protocol, GA: sessions, items, responses, errors.

Each function takes an object and returns it in the other dialect; none changes what it is given,
and none raises, whatever the object holds: what has another shape than expected stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.realtime import fields

Fields = dict[str, Any]
Translate = Callable[[Fields], Fields]

_CONTENT_TO_GA: Final = {"text": "output_text", "audio": "output_audio"}
_CONTENT_TO_BETA: Final = {ga: beta for beta, ga in _CONTENT_TO_GA.items()}
_FORMATS_TO_GA: Final[dict[str, Mapping[str, Any]]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24_000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_FORMATS_TO_BETA: Final = {str(ga["type"]): beta for beta, ga in _FORMATS_TO_GA.items()}


def less(owner: Fields, names: Collection[str]) -> Fields:
    """Return a copy of `owner` without the fields `names`."""
    return {key: value for key, value in owner.items() if key not in names}


def _same(value: Any) -> Any:
    return value


def _modalities_to_ga(value: Any) -> Any:
    if isinstance(value, list) and "audio" in value:
        return ["audio"]
    return value


def _modalities_to_beta(value: Any) -> Any:
    return ["text", "audio"] if value == ["audio"] else value


def _format_to_ga(value: Any) -> Any:
    known = _FORMATS_TO_GA.get(value) if isinstance(value, str) else None
    return value if known is None else dict(known)


def _format_to_beta(value: Any) -> Any:
    # Beta has no word for another rate, and naming the usual one would be wrong.
    if not isinstance(value, dict) or value.get("rate", 24_000) != 24_000:
        return value
    return _FORMATS_TO_BETA.get(fields.text(value, "type"), value)


def _without(name: str, default: Any) -> Callable[[Any], Any]:
    """Return what leaves `name`, which beta does not know, out of an object at its default."""

    def shortened(value: Any) -> Any:
        if not isinstance(value, dict) or name not in value or value[name] != default:
            return value
        return less(value, {name})

    return shortened


@dataclass(frozen=True, slots=True)
class _Move:
    """A field that is flat in beta, and in GA too or in one side of `audio`."""

    beta: str
    side: str
    ga: str
    to_ga: Callable[[Any], Any] = _same
    to_beta: Callable[[Any], Any] = _same


_IN, _OUT, _FLAT = "input", "output", ""
_IDLE: Final = _without("idle_timeout_ms", None)
_STRENGTH: Final = _without("strength", 1)
_FORMATS: Final = (_format_to_ga, _format_to_beta)
_TOKENS: Final = _Move("max_response_output_tokens", _FLAT, "max_output_tokens")
_RESPONSE: Final = (
    _Move("modalities", _FLAT, "output_modalities", _modalities_to_ga, _modalities_to_beta),
    _Move("voice", _OUT, "voice"),
    _Move("output_audio_format", _OUT, "format", *_FORMATS),
)
_RESPONSE_CREATE: Final = (*_RESPONSE, _TOKENS)
_SESSION: Final = (
    *_RESPONSE_CREATE,
    _Move("speed", _OUT, "speed"),
    _Move("input_audio_format", _IN, "format", *_FORMATS),
    _Move("input_audio_transcription", _IN, "transcription"),
    _Move("input_audio_noise_reduction", _IN, "noise_reduction", to_beta=_STRENGTH),
    _Move("turn_detection", _IN, "turn_detection", to_beta=_IDLE),
)
_GA_DEFAULTS: Final = {"truncation": "auto", "prompt": None, "include": None}
"""What a GA session shows of fields that beta does not know while nobody has set them."""
_BETA_ONLY: Final = frozenset(move.beta for move in _SESSION) | {"temperature"}


def is_beta_session(session: Mapping[str, Any]) -> bool:
    """Return whether a `session` object, as a server shows it, is of the beta."""
    if "output_modalities" in session or isinstance(session.get("audio"), Mapping):
        return False
    return not _BETA_ONLY.isdisjoint(session)


# ---------------------------------------------------------------- parameters of errors


def _paths(root: str, moves: tuple[_Move, ...]) -> dict[str, str]:
    return {
        f"{root}.{move.beta}": f"{root}.audio.{move.side}.{move.ga}"
        if move.side
        else f"{root}.{move.ga}"
        for move in moves
    }


_PARAMS_TO_GA: Final = _paths("session", _SESSION) | _paths("response", _RESPONSE_CREATE)
# Which kind of session an update is for, beta says by the type of the event.
_PARAMS_TO_BETA: Final = {ga: beta for beta, ga in _PARAMS_TO_GA.items()} | {"session.type": "type"}


def param_to_ga(param: str | None) -> str | None:
    """Return the GA path of a parameter that beta has named, such as `session.voice`."""
    return _moved(param, _PARAMS_TO_GA)


def param_to_beta(param: str | None) -> str | None:
    """Return the beta path of a parameter that GA has named."""
    moved = _moved(param, _PARAMS_TO_BETA)
    if moved is None or "_audio_format." not in moved:
        return moved
    # A format is an object in GA and a word in beta: nothing in it has a path there.
    return moved.partition("_audio_format.")[0] + "_audio_format"


def _moved(param: str | None, paths: Mapping[str, str]) -> str | None:
    if param is None:
        return None
    for old, new in paths.items():
        if param.startswith(old) and param[len(old) : len(old) + 1] in ("", ".", "["):
            return new + param[len(old) :]
    return param


def error_to_ga(error: Fields) -> Fields:
    """Return an `error` that names its parameter by the path in GA."""
    return _renamed(error, param_to_ga)


def error_to_beta(error: Fields) -> Fields:
    """Return an `error` that names its parameter by the path in beta."""
    return _renamed(error, param_to_beta)


def _renamed(error: Fields, move: Callable[[str | None], str | None]) -> Fields:
    param = fields.text_or_none(error, "param")
    if param is None or (moved := move(param)) == param:
        return error
    renamed = {**error, "param": moved}
    if (message := fields.text_or_none(error, "message")) is not None:
        renamed["message"] = message.replace(f"'{param}'", f"'{moved}'")
    return renamed


# ---------------------------------------------------------------- objects


def _sides(audio: Any) -> dict[str, Fields]:
    """Return copies of the two sides of `audio`."""
    known = audio if isinstance(audio, dict) else {}
    return {side: dict(fields.mapping(known, side)) for side in (_IN, _OUT)}


def _nested(flat: Fields, moves: tuple[_Move, ...]) -> Fields:
    """Return a flat object with its fields where GA has them."""
    deep = less(flat, {move.beta for move in moves})
    places = {_FLAT: deep, **_sides(flat.get("audio"))}
    for move in moves:
        if move.beta in flat:
            places[move.side][move.ga] = move.to_ga(flat[move.beta])
    if filled := {side: places[side] for side in (_IN, _OUT) if places[side]}:
        deep["audio"] = {**fields.mapping(flat, "audio"), **filled}
    return deep


def _flattened(deep: Fields, moves: tuple[_Move, ...]) -> Fields:
    """Return an object of GA with its fields where beta has them; what has no place there stays."""
    audio = deep.get("audio")
    flat = less(deep, {"audio"}) if isinstance(audio, dict) else dict(deep)
    places = {_FLAT: flat, **_sides(audio)}
    for move in moves:
        if move.ga in places[move.side]:
            flat[move.beta] = move.to_beta(places[move.side].pop(move.ga))
    if isinstance(audio, dict):
        left = {
            key: places[key] if key in (_IN, _OUT) and isinstance(each, dict) else each
            for key, each in audio.items()
        }
        if kept := {key: each for key, each in left.items() if each != {}}:
            flat["audio"] = kept
    return flat


def session_to_ga(session: Fields) -> Fields:
    """Return a conversation's session as GA has it."""
    return {"type": "realtime", **_nested(session, _SESSION)}


def transcription_to_ga(session: Fields) -> Fields:
    """Return a transcription's session as GA has it."""
    return {"type": "transcription", **_nested(session, _SESSION)}


def session_to_beta(session: Fields) -> Fields:
    """Return a session, or a patch of one, as beta has it."""
    return less(_flattened(session, _SESSION), {"type"})


def shown_session(session: Fields) -> Fields:
    """Return a whole session as a server of the beta shows it."""
    return {
        key: value
        for key, value in session_to_beta(session).items()
        if key not in _GA_DEFAULTS or value != _GA_DEFAULTS[key]
    }


def _retyped(part: Any, names: Mapping[str, str]) -> Any:
    name = names.get(fields.text(part, "type")) if isinstance(part, dict) else None
    return part if name is None else {**part, "type": name}


def part_to_beta(part: Fields) -> Fields:
    """Return a content part of a response as beta names it."""
    return dict(_retyped(part, _CONTENT_TO_BETA))


def _item(names: Mapping[str, str]) -> Translate:
    """Return what renames the content of the assistant's messages."""

    def translated(item: Fields) -> Fields:
        content = item.get("content")
        if item.get("role") != "assistant" or not isinstance(content, list):
            return item
        return {**item, "content": [_retyped(part, names) for part in content]}

    return translated


item_to_ga: Final = _item(_CONTENT_TO_GA)
"""Returns an item as GA has it."""
item_to_beta: Final = _item(_CONTENT_TO_BETA)
"""Returns an item as beta takes it."""


def shown_item(item: Fields) -> Fields:
    """Return an item as a server of the beta shows it."""
    first = {"id": item["id"]} if "id" in item else {}
    return {**first, "object": "realtime.item", **item_to_beta(item)}


def _response(
    reshaped: Callable[[Fields, tuple[_Move, ...]], Fields],
    moves: tuple[_Move, ...],
    key: str,
    item: Translate,
) -> Translate:
    """Return what translates a response, or the wish for one, with the items at `key`."""

    def translated(response: Fields) -> Fields:
        shaped = reshaped(response, moves)
        if isinstance(items := shaped.get(key), list):
            shaped[key] = [item(each) if isinstance(each, dict) else each for each in items]
        return shaped

    return translated


response_to_ga: Final = _response(_nested, _RESPONSE, "output", item_to_ga)
response_to_beta: Final = _response(_flattened, _RESPONSE, "output", shown_item)
create_to_ga: Final = _response(_nested, _RESPONSE_CREATE, "input", item_to_ga)
create_to_beta: Final = _response(_flattened, _RESPONSE_CREATE, "input", item_to_beta)
"""The `response` of `response.create`; the two before it, of what a server tells."""
