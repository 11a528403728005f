"""Print orders: which codes they take, what the rolls hold, and what happens when writing them goes wrong."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from tracelib.batches.prints import Kind, Verb
from tracelib.codes.record import Level
from tracelib.codes.serial import grouped
from tracelib.labels.errors import FontMissingError
from tracelib.labels.fonts import find_font
from tracelib.labels.template_files import find_template
from tracelib.operations.export import PositionError, PositionOrderError, code_lines
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.printing.errors import PrintedBeforeError, ReasonMissingError
from tracelib.operations.printing.labels import facts_of_batch
from tracelib.operations.printing.log import Again, PrintLog
from tracelib.operations.printing.make_rolls import (
    Drawing,
    FolderGoneError,
    FolderTakenError,
    MadeRolls,
    RollJob,
    RollWriteError,
    make_rolls,
)
from tracelib.operations.printing.order import (
    HouseError,
    MixedOrderError,
    NotEnoughCodesError,
    OrderRequest,
    RollsError,
    place_order,
)
from tracelib.operations.printing.receive import Delivery, receive_rolls
from tracelib.store.unit_of_work import Store

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run
    from tracelib.batches.print_order import PrintOrder

HOUSE = "示例印刷厂"


class Desk:
    """A county whose batch has 100 codes of cartons, and short names for what the tests do."""

    def __init__(self, county: "County") -> None:
        self.county = county
        self.log = PrintLog(county.store, county.clock)
        self.codes = [line.decode() for line in b"".join(self.issue(100)).splitlines()]

    def issue(self, count: int, level: Level = Level.CARTON, grade: int = 0) -> Iterator[bytes]:
        request = IssueRequest(batch=self.county.batch, count=count, level=level, host="q.example.com", grade=grade)
        range_ = issue_codes(self.county.desk, self.county.issuer, request).range
        return code_lines(self.county.issuer, range_)

    def order(self, again: Again | None = None, **asked: Any) -> "PrintOrder":  # noqa: ANN401 - of the request
        with self.county.store.reading() as uow:
            batch = uow.batches.get(*self.county.batch)
        assert batch is not None
        request = OrderRequest(**{"batch": batch, "house": HOUSE, "roll_size": 30, **asked})
        return place_order(self.log, lambda _: self.county.issuer, request, again or Again())

    def make(self, order: "PrintOrder", folder: Path, progress: Callable[[int], None] | None = None) -> MadeRolls:
        return make_rolls(self.log, order, RollJob(lambda _: self.county.issuer, folder, "赣南脐橙"), progress)

    def verbs(self) -> list[tuple[Verb, int]]:
        with self.county.store.reading() as uow:
            return [(entry.verb, entry.roll) for entry in uow.prints.entries(*self.county.batch)]


@pytest.fixture
def desk(county: "County") -> Desk:
    return Desk(county)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("ascii"))))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_rolls_hold_every_code_once_in_order(desk: Desk, tmp_path: Path) -> None:
    order = desk.order(count=100)
    made = desk.make(order, tmp_path / "out")
    assert order.number == "261123-1"  # the fixed clock's day at UTC+08:00
    assert [(roll.roll, roll.count) for roll in made.rolls] == [(1, 30), (2, 30), (3, 30), (4, 10)]
    lines = [row for roll in made.rolls for row in rows(tmp_path / "out" / roll.file)]
    assert [row["code"] for row in lines] == desk.codes
    assert [row["position"] for row in lines] == [str(n) for n in range(1, 101)]
    assert all(row["serial"].replace("-", "") == row["code"].rpartition("/")[2] for row in lines)
    assert made.rolls[1].first_serial == desk.codes[30].rpartition("/")[2]
    assert made.rolls[3].last_serial == desk.codes[99].rpartition("/")[2]


def test_papers_for_the_print_house(desk: Desk, tmp_path: Path) -> None:
    made = desk.make(desk.order(count=100), tmp_path)
    hashes = {roll.file: hashlib.sha256((tmp_path / roll.file).read_bytes()).hexdigest() for roll in made.rolls}
    assert (tmp_path / "SHA256SUMS").read_text() == "".join(f"{sha}  {name}\n" for name, sha in hashes.items())
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert checked.stdout.count(": OK") == 4
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["count"] == sum(roll["count"] for roll in manifest["rolls"]) == 100
    assert {roll["file"]: roll["sha256"] for roll in manifest["rolls"]} == hashes
    readme = (tmp_path / "README.txt").read_text("utf-8-sig")
    assert HOUSE in readme
    assert all(sha in readme for sha in hashes.values())


def readme(folder: Path) -> str:
    return (folder / "README.txt").read_text("utf-8-sig")


def test_papers_of_a_reprint_say_so(desk: Desk, tmp_path: Path) -> None:
    """Why, and that earlier labels exist: for an order of printed codes, and for files of delivered rolls."""
    first = desk.order(count=60)
    desk.make(first, tmp_path / "first")
    assert "Print every code once. Tell us" in readme(tmp_path / "first")
    assert "REPRINT" not in readme(tmp_path / "first")
    again = desk.order(Again(reprint=True, reason="第一卷被雨淋湿"), first=1, last=30)
    desk.make(again, tmp_path / "again")
    assert "重印 REPRINT" in readme(tmp_path / "again")
    assert "第一卷被雨淋湿" in readme(tmp_path / "again")
    assert "earlier labels may still exist" in readme(tmp_path / "again")
    assert "每个码只印一次" not in readme(tmp_path / "again")
    assert json.loads((tmp_path / "again" / "manifest.json").read_bytes())["reprint"] == "第一卷被雨淋湿"
    never = desk.order(Again(reprint=True, reason="said to be safe"), first=61, last=90)
    desk.make(never, tmp_path / "never")
    assert "REPRINT" not in readme(tmp_path / "never")
    receive_rolls(desk.log, first, Delivery())
    job = RollJob(lambda _: desk.county.issuer, tmp_path / "second", "赣南脐橙", reason="print house lost the files")
    make_rolls(desk.log, first, job)
    assert "print house lost the files" in readme(tmp_path / "second")
    desk.make(first, tmp_path / "second")  # checked once more: still a reprint
    assert "print house lost the files" in readme(tmp_path / "second")


@pytest.mark.parametrize("format_", ["txt", "jsonl"])
def test_other_formats(desk: Desk, tmp_path: Path, format_: str) -> None:
    made = desk.make(desk.order(count=40, format=format_), tmp_path)
    text = "".join((tmp_path / roll.file).read_text("ascii") for roll in made.rolls)
    lines = text.splitlines()
    found = lines if format_ == "txt" else [json.loads(line)["code"] for line in lines]
    assert found == desk.codes[:40]


@pytest.mark.parametrize("kind", ["pdf", "zpl", "tspl"])
def test_drawn_labels(desk: Desk, tmp_path: Path, kind: str) -> None:
    """Every label of a roll is drawn, in the order of the codes; made again the bytes are the same."""
    try:
        font = find_font()
    except FontMissingError as error:
        pytest.skip(str(error))
    template = find_template("roll-60x40", None)
    with desk.county.store.reading() as uow:
        batch = uow.batches.get(*desk.county.batch)
        assert batch is not None
        facts = facts_of_batch(uow, batch, test=True)
    order = desk.order(count=5, roll_size=3, format=kind, template=f"roll-60x40@{template.dpi}")
    drawing = Drawing(template, font, facts)
    found = []
    for name in ("one", "two"):
        job = RollJob(lambda _: desk.county.issuer, tmp_path / name, "赣南脐橙", 1, drawing)
        assert make_rolls(desk.log, order, job).made == 2
        found.append(contents(tmp_path / name))
    assert found[0] == found[1]
    first = found[0][f"{order.number}-r001.{kind}"]
    if kind == "pdf":
        document = pypdfium2.PdfDocument(first)
        texts = [document[n].get_textpage().get_text_range() for n in range(len(document))]
        document.close()
        serials = [grouped(code.rpartition("/")[2]) for code in desk.codes[:3]]
        assert [serial in text for serial, text in zip(serials, texts, strict=True)] == [True] * 3
    else:
        assert first.count(b"^XZ" if kind == "zpl" else b"PRINT 1") == 3


@pytest.mark.parametrize("test", [True, False])
def test_a_print_house_is_told_how_to_print_lists(desk: Desk, tmp_path: Path, test: bool) -> None:
    with desk.county.store.reading() as uow:
        batch = uow.batches.get(*desk.county.batch)
        assert batch is not None
        facts = facts_of_batch(uow, batch, test=test)
    order = desk.order(count=5, roll_size=3)
    job = RollJob(lambda _: desk.county.issuer, tmp_path / "told", "赣南脐橙", facts=facts)
    make_rolls(desk.log, order, job)
    readme = (tmp_path / "told" / "README.txt").read_text("utf-8-sig")
    for words in ("纠错等级 M", "字节模式", "0.33 mm", "静区", "批号 lot           GN-1", facts.common.issuer):
        assert words in readme
    assert ("测试 TEST" in readme, "不能贴在出售的货物上" in readme) == (test, test)
    assert json.loads((tmp_path / "told" / "manifest.json").read_text("utf-8"))["test"] is test
    assert readme.index("纠错等级") < readme.index(f"{order.number}-r001.csv"), "before a list of hundreds of rolls"


def test_count_takes_what_was_never_printed(desk: Desk) -> None:
    first, second = desk.order(count=35), desk.order(count=40)
    with desk.county.store.reading() as uow:
        pieces = [uow.prints.rolls(order)[0].pieces[0].position for order in (first, second)]
    assert pieces == [1, 36]
    with pytest.raises(NotEnoughCodesError) as caught:
        desk.order(count=26)
    assert (caught.value.params["left"], caught.value.params["missing"]) == (25, 1)


def test_what_was_printed_needs_a_reason(desk: Desk) -> None:
    desk.order(first=1, last=60)
    with pytest.raises(PrintedBeforeError) as caught:
        desk.order(first=51, last=80)
    params = caught.value.params
    assert (params["count"], params["first"], params["last"], params["times"]) == (10, 51, 60, 1)
    with pytest.raises(ReasonMissingError):
        Again(reprint=True, reason="  ")
    again = desk.order(Again(reprint=True, reason="第二卷印坏了"), first=51, last=80)
    assert (again.number, again.count, again.reason) == ("261123-2", 30, "第二卷印坏了")


def test_void_codes_are_left_out_for_good(desk: Desk, tmp_path: Path) -> None:
    serials = [code.rpartition("/")[2] for code in desk.codes]
    now = desk.county.clock.now()
    with desk.county.store.unit_of_work() as uow:
        uow.voids.add("COOP1", [serials[n] for n in (3, 4, 30)], "damaged", now)
    order = desk.order(first=1, last=40)
    assert (order.count, order.left_out) == (37, 3)
    with desk.county.store.unit_of_work() as uow:  # void after the order: the file stays as it was ordered
        uow.voids.add("COOP1", [serials[10]], "damaged", now)
    made = desk.make(order, tmp_path)
    found = [row["code"] for roll in made.rolls for row in rows(tmp_path / roll.file)]
    assert found == [code for n, code in enumerate(desk.codes[:40]) if n not in (3, 4, 30)]


def test_unlike_codes_are_not_mixed(desk: Desk) -> None:
    list(desk.issue(20, grade=1))
    with pytest.raises(MixedOrderError, match=r"90-100 carton, grade 0.*101-120 carton, grade 1"):
        desk.order(first=90, last=120)
    assert desk.order(count=20, grade=1).count == 20
    with pytest.raises(NotEnoughCodesError):
        desk.order(count=1, level=Level.ITEM)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"count": 1, "house": " "}, HouseError),
        ({"count": 1, "house": "示\n例"}, HouseError),
        ({"count": 1, "house": "厂" * 61}, HouseError),
        ({"count": 10, "roll_size": 0}, RollsError),
        ({"first": 90, "last": 101}, PositionError),
        ({"first": 9, "last": 8}, PositionOrderError),
    ],
)
def test_refusals_leave_nothing(desk: Desk, asked: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        desk.order(**asked)
    assert desk.verbs() == []
    with desk.county.store.reading() as uow:
        assert uow.prints.orders() == []


def test_too_many_rolls(desk: Desk) -> None:
    list(desk.issue(2001, Level.ITEM))
    with pytest.raises(RollsError, match="2001"):
        desk.order(count=2001, level=Level.ITEM, roll_size=1)


def test_making_again_checks_and_keeps(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    order = desk.order(count=100)
    desk.make(order, folder)
    before, log = contents(folder), desk.verbs()
    assert desk.make(order, folder).made == 0
    assert (contents(folder), desk.verbs()) == (before, log)
    second = folder / desk.make(order, folder).rolls[1].file
    second.write_bytes(second.read_bytes()[:-10])
    (folder / "SHA256SUMS").unlink()
    assert desk.make(order, folder).made == 1
    assert (contents(folder), desk.verbs()) == (before, log)


def test_a_folder_of_another_order_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    desk.make(desk.order(count=50), folder)
    before, second = contents(folder), desk.order(count=50)
    with pytest.raises(FolderTakenError, match=r"COOP1/261123-1.*print make 261123-2"):
        desk.make(second, folder)
    assert contents(folder) == before


def test_log_of_an_order(desk: Desk, tmp_path: Path) -> None:
    order = desk.order(count=100)
    assert desk.verbs() == [(Verb.BEGUN, 0)]
    desk.make(order, tmp_path)
    assert desk.verbs() == [(Verb.BEGUN, 0), *((Verb.DONE, n) for n in (1, 2, 3, 4)), (Verb.DONE, 0)]
    with desk.county.store.reading() as uow:
        entries = uow.prints.entries_of_order("COOP1", order.number)
    assert {entry.kind for entry in entries} == {Kind.ORDER}
    assert entries[1].sha256 == hashlib.sha256((tmp_path / entries[1].file).read_bytes()).hexdigest()


@pytest.mark.parametrize("overlapping", [True, False])
def test_two_clerks_at_once(desk: Desk, store_url: str, overlapping: bool) -> None:
    """Both look before either writes: one of two overlapping orders is refused, two counts get different codes."""
    gate = threading.Barrier(2)
    results: list[PrintOrder | PrintedBeforeError] = []

    def clerk(name: str) -> None:
        with Store.open(store_url, operator=name) as store:
            mine = Desk.__new__(Desk)
            mine.county, mine.log = replace(desk.county, store=store), PrintLog(store, desk.county.clock)
            gate.wait(timeout=30)
            try:
                asked: dict[str, Any] = {"first": 1, "last": 60} if overlapping else {"count": 50}
                results.append(mine.order(**asked))
            except PrintedBeforeError as refused:
                results.append(refused)

    clerks = [threading.Thread(target=clerk, args=(name,)) for name in ("甲", "乙")]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join(timeout=60)
    assert len(results) == 2
    orders = [result for result in results if not isinstance(result, PrintedBeforeError)]
    assert len(orders) == (1 if overlapping else 2)
    with desk.county.store.reading() as uow:
        places = [p for order in orders for roll in uow.prints.rolls(order) for p in roll.pieces]
        begun = uow.prints.entries(*desk.county.batch)
    counters = [n for piece in places for n in range(piece.first, piece.last + 1)]
    assert sorted(counters) == list(range(60 if overlapping else 100))
    assert [entry.seq for entry in begun] == list(range(1, len(orders) + 1))
    assert len({order.number for order in orders}) == len(orders)


# What happens to the disk ------------------------------------------------------------------------------------------


def mount(*arguments: str | Path) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting a small disk is not permitted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 32 KB; skips where nothing may be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs Linux and root")
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=32k", "none", place)
    yield place
    subprocess.run(["umount", "-l", place], check=False, capture_output=True)


def test_disk_full_in_the_middle_of_a_roll(desk: Desk, small_disk: Path, tmp_path: Path) -> None:
    order = desk.order(count=100, roll_size=25)  # a roll is 5 KB, a page 4 KB: the fourth does not fit
    (small_disk / "filler").write_bytes(bytes(8192))
    with pytest.raises(RollWriteError) as caught:
        desk.make(order, small_disk)
    made = caught.value.params["made"]
    assert isinstance(made, int)
    assert 1 <= made <= 3
    assert caught.value.params["file"] == small_disk / f"{order.number}-r00{made + 1}.csv"
    assert sorted(path.name for path in small_disk.iterdir() if path.name != "filler") == [
        f"{order.number}-r00{n}.csv" for n in range(1, made + 1)
    ]
    (small_disk / "filler").unlink()
    mount("-o", "remount,size=1m", small_disk)
    assert desk.make(order, small_disk).made == 4 - made
    desk.make(order, tmp_path / "elsewhere")
    assert contents(small_disk) == contents(tmp_path / "elsewhere")


def test_stick_pulled_out_and_put_back(desk: Desk, small_disk: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    mount("-o", "remount,size=1m", small_disk)
    mount("--bind", small_disk, stick)
    order = desk.order(count=100)

    def pull(finished: int) -> None:
        if finished == 30:
            subprocess.run(["umount", "-l", stick], check=True)

    try:
        with pytest.raises(FolderGoneError, match="1 of 4 rolls"):
            desk.make(order, stick, pull)
        assert list(stick.iterdir()) == [], "nothing is written to the disk behind the mount point"
        mount("--bind", small_disk, stick)
        assert desk.make(order, stick).made == 3
    finally:
        subprocess.run(["umount", "-l", stick], check=False, capture_output=True)
    desk.make(order, tmp_path / "elsewhere")
    assert contents(small_disk) == contents(tmp_path / "elsewhere")
