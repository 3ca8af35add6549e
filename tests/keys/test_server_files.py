"""No secret is in any file of a server, nor in what the process says, after a whole life of keys on both faces."""

import base64
import hashlib
import io
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from plexe_auth import RevokedKey, Settings
from plexe_auth.journal import background
from plexe_auth.model.token import KeyFormat
from plexe_auth.secret import in_bytes, random_text
from tests.conftest import FACES
from tests.keys.sweep import found
from tests.keys.test_canaries import PEPPERS, SECRET_KEYS, everything_logged, failures, logged, made
from tests.servers.files import FILES, client_of
from tests.storage.conftest import administered
from tests.stores import emptied, sqlite_url

__all__ = ["everything_logged"]

PASSWORD = "canary-password-5c1e"
CONFIGURED = {str(one): in_bytes(one) for one in (*PEPPERS, *SECRET_KEYS, PASSWORD)}
KINDS = [("sqlite", "valkey"), ("postgresql", "redis"), ("mariadb", "valkey")]


@dataclass
class Place:
    """Where a life is led: the URLs, each with a password; the servers' own; and what gives the folder of each."""

    store: str
    counter: str
    folders: list[Callable[[], AbstractContextManager[Path]]]


@pytest.fixture(params=KINDS, ids="-".join)
def place(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Place]:
    kind, counter = request.param
    counting = request.getfixturevalue(f"{counter}_url")
    with a_user_of_redis(counting) as counter_url:
        if kind == "sqlite":
            url = sqlite_url(sqlite_template, tmp_path, rollback=False)
            yield Place(url, counter_url, [lambda: nullcontext(tmp_path), lambda: FILES[counter](counting)])
            return
        url = emptied(request.getfixturevalue(f"{kind}_url"))
        with a_user_of_mariadb(url) if kind == "mariadb" else nullcontext("postgres") as user:
            # A PostgreSQL of the tests believes any password; but we do not know that.
            store = sa.make_url(url).set(username=user, password=PASSWORD).render_as_string(hide_password=False)
            yield Place(store, counter_url, [lambda: FILES[kind](url), lambda: FILES[counter](counting)])


@contextmanager
def a_user_of_mariadb(url: str) -> Iterator[str]:
    """One whose password the server knows by its digest alone, so that it cannot have it from us."""
    user = f"canary_{random_text(8)}"
    kept = hashlib.sha1(hashlib.sha1(PASSWORD.encode()).digest()).hexdigest().upper()
    with administered(url) as connection:
        connection.exec_driver_sql(f"CREATE USER {user}@'%%' IDENTIFIED BY PASSWORD '*{kept}'")
        connection.exec_driver_sql(f"GRANT ALL ON `{sa.make_url(url).database}`.* TO {user}@'%%'")
        yield user
        connection.exec_driver_sql(f"DROP USER {user}@'%%'")


@contextmanager
def a_user_of_redis(url: str) -> Iterator[str]:
    """A URL by a user whose password the server knows by its digest alone."""
    user, kept = f"canary_{random_text(8)}", hashlib.sha256(PASSWORD.encode()).hexdigest()
    with client_of(url) as client:
        client.execute_command("ACL", "SETUSER", user, "on", f"#{kept}", "~*", "&*", "+@all")
        yield url.replace("://", f"://{user}:{PASSWORD}@")
        client.execute_command("ACL", "DELUSER", user)


def lived(auth: Any, control: str, told: list[str]) -> list[str]:
    """Lead keys through all that can become of them, and return their texts."""
    issued = [*made(auth), auth.keys.create("acct", name=control, rate="100/minute", metadata={"note": control})]
    old, new, third = (one.secret.reveal() for one in issued)
    guess = KeyFormat("plx_sk_").make().reveal()
    told += [f"{error!r} {error}" for error in failures(auth, [old, new, third, guess])]
    told += map(repr, (issued, auth.keys.page("acct").items))
    for text in (old, new, third):
        for _ in range(3):
            auth.keys.verify(text, ip="::1")
        auth.keys.explain(text)
    auth.keys.rotate(auth.keys.verify(third).id)
    auth.keys.revoke(issued[0].key.id)
    auth.keys.revoke_leaked(new, reason="found in a gist")
    for text in (old, new):
        with pytest.raises(RevokedKey):
            auth.keys.verify(text, ip="::1")
    return [old, new, third, guess]


def pieces(texts: list[str]) -> dict[str, bytes]:
    """A piece of each key that no hint shows."""
    return {text: text.removeprefix("plx_sk_")[12:32].encode() for text in texts}


def test_H12_no_secret_is_in_any_file_of_a_server_nor_in_what_is_said(
    place: Place,
    everything_logged: None,
    opened: Callable[..., Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "SOON", 3600)  # what is written down waits where it can be looked at
    control, exported, began = f"control-{random_text(20)}", io.StringIO(), time.time() - 1
    spools, told, texts = tmp_path / "spools", list[str](), list[str]()
    settings = Settings(
        peppers=PEPPERS,
        secret_keys=SECRET_KEYS,
        spool_dir=str(spools),
        rate_storage=place.counter,
        rate_outage="refuse",
    )
    for face in FACES:
        auth = opened(face, place.store, settings=settings)
        texts += lived(auth, control, told)
        accepted = auth.keys.create("acct", name="CI")
        texts.append(accepted.secret.reveal())
        auth.keys.verify(texts[-1])
        secrets = CONFIGURED | pieces(texts)
        assert found(spools, secrets | {"control": accepted.key.id.encode()}) == {"control"}
        auth.log.export(exported)
    with client_of(place.counter) as client:
        client.set(control, "by hand", ex=60)
    for folder in place.folders:
        with folder() as files:
            if not files.is_dir():
                pytest.skip("a server that was named by its URL keeps its files elsewhere")
            assert found(files, secrets | {"control": control.encode()}, began) == {"control"}
    (tmp_path / "said").mkdir()
    (tmp_path / "said" / "all").write_text("\n".join([logged(caplog), *capfd.readouterr(), exported.getvalue(), *told]))
    assert found(tmp_path / "said", secrets | {"control": control.encode()}) == {"control"}


@pytest.mark.parametrize("before", range(4))
def test_H12_a_sweep_finds_a_secret_in_every_form(tmp_path: Path, before: int) -> None:
    secret = b"canary-pepper-one-1f9a"
    whole = b"x" * before + secret + b"y"
    written = [whole, whole[::-1], whole.hex().encode(), whole.hex().upper().encode()]
    written += [base64.b64encode(whole), base64.urlsafe_b64encode(whole)]
    written += [whole.decode().encode(order) for order in ("utf-16-le", "utf-16-be")]
    for number, data in enumerate(written):
        folder = tmp_path / str(number) / "deeper"
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(bytes(999) + data)
        assert found(tmp_path / str(number), {"it": secret, "another": b"canary-pepper-two-77c0"}) == {"it"}
