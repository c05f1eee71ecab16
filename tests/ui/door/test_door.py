import pytest
from pydantic import SecretStr

from console.ui.door import door as door_module
from console.ui.door.door import Door
from console.ui.door.people import Person
from tests.fakes import ManualClock

FIXED = "a-token-of-our-own-1234"


@pytest.fixture
def door():
    return Door()


def enter(door, link, known=None):
    admission = door.admit(link.token, known)
    assert admission is not None
    return admission


def test_each_start_has_a_token_of_its_own_that_nobody_guesses(door):
    token = door.owner.token

    assert len(token) >= 43
    assert token != Door().owner.token
    assert Door(SecretStr(FIXED)).owner.token == FIXED


@pytest.mark.parametrize(
    "token",
    [
        "",
        " ",
        FIXED[:-1],
        FIXED + "x",
        FIXED.upper(),
        FIXED + " ",
        FIXED + "\0",
        "ä" * 20,
        "\ud800" * 20,
        "x" * 10_000_000,
    ],
    ids=lambda token: f"{token[:24]!a}x{len(token)}",
)
def test_what_is_not_the_token_opens_nothing(token):
    assert Door(SecretStr(FIXED)).admit(token) is None
    assert Door(SecretStr(FIXED)).recognise(token) is None


def test_a_link_is_exchanged_for_a_cookie_and_that_for_a_person(door):
    admission = enter(door, door.owner)

    assert admission.cookie is not None
    assert door.recognise(admission.cookie) == admission.person
    assert admission.person.role == "owner"
    assert admission.person.link_id == door.owner.id
    assert len({admission.cookie, admission.person.id, door.owner.token, door.owner.id}) == 4


def test_the_cookie_of_another_start_is_nobodys(door):
    cookie = enter(door, door.owner).cookie

    assert Door().recognise(cookie) is None


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + "A", lambda c: c.swapcase()])
def test_a_cookie_that_was_changed_is_nobodys(door, change):
    assert door.recognise(change(enter(door, door.owner).cookie)) is None


def test_whoever_comes_by_one_link_is_somebody_of_their_own(door):
    guests = door.issue("guest")

    ada, bob = enter(door, guests).person, enter(door, guests).person

    assert ada != bob
    assert {ada.role, bob.role} == {"guest"}
    assert door.people() == [ada, bob]


def test_a_lesser_link_lowers_nobody_and_a_better_one_raises(door):
    guest = enter(door, door.issue("guest")).person
    owner = enter(door, door.owner, guest)

    assert owner.person.role == "owner"
    assert owner.cookie is not None
    again = enter(door, door.issue("guest"), owner.person)
    assert (again.person, again.cookie) == (owner.person, None)


def test_a_link_for_once_opens_once(door):
    link = door.issue("owner", one_time=True)

    assert door.admit(link.token) is not None
    assert door.admit(link.token) is None


async def test_a_link_with_an_end_opens_nothing_after_it():
    clock = ManualClock()
    door = Door(clock=clock)
    link = door.issue("guest", lifetime_s=60)
    await clock.advance(59)
    assert door.admit(link.token) is not None

    await clock.advance(1)

    assert door.admit(link.token) is None


def test_a_withdrawn_link_opens_nothing_but_who_came_by_it_stays(door):
    link = door.issue("guest")
    cookie = enter(door, link).cookie

    door.withdraw(link.id)
    door.withdraw(link.id)

    assert door.admit(link.token) is None
    assert door.recognise(cookie) is not None
    assert door.admit(door.owner.token) is not None


def test_who_is_revoked_is_nobody_at_once_and_that_is_told(door):
    told: list[Person] = []
    door.revoked.connect(told.append)
    admission = enter(door, door.issue("guest"))

    door.revoke(admission.person)
    door.revoke(admission.person)

    assert door.recognise(admission.cookie) is None
    assert told == [admission.person]
    assert door.people() == []


def test_a_watcher_sees_the_one_session_of_the_link(door):
    watcher = enter(door, door.issue("watcher", session_id="one")).person

    assert door.may_watch(watcher, "one")
    assert not door.may_watch(watcher, "two")


def test_a_guest_who_opens_a_link_to_watch_stays_a_guest_and_may_watch(door):
    guest = enter(door, door.issue("guest")).person

    same = enter(door, door.issue("watcher", session_id="one"), guest)

    assert (same.person, same.cookie) == (guest, None)
    assert door.may_watch(guest, "one")
    assert not door.may_watch(guest, "two")


def test_what_could_be_watched_is_over_when_its_link_is_withdrawn(door):
    first, second = (door.issue("watcher", session_id=each) for each in ("one", "two"))
    watcher = enter(door, first).person
    door.admit(second.token, watcher)

    door.withdraw(first.id)

    assert not door.may_watch(watcher, "one")
    assert door.may_watch(watcher, "two")


def test_the_owner_may_watch_all_and_who_was_revoked_nothing(door):
    owner = enter(door, door.owner).person
    assert door.may_watch(owner, "any")

    door.revoke(owner)

    assert not door.may_watch(owner, "any")


@pytest.mark.parametrize(("role", "session_id"), [("watcher", None), ("guest", "one")])
def test_only_a_watcher_has_a_session_and_always_one(door, role, session_id):
    with pytest.raises(ValueError, match="names a session"):
        door.issue(role, session_id=session_id)


def test_neither_the_owner_nor_who_is_present_is_forgotten_for_others(door, monkeypatch):
    monkeypatch.setattr(door_module, "MAX_PEOPLE", 3)
    sent_away: list[Person] = []
    door.revoked.connect(sent_away.append)
    link = door.issue("guest")
    owner, present, idle = enter(door, door.owner), enter(door, link), enter(door, link)

    with door.presence(present.person), door.presence(present.person):
        one_more = enter(door, link)

    assert door.people() == [owner.person, present.person, one_more.person]
    assert sent_away == [idle.person]
    enter(door, link)
    assert present.person not in door.people()


def test_guests_come_in_however_many_browsers_the_owner_has_had(door, monkeypatch):
    monkeypatch.setattr(door_module, "MAX_PEOPLE", 2)
    first, second = enter(door, door.owner), enter(door, door.owner)

    guest = enter(door, door.issue("guest"))

    assert door.people() == [second.person, guest.person]
    assert door.recognise(first.cookie) is None


def test_who_was_not_seen_for_the_longest_is_forgotten_first(door, monkeypatch):
    monkeypatch.setattr(door_module, "MAX_PEOPLE", 2)
    link = door.issue("guest")
    first, second = enter(door, link), enter(door, link)
    door.recognise(first.cookie)

    third = enter(door, link)

    assert door.people() == [first.person, third.person]
    assert door.recognise(second.cookie) is None
