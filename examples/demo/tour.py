"""The story that the demo tells: from no key at all to a key that was revoked."""

from datetime import timedelta
from typing import NamedTuple

from examples.demo.exchange import Promise
from examples.demo.guide import Guide
from plexe_auth import READ_ONLY, READ_WRITE, Auth, IssuedKey

_ACCOUNT = "acct_demo"
_GUESSED = "plx_sk_" + "0" * 46


class Keys(NamedTuple):
    """The keys as they are at the end: two live ones, and a revoked one."""

    read_only: str
    read_write: str
    revoked: str


def tour(guide: Guide, auth: Auth) -> Keys:
    """Lead through all of it, and return the keys that it leaves."""
    _nobody(guide)
    reader = _reading(guide, auth)
    writer = _writing(guide, auth)
    successor = _rotating(guide, auth, writer)
    _revoking(guide, auth, writer, successor)
    return Keys(_text(reader), _text(successor), _text(writer))


def _nobody(guide: Guide) -> None:
    guide.chapter("Nobody gets in without a key")
    guide.asks("GET", "/healthz", None, Promise(200))
    guide.asks("GET", "/models", None, Promise(401, "invalid_key", ("www-authenticate",)))
    guide.asks("GET", "/models", _GUESSED, Promise(401, "invalid_key", ("www-authenticate",)))


def _reading(guide: Guide, auth: Auth) -> IssuedKey:
    guide.chapter("A read-only key reads, and no more")
    reader = guide.does(
        f'auth.keys.create("{_ACCOUNT}", name="dashboard", permissions=READ_ONLY)',
        lambda: auth.keys.create(_ACCOUNT, name="dashboard", permissions=READ_ONLY),
    )
    guide.asks("GET", "/models", _text(reader), Promise(200))
    guide.asks("PUT", "/models/churn", _text(reader), Promise(403, "insufficient_permissions"))
    return reader


def _writing(guide: Guide, auth: Auth) -> IssuedKey:
    guide.chapter("A read & write key does both")
    writer = guide.does(
        f'auth.keys.create("{_ACCOUNT}", name="pipeline", permissions=READ_WRITE)',
        lambda: auth.keys.create(_ACCOUNT, name="pipeline", permissions=READ_WRITE),
    )
    guide.asks("PUT", "/models/churn", _text(writer), Promise(201))
    guide.asks("GET", "/models", _text(writer), Promise(200))
    return writer


def _rotating(guide: Guide, auth: Auth, writer: IssuedKey) -> IssuedKey:
    guide.chapter("Rotated, the old key and the new one both work until the overlap ends")
    successor = guide.does(
        "auth.keys.rotate(pipeline.key.id, overlap=timedelta(hours=24))",
        lambda: auth.keys.rotate(writer.key.id, overlap=timedelta(hours=24)),
    )
    guide.asks("GET", "/models", _text(writer), Promise(200, fields=("deprecation", "sunset")))
    guide.asks("GET", "/models", _text(successor), Promise(200))
    return successor


def _revoking(guide: Guide, auth: Auth, writer: IssuedKey, successor: IssuedKey) -> None:
    guide.chapter("Revoked, a key is refused from that moment on")
    guide.does(
        'auth.keys.revoke(pipeline.key.id, reason="leaked")',
        lambda: auth.keys.revoke(writer.key.id, reason="leaked"),
    )
    guide.asks("GET", "/models", _text(writer), Promise(401, "revoked_key", ("www-authenticate",)))
    guide.asks("GET", "/models", _text(successor), Promise(200))


def _text(issued: IssuedKey) -> str:
    return issued.secret.reveal()
