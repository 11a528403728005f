"""Printing: orders with their rolls as they were planned, and the log of everything that was printed or exported.

Nothing here is ever changed or deleted. ``pieces`` are ``[prefix, first counter, count, first position]``.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from tracelib.store.tables.columns import Row, big_column, json_column, utc_column


class PrintOrderRow(Row, table=True):
    """An order to a print house. ``number`` is unique within the party: day and count (``261125-1``)."""

    __tablename__ = "print_order"
    __table_args__ = (Index(None, "party_id", "lot", "product_id"),)
    party_id: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    product_id: str
    lot: str
    at: datetime = Field(sa_column=utc_column())
    operator: str
    house: str
    format: str
    template: str
    roll_size: int
    rolls: int
    count: int = Field(sa_column=big_column())
    left_out: int = Field(sa_column=big_column())
    reason: str


class PrintRollRow(Row, table=True):
    """A roll as it was ordered: its codes, and the file that holds them."""

    __tablename__ = "print_roll"
    party_id: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    roll: int = Field(primary_key=True)
    count: int = Field(sa_column=big_column())
    pieces: list[list[object]] = Field(sa_column=json_column())
    first_serial: str
    last_serial: str
    file: str


class PrintEntryRow(Row, table=True):
    """One step of a print, an export, a receipt or an account; ``seq`` counts within the batch.

    Two writers who both looked at the same last entry cannot both add the next one: that is how two clerks who print
    the same codes at once are told apart.
    """

    __tablename__ = "print_entry"
    __table_args__ = (Index(None, "party_id", "order", "roll"), Index(None, "party_id", "sha256"))
    party_id: str = Field(primary_key=True)
    product_id: str = Field(primary_key=True)
    lot: str = Field(primary_key=True)
    seq: int = Field(sa_column=big_column(primary_key=True))
    at: datetime = Field(sa_column=utc_column())
    operator: str
    verb: str
    kind: str
    print_id: str
    order: str
    roll: int
    pieces: list[list[object]] = Field(sa_column=json_column())
    count: int = Field(sa_column=big_column())
    file: str
    sha256: str
    reason: str
    detail: dict[str, object] = Field(sa_column=json_column())
