"""Cities by name: where they are, and what time zone they keep."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

_LONGEST_NAME: Final = 5
"""No name that people say has more words."""
_SHORTEST_GUESS: Final = 4
"""Shorter words are not guessed: too many others are one letter away."""
_SHORTEST_SUBSTITUTE: Final = 6
"""In a shorter word another letter makes another word: "Paros" is not "Paris"."""
_SHORTEST_TWICE: Final = 10
"""From here on two letters may be wrong; "Atlantis" is not "Atlanta"."""
_QUALIFIER_WORDS: Final = 4
_JOINING: Final = frozenset({"and", "or", "also", "plus", "versus", "vs", "in", "for", "then"})

# Names that are English words as well: they count only where a place is expected.
_ALSO_WORDS: Final = (
    "ada aurora bath born brest bury cali concord corona deal hamm hull hue independence lens "
    "male man mobile most nice norman of orange page pearl plano reading same san santa split "
    "surprise tours tour van victoria wells worth mesa"
)
_COMMON_WORDS: Final = frozenset(_ALSO_WORDS.split())
_COUNTRY_WORDS: Final = {
    "america": "united states",
    "usa": "united states",
    "us": "united states",
    "the states": "united states",
    "uk": "united kingdom",
    "britain": "united kingdom",
    "great britain": "united kingdom",
    "holland": "netherlands",
    "the netherlands": "netherlands",
    "czech republic": "czechia",
}
# Spellings of one sound, so that "Wladiwostok" begins like "Vladivostok" and "Tokio" is "Tokyo".
_RESPELLED: Final = (
    ("ph", "f"), ("ck", "k"), ("c", "k"), ("q", "k"), ("w", "v"), ("y", "i"), ("z", "s"),
)  # fmt: skip
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "\u0131": "i", "đ": "d", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class City:
    """A city, with what tools ask for."""

    name: str
    country: str
    region: str
    """State, province or nation where people say it; else empty."""
    latitude: float
    longitude: float
    timezone: str
    """Name in the IANA data base."""
    population: int
    is_capital: bool
    is_spoken: bool
    """Whether the recogniser's grammar has the name."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A city found in a text."""

    city: City
    start: int
    """First word of the name, counted in the words of `fold(text)`."""
    end: int
    """The word after the name and what qualifies it."""
    is_exact: bool
    """Whether the name was written like this; else it was the most similar one."""


def fold(text: str) -> str:
    """Return `text` in lower case, without accents and punctuation, words parted by one space."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    kept = re.sub(r"['’.](?=\w|\s|$)", "", kept)  # noqa: RUF001  # St. John's, L.A., both apostrophes
    return " ".join(re.findall(r"\w+", kept))


class Gazetteer:
    """The table of cities, by name; of several with one name, the biggest."""

    def __init__(self, cities: Iterable[City]) -> None:
        self.cities: Sequence[City] = tuple(
            sorted(cities, key=lambda each: each.population, reverse=True)
        )
        """All cities, biggest first."""
        self._by_name: dict[str, list[City]] = {}
        self._by_area: dict[str, City] = {}
        for names in (lambda each: [each.name], lambda each: each.aliases):
            for city in self.cities:
                for name in names(city):
                    self._by_name.setdefault(fold(name), []).append(city)
        self._by_respelled_name = [
            (_respelled(name), cities) for name, cities in self._by_name.items()
        ]
        for city in self.cities:
            if city.is_capital:
                self._by_area.setdefault(fold(city.country), city)
        for city in self.cities:
            if city.region:
                self._by_area.setdefault(fold(city.region), city)

    def spoken_cities(self) -> dict[str, str]:
        """Return the names that the recogniser should expect: folded, and as they are written."""
        names: dict[str, str] = {}
        for city in self.cities:
            for name in (city.name, *city.aliases) if city.is_spoken else ():
                names.setdefault(fold(name), name)
        return names

    def find(self, phrase: str, *, may_guess: bool = True) -> City | None:
        """Return the city that `phrase` names, or nothing.

        Args:
            phrase: A place, such as "Paris", "paris texas" or "Tokio"; a country stands for its
                capital, a state or province for its biggest city.
            may_guess: Whether a name that is merely similar will do.
        """
        words = fold(phrase).split()
        place = self._at(words, 0, may_guess=may_guess)
        if place is not None:
            return place.city
        return self._by_area.get(self._area(" ".join(words)))

    def label(self, city: City) -> str:
        """Return the city's name, with its region or country if a bigger one has the same."""
        if self._by_name[fold(city.name)][0] is city:
            return city.name
        return f"{city.name}, {city.region or city.country}"

    def scan(self, text: str) -> Place | None:
        """Return the first city that `text` names; names that are common words do not count."""
        words = fold(text).split()
        for start in range(len(words)):
            place = self._at(words, start, may_guess=False)
            if place is not None and " ".join(words[start : place.end]) not in _COMMON_WORDS:
                return place
        return None

    def listed(self, phrase: str, *, may_guess: bool = False) -> list[City]:
        """Return the cities with which `phrase` begins: "paris, tokyo and also in rome".

        Args:
            phrase: What was said, from the first city on.
            may_guess: Whether a name that is merely similar will do.
        """
        words = fold(phrase).split()
        found: list[City] = []
        at = 0
        while at < len(words):
            place = self._at(words, at, may_guess=may_guess)
            if place is None or (found and not self._is_next(words, at, place.end)):
                break
            found.append(place.city)
            at = place.end
            while at < len(words) and words[at] in _JOINING:
                at += 1
        return list(dict.fromkeys(found))

    def _at(self, words: list[str], start: int, *, may_guess: bool) -> Place | None:
        for end in range(min(len(words), start + _LONGEST_NAME), start, -1):
            name = " ".join(words[start:end])
            if name in self._by_name:
                return self._qualified(name, words, start, end)
        return self._guess(words, start) if may_guess else None

    def _qualified(self, name: str, words: list[str], start: int, end: int) -> Place:
        """Choose by what follows: "paris texas", "london in ontario"."""
        namesakes = self._by_name[name]
        after = end + 1 if words[end : end + 1] == ["in"] else end
        for stop in range(min(len(words), after + _QUALIFIER_WORDS), after, -1):
            area = self._area(" ".join(words[after:stop]))
            for city in namesakes:
                if area in (fold(city.region), fold(city.country)):
                    return Place(city, start, stop, is_exact=True)
        return Place(namesakes[0], start, end, is_exact=True)

    def _is_next(self, words: list[str], start: int, end: int) -> bool:
        """Return whether a name behind another is a city of its own: not "paris ontario"."""
        name = " ".join(words[start:end])
        is_other = self._area(name) in self._by_area or name in _COMMON_WORDS
        return words[start - 1] in _JOINING or not is_other

    def _guess(self, words: list[str], start: int) -> Place | None:
        for end in range(min(len(words), start + 3), start, -1):
            name = " ".join(words[start:end])
            if len(name) < _SHORTEST_GUESS or name in self._by_area:
                continue
            if city := self._similar(_respelled(name)):
                return Place(city, start, end, is_exact=False)
        return None

    def _similar(self, name: str) -> City | None:
        """Return the city with the fewest letters wrong; of several the biggest."""
        most = _most_wrong(name)
        found = [
            (wrong, -cities[0].population, cities[0])
            for known, cities in self._by_respelled_name
            if known[0] == name[0]
            and abs(len(known) - len(name)) <= most
            and (wrong := _letters_wrong(name, known)) <= most
        ]
        return min(found, key=lambda each: each[:2])[2] if found else None

    @staticmethod
    def _area(words: str) -> str:
        return _COUNTRY_WORDS.get(words, words)


def _respelled(name: str) -> str:
    """Return a folded name with one spelling for each sound and no doubled letters."""
    for letters, sound in _RESPELLED:
        name = name.replace(letters, sound)
    return re.sub(r"([a-z])\1", r"\1", name)


def _most_wrong(name: str) -> int:
    return 2 if len(name) >= _SHORTEST_TWICE else 1


def _letters_wrong(said: str, known: str) -> int:
    """Return how many letters are missing, too many, swapped or (in long words) different."""
    different = 1 if min(len(said), len(known)) >= _SHORTEST_SUBSTITUTE else 2
    before: list[int] = []
    row = list(range(len(known) + 1))
    for at, letter in enumerate(said, start=1):
        before, above, row = row, before, [at]
        for to, other in enumerate(known, start=1):
            cost = 0 if letter == other else different
            best = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + cost)
            if at > 1 and to > 1 and letter == known[to - 2] and said[at - 2] == other:
                best = min(best, above[to - 2] + 1)
            row.append(best)
    return row[-1]


@functools.cache
def load() -> Gazetteer:
    """Return the gazetteer that comes with the package; read once, 30 ms."""
    table = resources.files(__package__).joinpath("data", "cities.tsv")
    with table.open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return Gazetteer(_city(row) for row in rows)


def _city(row: dict[str, str]) -> City:
    return City(
        name=row["name"],
        country=row["country"],
        region=row["region"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        timezone=row["timezone"],
        population=int(row["population"]),
        is_capital=bool(row["capital"]),
        is_spoken=bool(row["spoken"]),
        aliases=tuple(filter(None, row["aliases"].split("|"))),
    )
