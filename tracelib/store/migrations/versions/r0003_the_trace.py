"""Events by the objects that they name, what does not fit in them, and containment as statements of events."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    """Add the tables, and index the events that are there."""
    _make_event_object()
    _make_event_flag()
    _make_containment_statements()
    _make_recall()
    _index_events(op.get_bind())


def downgrade() -> None:
    """Not offered."""
    raise NotImplementedError("restore the backup that was made before the upgrade")


def _make_event_object() -> None:
    op.create_table(
        "event_object",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("party_id", "object_id", "event_id", "declaration_time", "role")
        ),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "party_id", "object_id", "event_id", "declaration_time", "role", name=op.f("pk_event_object")
        ),
    )
    op.create_index(op.f("ix_event_object_object_id"), "event_object", ["object_id"], unique=False)


def _make_event_flag() -> None:
    op.create_table(
        "event_flag",
        *(sa.Column(n, sa.String(), nullable=False) for n in ("party_id", "event_id", "object_id", "flag", "other")),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "event_id", "object_id", "flag", name=op.f("pk_event_flag")),
    )
    op.create_index(op.f("ix_event_flag_party_id_object_id"), "event_flag", ["party_id", "object_id"], unique=False)


def _make_containment_statements() -> None:
    """What was packed is what was said; nothing was ever taken out before this revision."""
    op.drop_index("uq_containment_open", table_name="containment")
    op.add_column("containment", sa.Column("action", sa.String(), nullable=False, server_default="ADD"))
    time = sa.DateTime(timezone=True)
    op.add_column("containment", sa.Column("event_time", time, nullable=False, server_default="1970-01-01 00:00:00"))
    op.add_column("containment", sa.Column("recorded_at", time, nullable=False, server_default="1970-01-01 00:00:00"))
    op.execute("UPDATE containment SET event_time = packed_at, recorded_at = packed_at")
    op.drop_column("containment", "packed_at")
    op.drop_column("containment", "unpacked_at")


def _make_recall() -> None:
    op.create_table(
        "recall",
        *(sa.Column(n, sa.String(), nullable=False) for n in ("party_id", "number", "product_id", "lot", "reason")),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "number", name=op.f("pk_recall")),
    )
    op.create_index(
        op.f("ix_recall_party_id_lot_product_id"), "recall", ["party_id", "lot", "product_id"], unique=False
    )
    op.create_table(
        "recall_entry",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("party_id", "number")),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("operator", "verb")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("units", "weight_g")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("place", "note")),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "number", "seq", name=op.f("pk_recall_entry")),
    )


def _index_events(connection: sa.Connection) -> None:
    """Events of the earlier schema are our own: activations, voids and packings, each with containment rows."""
    from tracelib.trace.objects import Role, objects_of

    time = sa.DateTime(timezone=True)
    names = ("party_id", "event_id", "declaration_time", "document")
    event = sa.table("event", *(sa.column(n) for n in names), sa.column("event_time", time))
    keys = ("party_id", "object_id", "event_id", "declaration_time", "role")
    target = sa.table("event_object", *(sa.column(n) for n in keys), sa.column("event_time", time))

    def rows() -> Iterator[dict[str, Any]]:
        for row in _in_parts(connection, event):
            document = json.loads(row.document)
            packs = document.get("type") == "AggregationEvent"
            for one in objects_of(document):
                if not (packs and one.role is Role.CHILD and not one.is_class):
                    yield {
                        "party_id": row.party_id,
                        "object_id": one.object_id,
                        "event_id": row.event_id,
                        "declaration_time": row.declaration_time,
                        "role": one.role.value,
                        "event_time": row.event_time,
                    }

    waiting: list[dict[str, Any]] = []
    for made in rows():
        waiting.append(made)
        if len(waiting) >= AT_ONCE:
            connection.execute(sa.insert(target), waiting)
            waiting = []
    if waiting:
        connection.execute(sa.insert(target), waiting)


def _in_parts(connection: sa.Connection, event: sa.TableClause) -> Iterator[Any]:
    """All events in the order of their key, some at a time, so that writing between reads is safe."""
    key = (event.c.party_id, event.c.event_id, event.c.declaration_time)
    last: tuple[Any, ...] = ("", "", "")
    while True:
        query = sa.select(event).where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, last))).order_by(*key)
        found = connection.execute(query.limit(AT_ONCE)).all()
        yield from found
        if len(found) < AT_ONCE:
            return
        last = (found[-1].party_id, found[-1].event_id, found[-1].declaration_time)
