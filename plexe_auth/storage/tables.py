"""Which tables there are."""

from collections.abc import Mapping

from plexe_auth.storage.key_tables import ACCOUNTS, BUDGETS, ENTRIES, EPOCHS, KEYS, RATE_HITS, RATES, USAGE, WRITERS
from plexe_auth.storage.people_tables import (
    CHALLENGES,
    FACTORS,
    IDENTITIES,
    INVITATIONS,
    PASSKEYS,
    RECOVERY_CODES,
    SESSIONS,
    TICKETS,
    USERS,
)
from plexe_auth.storage.table import Table

PREFIX = "plexe_auth_"

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        KEYS,
        ACCOUNTS,
        BUDGETS,
        EPOCHS,
        RATES,
        RATE_HITS,
        ENTRIES,
        WRITERS,
        USAGE,
        USERS,
        SESSIONS,
        TICKETS,
        FACTORS,
        RECOVERY_CODES,
        CHALLENGES,
        IDENTITIES,
        PASSKEYS,
        INVITATIONS,
    )
}
