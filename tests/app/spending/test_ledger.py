import contextlib
import datetime
import os
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest

from console.app.spending.ledger import _SCHEMA, Ledger, Spent

DAY_S = 86_400.0
NOON_S = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC).timestamp()


class Wall:
    def __init__(self):
        self.now_s = NOON_S

    def __call__(self):
        return self.now_s


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def open_ledger(wall, tmp_path):
    opened = []

    def open_again(path=tmp_path / "spending.sqlite3"):
        opened.append(Ledger(path, wall_s=wall))
        return opened[-1]

    yield open_again
    for each in opened:
        each.close()


def test_sums_are_kept_by_day_and_person_and_survive_a_restart(open_ledger, wall):
    first = open_ledger()
    first.add("ada", Spent(seconds=60, dollars=0.25, estimated=0.125))
    first.add("bob", Spent(dollars=1))
    wall.now_s += DAY_S
    first.add("ada", Spent(dollars=2))
    first.close()

    again = open_ledger()

    assert again.spent(person="ada", day="2026-11-23") == Spent(60, 0.25, 0.125)
    assert again.spent(person="ada") == Spent(60, 2.25, 0.125)
    assert again.spent(day="2026-11-23") == Spent(60, 1.25, 0.125)
    assert again.spent() == Spent(60, 3.25, 0.125)
    assert again.remark == ""


def test_the_file_is_for_its_owner_alone(open_ledger, tmp_path):
    ledger = open_ledger()
    ledger.add("ada", Spent(dollars=1))

    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}

    assert modes == {0o600}


def test_a_process_that_is_killed_has_counted_what_it_added(open_ledger, tmp_path):
    program = (
        "import os, signal, sys, pathlib\n"
        "from console.app.spending.ledger import _SCHEMA, Ledger, Spent\n"
        f"ledger = Ledger(pathlib.Path({str(tmp_path / 'spending.sqlite3')!r}), wall_s=lambda: {NOON_S})\n"
        "ledger.add('ada', Spent(dollars=1.5))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], timeout=30, check=False)

    assert done.returncode == -signal.SIGKILL
    assert open_ledger().spent().dollars == 1.5


def test_two_processes_can_count_in_one_file(open_ledger):
    one, other = open_ledger(), open_ledger()

    one.add("ada", Spent(dollars=1))
    other.add("ada", Spent(dollars=2))

    assert one.spent() == other.spent() == Spent(dollars=3)


@pytest.mark.parametrize("jump_s", [-DAY_S, -400 * DAY_S, -3600.0 * 13])
def test_the_day_does_not_go_back_with_the_clock(open_ledger, wall, jump_s):
    ledger = open_ledger()
    ledger.add("ada", Spent(dollars=1))
    wall.now_s += jump_s

    assert ledger.today() == "2026-11-23"
    ledger.close()
    assert open_ledger().today() == "2026-11-23"


def test_a_counter_that_is_years_ahead_of_the_clock_says_so_and_how_to_begin_anew(
    open_ledger, wall, tmp_path
):
    wall.now_s += 26_000 * DAY_S
    open_ledger().add("ada", Spent(dollars=1))
    wall.now_s = NOON_S

    ledger = open_ledger()

    assert ledger.today() == "2098-01-29"
    assert "has counted for 2098-01-29, and the clock says 2026-11-23" in ledger.remark
    assert f"move {tmp_path / 'spending.sqlite3'} away" in ledger.remark

    assert open_ledger(tmp_path / "anew.sqlite3").today() == "2026-11-23"


@pytest.mark.parametrize("ahead_s", [0, DAY_S, 2 * DAY_S])
def test_a_clock_that_was_put_right_by_a_day_or_two_is_not_told(open_ledger, wall, ahead_s):
    wall.now_s += ahead_s
    open_ledger().add("ada", Spent(dollars=1))
    wall.now_s = NOON_S

    assert open_ledger().remark == ""


def test_a_day_ends_at_midnight_in_utc(open_ledger, wall):
    ledger = open_ledger()
    wall.now_s = NOON_S + DAY_S / 2 - 1
    assert ledger.today() == "2026-11-23"

    wall.now_s += 1

    assert ledger.today() == "2026-11-24"


def damaged(content):
    return lambda path: path.write_bytes(content)


def another_table(path):
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE spent (x)")
    file.close()


def no_table_of_ours(path):
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE other (x)")
    file.close()


def no_number(path):
    with sqlite3.connect(path) as file:
        file.execute(_SCHEMA)
        file.execute("INSERT INTO spent VALUES ('2026-11-23', 'ada', 60, 'much', 0)")
    file.close()


@pytest.mark.parametrize(
    "damage",
    [
        damaged(b"{ garbage " * 1000),
        damaged(b"S"),
        another_table,
        no_table_of_ours,
        no_number,
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.symlink_to("/dev/zero"),
    ],
    ids=[
        "garbage",
        "a byte",
        "another table",
        "no table of ours",
        "no number",
        "a directory",
        "a pipe",
        "a device",
    ],
)
def test_a_damaged_counter_is_put_aside_and_that_is_said(open_ledger, tmp_path, damage):
    path = tmp_path / "spending.sqlite3"
    damage(path)

    ledger = open_ledger()
    ledger.add("ada", Spent(dollars=1))

    assert ledger.spent() == Spent(dollars=1)
    aside = [each.name for each in tmp_path.iterdir() if ".corrupt-" in each.name]
    assert aside == ["spending.sqlite3.corrupt-20261123T120000Z"]
    assert aside[0] in ledger.remark
    assert "anew" in ledger.remark


def test_a_counter_that_was_emptied_is_told_once_and_counts_anew(open_ledger, tmp_path, caplog):
    open_ledger().add("ada", Spent(dollars=1))
    open_ledger().close()
    for each in tmp_path.iterdir():
        each.unlink()
    (tmp_path / "spending.sqlite3").touch()

    ledger = open_ledger()

    assert ledger.spent() == Spent()
    assert "was empty, and counting has begun anew: what was spent before counts" in ledger.remark
    assert ledger.remark in caplog.text
    assert open_ledger().remark == ""


def test_a_new_counter_says_nothing(open_ledger):
    assert open_ledger().remark == ""


def test_where_nothing_can_be_written_it_counts_in_memory_and_says_so(open_ledger, tmp_path):
    ledger = open_ledger(tmp_path / "none" / "spending.sqlite3")
    ledger.add("ada", Spent(dollars=1))

    assert ledger.spent().dollars == 1
    assert "forgotten" in ledger.remark


def test_a_link_in_place_of_the_file_is_not_followed(open_ledger, tmp_path):
    target = tmp_path / "elsewhere"
    target.touch()
    (tmp_path / "spending.sqlite3").symlink_to(target)

    assert "cannot be used" in open_ledger().remark
    assert target.read_bytes() == b""


def test_what_cannot_be_written_now_is_counted_and_written_later(open_ledger, tmp_path):
    ledger = open_ledger()
    other = sqlite3.connect(tmp_path / "spending.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    ledger.add("ada", Spent(dollars=1))

    assert ledger.spent() == Spent(dollars=1)
    assert "in memory" in ledger.remark
    other.execute("COMMIT")
    ledger.add("ada", Spent(dollars=2))
    assert other.execute("SELECT dollars FROM spent").fetchone() == (3.0,)
    other.close()


@contextlib.contextmanager
def locked(path):
    """Has somebody else write for longer than anybody waits."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def test_what_waits_is_written_at_the_end_if_it_can_be(open_ledger, tmp_path):
    ledger = open_ledger()
    with locked(tmp_path / "spending.sqlite3"):
        ledger.add("ada", Spent(60, 0.5))
    ledger.close()

    assert open_ledger().spent() == Spent(60, 0.5)


def test_what_waits_keeps_no_counter_from_its_end(open_ledger, tmp_path):
    ledger = open_ledger()
    with locked(tmp_path / "spending.sqlite3"):
        ledger.add("ada", Spent(60, 0.5))
        ledger.close()

    assert "cannot be written" in ledger.remark


def test_that_it_cannot_be_written_is_told_until_it_can_be_and_the_rest_goes_on(
    open_ledger, tmp_path, caplog
):
    path = tmp_path / "spending.sqlite3"
    path.touch()
    ledger = open_ledger()
    begun_anew = ledger.remark
    with locked(path):
        ledger.add("ada", Spent(60, 0.5))
    remark = ledger.remark
    ledger.add("ada", Spent(1, 0.0))

    assert "was empty" in begun_anew
    assert "cannot be written" in remark
    assert ledger.remark == begun_anew
    assert "can be written again" in caplog.text


def test_a_file_that_can_no_longer_be_read_still_holds_everybody_to_the_limits(open_ledger):
    ledger = open_ledger()
    ledger.add("ada", Spent(dollars=1))
    assert ledger.spent() == Spent(dollars=1)
    ledger.close()

    ledger.add("ada", Spent(dollars=2))

    assert ledger.spent() == Spent(dollars=3)
    assert "in memory" in ledger.remark


def test_a_counter_keeps_its_name_and_another_has_another(open_ledger, tmp_path):
    first = open_ledger()
    first.close()

    assert open_ledger().id == open_ledger().id == first.id
    assert open_ledger(tmp_path / "other.sqlite3").id != first.id
    assert open_ledger(None).id != first.id


def test_a_file_of_an_earlier_release_gets_a_name(open_ledger, tmp_path):
    with sqlite3.connect(tmp_path / "spending.sqlite3") as file:
        file.execute(_SCHEMA)
        file.execute("INSERT INTO spent VALUES ('2026-11-23', 'ada', 1, 2, 0)")
    file.close()

    first, again = open_ledger(), open_ledger()

    assert first.spent() == Spent(1, 2)
    assert first.id == again.id


def test_a_day_is_told_by_person_with_what_is_not_written_yet(open_ledger, tmp_path, wall):
    ledger = open_ledger()
    ledger.add("ada", Spent(dollars=1))
    other = sqlite3.connect(tmp_path / "spending.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ledger.add("ada", Spent(dollars=2))
    ledger.add("bob", Spent(dollars=4))
    ledger.add("bob", Spent(dollars=8), day="2026-11-22")

    assert ledger.people("2026-11-23") == {"ada": Spent(dollars=3), "bob": Spent(dollars=4)}
    other.execute("COMMIT")
    other.close()
    ledger.add("ada", Spent())
    assert ledger.people("2026-11-23") == {"ada": Spent(dollars=3), "bob": Spent(dollars=4)}


def test_a_file_that_can_no_longer_be_read_tells_what_was_known_of_a_day(open_ledger):
    ledger = open_ledger()
    ledger.close()
    ledger.add("ada", Spent(dollars=2))

    assert ledger.people("2026-11-23") == {"ada": Spent(dollars=2)}
    assert "in memory" in ledger.remark
