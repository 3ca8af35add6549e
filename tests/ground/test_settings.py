"""Every setting has one name, one default and one meaning; a wrong one is refused when it is made."""

import contextlib
import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, Settings
from plexe_auth.model.provider import google

LONG = "a secret of 16 bytes or more"
DEFAULTS = {
    "secret_keys": (),
    "peppers": (),
    "key_prefix": "plx_sk_",
    "max_staleness": timedelta(milliseconds=250),
    "cache_entries": 100_000,
    "rate_storage": "store",
    "rate_strategy": "sliding",
    "rate_outage": "strict",
    "failure_rate": "30/minute",
    "spool_dir": None,
    "spool_limit": 256 * 1024 * 1024,
    "log_outage": "refuse",
    "log_storer": "thread",
    "base_url": None,
    "product": "",
    "oauth": (),
    "oauth_registers": True,
    "mfa_by_mail": True,
    "passkey_domain": None,
    "passkey_origins": (),
    "passkey_alone": False,
    "breach_check": None,
    "hash_cost": "owasp",
    "older_hash": None,
    "parallel_hashes": 4,
    "session_idle": timedelta(minutes=30),
    "session_lifetime": timedelta(days=14),
    "fresh_for": timedelta(minutes=10),
}
SPANS = ("max_staleness", "session_idle", "session_lifetime", "fresh_for")
GOOD = {
    "secret_keys": [(), (LONG,), (LONG.encode(), LONG), [LONG]],
    "peppers": [(), ("é" * 8,), (bytes(16),), (LONG, LONG.encode())],
    "key_prefix": ["a_", "my_app_", "a1_", "x" * 31 + "_"],
    "cache_entries": [0, 1, 10**9],
    "rate_storage": ["store", "memory://", "redis://localhost:6379/0", "memcached://localhost"],
    "rate_strategy": ["sliding", "moving", "fixed"],
    "rate_outage": ["strict", "refuse"],
    "failure_rate": ["5/minute", "10 per 5 seconds; 100/day"],
    "spool_dir": [None, "spool", "/var/spool/plexe_auth"],
    "spool_limit": [0, 1, 2**40],
    "log_outage": ["refuse", "serve"],
    "log_storer": ["thread", "process"],
    "base_url": [None, "https://app.example.com", "http://localhost:8000"],
    "product": ["", "Example"],
    "oauth": [(), (google("id", "s3cret"),)],
    "oauth_registers": [True, False],
    "mfa_by_mail": [True, False],
    "passkey_domain": [None, "example.com", "localhost"],
    "passkey_origins": [(), ("https://admin.example.com",), ("https://a.example.com", "https://b.example.com:8443")],
    "passkey_alone": [True, False],
    "breach_check": [None, "https://api.pwnedpasswords.com", "https://b.example/v1/", "http://localhost:8080"],
    "older_hash": [None, "$2b$04$abcdefghijklmnopqrstuu"],
    "hash_cost": ["owasp", "rfc9106", "insecure_tests"],
    "parallel_hashes": [1, 4, 64],
    **{name: [timedelta(0), timedelta(microseconds=1), timedelta(days=9999)] for name in SPANS},
}
WRONG = {
    "secret_keys": [
        LONG,
        LONG.encode(),
        None,
        7,
        (7,),
        ("too short",),
        (LONG, b"too short"),
        (bytearray(16),),
        (None,),
    ],
    "peppers": [LONG, LONG.encode(), None, 7, (7,), ("é" * 7,), (bytes(15),), (LONG, ""), ((LONG,),)],
    "key_prefix": ["", "_", "plx", "PLX_", "plx-", "plx_ ", "plx_\n", "é_", "x" * 32 + "_", None, b"plx_", 7],
    "cache_entries": [-1, 1.5, True, "7", None],
    "rate_storage": ["", "redis", None, 7, b"store", "Store"],
    "rate_strategy": ["", "Sliding", "gcra", None, 7, ["sliding"]],
    "rate_outage": ["", "open", None, False],
    "failure_rate": ["", "a lot", "0/minute", None, 30, b"30/minute"],
    "spool_dir": ["", 7, b"spool", ("spool",)],
    "spool_limit": [-1, 1.5, True, "7", None],
    "log_outage": ["", "open", None, False],
    "base_url": [
        "",
        "http://app.example.com",
        "app.example.com",
        "https://a@b.example",
        "https://b.example?x",
        7,
        b"https://b.example",
    ],
    "product": [None, 7, b"Example", "x" * 101],
    "oauth": [None, 7, "google", ("google",), (google("id", "s3cret"),) * 2],
    "oauth_registers": [None, 0, 1, "true"],
    "mfa_by_mail": [None, 0, 1, "true"],
    "passkey_domain": ["", "https://example.com", "Example.com", "example.com:443", 7, b"example.com"],
    "passkey_origins": [None, "https://a.example.com", ["https://a.example.com"], ("http://a.example.com",), (7,)],
    "passkey_alone": [None, 0, 1, "true"],
    "breach_check": [
        *("http://api.pwnedpasswords.com", "api.pwnedpasswords.com", "", "https://a@b.example", "ftp://b.example"),
        *("https://b.example/?x=1", "https://b.example/#x", "https://b.example\n", 7, True, b"https://b.example"),
    ],
    "older_hash": [7, True, b"$2b$04$abcdefghijklmnopqrstuu"],
    "hash_cost": ["", "OWASP", "cheap", None, 7],
    "parallel_hashes": [0, -1, 1.5, True, "7", None],
    "log_storer": ["", "child", None, True],
    **{name: [timedelta(microseconds=-1), 60, 0.25, "PT15M", None] for name in SPANS},
}
ENVIRONMENT: dict[str, tuple[str, Any]] = {
    "SECRET_KEYS": (f"{LONG}, {LONG} too", (LONG, f"{LONG} too")),
    "PEPPERS": (f"{LONG},", (LONG,)),
    "KEY_PREFIX": ("app_", "app_"),
    "MAX_STALENESS": ("0.25", timedelta(milliseconds=250)),
    "CACHE_ENTRIES": ("5000", 5000),
    "RATE_STORAGE": ("redis://localhost", "redis://localhost"),
    "RATE_STRATEGY": ("fixed", "fixed"),
    "RATE_OUTAGE": ("refuse", "refuse"),
    "FAILURE_RATE": ("5/minute", "5/minute"),
    "SPOOL_DIR": ("/var/spool", "/var/spool"),
    "SPOOL_LIMIT": ("1000000", 1_000_000),
    "LOG_OUTAGE": ("serve", "serve"),
    "LOG_STORER": ("process", "process"),
    "BASE_URL": ("https://app.example.com", "https://app.example.com"),
    "PRODUCT": ("Example", "Example"),
    "OAUTH": ("", ()),
    "OAUTH_REGISTERS": ("0", False),
    "MFA_BY_MAIL": ("false", False),
    "PASSKEY_DOMAIN": ("example.com", "example.com"),
    "PASSKEY_ORIGINS": (
        "https://a.example.com, https://b.example.com",
        ("https://a.example.com", "https://b.example.com"),
    ),
    "PASSKEY_ALONE": ("true", True),
    "BREACH_CHECK": ("https://api.pwnedpasswords.com", "https://api.pwnedpasswords.com"),
    "OLDER_HASH": ("$2b$04$abc", "$2b$04$abc"),
    "HASH_COST": ("rfc9106", "rfc9106"),
    "PARALLEL_HASHES": ("8", 8),
    "SESSION_IDLE": ("PT15M", timedelta(minutes=15)),
    "SESSION_LIFETIME": ("P7D", timedelta(days=7)),
    "FRESH_FOR": ("300", timedelta(seconds=300)),
}


def test_the_defaults_are_those_of_the_documentation() -> None:
    assert {one.name: getattr(Settings(), one.name) for one in dataclasses.fields(Settings)} == DEFAULTS


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_a_good_value_is_kept_as_it_was_given(name: str, value: Any) -> None:
    kept = getattr(Settings(**{name: value}), name)
    assert kept == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Settings(**{name: value})


def test_every_field_was_tried() -> None:
    assert GOOD.keys() == WRONG.keys() == DEFAULTS.keys() == {name.lower() for name in ENVIRONMENT}


@pytest.mark.parametrize("name", DEFAULTS)
def test_settings_never_change(name: str) -> None:
    settings = Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(settings, name, DEFAULTS[name])
    assert not hasattr(settings, "__dict__")


def test_settings_are_values() -> None:
    settings = Settings(peppers=(LONG,), spool_dir="spool")
    assert settings == Settings(peppers=(LONG,), spool_dir="spool")
    assert hash(settings) == hash(Settings(peppers=(LONG,), spool_dir="spool"))
    assert dataclasses.replace(settings, spool_dir=None) == Settings(peppers=(LONG,))


def test_H12_settings_print_no_secret() -> None:
    place = "redis://plexe:canary-password@localhost"
    settings = Settings(secret_keys=("canary-secret-key",), peppers=(b"canary-pepper-bytes",), rate_storage=place)
    assert "canary" not in f"{settings} {settings!r}"
    assert repr(settings).startswith("Settings(key_prefix='plx_sk_', max_staleness=")


@pytest.mark.parametrize(
    ("name", "value"), [("peppers", ("canary",)), ("secret_keys", "canary"), ("rate_storage", "canary")]
)
def test_H12_a_refusal_tells_no_secret(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(**{name: value})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_each_setting_is_read_from_the_environment(name: str) -> None:
    text, value = ENVIRONMENT[name]
    assert Settings.from_env({f"PLEXE_AUTH_{name}": text}) == Settings(**{name.lower(): value})


def test_the_whole_environment_is_read_at_once() -> None:
    environ = {f"PLEXE_AUTH_{name}": text for name, (text, _) in ENVIRONMENT.items()} | {"HOME": "/root", "PLEXE": "x"}
    assert Settings.from_env(environ) == Settings(**{name.lower(): value for name, (_, value) in ENVIRONMENT.items()})


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()


def test_where_the_database_is_is_no_setting_and_passed_over() -> None:
    environ = {"PLEXE_AUTH_URL": "sqlite:///auth.db", "PLEXE_AUTH_KEY_PREFIX": "app_"}
    assert Settings.from_env(environ) == Settings(key_prefix="app_")


@pytest.mark.parametrize(
    "name", ["PLEXE_AUTH_URLS", "PLEXE_AUTH_PEPER", "PLEXE_AUTH_", "PLEXE_AUTH_peppers", "PLEXE_AUTH__READERS"]
)
def test_an_unknown_name_is_refused_since_it_may_be_a_protection_misspelt(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown settings in the environment: {name}$"):
        Settings.from_env({name: LONG, "PLEXE_AUTH_PEPPERS": LONG})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("0.25", 0.25),
        ("1e3", 1000),
        ("PT0S", 0),
        ("PT90S", 90),
        ("PT0.25S", 0.25),
        ("PT15M", 900),
        ("PT1H30M", 5400),
        ("P1D", 86_400),
        ("P2W", 1_209_600),
        ("P1W2DT3H4M5.5S", 604_800 + 172_800 + 10_800 + 240 + 5.5),
    ],
)
def test_a_span_is_seconds_or_an_ISO_8601_duration(text: str, seconds: float) -> None:
    assert Settings.from_env({"PLEXE_AUTH_FRESH_FOR": text}).fresh_for == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "15M", "PT15", "P1M", "P1Y", "pt15m", "PT1.5H", "-PT15M", "-1", "nan", "inf", "1e300"],
)
def test_a_span_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"(?i)fresh_for"):
        Settings.from_env({"PLEXE_AUTH_FRESH_FOR": text})


@pytest.mark.parametrize("text", ["15 minutes", "0:15:00", "PT15M\n", "PT١٥M", "P1D1W", "PT1M1H", "PT1M1M"])
def test_a_span_that_a_person_may_read_is_refused_too(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PLEXE_AUTH_FRESH_FOR cannot be read"):
        Settings.from_env({"PLEXE_AUTH_FRESH_FOR": text})


@given(weeks=st.integers(0, 99), days=st.integers(0, 999), hours=st.integers(0, 99), minutes=st.integers(0, 99))
def test_every_ISO_8601_duration_without_months_is_read(weeks: int, days: int, hours: int, minutes: int) -> None:
    text = f"P{weeks}W{days}DT{hours}H{minutes}M"
    expected = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    assert Settings.from_env({"PLEXE_AUTH_FRESH_FOR": text}).fresh_for == expected


@pytest.mark.parametrize("text", ["", "many", "1.5", "0x10", "-1"])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"(?i)cache_entries"):
        Settings.from_env({"PLEXE_AUTH_CACHE_ENTRIES": text})


@given(st.dictionaries(st.sampled_from([f"PLEXE_AUTH_{name}" for name in ENVIRONMENT]), st.text()))
def test_whatever_the_environment_holds_it_is_settings_or_a_refusal(environ: dict[str, str]) -> None:
    with contextlib.suppress(ConfigurationError):
        assert isinstance(Settings.from_env(environ), Settings)
