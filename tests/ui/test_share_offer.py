from pathlib import Path

from console.app.reach import NO_SOUND, Reach
from console.lan.certificate import OwnCertificate
from console.scrubber import scrubber
from console.ui.door.door import Door
from console.ui.share_offer import ShareOffer, make_offer

OWN = OwnCertificate(Path("a"), Path("b"), Path("c"), (), "AB:CD", "12:34", 396)


def test_where_nobody_else_can_come_nothing_is_offered_and_no_link_is_made():
    door = Door()

    assert make_offer(Reach(("127.0.0.1",), (), "http://127.0.0.1:1"), door) == ShareOffer()


def test_one_link_opens_the_door_at_every_address_and_makes_guests():
    door = Door()
    bases = ("https://10.0.0.1:1", "https://a.local:1")

    offer = make_offer(
        Reach(("0.0.0.0",), (), "https://localhost:1", bases, own_certificate=OWN), door
    )

    tokens = {each.partition("token=")[2] for each in offer.links}
    assert [each.partition("/?")[0] for each in offer.links] == list(bases)
    assert len(tokens) == 1
    admission = door.admit(tokens.pop())
    assert admission is not None
    assert admission.person.role == "guest"
    assert (offer.fingerprint, offer.authority_fingerprint) == ("AB:CD", "12:34")
    assert offer.authority_url == "https://10.0.0.1:1/trust/realtime-console.crt"


def test_the_token_of_the_link_is_kept_out_of_logs():
    offer = make_offer(
        Reach(("10.0.0.1",), (), "http://10.0.0.1:1", ("http://10.0.0.1:1",)), Door()
    )
    token = offer.links[0].partition("token=")[2]

    assert token not in scrubber.without_secrets(f"GET /?token={token}")
    assert offer.remark == NO_SOUND
    assert offer.fingerprint == ""
