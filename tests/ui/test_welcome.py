from pathlib import Path

from console.app.reach import NO_SOUND, Reach
from console.lan.certificate import OwnCertificate
from console.ui.welcome import ready_text

OWNER = "https://localhost:8080/?token=owner"
GUESTS = ("https://192.168.1.5:8080/?token=guest", "https://studio.local:8080/?token=guest")
BASES = ("https://192.168.1.5:8080", "https://studio.local:8080")
OWN = OwnCertificate(
    certificate_file=Path("console.pem"),
    key_file=Path("console.key"),
    authority_file=Path("authority.pem"),
    hosts=("192.168.1.5", "studio.local"),
    fingerprint=":".join(["AB"] * 32),
    authority_fingerprint=":".join(["CD"] * 32),
    days_left=396,
    remark="A certificate was made for this machine: there was none.",
)


def lan():
    return Reach(("0.0.0.0",), (), "https://localhost:8080", BASES, own_certificate=OWN)


def test_on_this_machine_alone_it_is_one_line():
    reach = Reach(("127.0.0.1",), (), "http://127.0.0.1:8080")

    text = ready_text(reach, "http://127.0.0.1:8080/?token=x", [], with_qr=True)

    assert text == "Console ready at http://127.0.0.1:8080/?token=x\n"


def test_the_owner_has_a_link_and_guests_have_theirs():
    lines = ready_text(lan(), OWNER, GUESTS, with_qr=False).splitlines()

    assert lines[0] == f"Console ready at {OWNER}"
    assert f"  {GUESTS[0]}" in lines
    assert "  (also at https://studio.local:8080)" in lines
    assert sum("token=owner" in each for each in lines) == 1


def test_the_warning_of_browsers_is_explained_with_what_to_compare():
    text = ready_text(lan(), OWNER, GUESTS, with_qr=False)

    assert "Browsers will warn" in text
    assert text.count(" ".join(["AB"] * 16)) == 2
    assert "install https://192.168.1.5:8080/trust/realtime-console.crt" in text
    assert "there was none" in text


def test_a_terminal_shows_the_guests_link_as_a_code():
    assert "█" in ready_text(lan(), OWNER, GUESTS, with_qr=True)
    assert "█" not in ready_text(lan(), OWNER, GUESTS, with_qr=False)


def test_without_encryption_it_says_what_will_be_missed():
    reach = Reach(("192.168.1.5",), (), "http://192.168.1.5:8080", ("http://192.168.1.5:8080",))

    text = ready_text(reach, "http://192.168.1.5:8080/?token=x", [], with_qr=False, remark="Hm.")

    assert text.splitlines()[1:3] == ["Hm.", NO_SOUND]
