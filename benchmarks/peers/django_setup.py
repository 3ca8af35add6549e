"""Django with a SQLite file, as the two peers that are built on it need it."""

from pathlib import Path


def set_up(file: Path, *apps: str) -> None:
    """Set Django up and make its tables."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(
        SECRET_KEY="for measuring only",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", *apps],
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)
