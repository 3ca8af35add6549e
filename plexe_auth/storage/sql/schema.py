"""Our tables for SQLAlchemy. Texts compare byte for byte and integers have 64 bits, on every database.

PostgreSQL gets the ``C`` collation, and MariaDB and MySQL get ``VARBINARY``, whose comparison folds neither case nor
accents nor trailing spaces. SQLite compares bytes by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect

from plexe_auth.storage.table import Column, Table
from plexe_auth.storage.tables import PREFIX, TABLES

VERSION_TABLE = PREFIX + "alembic_version"
_BYTES_PER_CHARACTER = 4


class ExactText(sa.types.TypeDecorator[str]):
    """A text that is equal to itself and to nothing else."""

    impl: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] = sa.String
    cache_ok: bool | None = True

    def __init__(self, longest: int | None = None) -> None:
        super().__init__(longest)
        self.longest = longest

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Give the type that this database needs for it."""
        if dialect.name == "postgresql":
            plain = sa.Text(collation="C") if self.longest is None else sa.String(self.longest, collation="C")
            return dialect.type_descriptor(plain)
        if _is_mysql(dialect):
            size = None if self.longest is None else self.longest * _BYTES_PER_CHARACTER
            return dialect.type_descriptor(mysql.MEDIUMBLOB() if size is None else sa.VARBINARY(size))
        return dialect.type_descriptor(sa.Text() if self.longest is None else sa.String(self.longest))

    def bind_processor(self, dialect: Dialect) -> Any:
        """Turn texts into bytes where bytes are kept, and do nothing elsewhere."""
        return _encoded if _is_mysql(dialect) else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Turn bytes back into texts where bytes are kept, and do nothing elsewhere."""
        return _decoded if _is_mysql(dialect) else None


def _is_mysql(dialect: Dialect) -> bool:
    return dialect.name in ("mysql", "mariadb")


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _decoded(data: bytes | None) -> str | None:
    return None if data is None else bytes(data).decode()


def _type(column: Column) -> sa.types.TypeEngine[Any]:
    if column.kind == "integer":
        return sa.BigInteger()
    if column.kind == "bytes":
        return sa.LargeBinary(column.longest).with_variant(sa.BINARY(column.longest), "mysql", "mariadb")
    return ExactText(column.longest if column.kind == "text" else None)


def _column(table: Table, column: Column) -> sa.Column[Any]:
    primary = column.name == table.key
    return sa.Column(column.name, _type(column), primary_key=primary, nullable=column.optional, autoincrement=False)


def _table(metadata: sa.MetaData, table: Table) -> sa.Table:
    name = PREFIX + table.name
    columns = [_column(table, column) for column in table.columns]
    indexes = [sa.Index(f"{name}_by_{'_'.join(index)}", *index) for index in table.indexes]
    unique = [sa.Index(f"{name}_by_{column}", column, unique=True) for column in table.unique]
    return sa.Table(name, metadata, *columns, *indexes, *unique, mysql_engine="InnoDB")


METADATA = sa.MetaData()
SQL_TABLES: Mapping[str, sa.Table] = {name: _table(METADATA, table) for name, table in TABLES.items()}


def writer(table: str, column: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what writes a column's values as a driver takes them; ``None`` where it takes them as we keep them."""
    kind = SQL_TABLES[table].c[column].type
    # Every driver of ours takes bytes.
    return None if isinstance(kind, sa.LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
