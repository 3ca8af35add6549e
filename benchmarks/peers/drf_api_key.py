"""djangorestframework-api-key: its permission class asked about a request."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers.django_setup import set_up
from benchmarks.peers.protocol import serve


def main() -> None:
    """Verify a key on a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder) / "keys.db", "rest_framework", "rest_framework_api_key")
        from django.test import RequestFactory
        from rest_framework_api_key.models import APIKey
        from rest_framework_api_key.permissions import HasAPIKey

        _key, text = APIKey.objects.create_key(name="CI")
        request, permission = RequestFactory().get("/models", HTTP_AUTHORIZATION=f"Api-Key {text}"), HasAPIKey()

        def many(turns: Iterable[int]) -> None:
            for _ in turns:
                if not permission.has_permission(request, None):
                    raise SystemExit("djangorestframework-api-key refused its own key")

        serve(many)


if __name__ == "__main__":
    main()
