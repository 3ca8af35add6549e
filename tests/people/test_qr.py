"""The picture of a URI shows exactly that URI, to cameras and to nobody who reads a log."""

import re
import sys
from xml.etree import ElementTree as ET

import pytest
import segno

from plexe_auth import ConfigurationError, Secret, qr
from plexe_auth.model.totp import new_secret, uri
from plexe_auth.qr import svg

URI = uri(Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "Plexe", "ada@example.com")
SVG = "{http://www.w3.org/2000/svg}"


def dark(picture: str) -> set[tuple[int, int]]:
    """The dark modules of a picture: what its last path draws, row by row."""
    path = ET.fromstring(picture).findall(f"{SVG}path")[-1].attrib["d"]
    found, x, y = set[tuple[int, int]](), 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            found |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += int(first)
        else:
            base = (0.0, 0.0) if command == "M" else (x, y)
            x, y = base[0] + float(first), base[1] + float(second)
    return found


def test_the_picture_shows_the_text_and_nothing_else() -> None:
    matrix = segno.make_qr(URI.reveal(), error="m").matrix
    wanted = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert dark(svg(URI).reveal()) == wanted
    assert dark(svg(uri(new_secret(), "Plexe", "ada@example.com")).reveal()) != wanted


def test_the_picture_scales_names_itself_and_runs_nothing() -> None:
    root = ET.fromstring(svg(URI).reveal())
    assert root.tag == f"{SVG}svg"
    assert root.attrib.keys() == {"viewBox", "role", "aria-label"}
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == root.attrib["aria-label"] == "QR code for an authenticator app"
    assert {one.tag for one in root.iter()} == {f"{SVG}svg", f"{SVG}title", f"{SVG}path"}
    assert {name for one in root.iter(f"{SVG}path") for name in one.attrib} == {"d", "fill", "stroke"}


def test_the_picture_is_as_secret_as_its_text() -> None:
    picture = svg(URI)
    assert "<" not in f"{picture!r}{picture}"
    assert "GEZDGNBV" not in picture.reveal()


def test_the_longest_uri_has_a_picture() -> None:
    assert svg(uri(new_secret(), "é" * 32, "é" * 127)).reveal().startswith("<svg ")


def test_without_the_extra_it_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(ConfigurationError, match=r"segno is not installed; install plexe-auth\[mfa\]"):
        qr.svg(URI)
