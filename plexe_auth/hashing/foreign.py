"""Hashes that others made are read until their owners sign in: Django's, Werkzeug's, passlib's, and plain bcrypt.

====================================  ================================================================================
form                                  made by
====================================  ================================================================================
``$2b$12$…`` (``2a``, ``2y``)         bcrypt, in any language
``bcrypt_sha256$$2b$12$…``            Django: bcrypt of a SHA-256
``bcrypt$$2b$12$…``                   Django: bcrypt
``pbkdf2_sha256$1000000$salt$…``      Django: PBKDF2 (``pbkdf2_sha1`` too)
``scrypt$16384$salt$8$5$…``           Django: scrypt
``argon2$argon2id$v=19$…``            Django: Argon2
``pbkdf2:sha256:1000000$salt$…``      Werkzeug, and so Flask: PBKDF2 (SHA-1 and all of SHA-2 too)
``scrypt:32768:8:1$salt$…``           Werkzeug: scrypt
``$pbkdf2-sha256$29000$salt$…``       passlib: PBKDF2 (``$pbkdf2$`` with SHA-1 and ``$pbkdf2-sha512$`` too)
``$scrypt$ln=16,r=8,p=1$salt$…``      passlib: scrypt
====================================  ================================================================================

They are hashes of what was received, byte for byte, so they are compared with just that, and not with its NFC
form. One whose cost would hold up the process for more than about a second is not read.
"""

import base64
import hashlib
import re
from collections.abc import Callable

from plexe_auth.hashing.bcrypt import bcrypt_matches, must_have_bcrypt
from plexe_auth.secret import Secret, same

Matches = Callable[[Secret], bool]

_MOST_ROUNDS = 5_000_000  # of PBKDF2
_MOST_BCRYPT = 15  # 2 to the power of it
_MOST_BLOCKS = 2**22  # of scrypt: N times r times p
_MOST_BLOCKS_AT_ONCE = 2**21  # N times r; each takes 128 bytes

_DIGESTS = "sha1|sha224|sha256|sha384|sha512"
_SALT = r"([!-#%-~]{1,128})"
_BASE64 = r"([A-Za-z0-9+/]{22,88}={0,2})"
_HEX = r"([0-9a-f]{40,128})"
_PASSLIB = r"([A-Za-z0-9./]{0,171})\$([A-Za-z0-9./]{27,86})"  # its base64 has dots for plus signs, and no padding
_PASSLIB_SCRYPT = r"([A-Za-z0-9+/]{0,171})\$([A-Za-z0-9+/]{43})"
# In the last character of a salt only two bits count; one form stands for each.
_BCRYPT = r"(\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31})"


def foreign(stored: str) -> Matches | None:
    """Return what tells whether a password is that of a stored hash, if others made it and we read it."""
    for form, reader in _READERS:
        found = form.fullmatch(stored)
        if found is not None:
            return reader(*found.groups())
    return None


def _bcrypt(stored: str, rounds: str) -> Matches | None:
    if not _is_bearable(int(rounds)):
        return None
    return lambda typed: bcrypt_matches(_received(typed), stored)


def _bcrypt_sha256(stored: str, rounds: str) -> Matches | None:
    if not _is_bearable(int(rounds)):
        return None
    return lambda typed: bcrypt_matches(hashlib.sha256(_received(typed)).hexdigest().encode(), stored)


def _is_bearable(rounds: int) -> bool:
    if not 4 <= rounds <= _MOST_BCRYPT:
        return False
    must_have_bcrypt()  # else whoever imports it would learn only from its owner that it cannot be read
    return True


def _pbkdf2_of_django(digest: str, rounds: str, salt: str, expected: str) -> Matches | None:
    return _pbkdf2(digest, int(rounds), salt.encode(), lambda made: same(_base64(made), expected.encode()))


def _pbkdf2_of_werkzeug(digest: str, rounds: str, salt: str, expected: str) -> Matches | None:
    return _pbkdf2(digest, int(rounds), salt.encode(), lambda made: same(made.hex().encode(), expected.encode()))


def _pbkdf2_of_passlib(digest: str, rounds: str, salt: str, expected: str) -> Matches | None:
    name, raw = digest.removeprefix("-") or "sha1", _raw(salt, b"./")
    if raw is None:
        return None
    return _pbkdf2(name, int(rounds), raw, lambda made: same(_unpadded(made, b"./"), expected.encode()))


def _pbkdf2(digest: str, rounds: int, salt: bytes, is_it: Callable[[bytes], bool]) -> Matches | None:
    if not 1 <= rounds <= _MOST_ROUNDS:
        return None
    return lambda typed: is_it(hashlib.pbkdf2_hmac(digest, _received(typed), salt, rounds))


def _scrypt_of_django(n: str, salt: str, r: str, p: str, expected: str) -> Matches | None:
    return _scrypt(int(n), int(r), int(p), salt.encode(), lambda made: same(_base64(made), expected.encode()))


def _scrypt_of_werkzeug(n: str, r: str, p: str, salt: str, expected: str) -> Matches | None:
    return _scrypt(int(n), int(r), int(p), salt.encode(), lambda made: same(made.hex().encode(), expected.encode()))


def _scrypt_of_passlib(log: str, r: str, p: str, salt: str, expected: str) -> Matches | None:
    raw = _raw(salt, b"+/")
    if raw is None:
        return None
    # The first half of 64 bytes is what scrypt gives where 32 are asked for (RFC 8018, section 5.2).
    return _scrypt(
        2 ** int(log), int(r), int(p), raw, lambda made: same(_unpadded(made[:32], b"+/"), expected.encode())
    )


def _scrypt(n: int, r: int, p: int, salt: bytes, is_it: Callable[[bytes], bool]) -> Matches | None:
    """N is a power of two, greater than one and less than two to the power of 16 r (RFC 7914, section 2)."""
    if n < 2 or n & (n - 1) or r < 1 or p < 1 or n.bit_length() > 16 * r:
        return None
    if n * r * p > _MOST_BLOCKS or n * r > _MOST_BLOCKS_AT_ONCE:
        return None
    enough = 256 * r * (n + p + 2)  # twice what it takes
    return lambda typed: is_it(hashlib.scrypt(_received(typed), salt=salt, n=n, r=r, p=p, maxmem=enough, dklen=64))


def _received(typed: Secret) -> bytes:
    return typed.reveal().encode()


def _base64(made: bytes) -> bytes:
    return base64.b64encode(made)


def _unpadded(made: bytes, signs: bytes) -> bytes:
    return base64.b64encode(made, altchars=signs).rstrip(b"=")


def _raw(text: str, signs: bytes) -> bytes | None:
    """Return the bytes that unpadded base64 stands for, if it is the one text that stands for them."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=signs, validate=True)
    except ValueError:
        return None
    return raw if _unpadded(raw, signs) == text.encode() else None


_READERS: tuple[tuple[re.Pattern[str], Callable[..., Matches | None]], ...] = tuple(
    (re.compile(form), reader)
    for form, reader in (
        (_BCRYPT, _bcrypt),
        (rf"bcrypt\${_BCRYPT}", _bcrypt),
        (rf"bcrypt_sha256\${_BCRYPT}", _bcrypt_sha256),
        (rf"pbkdf2_(sha1|sha256)\$([0-9]{{1,8}})\${_SALT}\${_BASE64}", _pbkdf2_of_django),
        (rf"pbkdf2:({_DIGESTS}):([0-9]{{1,8}})\${_SALT}\${_HEX}", _pbkdf2_of_werkzeug),
        (rf"scrypt\$([0-9]{{1,8}})\${_SALT}\$([0-9]{{1,4}})\$([0-9]{{1,4}})\${_BASE64}", _scrypt_of_django),
        (rf"\$pbkdf2(|-sha256|-sha512)\$([0-9]{{1,8}})\${_PASSLIB}", _pbkdf2_of_passlib),
        (rf"\$scrypt\$ln=([0-9]{{1,2}}),r=([0-9]{{1,4}}),p=([0-9]{{1,4}})\${_PASSLIB_SCRYPT}", _scrypt_of_passlib),
        (rf"scrypt:([0-9]{{1,8}}):([0-9]{{1,4}}):([0-9]{{1,4}})\${_SALT}\${_HEX}", _scrypt_of_werkzeug),
    )
)
