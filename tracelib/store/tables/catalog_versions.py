"""What entries of the catalogue said, version by version. Append-only."""

from datetime import date, datetime

from sqlmodel import Field

from tracelib.store.tables.columns import Row, json_column, utc_column


class CatalogVersionRow(Row, table=True):
    """One version of one entry: ``document`` counts from ``effective_from`` until the version with the next ``seq``.

    ``kind`` and ``key`` as in ``tracelib.catalog.snapshot``. The first version of an entry that was there before this
    table counts from the first day of the calendar.
    """

    __tablename__ = "catalog_version"
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    effective_from: date = Field(index=True)
    recorded_at: datetime = Field(sa_column=utc_column())
    operator: str
    reason: str
    document: dict[str, object] = Field(sa_column=json_column())
