"""How the Console looks is the host's to say: a name, a logo, a colour, and any template in place of ours."""

import re
from dataclasses import dataclass
from pathlib import Path

from plexe_auth.errors import ConfigurationError

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LOGOS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the Console looks like.

    Attributes:
        name: what people know the product as; by default ``Settings.product``, or the host of ``Settings.base_url``.
        logo: an SVG, PNG or WebP file, shown in front of the name.
        accent: the colour of buttons and links on a light page, such as ``#3538cd``. White on it has to be readable.
        accent_dark: the same on a dark page; there, black on it has to be readable.
        templates: a folder of Jinja templates. One that is called as ours takes its place; it may extend ours by the
            name ``plexe_auth/…``, such as ``{% extends "plexe_auth/layout.html" %}``.

    Raises:
        ConfigurationError: a colour, the logo or the folder is none.

    Example:
        >>> Look(name="Lovelace", accent="#0b6e4f").accent
        '#0b6e4f'
    """

    name: str = ""
    logo: Path | None = None
    accent: str = "#3538cd"
    accent_dark: str = "#a4bcfd"
    templates: Path | None = None

    def __post_init__(self) -> None:
        if not all(map(_is_colour, (self.accent, self.accent_dark))):
            raise ConfigurationError("a colour is written like #3538cd")
        if not (self.logo is None or _is_logo(self.logo)):
            raise ConfigurationError(f"logo must be the Path of a file that ends in one of {', '.join(LOGOS)}")
        if not (self.templates is None or _is_folder(self.templates)):
            raise ConfigurationError("templates must be the Path of a folder")


def _is_colour(value: object) -> bool:
    return isinstance(value, str) and _COLOUR.fullmatch(value) is not None


def _is_logo(value: object) -> bool:
    return isinstance(value, Path) and value.suffix in LOGOS and value.is_file()


def _is_folder(value: object) -> bool:
    return isinstance(value, Path) and value.is_dir()
