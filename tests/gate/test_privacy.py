"""No secret of a request is in a log, a repr, a traceback with its locals, or an answer, whatever goes wrong."""

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, Policy
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded
from tests.faces import Loop, Plainly
from tests.gate.shims import Ask, Host, Shim

Guarded = Callable[..., Shim]


class Failing(MemoryStore):
    """A store that fails once it is told to."""

    fails = False

    def get(self, *args: Any, **kwargs: Any) -> Any:
        if self.fails:
            raise RuntimeError("the disk is gone")
        return super().get(*args, **kwargs)


@pytest.fixture
def store() -> Failing:
    return Failing()


@pytest.fixture
def auth(shim: type[Shim], store: Failing, loop: Loop) -> Iterator[Any]:
    auth = Auth(store) if shim.face == "blocking" else Plainly(AsyncAuth(Threaded(store, quick=True)), loop)
    yield auth
    store.fails = False
    auth.close()  # else the thread that stores would complain of the disk while other tests listen


POLICIES = [Policy(), Policy(bearer=True), Policy(https="redirect"), Policy(optional=("/models",))]


@pytest.mark.parametrize("policy", POLICIES, ids=["plain", "bearer", "redirect", "optional"])
def test_H12_a_key_is_in_no_log_and_no_refusal(
    guarded: Guarded, auth: Any, store: Failing, caplog: pytest.LogCaptureFixture, policy: Policy
) -> None:
    caplog.set_level(logging.DEBUG)
    key = auth.keys.create("acct_1", name="k", permissions="files:read").secret.reveal()
    secret = key.removeprefix("plx_sk_")
    app = guarded(policy)
    asks = [
        Ask().by(key),
        Ask().by(key).by(key),
        Ask().by(key + "x"),
        Ask(target=f"/models?key={key}").having(("authorization", f"Bearer {key}")),
        Ask().by(key).having(("X_API_KEY", key)),
        Ask().by(key).having(("authorization", f"Bearer {key}")),
    ]
    for store.fails in (False, True):
        for answer in map(app, asks):
            assert answer.status in (401, 403, 503) or answer.code == "ok"
            assert secret not in repr(answer)
    assert secret not in caplog.text
    shown = "".join(_with_locals(record.exc_info[1]) for record in caplog.records if record.exc_info)
    assert "the disk is gone" in shown
    assert secret not in shown


def test_H12_a_refusal_of_the_host_shows_no_key(guarded: Guarded, auth: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = auth.keys.create("acct_1", name="k").secret.reveal()
    host = Host(raises=RuntimeError("of the host"))
    with pytest.raises(RuntimeError, match="of the host"):
        guarded(app=host)(Ask().by(key))
    assert key not in caplog.text


def _with_locals(error: BaseException | None) -> str:
    assert error is not None
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
