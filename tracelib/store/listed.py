"""Many texts as rows within one statement, and many rows as one list of texts, on both databases."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func, literal, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped
from sqlmodel import Session


def listed(session: Session, *columns: Sequence[str]) -> list[ColumnElement[Any]]:
    """Columns of a table that exists within one statement: row i holds ``columns[0][i]``, ``columns[1][i]`` and so on.

    ::

        (unit,) = listed(session, unit_ids)
        session.execute(select(table).where(table.c.unit_id.in_(select(unit))))
    """
    if session.get_bind().dialect.name == "postgresql":
        names = [f"c{number}" for number in range(len(columns))]
        arrays = [cast(literal(list(column), ARRAY(Text)), ARRAY(Text)) for column in columns]
        table = func.unnest(*arrays).table_valued(*names).render_derived()
        return [table.c[name] for name in names]
    if len(columns) == 1:
        return [func.json_each(json.dumps(columns[0])).table_valued("value").c.value]
    rows = func.json_each(json.dumps(list(zip(*columns, strict=True)))).table_valued("value")
    return [func.json_extract(rows.c.value, f"$[{number}]") for number in range(len(columns))]


def gathered(session: Session, column: Mapped[str]) -> ColumnElement[Any]:
    """The texts of a group as one list, in no order: for queries with ``group_by``."""
    if session.get_bind().dialect.name == "postgresql":
        return func.array_agg(column)
    return type_coerce(func.json_group_array(column), JSON)
