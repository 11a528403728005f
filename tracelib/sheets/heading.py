"""The words in a header: which column each one means, and in which unit a weight stands under it."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracelib.batches.weight import UNITS
from tracelib.sheets.cells import UNIT_KIND, WEIGHT_KIND
from tracelib.sheets.column import Column, fold
from tracelib.text import LocalizedText

IGNORED_HEADERS = frozenset({"序号", "no", "no.", "#"})
"""Running numbers that people put before the first column; what stands under them is not read."""
MESSAGES = LocalizedText("检查说明（登记时不读）", "What is wrong (not read)")
"""Header of the column in which a report says what is wrong; what stands under it is dropped when it is read again."""
UNIT_COLUMN = Column(
    key="unit",
    header=LocalizedText("单位", "Unit"),
    spellings=("重量单位", "净重单位", "计量单位", "计重单位", "units", "weight unit", "unit of weight", "uom"),
    kind=UNIT_KIND,
    explanation=LocalizedText("该行重量的单位。", "Unit of the weight of the row."),
    example=LocalizedText("kg", "kg"),
    required=False,
)
"""A column that every table with weights may have: it is no value of its own, but says how the weight is read."""
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_BARE = frozenset([*UNITS, *(f"{unit}数" for unit in UNITS)])
"""Headers that are nothing but a unit: kg, 公斤, 斤数."""
_WITH_UNIT = re.compile(rf"(.*?)[(\[/:,、 ]*(?:单位[:为]?)?(?<![a-z])({_UNIT})数?[)\] ]*")
"""A Latin unit stands alone: the t of «weight» is no tonne."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a header word means: a column, or None for one that is not read; grams in the unit that it names."""

    column: Column | None
    unit_g: int | None = None


def named_unit(header: str) -> tuple[str, int] | None:
    """(the folded header without its unit, grams in one) of a header such as ``重量(斤)``; None where it names none."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    match = _WITH_UNIT.fullmatch(re.sub(r"[\s_*-]+", " ", plain).strip())
    return (fold(match[1]), UNITS[match[2]]) if match else None


@dataclass(frozen=True)
class Vocabulary:
    """Header words that are understood: the columns' own, and those of a saved mapping, which come first.

    ``words`` maps folded headers to column keys, empty for columns that are not read; ``values`` maps, by column key,
    the text of a cell to what it stands for; ``unit_g`` is for a weight whose header names no unit, and no other may
    stand beside it; ``fixed`` are values by column key for columns that a sheet lacks; ``year`` is for days without
    one.
    """

    columns: Sequence[Column]
    words: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unit_g: int | None = None
    year: int | None = None

    def __post_init__(self) -> None:
        columns = [*self.columns, UNIT_COLUMN] if any(map(_weighs, self.columns)) else self.columns
        by_key = {column.key: column for column in columns}
        known = {
            fold(text): column for column in columns for text in (column.header.zh, column.header.en, *column.spellings)
        }
        object.__setattr__(self, "_by_key", by_key)
        object.__setattr__(self, "_known", known)

    def find(self, header: str) -> Heading | None:
        """What a header means, None for an unknown one."""
        by_key: dict[str, Column] = self._by_key  # type: ignore[attr-defined]
        known: dict[str, Column] = self._known  # type: ignore[attr-defined]
        text = fold(header)
        unit = named_unit(header)
        if text in self.words:
            column = by_key.get(self.words[text])
        else:
            column = known.get(text)
            if column is None and text in IGNORED_HEADERS:
                return Heading(None)
            if column is None and unit and ((unit[0] == "" and text in _BARE) or _weighs(known.get(unit[0]))):
                column = next(filter(_weighs, self.columns), None)
            if column is None:
                return None
        if not _weighs(column):
            return Heading(column)
        return Heading(column, unit[1] if unit else self.unit_g)

    def count(self, headers: Iterable[str]) -> int:
        """How many of the words name a column of this table."""
        return sum(1 for header in headers if (found := self.find(header)) and found.column)

    def missing(self, headers: Iterable[str]) -> list[Column]:
        """The required columns that neither these words nor fixed values give."""
        given = {found.column.key for header in headers if (found := self.find(header)) and found.column}
        return [c for c in self.columns if c.required and c.key not in given and c.key not in self.fixed]

    def nearest(self, header: str) -> Column:
        """The column whose words look most like a header."""
        known: dict[str, Column] = self._known  # type: ignore[attr-defined]
        return known[difflib.get_close_matches(fold(header), known, n=1, cutoff=0)[0]]


def _weighs(column: Column | None) -> bool:
    return column is not None and column.kind is WEIGHT_KIND
