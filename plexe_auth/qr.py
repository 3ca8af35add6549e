"""A QR code as an SVG that scales, names itself to a screen reader, and needs neither script nor style.

What it shows may be a secret, so the picture is one.
"""

import io

from plexe_auth.errors import ConfigurationError
from plexe_auth.secret import Secret

_TITLE = "QR code for an authenticator app"


def svg(text: Secret) -> Secret:
    """Return the picture of a text of at most 2,000 bytes, to be put into a page as it is.

    It is dark on light whatever the page's colours are, because not every camera reads the reverse. It holds no
    ``style`` attribute, so a strict Content-Security-Policy lets it through.

    Raises:
        ConfigurationError: ``plexe-auth[mfa]`` is not installed.

    Example:
        >>> svg(Secret("otpauth://totp/Plexe:ada?secret=GEZDGNBV")).reveal()[:4]
        '<svg'
    """
    try:
        import segno
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; install plexe-auth[mfa] to draw QR codes"
        raise ConfigurationError(message) from None
    out = io.BytesIO()
    code = segno.make_qr(text.reveal(), error="m")
    plain = {"xmldecl": False, "nl": False, "svgclass": None, "lineclass": None}
    code.save(out, kind="svg", omitsize=True, light="#fff", title=_TITLE, **plain)
    # Screen readers skip a picture without a role, or read out its parts (WAI-ARIA 1.2, img).
    return Secret(out.getvalue().decode().replace("<svg ", f'<svg role="img" aria-label="{_TITLE}" ', 1))
