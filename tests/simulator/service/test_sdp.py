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
