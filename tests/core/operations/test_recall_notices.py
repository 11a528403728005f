"""Notices of a recall: who gets one, what stands in it, and that a drill says so everywhere."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.line_world import OTHER_PARTY, OWN_PARTY, World, make_world
from bench.recall_world import HOME, NOW, activated, epc, happened, recall, serial
from tracelib.clock import FixedClock
from tracelib.codes.serial import grouped
from tracelib.labels.fonts import find_font
from tracelib.operations.recalls.find import find_recall
from tracelib.operations.recalls.holders import Holders
from tracelib.operations.recalls.listing import csv_line, unit_cell, write_listing
from tracelib.operations.recalls.notices import WrittenNotice, write_notices
from tracelib.operations.recalls.summary import summary_of
from tracelib.store.unit_of_work import Store
from tracelib.trace.recall import Verb
from tracelib.trace.vocab import BizStep, Disposition


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return make_world(store, tmp_path / "keys", FixedClock(NOW))


def told(world: World, folder: Path, *, drill: bool = False) -> tuple[list[WrittenNotice], list[str]]:
    """Four cartons: A and B to COOP2, which sold A; C to nobody knows whom; D is on stock."""
    a, b, c, d = activated(world, 4)
    there = f"{HOME}/O/{OTHER_PARTY}"
    happened(world, BizStep.SHIPPING, [epc(a), epc(b)], hours=1, to=there)
    happened(world, BizStep.RETAIL_SELLING, [epc(a)], hours=2, at=there, disposition=Disposition.RETAIL_SOLD)
    happened(world, BizStep.SHIPPING, [epc(c)], hours=1)
    found = recall(world, drill=drill)
    with world.store.reading() as uow:
        summary = summary_of(found.affected, Holders(uow, OWN_PARTY))
    named = (found.recall.number, None)
    out = (folder, find_font(None))
    _, written, _ = write_notices(world.store, world.clock, named, (found.affected, summary), out)
    return written, [serial(text) for text in (a, b, c, d)]


def rows(path: Path) -> list[dict[str, str]]:
    """A list with the English half of its heads."""
    read = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    heads = [head.rpartition(" ")[2] for head in read[0]]
    return [dict(zip(heads, row, strict=True)) for row in read[1:]]


def text_of(path: Path) -> str:
    """What a PDF says, by another program."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not here")
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout


def test_everybody_who_has_goods_and_the_own_warehouse(world: World, tmp_path: Path) -> None:
    written, (a, b, c, d) = told(world, tmp_path / "out")
    other, unknown, own = written
    assert [(row["unit"], row["state"].split()[1]) for row in rows(other.listing)] == [(a, "sold"), (b, "here")]
    assert [row["unit"] for row in rows(unknown.listing)] == [c]
    assert unknown.letter is None
    assert [(row["unit"], row["state"].split()[1]) for row in rows(own.listing)] == [(d, "stock")]
    calls = rows(tmp_path / "out" / "R261123-1-calls.csv")
    assert [(row["to"], row["units"], row["now"], row["sold"], row["weight_kg"]) for row in calls] == [
        (OTHER_PARTY, "2", "1", "1", "10"),
        ("?", "1", "1", "0", "5"),
        (OWN_PARTY, "1", "1", "0", "5"),
    ]
    with world.store.reading() as uow:
        (entry,) = find_recall(uow, "R261123-1").of(Verb.NOTICES)
    assert (entry.units, entry.detail) == (4, {"parties": 3, "letters": 2})


def test_the_letter_says_what_and_why(world: World, tmp_path: Path) -> None:
    (other, *_), (a, b, *rest) = told(world, tmp_path / "out")
    assert other.letter is not None
    text = text_of(other.letter)
    for word in (
        "召回通知",
        "立即停止销售",
        "R261123-1",
        "示例：农残超标",
        f"示例合作社 {OTHER_PARTY}",
        grouped(a),
        grouped(b),
    ):
        assert word in text, word
    assert not any(grouped(one) in text for one in rest)
    assert "演练" not in text


def test_a_drill_says_so_on_paper_and_in_every_line(world: World, tmp_path: Path) -> None:
    (other, _, own), _ = told(world, tmp_path / "out", drill=True)
    for one in (other, own):
        assert one.letter is not None
        text = text_of(one.letter)
        assert "演练：不召回任何货物" in text
        assert "立即停止销售" not in text
    files = sorted((tmp_path / "out").glob("*.csv"))
    assert len(files) == 4
    assert all(row["drill"] == "演练 DRILL" for file in files for row in rows(file))
    assert all(file.name.startswith("D261123-1") for file in (tmp_path / "out").iterdir())


def test_the_same_recall_gives_the_same_letter(world: World, tmp_path: Path) -> None:
    (other, *_), _ = told(world, tmp_path / "a")
    with world.store.reading() as uow:
        found = find_recall(uow, "R261123-1")
        batch = uow.batches.existing([found.recall.batch])[found.recall.batch]
        from tracelib.operations.recalls.affected import affected_by

        affected = affected_by(uow, batch, lambda lot: "")
        summary = summary_of(affected, Holders(uow, OWN_PARTY))
    out = (tmp_path / "b", find_font(None))
    _, (again, *_), _ = write_notices(world.store, world.clock, ("R261123-1", None), (affected, summary), out)
    assert other.letter is not None
    assert again.letter is not None
    assert again.letter.read_bytes() == other.letter.read_bytes()


def test_the_list_of_every_unit(world: World, tmp_path: Path) -> None:
    _, (a, b, c, d) = told(world, tmp_path / "out")
    found = recall(world, drill=True)
    write_listing(found.affected, found.recall, tmp_path / "all.csv")
    listed = {row["unit"]: (row["state"], row["holder"]) for row in rows(tmp_path / "all.csv")}
    assert listed == {a: ("sold", OTHER_PARTY), b: ("sent", OTHER_PARTY), c: ("sent", "?"), d: ("stock", "")}


def test_cells_that_a_sheet_would_spoil() -> None:
    assert unit_cell("369012300000000017") == "SSCC 369012300000000017"
    assert csv_line(("=1+1", "a,b", '"x"', "+86 138-0000 0000", "+A1")) == (
        b'\'=1+1,"a,b","""x""",+86 138-0000 0000,\'+A1\r\n'
    )
