"""Every setting has one name, one default and a reason for it; a wrong one is refused when it is made."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Literal, cast

from plexe_auth.errors import ConfigurationError, InvalidRequest
from plexe_auth.model.endpoint import endpoint
from plexe_auth.model.links import Links
from plexe_auth.model.passkey import RelyingParty, is_origin
from plexe_auth.model.provider import Provider, checked_providers
from plexe_auth.model.rate import checked_rate
from plexe_auth.secret import in_bytes

_ENVIRONMENT = "PLEXE_AUTH_"
# What the command line is told beside settings: where the database is, and by which server mail goes, and from whom.
URL_VARIABLE, SMTP_VARIABLE, SENDER_VARIABLE = "PLEXE_AUTH_URL", "PLEXE_AUTH_SMTP_URL", "PLEXE_AUTH_SENDER"
_NO_SETTINGS = frozenset({URL_VARIABLE, SMTP_VARIABLE, SENDER_VARIABLE})
_LEAST_SECRET_BYTES = 16
_LONGEST_PRODUCT = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """How plexe_auth behaves. ``repr`` hides everything that is or may hold a secret.

    Attributes:
        secret_keys: what signed values are signed with, newest first; older ones are still read. Empty by default, and
            refused where something has to be signed: there is no default secret. Texts or bytes of at least 16 bytes.
        peppers: keys for HMAC-SHA-256 over API keys, newest first; older ones, and none, are still read. Empty by
            default: a key has 238 random bits, a pepper adds only that a stolen database alone cannot even confirm a
            guess. Texts or bytes, at least 16 bytes each (NIST SP 800-107: the strength of HMAC is that of its key).
        key_prefix: what keys begin with. ``plx_sk_``, so that secret scanners can find leaked ones.
        max_staleness: how long a process may trust what it knows of a key without asking the store. 250 ms: one tiny
            read per process and quarter of a second, and a revocation returns within the time of a click.
        cache_entries: how many keys a process remembers. 100,000 take about 30 MB.
        rate_storage: where rate limits are counted. ``"store"``, the store itself, so that several processes share
            them exactly without another server. ``"memory://"`` counts in each process for itself; ``"redis://…"``,
            ``"rediss://…"``, ``"valkey://…"`` and ``"memcached://…"`` count on that server.
        rate_strategy: how a window is counted. ``"sliding"`` weighs the window before by what is left of it: it needs
            two numbers, and lets no burst of twice the rate pass at once around a window's end, as ``"fixed"`` may.
            ``"moving"`` keeps the time of each request and is exact.
        rate_outage: what becomes of a limited request when nobody can count it. ``"strict"``: each process lets a
            tenth of the rate pass. ``"refuse"`` answers 503. Nothing makes it unlimited.
        failure_rate: how many unknown or malformed keys an address may send. 30 a minute: a person who mistypes never
            gets there, and who guesses gets nowhere.
        spool_dir: where access-log entries wait until they are stored. ``None``: beside a SQLite file, else in
            the user's state folder.
        spool_limit: how many bytes of them a process may have waiting while the store does not answer. 256 MiB: about a
            million decisions.
        log_outage: what becomes of a request when that many wait, or the disk is full. ``"refuse"`` answers 503:
            nothing is decided that is not written down. ``"serve"`` goes on without.
        log_storer: who stores the entries. ``"thread"``: a thread of each process, which needs nothing else; it takes
            15 to 45 µs for each, under the lock that answers requests. ``"process"``: a child of each process, which
            costs the memory of one more interpreter and takes nothing of a busy core, if there is another one. What
            waits in memory alone, what a callback awaits (`Auth.on`; metrics await everything), and what belongs
            into a store that was not opened by the URL of a database or a file is stored by the thread all the same.
        base_url: where the pages are that links in letters lead to, such as ``https://app.example.com``; no request has
            a word in it. ``None``: this machine, for development and tests; with a mail server it has to be set.
        product: what people know your product as; letters say it. By default the host of `base_url`.
        oauth: the providers by which people may sign in, such as `plexe_auth.model.provider.google`. None by default.
        oauth_registers: whether whoever comes from one of them for the first time becomes a user. True, as on a sign-up
            page; an address that the provider does not vouch for makes nobody.
        mfa_by_mail: whether somebody with a second factor may answer by a code that is sent to their proven address
            instead. True: people lose phones, and a code by mail after the password still is two things. NIST SP
            800-63B-4 does not count a mailbox; where that matters, turn it off.
        passkey_domain: the domain that passkeys are bound to, such as ``example.com`` where the pages are at
            ``https://app.example.com`` and may move. By default the host of `base_url`. Whoever changes it loses all
            passkeys.
        passkey_origins: origins beside that of `base_url` whose pages may use passkeys, such as
            ``https://admin.example.com``. None by default.
        passkey_alone: whether a passkey is enough for whoever has another second factor, or has to have one. False:
            whoever can have one thing stolen has one. True: our passkeys always verify their user, so NIST SP
            800-63B-4 (section 3.1.7) takes one for two factors.
        breach_check: who is asked whether a new password is known from a breach: the URL of a service of the kind of
            Pwned Passwords, such as ``https://api.pwnedpasswords.com``. ``None``, nobody: it is a third party, though
            it learns five of the forty characters of a digest and nothing else. Needs the extra ``oauth``.
        hash_cost: what a password's hash costs. ``"owasp"``: Argon2id with 19 MiB and 2 passes, the least that OWASP
            recommends, about 20 ms. ``"rfc9106"``: 64 MiB, 3 passes, 4 lanes. ``"insecure_tests"`` is for tests alone.
        older_hash: a hash of the scheme and cost that some users still have, where you have imported some or have
            changed `hash_cost`: of any password, and where there are several schemes, of the slowest. Its work is then
            done at each sign-in, so that the time it takes tells nobody who is known. ``None``: nobody has one.
        parallel_hashes: how many passwords a process hashes at once; others wait. 4 take less than 100 MB.
        session_idle: after how long without a request a session ends. 30 minutes (NIST SP 800-63B, section 4.2.3).
        session_lifetime: after how long it ends in any case. 14 days: people sign in about twice a month.
        fresh_for: how long a proof of identity counts as recent. 10 minutes: one visit to the security page.
    """

    secret_keys: tuple[str | bytes, ...] = field(default=(), repr=False)
    peppers: tuple[str | bytes, ...] = field(default=(), repr=False)
    key_prefix: str = "plx_sk_"
    max_staleness: timedelta = timedelta(milliseconds=250)
    cache_entries: int = 100_000
    rate_storage: str = field(default="store", repr=False)
    rate_strategy: Literal["sliding", "moving", "fixed"] = "sliding"
    rate_outage: Literal["strict", "refuse"] = "strict"
    failure_rate: str = "30/minute"
    spool_dir: str | None = None
    spool_limit: int = 256 * 1024 * 1024
    log_outage: Literal["refuse", "serve"] = "refuse"
    log_storer: Literal["thread", "process"] = "thread"
    base_url: str | None = None
    product: str = ""
    oauth: tuple[Provider, ...] = ()
    oauth_registers: bool = True
    mfa_by_mail: bool = True
    passkey_domain: str | None = None
    passkey_origins: tuple[str, ...] = ()
    passkey_alone: bool = False
    breach_check: str | None = None
    hash_cost: Literal["owasp", "rfc9106", "insecure_tests"] = "owasp"
    older_hash: str | None = field(default=None, repr=False)
    parallel_hashes: int = 4
    session_idle: timedelta = timedelta(minutes=30)
    session_lifetime: timedelta = timedelta(days=14)
    fresh_for: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        for name in ("secret_keys", "peppers"):
            object.__setattr__(self, name, _secrets(name, getattr(self, name)))
        for name in ("max_staleness", "session_idle", "session_lifetime", "fresh_for"):
            _check_span(name, getattr(self, name))
        _check_prefix(self.key_prefix)
        _check_count("cache_entries", self.cache_entries)
        _check_place(self.rate_storage)
        _check_choice("rate_strategy", self.rate_strategy, ("sliding", "moving", "fixed"))
        _check_choice("rate_outage", self.rate_outage, ("strict", "refuse"))
        _check_rate("failure_rate", self.failure_rate)
        _check_folder(self.spool_dir)
        _check_count("spool_limit", self.spool_limit)
        object.__setattr__(self, "oauth", checked_providers(self.oauth))
        _check_flag("oauth_registers", self.oauth_registers)
        for name in ("mfa_by_mail", "passkey_alone"):
            _check_flag(name, getattr(self, name))
        _check_party(self.passkey_domain, self.passkey_origins)
        _check_base(self.base_url)
        _check_text("product", self.product)
        _check_service("breach_check", self.breach_check)
        _check_choice("hash_cost", self.hash_cost, ("owasp", "rfc9106", "insecure_tests"))
        if self.older_hash is not None and not isinstance(self.older_hash, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("older_hash must be a text, or None")
        _check_count("parallel_hashes", self.parallel_hashes, least=1)
        _check_choice("log_outage", self.log_outage, ("refuse", "serve"))
        _check_choice("log_storer", self.log_storer, ("thread", "process"))

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings that ``PLEXE_AUTH_*`` variables ask for, with defaults for the rest.

        Spans are seconds (``0.25``) or ISO 8601 durations (``PT15M``); lists are parted by commas. ``PLEXE_AUTH_URL``,
        ``PLEXE_AUTH_SMTP_URL`` and ``PLEXE_AUTH_SENDER``, which tell the command line where the database and the mail
        server are, are no settings and passed over.

        Raises:
            ConfigurationError: a variable of that prefix names no setting, or its value cannot be read.

        Example:
            >>> Settings.from_env({"PLEXE_AUTH_SESSION_IDLE": "PT15M"}).session_idle
            datetime.timedelta(seconds=900)
        """
        known = {_ENVIRONMENT + one.name.upper(): one for one in fields(cls)}
        given = {
            name: text for name, text in environ.items() if name.startswith(_ENVIRONMENT) and name not in _NO_SETTINGS
        }
        if unknown := sorted(given.keys() - known.keys()):
            raise ConfigurationError(f"unknown settings in the environment: {', '.join(unknown)}")
        return cls(**{known[name].name: _read(name, known[name].default, text) for name, text in given.items()})


def _read(name: str, default: object, text: str) -> Any:
    reader: Callable[[str], object] = _READERS.get(type(default), str)
    try:
        return reader(text)
    except (LookupError, ValueError, OverflowError):
        raise ConfigurationError(f"{name} cannot be read") from None


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _span(text: str) -> timedelta:
    pattern = r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
    found = re.fullmatch(pattern, text, re.ASCII)
    if found is None or not any(found.groups()):
        return timedelta(seconds=float(text))
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _flag(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


_READERS: dict[type, Callable[[str], object]] = {tuple: _list, timedelta: _span, int: int, bool: _flag}


def _secrets(name: str, values: object) -> tuple[str | bytes, ...]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ConfigurationError(f"{name} must be several texts or byte strings")
    given = tuple(cast("Iterable[str | bytes]", values))
    if not all(map(_is_long_enough, given)):
        raise ConfigurationError(f"each of {name} must be text or bytes of at least {_LEAST_SECRET_BYTES} bytes")
    return given


def _is_long_enough(value: object) -> bool:
    return isinstance(value, str | bytes) and len(in_bytes(value)) >= _LEAST_SECRET_BYTES


def _check_span(name: str, value: object) -> None:
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise ConfigurationError(f"{name} must be a timedelta that is not negative")


def _check_count(name: str, value: object, least: int = 0) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(f"{name} must be a whole number of at least {least}")


def _check_prefix(prefix: object) -> None:
    if not isinstance(prefix, str) or not re.fullmatch(r"[a-z0-9_]{1,31}_", prefix, re.ASCII):
        raise ConfigurationError("key_prefix must be 2 to 32 of a-z, 0-9 and _, and end in _")


def _check_place(place: object) -> None:
    if place != "store" and not (isinstance(place, str) and "://" in place):
        raise ConfigurationError('rate_storage must be "store" or a URL such as redis://localhost')


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be true or false")


def _check_party(domain: object, origins: object) -> None:
    if not isinstance(origins, tuple) or not all(map(is_origin, cast("tuple[object, ...]", origins))):
        raise ConfigurationError("passkey_origins must be several origins, such as https://admin.example.com")
    if domain is None:
        return
    try:
        RelyingParty(domain, "plexe_auth", (f"https://{domain}", *cast("tuple[str, ...]", origins)))  # type: ignore[arg-type]
    except ConfigurationError as error:
        raise ConfigurationError(f"passkey_domain: {error}") from None


def _check_base(base_url: object) -> None:
    if base_url is not None:
        try:
            Links(base_url)  # type: ignore[arg-type]
        except ConfigurationError as error:
            raise ConfigurationError(f"base_url: {error}") from None


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or len(value) > _LONGEST_PRODUCT:
        raise ConfigurationError(f"{name} must be a text of at most {_LONGEST_PRODUCT} characters")


def _check_service(name: str, url: object) -> None:
    if url is not None and (endpoint(url) is None or "?" in str(url)):
        raise ConfigurationError(f"{name} must be an https URL without query and fragment")


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigurationError(f"{name} must be one of {', '.join(choices)}")


def _check_rate(name: str, value: object) -> None:
    try:
        if isinstance(value, str) and checked_rate(value):
            return
    except InvalidRequest:
        pass
    raise ConfigurationError(f"{name} must be a rate such as 30/minute")


def _check_folder(folder: object) -> None:
    if folder is not None and not (isinstance(folder, str) and folder):
        raise ConfigurationError("spool_dir must be None or the path of a folder, as a text")
