import pytest

from console.app.spending.caps import OWNER, Cap, Payer, amount, caps_of, idle_minutes, tightest
from console.app.spending.ledger import Spent
from console.settings import Settings

GUEST = Payer("g", is_guest=True)


def settings(**values):
    return Settings(_env_file=None, **values)


def limits(payer, **values):
    return {(each.scope, each.unit): each.most for each in caps_of(settings(**values), payer)}


def test_the_owner_has_no_limits_unless_some_are_set():
    assert limits(OWNER) == {}
    assert limits(OWNER, limit_day_dollars=3) == {("day", "dollars"): 3}


def test_guests_have_safe_limits_from_the_start():
    assert limits(GUEST) == {
        ("session", "minutes"): 30,
        ("session", "dollars"): 2,
        ("guest", "minutes"): 60,
        ("guest", "dollars"): 5,
        ("day", "dollars"): 20,
    }


def test_what_is_set_holds_for_guests_and_inf_is_no_limit():
    found = limits(GUEST, limit_session_minutes="inf", limit_guest_dollars=1, limit_day_dollars=0)

    assert ("session", "minutes") not in found
    assert found["guest", "dollars"] == 1
    assert found["day", "dollars"] == 0


def test_the_limits_of_a_guest_do_not_hold_for_the_owner():
    assert limits(OWNER, limit_guest_dollars=1) == {}


@pytest.mark.parametrize(
    ("unit", "most", "spent", "left"),
    [
        ("minutes", 30, Spent(), "30 min"),
        ("minutes", 30, Spent(seconds=1), "29 min"),
        ("minutes", 30, Spent(seconds=60), "29 min"),
        ("minutes", 30, Spent(seconds=25 * 60), "5 min"),
        ("minutes", 30, Spent(seconds=25 * 60 + 0.5), "4:59"),
        ("minutes", 1.5, Spent(), "1:30"),
        ("minutes", 30, Spent(seconds=29 * 60 + 1), "0:59"),
        ("minutes", 30, Spent(seconds=1801), "0:00"),
        ("dollars", 2, Spent(dollars=0.42), "$1.58"),
        ("dollars", 2, Spent(dollars=2.1), "$0.00"),
    ],
)
def test_what_is_left_is_told_rounded_down_and_with_seconds_where_they_matter(
    unit, most, spent, left
):
    assert Cap("session", unit, most).left_words(spent) == left


@pytest.mark.parametrize(
    ("seconds", "near", "reached"),
    [(0, False, False), (479, False, False), (480, True, False), (600, True, True)],
)
def test_a_limit_is_near_at_four_fifths_and_reached_at_all_of_it(seconds, near, reached):
    cap = Cap("session", "minutes", 10)
    spent = Spent(seconds=seconds)

    assert (cap.is_near(spent), cap.is_reached(spent)) == (near, reached)


def test_the_sentences_say_whose_limit_how_much_and_what_now():
    cap = Cap("guest", "dollars", 5)

    assert cap.near_sentence(Spent(dollars=4)) == (
        "Close to the limit for one guest in a day: $4.00 of $5.00."
    )
    assert cap.near_sentence(Spent(dollars=3), Spent(dollars=1.5)) == (
        "Close to the limit for one guest in a day: $3.00 of $5.00, and about $1.50 for the answer "
        "under way."
    )
    sentence = Cap("total", "minutes", 1).reached_sentence(Spent(seconds=61))
    assert sentence.startswith("Everybody together has used the 1 minute in all.")
    assert "kept" in sentence


NEXT_DAY = "for today. More from 00:00 UTC, or once the host raises the limit."


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("guest", f"Your address has used its 2 minutes {NEXT_DAY}"),
        ("day", f"Everybody together has used the 2 minutes {NEXT_DAY}"),
        (
            "total",
            "Everybody together has used the 2 minutes in all. More once the host raises the limit.",
        ),
    ],
)
def test_who_has_reached_a_limit_is_told_when_there_is_more(scope, told):
    cap, spent = Cap(scope, "minutes", 2), Spent(seconds=121)

    assert cap.obstacle(spent) == told
    assert cap.reached_sentence(spent) == f"{told} Everything so far is kept."
    assert cap.obstacle(Spent(seconds=119)) == ""


def test_another_session_helps_where_the_limit_of_one_is_reached():
    sentence = Cap("session", "minutes", 1).reached_sentence(Spent(seconds=60))

    assert "is reached: 1:00 of 1:00 min. Connect begins another session." in sentence
    assert Cap("session", "minutes", 1).obstacle(Spent()) == ""


def test_an_answer_that_cost_more_than_there_was_is_told_with_its_cost():
    told = Cap("guest", "dollars", 0.1).obstacle(Spent(dollars=0.13))

    assert told.startswith("Your address has used $0.13 of its $0.10 for today.")


@pytest.mark.parametrize("scope", ["session", "guest", "day", "total"])
@pytest.mark.parametrize(("unit", "nothing"), [("dollars", "no dollars"), ("minutes", "no time")])
def test_where_a_limit_is_nothing_no_day_and_no_session_helps(scope, unit, nothing):
    sentence = Cap(scope, unit, 0).reached_sentence(Spent())

    assert sentence.endswith(
        f"may use {nothing} here: that changes once the host raises the limit."
    )
    assert Cap(scope, unit, 0).obstacle(Spent()) == sentence


@pytest.mark.parametrize(
    ("scope", "advice"),
    [
        ("session", "Connect begins another session."),
        ("guest", "after midnight UTC all of it is there again."),
        ("day", "after midnight UTC all of it is there again."),
        ("total", "Connect begins another session with what is left."),
    ],
)
def test_whose_answer_was_too_much_is_told_what_is_left(scope, advice):
    sentence = Cap(scope, "dollars", 3).reached_sentence(Spent(dollars=2), Spent(dollars=1))

    assert "Connect begins another session" in sentence
    assert f"{advice} What you see stays until" in sentence


def test_an_answer_that_would_go_beyond_a_limit_is_not_said_to_be_spent():
    sentence = Cap("guest", "dollars", 3).reached_sentence(Spent(dollars=2.16), Spent(dollars=0.84))

    assert "would go beyond the limit for one guest in a day" in sentence
    assert "$2.16 of $3.00, and about $0.84 for the answer under way." in sentence
    assert "No session can begin" not in sentence
    assert "save it before you connect" in sentence


def test_nobody_is_told_that_connect_keeps_what_it_clears():
    sentence = Cap("session", "minutes", 1).reached_sentence(Spent(seconds=60))

    assert sentence.endswith("stays until the next session begins: save it before you connect.")
    assert "kept" not in sentence


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0, "dollars", "$0.00"), (0.0123, "dollars", "$0.0123"), (1.239, "dollars", "$1.24"),
        (3.9, "minutes", "3:54"), (0.8, "minutes", "0:48"),
    ],
)  # fmt: skip
def test_amounts_are_short(value, unit, words):
    assert amount(value, unit) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0.01, "0.6 s"), (1 / 60, "0:01 min"), (0, "0:00 min")]
)
def test_a_limit_of_less_than_a_second_is_told_as_what_it_is(minutes, words):
    assert amount(minutes, "minutes", with_unit=True) == words


@pytest.mark.parametrize(
    ("seconds", "most", "told"),
    [(10.9, 0.2, "0:10"), (75, 0.3, "0:18"), (3_599, 60, "59:59"), (0, 1440, "0:00")],
)
def test_of_time_no_more_is_told_than_there_is(seconds, most, told):
    assert Cap("session", "minutes", most).used_words(Spent(seconds=seconds)) == told


@pytest.mark.parametrize(
    ("unit", "most", "words"),
    [
        ("minutes", 30, "30 minutes"), ("minutes", 1, "1 minute"), ("minutes", 1.5, "1:30 minutes"),
        ("minutes", 0.01, "0.6 s"), ("minutes", 0, "0:00 minutes"), ("dollars", 2, "$2.00"),
    ],
)  # fmt: skip
def test_a_limit_is_told_in_words(unit, most, words):
    assert Cap("session", unit, most).most_words() == words


def test_the_warning_of_time_holds_no_number_that_stands_still():
    cap = Cap("session", "minutes", 1.5)

    warnings = {cap.near_sentence(Spent(seconds=seconds)) for seconds in (75, 80)}

    assert warnings == {"Close to the limit of 1:30 minutes for this session."}


def test_idle_sessions_end_sooner_for_guests():
    assert (idle_minutes(settings(), OWNER), idle_minutes(settings(), GUEST)) == (30, 5)
    assert idle_minutes(settings(idle_minutes=2), GUEST) == 2


def test_of_limits_on_the_same_thing_the_lowest_holds():
    high, low = Cap("session", "dollars", 2.0), Cap("session", "dollars", 0.5)
    day, minutes = Cap("day", "dollars", 0.1), Cap("session", "minutes", 9.0)

    assert tightest((high, day, low, minutes)) == (low, day, minutes)
    assert tightest((low, high)) == (low,)
    assert tightest(()) == ()
