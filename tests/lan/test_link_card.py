import base64
import re
from urllib.parse import unquote

import pytest
import segno

from console.lan.link_card import BORDER, TRUST, qr_lines, qr_picture, short_fingerprint

URL = "https://192.168.1.5:8080/?token=" + "x" * 43
_CELLS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.mark.parametrize("url", [URL, "https://a/", URL + "y" * 80])
def test_the_lines_are_the_code_on_a_light_ground_whatever_the_terminal(url):
    lines = qr_lines(url)
    expected = [list(row) for row in segno.make_qr(url, error="l").matrix_iter(border=BORDER)]

    cells = [[_CELLS[each] for each in re.sub("\x1b\\[[0-9;]*m", "", line)] for line in lines]
    read = [[cell[half] for cell in row] for row in cells for half in (0, 1)]
    assert read[: len(expected)] == expected
    assert all(line.startswith("\x1b[30;107m") and line.endswith("\x1b[0m") for line in lines)


def test_a_link_fits_a_terminal_of_80_columns_and_24_lines():
    lines = qr_lines(URL)

    assert len(lines) <= 23
    assert len(lines[0]) - len("\x1b[30;107m\x1b[0m") <= 80


def test_the_picture_brings_itself():
    picture = qr_picture(URL)

    assert picture.startswith("data:image/svg+xml")
    assert "<svg" in unquote(picture) or b"<svg" in base64.b64decode(picture.partition(",")[2])
    assert "script" not in picture


def test_a_fingerprint_is_shown_in_two_lines():
    assert short_fingerprint(":".join(f"{n:02X}" for n in range(32))).splitlines() == [
        "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F",
        "10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F",
    ]


def test_phones_and_desktops_are_told_how_to_trust():
    assert [each for each, _ in TRUST][:2] == ["iPhone, iPad", "Android"]
