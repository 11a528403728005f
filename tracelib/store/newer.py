"""What one database has and an older copy of it has not: how a restore finds out what it would take back.

A row is newer where the copy has none of its key, or where both have it and its count or time went on since. Of what a
desk changes in place, the book of changes has a row of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, and_, column, event, exists, func, not_, or_, select, table

from tracelib.store.engine import make_engine
from tracelib.store.tables import metadata

OTHER = "backup"
WHOLE = "workspace."
"""How verbs of the book of changes begin that tell of the workspace as a whole (backup, restore): no part of the
books, kept by a restore."""
UPGRADE = "db.upgrade"
"""The same of the tables."""
_GROWING = {"code_check": "count", "code_counter": "next_counter", "outbox": "changed_at"}
_PASSING = frozenset({"outbox_lease"})
_TIMES = ("registered_at", "reserved_at", "recorded_at", "activated_at", "voided_at", "added_at", "changed_at", "at")


@dataclass
class Newer:
    """How many rows of each table are newer (none: not named), how many codes they issued, and since when."""

    rows: dict[str, int] = field(default_factory=dict)
    codes: int = 0
    since: datetime | None = None


class Attach:
    """Gives every connection of SQLite a second database, by the name ``OTHER``."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, connection: object, _record: object) -> None:
        """As SQLAlchemy calls a listener for ``connect``."""
        connection.execute(f"ATTACH DATABASE ? AS {OTHER}", (str(self.file),)).close()  # type: ignore[attr-defined]


def newer_than(file: Path, copy: Path) -> Newer:
    """What the database in ``file`` has and ``copy`` has not; both SQLite files of the program's schema."""
    engine = make_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", Attach(copy))
    newer = Newer()
    try:
        with engine.connect() as connection:
            for one in metadata().sorted_tables:
                if one.name not in _PASSING:
                    _count(connection, one, newer)
    finally:
        engine.dispose()
    return newer


def _count(connection: Connection, one: Table, newer: Newer) -> None:
    where = _is_newer(one)
    count = connection.execute(select(func.count()).select_from(one).where(where)).scalar_one()
    if not count:
        return
    newer.rows[one.name] = count
    if one.name == "code_range":
        newer.codes = connection.execute(select(func.sum(one.c["count"])).where(where)).scalar_one()
    for name in _TIMES:
        if name in one.columns:
            first = connection.execute(select(one.c[name]).where(where).order_by(one.c[name]).limit(1)).scalar_one()
            newer.since = first if newer.since is None else min(newer.since, first)


def _is_newer(one: Table) -> ColumnElement[bool]:
    there = table(one.name, *(column(c.name, c.type) for c in one.columns), schema=OTHER).alias("there")
    same = and_(*(there.c[c.name] == c for c in one.primary_key))
    where = not_(exists(select(1).select_from(there).where(same)))
    if one.name in _GROWING:
        name = _GROWING[one.name]
        where = or_(where, exists(select(1).select_from(there).where(same, there.c[name] < one.c[name])))
    if one.name == "change_entry":
        where = and_(where, not_(one.c.verb.startswith(WHOLE, autoescape=True)), one.c.verb != UPGRADE)
    return where
