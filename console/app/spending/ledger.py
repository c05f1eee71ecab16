"""The money counter: what everybody used by day, in a small file that survives restarts and kills."""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import secrets
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.regular_file import other_kind

logger = logging.getLogger(__name__)

BUSY_TIMEOUT_S: Final = 0.2
"""How long another console that shares the file is waited for."""
TOLERATED_LEAD_S: Final = 2 * 86_400.0
"""How far the counter may be ahead of the clock without a word."""
MAX_KNOWN: Final = 1000
"""Sums that are remembered for when the file cannot be read."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS spent (
  day TEXT NOT NULL, person TEXT NOT NULL,
  seconds REAL NOT NULL, dollars REAL NOT NULL, estimated REAL NOT NULL,
  PRIMARY KEY (day, person)
) WITHOUT ROWID
"""
_ALL_LIMITS: Final = "what was spent before counts for no limit."
_NO_AMOUNT: Final = """
SELECT day, person FROM spent WHERE NOT (
  typeof(seconds) IN ('real', 'integer') AND abs(seconds) < 1e12
  AND typeof(dollars) IN ('real', 'integer') AND abs(dollars) < 1e12
  AND typeof(estimated) IN ('real', 'integer') AND abs(estimated) < 1e12
) LIMIT 1
"""
_HEADER_BYTES: Final = 100
"""Of the file."""
_IDENTITY: Final = "CREATE TABLE IF NOT EXISTS counter (id TEXT NOT NULL)"
_ADD: Final = """
INSERT INTO spent VALUES (?, ?, ?, ?, ?) ON CONFLICT (day, person) DO UPDATE SET
  seconds = seconds + excluded.seconds, dollars = dollars + excluded.dollars,
  estimated = estimated + excluded.estimated
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """An amount of time and money."""

    seconds: float = 0.0
    dollars: float = 0.0
    estimated: float = 0.0
    """The part of `dollars` that is an estimate."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.seconds + other.seconds,
            self.dollars + other.dollars,
            self.estimated + other.estimated,
        )

    def __sub__(self, other: Spent) -> Spent:
        return self + Spent(-other.seconds, -other.dollars, -other.estimated)


class Ledger:
    """Sums by day and person. What has been added is in the file when `add` returns.

    A process that is killed loses nothing; a machine that loses power may lose the last seconds.
    Where the file cannot be written, the sums are kept in memory and written when it can be.
    """

    def __init__(self, path: Path | None, *, wall_s: Callable[[], float]) -> None:
        """Open the counter.

        Args:
            path: Its file, made if it is not there, readable by its owner alone. One that is no
                counter any more is put aside. None: in memory.
            wall_s: Seconds since 1970.
        """
        self._wall_s = wall_s
        self._waiting: dict[tuple[str, str], Spent] = {}
        self._known: dict[tuple[str | None, str | None], Spent] = {}
        self.remark = ""
        """What the owner should know of the file, in a sentence; empty: all is well."""
        was_empty = path is not None and _is_empty(path)
        self._file = self._open(path)
        fresh = secrets.token_hex(8)
        self.id = self._identity(fresh)
        """Its name among counters, which stays as long as the file; no secret."""
        if was_empty and self.id == fresh and not self.remark:  # else another console makes it now
            self._tell(
                f"The money counter {path} was empty, and counting has begun anew: {_ALL_LIMITS}"
            )
        self._latest_day = self._newest_day()
        self._remark_on_the_clock(path)
        self._lasting_remark, self._trouble = self.remark, ""

    def today(self) -> str:
        """Return the day in UTC as YYYY-MM-DD; it never goes back, also not with the clock."""
        self._latest_day = max(self._latest_day, _day(self._wall_s()))
        return self._latest_day

    def add(self, person: str, amount: Spent, *, day: str | None = None) -> None:
        """Add what somebody used.

        Args:
            person: Who.
            amount: How much; negative to take back what was held.
            day: When; today by default.
        """
        key = (day or self.today(), person)
        self._waiting[key] = self._waiting.get(key, Spent()) + amount
        self._write()

    def _write(self) -> None:
        try:
            with self._file:
                for (each_day, each_person), each in self._waiting.items():
                    values = (each.seconds, each.dollars, each.estimated)
                    self._file.execute(_ADD, (each_day, each_person, *values))
        except sqlite3.Error as error:
            self._fails("written", error)
        else:
            self._waiting.clear()
            self._works("written")

    def spent(self, *, day: str | None = None, person: str | None = None) -> Spent:
        """Return the sum of a day, of a person, of both, or of everything."""
        total = self._in_file(day, person)
        for (each_day, each_person), each in self._waiting.items():
            if day in (None, each_day) and person in (None, each_person):
                total += each
        return total

    def people(self, day: str) -> dict[str, Spent]:
        """Return what each person has used on a day."""
        found = dict.fromkeys((person for each, person in self._waiting if each == day), Spent())
        query = "SELECT person, seconds, dollars, estimated FROM spent WHERE day = ?"
        try:
            for person, *amounts in self._file.execute(query, (day,)):
                found[person] = Spent(*amounts)
        except sqlite3.Error as error:
            self._fails("read", error)
            return {person: self.spent(day=day, person=person) for person in found}
        return {who: each + self._waiting.get((day, who), Spent()) for who, each in found.items()}

    def close(self) -> None:
        """Write what could not be written before, if that is possible now, and close the file."""
        if self._waiting:
            self._write()
        self._file.close()

    def _identity(self, fresh: str) -> str:
        try:
            with self._file:
                self._file.execute(_IDENTITY)
                # Not by a look first: another console may open the same new file.
                self._file.execute(
                    "INSERT INTO counter SELECT ? WHERE NOT EXISTS (SELECT 1 FROM counter)",
                    (fresh,),
                )
            return str(self._file.execute("SELECT id FROM counter").fetchone()[0])
        except sqlite3.Error as error:
            logger.info("the money counter has no name of its own this time: %s", error)
            return fresh

    def _in_file(self, day: str | None, person: str | None) -> Spent:
        query = (
            "SELECT total(seconds), total(dollars), total(estimated) FROM spent "
            "WHERE (?1 IS NULL OR day = ?1) AND (?2 IS NULL OR person = ?2)"
        )
        try:
            row = self._file.execute(query, (day, person)).fetchone()
        except sqlite3.Error as error:
            # What was known last still holds everybody to the limits.
            self._fails("read", error)
            return self._known.get((day, person), Spent())
        self._works("read")
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[day, person] = found = Spent(*row)
        return found

    def _newest_day(self) -> str:
        return self._file.execute("SELECT max(day) FROM spent").fetchone()[0] or ""

    def _remark_on_the_clock(self, path: Path | None) -> None:
        # A day or two are a clock that was put right; further ahead, the day would not end for long.
        tolerated_s = self._wall_s() + TOLERATED_LEAD_S
        if self._latest_day <= _day(tolerated_s):
            return
        self._tell(
            f"The money counter has counted for {self._latest_day}, and the clock says "
            f"{_day(self._wall_s())}: until then the limits of a day go on as if it were one day. "
            f"If the clock is right now, end the console, move {path} away and start it again."
        )

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path is None:
            return _connect(":memory:")
        try:
            return _connect_private(path)
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                return self._in_memory(path, str(error))
        except OSError as error:
            return self._in_memory(path, error.strerror or str(error))
        stamp = datetime.datetime.fromtimestamp(self._wall_s(), datetime.UTC)
        aside = path.with_name(f"{path.name}.corrupt-{stamp:%Y%m%dT%H%M%SZ}")
        try:
            path.replace(aside)
            for tail in ("-wal", "-shm"):
                path.with_name(path.name + tail).unlink(missing_ok=True)
            opened = _connect_private(path)
        except (OSError, sqlite3.Error) as error:
            return self._in_memory(path, str(error))
        self._tell(
            f"The money counter {path} was damaged. It was put aside as {aside.name}, and counting "
            f"has begun anew: {_ALL_LIMITS}"
        )
        return opened

    def _in_memory(self, path: Path, why: str) -> sqlite3.Connection:
        self._tell(
            f"The money counter {path} cannot be used ({why}); what is spent is forgotten at the end."
        )
        return _connect(":memory:")

    def _fails(self, what: str, error: sqlite3.Error) -> None:
        self._trouble = what
        self._tell(f"The money counter cannot be {what} ({error}); it goes on in memory.")

    def _works(self, what: str) -> None:
        if self._trouble == what:
            self._trouble, self.remark = "", self._lasting_remark
            logger.warning("The money counter can be %s again", what)

    def _tell(self, sentence: str) -> None:
        if sentence != self.remark:
            logger.warning("%s", sentence)
        self.remark = sentence


def _day(wall_s: float) -> str:
    return datetime.datetime.fromtimestamp(wall_s, datetime.UTC).date().isoformat()


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    # Of the driver's errors these two mean the content; the others the way there.
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or code is None


def _is_empty(path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def _connect_private(path: Path) -> sqlite3.Connection:
    # As damaged as any other content; the driver takes a file of a few bytes for a new one.
    if kind := other_kind(path):
        raise sqlite3.DatabaseError(f"it is {kind}")
    if path.exists() and 0 < path.stat().st_size < _HEADER_BYTES:
        raise sqlite3.DatabaseError("its content is damaged")
    # SQLite gives the files beside it the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
    path.chmod(0o600)
    return _connect(str(path))


def _connect(name: str) -> sqlite3.Connection:
    file = sqlite3.connect(name, timeout=BUSY_TIMEOUT_S, isolation_level="IMMEDIATE")
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        if file.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("its content is damaged")
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_schema")]
        if tables and "spent" not in tables:
            raise sqlite3.DatabaseError("it is another kind of file")
        with file:
            file.execute(_SCHEMA)
        if file.execute(_NO_AMOUNT).fetchone():
            raise sqlite3.DatabaseError("its content is damaged")
    except sqlite3.OperationalError as error:
        file.close()
        if "no such column" in str(error):
            raise sqlite3.DatabaseError("it is another kind of file") from error
        raise
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            file.close()
        raise
    return file
