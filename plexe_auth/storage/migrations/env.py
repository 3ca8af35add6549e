"""Alembic's door: run the revisions on the connection that `run.upgrade` brings, in the transaction it has begun."""

from alembic import context

from plexe_auth.storage.sql.schema import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
