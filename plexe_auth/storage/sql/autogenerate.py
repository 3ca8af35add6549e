"""A host's own Alembic leaves our tables alone: pass `include_object` to its ``context.configure``."""

from typing import Any

from plexe_auth.storage.tables import PREFIX


def include_object(thing: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
    """Say for Alembic's autogenerate that everything but our tables, and what belongs to them, is the host's.

    Example:
        >>> include_object(None, "plexe_auth_keys", "table", True, None)
        False
        >>> include_object(None, "invoices", "table", True, None)
        True
    """
    table = name if type_ == "table" else getattr(getattr(thing, "table", None), "name", None)
    return not (table or "").startswith(PREFIX)
