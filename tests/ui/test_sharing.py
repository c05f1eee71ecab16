from pathlib import Path

from console.app.reach import NO_SOUND, Reach
from console.lan.certificate import OwnCertificate
from console.scrubber import scrubber
from console.ui.door.door import Door
from console.ui.sharing import ShareOffer, Sharing

PLAIN = Reach(("10.0.0.1",), (), "http://10.0.0.1:1", ("http://10.0.0.1:1",))
OWN = OwnCertificate(Path("a"), Path("b"), Path("c"), (), "AB:CD", "12:34", 396)


def token_of(offer: ShareOffer) -> str:
    return offer.links[0].partition("token=")[2]


def test_where_nobody_else_can_come_nothing_is_offered_and_no_link_is_made():
    door = Door()

    sharing = Sharing(Reach(("127.0.0.1",), (), "http://127.0.0.1:1"), door)
    sharing.renew()

    assert sharing.offer == ShareOffer()


def test_one_link_opens_the_door_at_every_address_and_makes_guests():
    door = Door()
    bases = ("https://10.0.0.1:1", "https://a.local:1")

    reach = Reach(("0.0.0.0",), (), "https://localhost:1", bases, own_certificate=OWN)
    offer = Sharing(reach, door).offer

    tokens = {each.partition("token=")[2] for each in offer.links}
    assert [each.partition("/?")[0] for each in offer.links] == list(bases)
    assert len(tokens) == 1
    admission = door.admit(tokens.pop())
    assert admission is not None
    assert admission.person.role == "guest"
    assert (offer.fingerprint, offer.authority_fingerprint) == ("AB:CD", "12:34")
    assert offer.authority_url == "https://10.0.0.1:1/trust/realtime-console.crt"


def test_the_token_of_the_link_is_kept_out_of_logs():
    sharing = Sharing(PLAIN, Door())
    offer = sharing.offer
    token = offer.links[0].partition("token=")[2]

    sharing.renew()

    for each in (token, token_of(sharing.offer)):
        assert each not in scrubber.without_secrets(f"seen {each} somewhere")
    assert offer.remark == NO_SOUND
    assert offer.fingerprint == ""


def test_a_new_link_for_guests_lets_nobody_in_by_the_one_before_and_keeps_who_is_inside():
    door = Door()
    sharing = Sharing(PLAIN, door)
    told: list[ShareOffer] = []
    sharing.renewed.connect(told.append)
    before = token_of(sharing.offer)
    inside = door.admit(before)
    assert inside is not None
    assert inside.cookie is not None

    sharing.renew()

    assert told == [sharing.offer]
    assert door.admit(before) is None
    assert door.recognise(inside.cookie) == inside.person
    newcomer = door.admit(token_of(sharing.offer))
    assert newcomer is not None
    assert newcomer.person.role == "guest"
