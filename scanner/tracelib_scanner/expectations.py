"""``[expect]`` in ``line.toml``: what a station works on, as rules."""

from datetime import date, datetime

from tracelib.operations.line_rules import (
    ExpectBatches,
    ExpectGrades,
    ExpectProducts,
    Frozen,
    LineRule,
    SeasonFrom,
)
from tracelib_scanner.fields import Table

HIGHEST_GRADE = 15


def rules_from(table: Table) -> tuple[LineRule, ...]:
    """The rules of an ``[expect]`` table: batches, products, grades, frozen, season_from; what is left out is free."""
    rules: list[LineRule] = []
    if batches := table.texts("batches", ()):
        rules.append(ExpectBatches(batches))
    if products := table.texts("products", ()):
        rules.append(ExpectProducts(products))
    no_grades: tuple[int, ...] = ()
    expected = f"a list of grades from 0 to {HIGHEST_GRADE}"
    if grades := table.take("grades", no_grades, expected, _grades, False):
        rules.append(ExpectGrades(grades))
    if frozen := table.texts("frozen", ()):
        rules.append(Frozen(frozen))
    nothing: date | None = None
    if begins := table.take("season_from", nothing, "a day such as 2026-11-10, without quotation marks", _day, False):
        rules.append(SeasonFrom(begins))
    table.finish()
    return tuple(rules)


def _grades(given: object) -> tuple[int, ...] | None:
    items: list[object] = given if isinstance(given, list) else [given]
    grades = [item for item in items if isinstance(item, int) and not isinstance(item, bool)]
    fits = len(grades) == len(items) and all(0 <= grade <= HIGHEST_GRADE for grade in grades)
    return tuple(grades) if fits else None


def _day(given: object) -> date | None:
    return given if isinstance(given, date) and not isinstance(given, datetime) else None
