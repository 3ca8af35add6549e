"""Django's sessions: who a request is from, by its session's key, as `get_user` tells it."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers.django_setup import set_up
from benchmarks.peers.protocol import configuration, serve

BACKENDS = {"cached_db": "django.contrib.sessions.backends.cached_db", "db": "django.contrib.sessions.backends.db"}


def main() -> None:
    """Be the peer that was asked for."""
    backend = BACKENDS[configuration(*BACKENDS)]
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder) / "sessions.db")
        from importlib import import_module

        from django.contrib.auth import get_user, login
        from django.contrib.auth.models import User
        from django.test import RequestFactory

        sessions = import_module(backend).SessionStore
        request = RequestFactory().get("/me")
        request.session = sessions()
        login(request, User.objects.create_user("ada", password="correct horse"))
        request.session.save()
        key = request.session.session_key

        def many(turns: Iterable[int]) -> None:
            for _ in turns:
                request.session = sessions(key)
                if not get_user(request).is_authenticated:
                    raise SystemExit("Django refused its own session")

        serve(many)


if __name__ == "__main__":
    main()
