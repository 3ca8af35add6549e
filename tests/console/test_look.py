"""A host's name, logo, colours and templates take the place of ours; what is no such thing is refused at the start."""

from pathlib import Path
from typing import Any

import pytest

from plexe_auth import ConfigurationError
from plexe_auth.console.look import Look
from tests.console.browser import Browser
from tests.console.conftest import signed_in

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    file = tmp_path / "logo.svg"
    file.write_bytes(SVG)
    return file


def test_the_name_is_that_of_the_host_and_else_that_of_the_product(auth: Any, loop: Any, kind: str) -> None:
    assert "Lovelace" in Browser(kind, auth, loop).get("/sign-in").words
    named = Browser(kind, auth, loop, look=Look(name="Analytical <Engines>")).get("/sign-in")
    assert "Lovelace" not in named.words
    assert "Analytical &lt;Engines&gt;" in named.text


def test_colours_are_those_of_the_host_in_light_and_in_dark(auth: Any, loop: Any, kind: str) -> None:
    there = Browser(kind, auth, loop, look=Look(accent="#0b6e4f", accent_dark="#7ee2b8"))
    light, _media, dark = there.get("/assets/look.css").text.partition("@media")
    assert "#0b6e4f" in light
    assert "#7ee2b8" in dark


def test_the_logo_is_the_hosts_and_is_the_icon_too(auth: Any, loop: Any, kind: str, logo: Path) -> None:
    there = Browser(kind, auth, loop, look=Look(logo=logo))
    assert '<link rel="icon" href="/console/assets/logo">' in there.get("/sign-in").text
    answer = there.get("/assets/logo")
    assert (answer.body, answer.header("content-type")) == (SVG, "image/svg+xml")
    assert "default-src 'none'" in (answer.header("content-security-policy") or "")
    assert Browser(kind, auth, loop).get("/assets/logo").status == 404


def test_a_template_of_the_host_takes_the_place_of_ours_and_may_extend_it(
    auth: Any, owner: Any, loop: Any, kind: str, tmp_path: Path
) -> None:
    page = '{% extends "plexe_auth/keys.html" %}{% block main %}<p>Ask Ada first.</p>{{ super() }}{% endblock %}'
    (tmp_path / "keys.html").write_text(page)
    ada = signed_in(Browser(kind, auth, loop, look=Look(templates=tmp_path)))
    words = ada.get("/keys").words
    assert "Ask Ada first." in words
    assert "Create a key" in words
    assert "Ask Ada first." not in ada.get("/members").words


@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", "#ggg000", "#000000;}", "", None])
def test_what_is_no_colour_is_refused(colour: Any) -> None:
    for name in ("accent", "accent_dark"):
        with pytest.raises(ConfigurationError):
            Look(**{name: colour})


def test_what_is_no_logo_and_no_folder_is_refused(tmp_path: Path, logo: Path) -> None:
    script = tmp_path / "logo.html"
    script.write_text("<script>alert(1)</script>")
    nothing: list[Any] = [script, tmp_path / "missing.svg", tmp_path, str(logo), 0]
    for given in nothing:
        with pytest.raises(ConfigurationError):
            Look(logo=given)
    for folder in (logo, tmp_path / "missing", str(tmp_path)):
        with pytest.raises(ConfigurationError):
            Look(templates=folder)  # type: ignore[arg-type]
