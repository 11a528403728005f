"""A table of batches: its columns, and the whole of it checked and turned into values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tracelib.batches.batch import Batch
from tracelib.sheets.cells import DAY_KIND, DIVISION_KIND, FAULTY, LINE_KIND, LOT_KIND, REGISTERED_KIND, WEIGHT_KIND
from tracelib.sheets.column import Column
from tracelib.sheets.errors import DuplicateRowError, EmptySheetError, Faults
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.layout import Unread
from tracelib.sheets.limits import LIMITS, Limits
from tracelib.sheets.table import Row, Table, open_table
from tracelib.text import LocalizedText

PROGRESS_EVERY = 1000

SHEET_NAME = LocalizedText("批次", "Batches")
"""Name of the sheet in the template."""


COLUMNS: tuple[Column, ...] = (
    Column(
        key="party_id",
        header=LocalizedText("主体编号", "Party"),
        spellings=("主体", "主体代码", "主体ID", "party id", "party no."),
        kind=REGISTERED_KIND,
        explanation=LocalizedText(
            "登记该批次的主体在系统中的编号，须已登记。",
            "Id of the party that the batch belongs to; must be registered.",
        ),
        example=LocalizedText("EXAMPLE", "EXAMPLE"),
    ),
    Column(
        key="product_id",
        header=LocalizedText("产品编号", "Product"),
        spellings=("产品", "产品代码", "产品ID", "product id", "product no."),
        kind=REGISTERED_KIND,
        explanation=LocalizedText(
            "主体自编的产品编号，须已登记。", "The party's own product number; must be registered."
        ),
        example=LocalizedText("NAVEL-5KG", "NAVEL-5KG"),
    ),
    Column(
        key="lot",
        header=LocalizedText("批号", "Lot"),
        spellings=(
            "批次",
            "批次号",
            "生产批号",
            "批次编号",
            "lot number",
            "lot no.",
            "batch",
            "batch number",
            "batch no.",
        ),
        kind=LOT_KIND,
        explanation=LocalizedText(
            "1 至 20 位：数字、大写字母、点和短横线，首尾为数字或字母；同一产品内不得重复。",
            "1 to 20 characters: digits, capital letters, full stop, hyphen; unique within the product.",
        ),
        example=LocalizedText("26A0137", "26A0137"),
    ),
    Column(
        key="produced_on",
        header=LocalizedText("生产日期", "Production date"),
        spellings=(
            "采收日期",
            "采摘日期",
            "收获日期",
            "生产/采收日期",
            "produced on",
            "harvest date",
            "harvested on",
            "date of production",
        ),
        kind=DAY_KIND,
        explanation=LocalizedText(
            "生产或采收的日期，如 2026-11-03、2026/11/3、20261103、2026年11月3日或 Excel 日期。",
            "Day of production or harvest: 2026-11-03, 2026/11/3, 20261103, 2026年11月3日 or an Excel date.",
        ),
        example=LocalizedText("2026-11-03", "2026-11-03"),
    ),
    Column(
        key="weight_g",
        header=LocalizedText("重量(kg)", "Weight (kg)"),
        spellings=(
            "重量",
            "净重",
            "批次重量",
            "总重",
            "总重量",
            "总净重",
            "产量",
            "采收量",
            "重量kg",
            "净重kg",
            "weight",
            "weight kg",
            "net weight",
            "net weight kg",
            "batch weight",
        ),
        kind=WEIGHT_KIND,
        explanation=LocalizedText(
            "整批净重，精确到克。单位写在列名里（kg、斤、吨），或写在每格数字后面。",
            "Net weight of the whole batch in whole grams; the header names the unit (kg, 斤, t), or each cell does.",
        ),
        example=LocalizedText("3500.5", "3500.5"),
    ),
    Column(
        key="origin",
        header=LocalizedText("产地区划代码", "Origin division code"),
        spellings=(
            "产地",
            "产地代码",
            "区划代码",
            "产地编码",
            "行政区划代码",
            "origin",
            "division code",
            "origin code",
        ),
        kind=DIVISION_KIND,
        explanation=LocalizedText(
            "产地的行政区划代码：县 6 位、乡镇 9 位或村 12 位。",
            "Division code of the place: 6 (county), 9 (town) or 12 digits.",
        ),
        example=LocalizedText("360726", "360726"),
        required=False,
    ),
    Column(
        key="plot",
        header=LocalizedText("地块", "Plot"),
        spellings=("地块编号", "基地", "果园", "plot id", "field", "orchard"),
        kind=LINE_KIND,
        explanation=LocalizedText("地块、基地或果园。", "Plot, base or orchard."),
        example=LocalizedText("三号果园", "Orchard 3"),
        required=False,
    ),
    Column(
        key="grower",
        header=LocalizedText("种植户", "Grower"),
        spellings=("农户", "生产者", "种植者", "种植户姓名", "grower name", "farmer", "producer"),
        kind=LINE_KIND,
        explanation=LocalizedText("种植户名称。", "Name of the grower."),
        example=LocalizedText("示例种植户", "Example grower"),
        required=False,
    ),
    Column(
        key="note",
        header=LocalizedText("备注", "Note"),
        spellings=("说明", "附注", "notes", "remark", "remarks"),
        kind=LINE_KIND,
        explanation=LocalizedText("其他说明，一行。", "Anything else, one line."),
        example=LocalizedText("示例行，系统不登记", "Example row, never registered"),
        required=False,
        width=28,
    ),
)

_EXAMPLE_PARTY = "EXAMPLE"
_EXAMPLE_NOTES = frozenset({COLUMNS[-1].example.zh, COLUMNS[-1].example.en})


_OPTIONAL = {column.key: Batch.model_fields[column.key].default for column in COLUMNS if not column.required}
_KEY = ("party_id", "product_id", "lot")


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that cannot become a batch: its number, and by column key the values of the cells without a fault."""

    row: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BatchSheet:
    """A table of batches. ``rows[i]`` is the row of ``batches[i]``; ``columns`` names columns for faults.

    ``drafts`` are the rows with faults, kept so that what was read of them can be checked too. ``unread`` is what was
    left out. ``fixed`` are values by column key that hold for every row, for the sheet has no such column.
    """

    file: str
    sha256: bytes
    sheet: str
    unread: Unread
    batches: tuple[Batch, ...]
    rows: tuple[int, ...]
    drafts: tuple[Draft, ...]
    columns: dict[str, str]
    fixed: dict[str, object]

    def entries(self) -> Iterator[Draft]:
        """Every row, whole or not, as what was read of it."""
        for row, batch in zip(self.rows, self.batches, strict=True):
            yield Draft(row, {column.key: getattr(batch, column.key) for column in COLUMNS})
        yield from self.drafts

    def place(self, row: int, key: str) -> dict[str, object]:
        """Parameters ``sheet``, ``row``, ``column`` for a fault."""
        return {"sheet": self.sheet, "row": row, "column": self.columns.get(key, key)}


def read_batches(
    path: Path,
    *,
    faults: Faults | None = None,
    sheet: str | None = None,
    vocabulary: Vocabulary | None = None,
    progress: Callable[[int], None] | None = None,
    limits: Limits = LIMITS,
) -> BatchSheet:
    """Check a whole file of batches and read it.

    The template's example row is left out. ``vocabulary`` is that of a saved mapping. ``progress`` is called with the
    number of rows read, every thousand. With ``faults`` of its own the caller gets every fault noted there, and looks
    further before it raises them.

    Raises:
        SheetError: with every fault of the file; not where ``faults`` is given.
        SheetFault: a leaf that says why the file is no table.
    """
    noted = Faults(path.name) if faults is None else faults
    with open_table(path, vocabulary or Vocabulary(COLUMNS), noted, sheet=sheet, limits=limits) as table:
        batches, drafts = _collect(table, progress)
    if faults is None:
        noted.raise_any()
    if not (batches or noted.count):
        raise EmptySheetError(file=noted.file, sheet=table.sheet)
    columns = {column.key: str(table.place(0, column.key)["column"]) for column in COLUMNS}
    return BatchSheet(
        file=path.name,
        sha256=table.raw.sha256,
        sheet=table.sheet,
        unread=table.unread(),
        batches=tuple(batches.values()),
        rows=tuple(batches),
        drafts=tuple(drafts),
        columns=columns,
        fixed=dict(table.fixed),
    )


def _collect(table: Table, progress: Callable[[int], None] | None) -> tuple[dict[int, Batch], list[Draft]]:
    """Batches by row, and the rows that are none."""
    batches: dict[int, Batch] = {}
    drafts: list[Draft] = []
    first: dict[tuple[object, ...], int] = {}
    for count, row in enumerate(table.rows(), 1):
        if progress and count % PROGRESS_EVERY == 0:
            progress(count)
        if _is_example(row.values):
            continue
        key = tuple(row.values.get(name, FAULTY) for name in _KEY)
        earlier = row.number if FAULTY in key else first.setdefault(key, row.number)
        if earlier != row.number:
            value = "/".join(map(str, key))
            table.faults.add(DuplicateRowError(sheet=table.sheet, row=row.number, value=value, first=earlier))
        elif row.complete:
            batches[row.number] = Batch.model_validate(row.values)
        else:
            drafts.append(_draft(table, row))
    return batches, drafts


def _draft(table: Table, row: Row) -> Draft:
    """An empty cell of an optional column is read as nothing; a column that the header lacks is not read."""
    read = {key: nothing for key, nothing in _OPTIONAL.items() if table.has(key)} | dict(row.values)
    return Draft(row.number, {key: value for key, value in read.items() if value is not FAULTY})


def _is_example(values: object) -> bool:
    return isinstance(values, dict) and (
        values.get("party_id") == _EXAMPLE_PARTY and values.get("note") in _EXAMPLE_NOTES
    )
