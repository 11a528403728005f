"""What all tables share: the base of rows, and column types that mean the same on SQLite and PostgreSQL.

Rules for a table that grows (architecture, storage): the owning party's id is the first column of the primary key and
of every unique key; ids are text; no database-wide sequence. Write the columns of the key first, in the key's order::

    class BatchRow(Row, table=True):
        __tablename__ = "batch"
        party_id: str = Field(primary_key=True)
        product_id: str = Field(primary_key=True)
        registered_at: datetime = Field(sa_column=utc_column())
        weight_g: int = Field(sa_column=big_column())
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, LargeBinary, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of keys and constraints, so that migrations can speak of them on every database."""


class Row(SQLModel):
    """Base of every table of this project; its ``metadata`` is what migrations are compared with."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept in UTC: aware datetimes in (any offset), aware UTC datetimes out.

    A naive datetime is a bug of the caller: ``ValueError``.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no offset; the store keeps aware times only")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, also where the database (SQLite) forgets the offset."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_column(*, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """An instant in UTC (microseconds)."""
    return Column(UtcDateTime, nullable=nullable and not primary_key, primary_key=primary_key)


def big_column(*, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """A whole number up to 2**63 - 1 (a plain ``int`` is 32 bits on PostgreSQL): counters, grams, totals."""
    return Column(BigInteger, nullable=nullable and not primary_key, primary_key=primary_key, autoincrement=False)


def bytes_column(*, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """Bytes: hashes, keys, signed documents."""
    return Column(LargeBinary, nullable=nullable and not primary_key, primary_key=primary_key)


def json_column(*, nullable: bool = False) -> Column[Any]:
    """A JSON document: JSONB on PostgreSQL, text on SQLite."""
    return Column(JSON().with_variant(JSONB(), "postgresql"), nullable=nullable)
