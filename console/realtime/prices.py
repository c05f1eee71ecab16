"""What a usage costs: a dated table of prices, and sums that say when they are estimates."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.errors import ConfigurationError
from console.realtime.usage import TokenUsage, TranscriptionUsage
from console.regular_file import check_regular

OWN_TABLE: Final = Path(__file__).with_name("prices.yaml")
SIMULATOR: Final = "simulator"
"""The name under which the built-in simulator stands in the table, whatever model it is asked for."""
MAX_FILE_BYTES: Final = 1024 * 1024
_MILLION: Final = 1_000_000
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Kind = Literal["text", "audio", "image"]
Way = Literal["input", "cached", "output"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KindPrices(_Entry):
    """Prices of one kind of token, in dollars for a million; None is not known."""

    input: Price | None = None
    cached: Price | None = None
    output: Price | None = None


class ModelPrices(_Entry):
    """Prices of one model."""

    text: KindPrices = KindPrices()
    audio: KindPrices = KindPrices()
    image: KindPrices = KindPrices()
    minute: Price | None = None
    """Of audio, in dollars."""
    context: Annotated[int, Field(gt=0)] | None = None
    """Tokens that the model takes in and gives at the most, in one answer; None is not known."""


class _Unknown(ModelPrices):
    """What everything counts that is not known; nothing of it may be missing."""

    def model_post_init(self, _: Any) -> None:
        needed = [
            (self.text, ("input", "cached", "output")),
            (self.audio, ("input", "cached", "output")),
            (self.image, ("input", "cached")),
        ]
        if self.minute is None or any(
            getattr(kind, way) is None for kind, ways in needed for way in ways
        ):
            raise ValueError("every price of text, audio, image and minute is needed here")


class _File(_Entry):
    as_of: datetime.date
    currency: Literal["USD"]
    source: str
    models: dict[str, ModelPrices]
    unknown: _Unknown


@dataclass(frozen=True, slots=True)
class Cost:
    """What something costs."""

    dollars: float = 0.0
    is_estimate: bool = False
    """A price or a count was not known, and the worst was assumed."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.dollars + other.dollars, self.is_estimate or other.is_estimate)

    def as_estimate(self) -> Cost:
        """Return the same as an estimate; nothing is known for sure to cost nothing."""
        return Cost(self.dollars, self.is_estimate or bool(self.dollars))


class PriceTable:
    """The prices of a date, by the model's name."""

    def __init__(self, file: _File) -> None:
        self._file = file

    @classmethod
    def read(cls, path: Path | None = None) -> Self:
        """Return the table of a YAML file; without one, the table that comes with the console.

        Raises:
            ConfigurationError: The file cannot be read, or something in it is no price.
        """
        path = path or OWN_TABLE
        try:
            check_regular(path)
            if path.stat().st_size > MAX_FILE_BYTES:
                raise ConfigurationError(f"--prices: {path} is too large to be a table of prices.")
            return cls(_File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))))
        except OSError as error:
            raise ConfigurationError(
                f"--prices: {path} cannot be read: {error.strerror}."
            ) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            what = str(error).splitlines()[0]
            raise ConfigurationError(f"--prices: {path} is not YAML: {what}.") from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            what = first["msg"].removeprefix("Value error, ")
            raise ConfigurationError(f"--prices: in {path}, {place}: {what}.") from error

    @property
    def as_of(self) -> datetime.date:
        """The date of the prices."""
        return self._file.as_of

    @property
    def source(self) -> str:
        """Where the prices come from, in words."""
        return self._file.source

    def knows(self, model: str) -> bool:
        """Return whether there are prices of a model, by its name with or without a date."""
        return self._named(model) is not None

    def context_of(self, model: str) -> int | None:
        """Return how many tokens fit into one answer of a model, read and written; None: not known."""
        named = self._named(model)
        return named.context if named is not None else None

    def of_response(self, model: str, usage: TokenUsage) -> Cost:
        """Return what a response costs.

        Tokens whose kind is not said count as audio, the dearest; cached ones whose kind is not
        said count as not cached.
        """
        read = usage.input_text + usage.input_audio + usage.input_image
        written = usage.output_text + usage.output_audio
        return (
            self._input(model, "text", usage.input_text, usage.cached_text)
            + self._input(model, "audio", usage.input_audio, usage.cached_audio)
            + self._input(model, "image", usage.input_image, usage.cached_image)
            + self.of_tokens(model, "audio", "input", usage.input - read)
            + self.of_tokens(model, "text", "output", usage.output_text)
            + self.of_tokens(model, "audio", "output", usage.output_audio)
            + self.of_tokens(model, "audio", "output", usage.output - written)
        )

    def of_transcript(self, model: str, usage: TranscriptionUsage) -> Cost:
        """Return what writing down some speech costs."""
        rest = usage.input - usage.input_text - usage.input_audio
        return (
            self._of_seconds(model, usage.seconds)
            + self.of_tokens(model, "text", "input", usage.input_text)
            + self.of_tokens(model, "audio", "input", usage.input_audio + max(0, rest))
            + self.of_tokens(model, "text", "output", usage.output)
        )

    def of_tokens(self, model: str, kind: Kind, way: Way, count: int) -> Cost:
        """Return what some tokens of one kind cost; nothing for none."""
        if count <= 0:
            return Cost()
        named = self._named(model)
        price = getattr(getattr(named, kind), way) if named is not None else None
        if price is None:
            return Cost(count * getattr(getattr(self._file.unknown, kind), way) / _MILLION, True)
        return Cost(count * price / _MILLION)

    def _input(self, model: str, kind: Kind, count: int, cached: int) -> Cost:
        cached = min(cached, count)
        return self.of_tokens(model, kind, "input", count - cached) + self.of_tokens(
            model, kind, "cached", cached
        )

    def _of_seconds(self, model: str, seconds: float) -> Cost:
        if seconds <= 0:
            return Cost()
        named = self._named(model)
        if named is None or named.minute is None:
            assert self._file.unknown.minute is not None
            return Cost(seconds / 60 * self._file.unknown.minute, True)
        return Cost(seconds / 60 * named.minute)

    def _named(self, model: str) -> ModelPrices | None:
        models = self._file.models
        return models.get(model) or models.get(_SNAPSHOT.sub("", model))
