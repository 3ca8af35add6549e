"""``python -m plexe_auth`` is the command ``plexe-auth``."""

from plexe_auth.cli import main

if __name__ == "__main__":
    main()
