import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.protocol.images import ImageSize, size_of
from console.simulator.protocol.refusals import Refusal
from tests.simulator.pictures import data_uri, jpeg_bytes, png_bytes

COMMENT = b"\xff\xfe\x00\x06\xff\xc0\xff\xc0"
"""A segment that holds what looks like another one."""


def refusal(image_url):
    with pytest.raises(Refusal) as refused:
        size_of(image_url, "item.content[0].image_url")
    assert refused.value.param == "item.content[0].image_url"
    return refused.value.message


def test_the_size_of_a_png_stands_in_its_head():
    assert size_of(data_uri(png_bytes(640, 480)), "x") == ImageSize(640, 480)


@pytest.mark.parametrize("before", [b"", COMMENT, b"\xff", b"\xff\xd0", COMMENT * 3])
@pytest.mark.parametrize("kind", ["jpeg", "jpg", "JPEG"])
def test_the_size_of_a_jpeg_stands_behind_its_other_segments(before, kind):
    uri = data_uri(jpeg_bytes(640, 480, before), kind)

    assert size_of(uri, "x") == ImageSize(640, 480)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/cat.png",
        "data:image/gif;base64,R0lGODlh",
        "data:image/png,abc",
        "cat",
        "",
    ],
)
def test_anything_but_a_data_uri_of_a_png_or_jpeg_is_refused(url):
    assert "expected a base64-encoded data URI" in refusal(url)


def test_data_that_is_not_base64_is_refused():
    assert "not base64" in refusal("data:image/png;base64,?")


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", png_bytes()[:20], png_bytes(0, 5), jpeg_bytes(), b"GIF89a" + bytes(30)],
)
def test_data_that_is_no_png_is_refused(data):
    assert "not a PNG image" in refusal(data_uri(data))


@pytest.mark.parametrize("data", [png_bytes(), b"\xff\xd8", b"\xff\xd8\xff\xd9", COMMENT])
def test_data_that_is_no_jpeg_is_refused(data):
    assert "not a JPEG image" in refusal(data_uri(data, "jpeg"))


@given(st.binary(max_size=64), st.sampled_from(["png", "jpeg"]))
def test_any_bytes_are_a_picture_or_refused(data, kind):
    start = b"\xff\xd8" if kind == "jpeg" else b"\x89PNG\r\n\x1a\n"
    try:
        size = size_of(data_uri(start + data, kind), "x")
    except Refusal:
        return
    assert size.width > 0
    assert size.height > 0


@pytest.mark.parametrize(
    ("size", "detail", "tokens"),
    [
        (ImageSize(4000, 4000), "low", 85),
        (ImageSize(2, 2), "high", 85 + 170),
        (ImageSize(512, 512), "auto", 85 + 170),
        (ImageSize(1024, 1024), "auto", 85 + 4 * 170),
        (ImageSize(2048, 4096), "high", 85 + 6 * 170),
    ],
)
def test_a_picture_costs_by_tiles_unless_its_detail_is_low(size, detail, tokens):
    assert size.tokens(detail) == tokens
