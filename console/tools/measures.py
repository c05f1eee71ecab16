"""Values with their units, in the system that somebody reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

Units = Literal["metric", "imperial"]

_KM_PER_MILE: Final = 1.609344
_M_PER_MILE_AND_HOUR: Final = _KM_PER_MILE / 3.6
_CONVERSIONS: Final[dict[Units, dict[str, tuple[str, Callable[[float], float]]]]] = {
    "metric": {
        "°F": ("°C", lambda value: (value - 32) * 5 / 9),
        "mp/h": ("km/h", lambda value: value * _KM_PER_MILE),
    },
    "imperial": {
        "°C": ("°F", lambda value: value * 9 / 5 + 32),
        "km/h": ("mph", lambda value: value / _KM_PER_MILE),
        "m/s": ("mph", lambda value: value / _M_PER_MILE_AND_HOUR),
    },
}
"""By the system that is wanted and the unit that a service has told; `mp/h` is open-meteo's."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A value with its unit, as in 19.4 and "°C"."""

    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Return what the model is told."""
        return {"value": self.value, "units": self.unit}

    def within(self, units: Units) -> Measure:
        """Return the same in a system of units, to a tenth; itself if its unit is of that system.

        A unit that nobody knows here stays as it is.
        """
        unit, convert = _CONVERSIONS[units].get(self.unit, ("", None))
        return self if convert is None else Measure(round(convert(self.value), 1), unit)
