"""Wherever a table stands in its sheet and whatever stands around it, the same batches are read."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tracelib.batches.batch import Batch
from tracelib.sheets.batch_sheet import read_batches
from tracelib.sheets.errors import SheetError
from tracelib.sheets.header import find_header
from tracelib.sheets.heading import Vocabulary, named_unit
from tracelib.sheets.mapping import SheetMapping
from tracelib.sheets.merges import Merge, Merges

HEADER = ("主体编号", "产品编号", "批号", "生产日期", "重量(斤)")
ROWS = [("GNQC", "P", f"L{n}", "2026年11月3日", 2 * n + 1) for n in range(3)]
BATCHES = tuple(
    Batch(party_id="GNQC", product_id="P", lot=f"L{n}", produced_on=date(2026, 11, 3), weight_g=1000 * n + 500)
    for n in range(3)
)
TITLES = st.sampled_from(["2026 年采收登记表", "填表人：示例", "单位：斤", "第 1 页", "2026-11-05"])
NOTES = st.sampled_from(["备注：均为净重", "合计", "制表：示例甲", "小 计", "Total:"])


@settings(max_examples=60, deadline=None)
@given(
    titles=st.lists(TITLES, max_size=4),
    gaps=st.lists(st.integers(0, 3), min_size=3, max_size=3),
    left=st.integers(0, 3),
    order=st.permutations(range(5)),
    notes=st.lists(NOTES, max_size=3),
)
def test_a_table_is_found_wherever_it_stands(
    tmp_path_factory: pytest.TempPathFactory,
    titles: list[str],
    gaps: list[int],
    left: int,
    order: list[int],
    notes: list[str],
) -> None:
    def shifted(values: tuple[object, ...]) -> list[object]:
        return [None] * left + [values[index] for index in order]

    book = Workbook()
    sheet = book.worksheets[0]
    blank: list[object] = []
    lines: list[list[object]] = [[title] for title in titles]
    lines += [blank] * gaps[0] + [shifted(HEADER)] + [blank] * gaps[1]
    lines += [shifted(row) for row in ROWS] + [blank] * gaps[2] + [[note] for note in notes]
    for line in lines:
        sheet.append(line)
    path = tmp_path_factory.mktemp("layout") / "file.xlsx"
    stream = BytesIO()
    book.save(stream)
    path.write_bytes(stream.getvalue())
    found = read_batches(path)
    assert found.batches == BATCHES
    assert [text for _, text in found.unread.rows] == notes


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("重量(kg)", ("重量", 1000)),
        ("净重（ＫＧ）", ("净重", 1000)),
        ("重量/斤", ("重量", 500)),
        ("净重：吨", ("净重", 1_000_000)),
        ("重量（单位：公斤）", ("重量", 1000)),
        ("net weight_kg", ("netweight", 1000)),
        ("Weight [t]", ("weight", 1_000_000)),
        ("公斤数", ("", 1000)),
        ("㎏", ("", 1000)),
        ("weight", None),
        ("lot", None),
        ("重量(担)", None),
        ("件数", None),
    ],
)
def test_units_in_headers(header: str, unit: tuple[str, int] | None) -> None:
    assert named_unit(header) == unit


def test_a_header_over_two_rows_by_its_merged_cells() -> None:
    merges = Merges()
    for column in (0, 1, 2, 3):
        merges.add(Merge(1, 2, column, column, "tall"))
    merges.add(Merge(1, 1, 4, 5, "wide"))
    rows = [(1, dict(enumerate(("主体", "产品", "批号", "生产日期", "重量")))), (2, {4: "斤", 5: "箱"})]
    header = find_header(rows, merges, Vocabulary(_columns()))  # type: ignore[arg-type]
    assert header
    assert (header.row, header.words) == (2, {0: "主体", 1: "产品", 2: "批号", 3: "生产日期", 4: "重量(斤)", 5: "箱"})


def _columns() -> tuple[object, ...]:
    from tracelib.sheets.batch_sheet import COLUMNS

    return COLUMNS


def test_a_unit_under_a_word_for_gross_weight_is_no_net_weight() -> None:
    merges = Merges()
    merges.add(Merge(1, 2, 0, 0, "A1:A2"))
    rows = [(1, {0: "批号", 1: "产品", 2: "毛重"}), (2, {2: "斤"})]
    header = find_header(rows, merges, Vocabulary(_columns()))  # type: ignore[arg-type]
    assert header
    assert header.words[2] == "毛重(斤)"
    assert Vocabulary(_columns()).find("毛重(斤)") is None  # type: ignore[arg-type]


def test_a_mapping_reads_words_values_unit_and_year(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("品名,园区号,采摘,数量\n赣南脐橙,A1,11月3日,201\n蜜桔,A2,11月4日,3\n", encoding="gb18030")
    said = SheetMapping(
        words={"品名": "product_id", "园区号": "lot", "采摘": "produced_on", "数量": "weight_g"},
        fixed={"party_id": "GNQC"},
        values={"product_id": {"赣南脐橙": "NAVEL-5KG"}},
        unit="斤",
        year=2026,
    )
    with pytest.raises(SheetError) as caught:
        read_batches(path, vocabulary=said.vocabulary())
    assert [(fault.params["row"], fault.params["value"]) for fault in caught.value.faults] == [(3, "蜜桔")]
    more = said.model_copy(update={"values": {"product_id": {"赣南脐橙": "NAVEL-5KG", "蜜桔": "MANDARIN"}}})
    first, second = read_batches(path, vocabulary=more.vocabulary()).batches
    assert (first.product_id, first.weight_g, first.produced_on) == ("NAVEL-5KG", 100_500, date(2026, 11, 3))
    assert (second.party_id, second.product_id) == ("GNQC", "MANDARIN")
