"""The history of our schema, one revision a file, run by Alembic inside whatever database the host has."""
