"""Rows in SQLite, PostgreSQL, MariaDB or MySQL, by SQLAlchemy Core. Only this folder knows SQLAlchemy."""
