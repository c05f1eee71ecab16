import pytest

from console.simulator.protocol.refusals import Refusal
from console.simulator.service import sdp

OFFER = """v=0
o=- 4 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111 63
c=IN IP4 0.0.0.0
a=sendrecv
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_stream_of_an_offer_is_declined_in_its_order(line_end):
    answer = sdp.decline_media(OFFER.replace("\n", line_end))

    lines = answer.split("\r\n")
    assert lines[0] == "v=0"
    assert [line for line in lines if line.startswith("m=")] == [
        "m=audio 0 UDP/TLS/RTP/SAVPF 111 63",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert answer.endswith("\r\n")


@pytest.mark.parametrize("offer", ["", "hello", "v=0\r\ns=-\r\n", "m=audio 9 RTP/AVP 0\r\n"])
def test_what_is_no_offer_is_refused(offer):
    with pytest.raises(Refusal) as caught:
        sdp.decline_media(offer)

    assert caught.value.param == "sdp"


CANDIDATES = """a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host
a=candidate:2 1 udp 2122260223 0b3c.local 50001 typ host
a=end-of-candidates
"""


def test_an_offer_is_of_webrtc_when_it_brings_credentials_and_a_fingerprint():
    webrtc = OFFER + "a=ice-ufrag:abcd\na=fingerprint:sha-256 00\n"

    assert [sdp.is_webrtc(each) for each in (webrtc, OFFER)] == [True, False]
    assert not sdp.is_webrtc(OFFER + "a=ice-ufrag:abcd\n")


def test_an_offer_can_have_no_sound():
    silent = OFFER.replace("m=audio", "m=video")

    assert [sdp.has_sound(each) for each in (OFFER, silent)] == [True, False]


def test_of_an_offer_the_addresses_are_left_out_and_nothing_else():
    stripped = sdp.without_candidates(OFFER + CANDIDATES)

    assert stripped == OFFER.replace("\n", "\r\n")


def test_what_is_an_offer_passes():
    sdp.check(OFFER)
