import itertools

from console.simulator.service import secrets
from console.simulator.service.secrets import ClientSecrets


class Wall:
    now_s = 1000.9

    def __call__(self):
        return self.now_s


def new_secrets():
    wall, numbers = Wall(), itertools.count()
    return ClientSecrets(lambda prefix: f"{prefix}{next(numbers)}", wall), wall


def test_a_secret_is_known_again_until_it_expires():
    known, wall = new_secrets()
    secret = known.make("realtime", "m", {"voice": "x"}, lifetime_s=10)

    assert secret.value.startswith("ek_")
    assert secret.expires_at == 1010
    assert known.find(secret.value) is secret
    wall.now_s = 1010.0
    assert known.find(secret.value) is None
    wall.now_s = 1000.0
    assert known.find(secret.value) is None


def test_what_was_never_made_is_unknown():
    known, _ = new_secrets()

    assert known.find("ek_0") is None


def test_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(secrets, "MAX_SECRETS", 2)
    known, _ = new_secrets()
    made = [known.make("realtime", "m", {}, lifetime_s=10).value for _ in range(3)]

    assert [known.find(value) is not None for value in made] == [False, True, True]


def test_what_was_asked_for_cannot_be_changed_afterwards():
    known, _ = new_secrets()
    session = {"voice": "x"}
    secret = known.make("realtime", "m", session, lifetime_s=10)
    session["voice"] = "y"

    assert secret.session == {"voice": "x"}
