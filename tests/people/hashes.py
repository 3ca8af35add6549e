"""Stored hashes by others, made by those who make them; and texts that are none, or that nobody could wait for."""

import warnings
from collections.abc import Callable
from typing import Any

import bcrypt
from argon2.low_level import Type, hash_secret
from django.contrib.auth import hashers as django
from werkzeug.security import generate_password_hash

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # passlib imports `crypt`
    from passlib import hash as passlib

PASSWORD = "correct horse battery"
SALT = "sixteen-letters."
BCRYPT_SALT = b"$2b$04$abcdefghijklmnopqrstuu"


def of_argon2(password: str) -> bytes:
    return hash_secret(password.encode(), SALT.encode(), 1, 64, 2, 32, Type.ID)


def of_bcrypt(password: bytes) -> str:
    return bcrypt.hashpw(password, BCRYPT_SALT).decode()


def of_django(hasher: Any, password: str) -> str:
    return hasher.encode(password, BCRYPT_SALT)


def of_passlib(hasher: Any, password: str) -> str:
    return hasher.using(salt=b"\xff\xfe>>>???salt", rounds=1000).hash(password)


MAKERS: dict[str, Callable[[str], str]] = {
    "bcrypt": lambda password: of_bcrypt(password.encode()),
    "bcrypt 2a": lambda password: bcrypt.hashpw(password.encode(), BCRYPT_SALT.replace(b"2b", b"2a")).decode(),
    "bcrypt 2y": lambda password: of_bcrypt(password.encode()).replace("$2b$", "$2y$"),
    "bcrypt of Django": lambda password: of_django(django.BCryptPasswordHasher(), password),
    "bcrypt of SHA-256 of Django": lambda password: of_django(django.BCryptSHA256PasswordHasher(), password),
    "pbkdf2 of Django": lambda password: django.PBKDF2PasswordHasher().encode(password, SALT, 1000),
    "pbkdf2 with SHA-1 of Django": lambda password: django.PBKDF2SHA1PasswordHasher().encode(password, SALT, 1000),
    "scrypt of Django": lambda password: django.ScryptPasswordHasher().encode(password, SALT, 16, 8, 5),
    "Argon2 of Django": lambda password: "argon2" + of_argon2(password).decode(),
    "pbkdf2 of Werkzeug": lambda password: generate_password_hash(password, "pbkdf2:sha256:1000"),
    "pbkdf2 with SHA-512 of Werkzeug": lambda password: generate_password_hash(password, "pbkdf2:sha512:1000"),
    "pbkdf2 of passlib": lambda password: of_passlib(passlib.pbkdf2_sha256, password),
    "pbkdf2 with SHA-1 of passlib": lambda password: of_passlib(passlib.pbkdf2_sha1, password),
    "pbkdf2 with SHA-512 of passlib": lambda password: of_passlib(passlib.pbkdf2_sha512, password),
    "scrypt of passlib": lambda password: passlib.scrypt.using(salt=SALT.encode(), rounds=4, block_size=8).hash(
        password
    ),
    "scrypt of Werkzeug": lambda password: generate_password_hash(password, "scrypt:16:8:4"),
}

FOREIGN = {name: make(PASSWORD) for name, make in MAKERS.items()}
OLDER_COST = hash_secret(PASSWORD.encode(), SALT.encode(), 1, 16, 1, 32, Type.ID).decode()

_TAG = "$" + "A" * 22 + "$" + "A" * 43
_BCRYPT = FOREIGN["bcrypt"]
_HEX = "0" * 64
_BASE64 = "A" * 43 + "="

UNREADABLE = {
    "a password as it is": PASSWORD,
    "MD5": "md5$salt$" + "0" * 32,
    "crypt": "$6$rounds=5000$saltsalt$" + "a" * 86,
    "something behind": OLDER_COST + "\n",
    "a megabyte": "$argon2id$" + "A" * 1_000_000,
    "Argon2 with too much memory": "$argon2id$v=19$m=4194304,t=1,p=1" + _TAG,
    "Argon2 with too many passes": "$argon2id$v=19$m=65536,t=4294967,p=1" + _TAG,
    "Argon2 with too many lanes": "$argon2id$v=19$m=65536,t=1,p=99" + _TAG,
    "Argon2 with no pass": "$argon2id$v=19$m=65536,t=0,p=1" + _TAG,
    "Argon2 with no lane": "$argon2id$v=19$m=65536,t=1,p=0" + _TAG,
    "Argon2 with too little memory": "$argon2id$v=19$m=7,t=1,p=1" + _TAG,
    "Argon2 with a short tag": "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$AAAAAA",
    "Argon2 without a tag": "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$",
    "Argon2 with a salt that is no base64": "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 21 + "$" + "A" * 43,
    "Argon2 with a salt in another form": "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 21 + "B$" + "A" * 43,
    "Argon2 of a later version": "$argon2id$v=20$m=8,t=1,p=1" + _TAG,
    "Argon2 of Django with too much memory": "argon2$argon2id$v=19$m=4194304,t=1,p=1" + _TAG,
    "bcrypt that takes for ever": "$2b$31$" + _BCRYPT[7:],
    "bcrypt without rounds": "$2b$03$" + _BCRYPT[7:],
    "bcrypt with a bug": "$2x$" + _BCRYPT[4:],
    "bcrypt of Django that takes for ever": "bcrypt_sha256$$2b$31$" + _BCRYPT[7:],
    "bcrypt with a salt in another form": _BCRYPT[:28] + "x" + _BCRYPT[29:],
    "pbkdf2 that takes for ever": f"pbkdf2_sha256$99999999$salt${_BASE64}",
    "pbkdf2 without rounds": f"pbkdf2_sha256$0$salt${_BASE64}",
    "pbkdf2 with MD5": f"pbkdf2:md5:1000$salt${_HEX}",
    "pbkdf2 without a digest": "pbkdf2_sha256$1000$salt$",
    "pbkdf2 of Werkzeug that takes for ever": f"pbkdf2:sha256:99999999$salt${_HEX}",
    "pbkdf2 with digits of another script": f"pbkdf2:sha256:١٠٠٠$salt${_HEX}",
    "pbkdf2 of passlib that takes for ever": "$pbkdf2-sha256$99999999$c2FsdA$" + "A" * 43,
    "pbkdf2 of passlib with MD5": "$pbkdf2-md5$1000$c2FsdA$" + "A" * 43,
    "pbkdf2 of passlib with a salt that is no base64": "$pbkdf2-sha256$1000$c2Fsd$" + "A" * 43,
    "pbkdf2 of passlib with a salt in another form": "$pbkdf2-sha256$1000$c2FsdB$" + "A" * 43,
    "scrypt of passlib with too much memory": "$scrypt$ln=24,r=8,p=1$c2FsdA$" + "A" * 43,
    "scrypt of passlib with an absurd memory": "$scrypt$ln=99,r=8,p=1$c2FsdA$" + "A" * 43,
    "scrypt of passlib that takes for ever": "$scrypt$ln=14,r=8,p=9999$c2FsdA$" + "A" * 43,
    "scrypt of passlib with a salt that is no base64": "$scrypt$ln=4,r=8,p=1$c2Fsd$" + "A" * 43,
    "scrypt with too much memory": f"scrypt:16777216:8:1$salt${_HEX}{_HEX}",
    "scrypt that takes for ever": f"scrypt:16384:8:9999$salt${_HEX}{_HEX}",
    "scrypt with no power of two": f"scrypt:16385:8:1$salt${_HEX}{_HEX}",
    "scrypt with N of one": f"scrypt:1:8:1$salt${_HEX}{_HEX}",
    "scrypt with N of nothing": f"scrypt:0:8:1$salt${_HEX}{_HEX}",
    "scrypt without blocks": f"scrypt:16:0:1$salt${_HEX}{_HEX}",
    "scrypt without lanes": f"scrypt:16:8:0$salt${_HEX}{_HEX}",
    "scrypt with N too great for its blocks": f"scrypt:65536:1:1$salt${_HEX}{_HEX}",
    "scrypt of Django with too much memory": f"scrypt$16777216$salt$8$1${_BASE64}",
}
