"""Notices of a recall: for everybody who has or had the goods a letter (PDF) and a list (CSV), and a list of calls."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.clock import Clock, wall_text
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.errors import RuleError
from tracelib.labels.files import whole_file
from tracelib.labels.fonts import LabelFont
from tracelib.labels.recall_notice import NoticeFacts, NoticeLine, recall_notice
from tracelib.operations.export import write_file
from tracelib.operations.recalls.affected import Affected, AffectedUnit
from tracelib.operations.recalls.find import FoundRecall, find_recall
from tracelib.operations.recalls.holders import Holder, Holders
from tracelib.operations.recalls.listing import csv_line, unit_cell
from tracelib.operations.recalls.summary import Summary
from tracelib.store.retry import in_turn
from tracelib.trace.recall import Fate, RecallEntry, Verb

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

MOST_NOTICES = 5_000
_SLUG = re.compile(r"[^0-9A-Za-z_-]+")
_COLUMNS = (
    "召回编号 recall",
    "演练 drill",
    "件 unit",
    "序列号 serial",
    "产品 product",
    "批次 batch",
    "重量(克) weight_g",
    "状态 state",
    "物流单元 container",
    "最近事件 last_event",
)
_CALLS = (
    "召回编号 recall",
    "演练 drill",
    "编号 to",
    "名称 name",
    "联系方式 contact",
    "地址 address",
    "到过件数 units",
    "现有件数 now",
    "已售件数 sold",
    "重量(公斤) weight_kg",
    "通知书 letter",
    "清单 list",
)
_STATES = {
    "here": "在你处 here",
    "sold": "已售 sold",
    "passed_on": "已转出 passed_on",
    "stock": "在库 stock",
    "returned": "已收回 returned",
    "destroyed": "已销毁 destroyed",
}


class TooManyNoticesError(RuleError):
    """More parties than anybody writes letters to."""

    code = "recall.too_many_notices"
    template = "{number} would take {count} notices, at most {most} are written at once."


@dataclass(frozen=True, slots=True)
class Notice:
    """What one party is told. ``units`` came to it, or (``own``) lie on stock; ``loose`` are lines without units."""

    holder: Holder
    own: bool
    units: Sequence[AffectedUnit]
    loose: Sequence[NoticeLine]

    def state(self, unit: AffectedUnit) -> str:
        """Where a unit is, as this party needs to know it: to whom it was passed on is none of its business."""
        if unit.fate in (Fate.RETURNED, Fate.DESTROYED) or self.own:
            return unit.fate.value
        if unit.holder != self.holder.id:
            return "passed_on"
        return "sold" if unit.fate is Fate.SOLD else "here"


@dataclass(frozen=True, slots=True)
class WrittenNotice:
    """The files of a notice. There is no letter to those of whom nobody knows who they are."""

    notice: Notice
    letter: Path | None
    listing: Path


def notices_of(affected: Affected, summary: Summary, own: Holder) -> list[Notice]:
    """One notice for each party that has or had goods, then one for the own warehouse."""
    found, came = [], defaultdict(list)
    for unit in affected.active:
        for id_ in unit.passed:
            came[id_].append(unit)
    for line in summary.holders:
        id_ = line.holder.id
        found.append(Notice(line.holder, False, came[id_], _loose_lines(affected, id_)))
    here = [unit for unit in affected.active if unit.fate in (Fate.STOCK, Fate.RETURNED)]
    return found + ([Notice(own, True, here, ())] if here else [])


def _loose_lines(affected: Affected, holder: str) -> list[NoticeLine]:
    """What came to a party without units, by delivery; what it gave back is taken off the last ones."""
    lines = [
        NoticeLine(move.lot, "", 0, move.weight_g or 0, move.at)
        for move in affected.loose
        if move.own and move.holder == holder and move.fate in (Fate.SENT, Fate.SOLD)
    ]
    back = Counter[str]()
    for move in affected.loose:
        if move.fate is Fate.RETURNED and holder and move.source == holder:
            back[move.lot] += move.weight_g or 0
    left: list[NoticeLine] = []
    for line in reversed(lines):
        taken = min(back[line.batch], line.weight_g)
        back[line.batch] -= taken
        if line.weight_g > taken or not line.weight_g:
            left.append(replace(line, weight_g=line.weight_g - taken))
    return left[::-1]


def write_notices(
    store: "Store",
    clock: Clock,
    recall: tuple[str, str | None],
    what: tuple[Affected, Summary],
    out: tuple[Path, LabelFont],
) -> tuple[FoundRecall, list[WrittenNotice], Path]:
    """Write all notices and the list of calls into a folder, and note that it was done.

    ``recall``: its number and the party where none is named; ``out``: the folder, and the font of the letters.

    Each file is written whole. Raises RecallClosedError, TooManyNoticesError, OutputError, GlyphMissingError.
    """
    (number, party), (affected, summary), (folder, font) = recall, what, out
    with store.reading() as uow:
        found = find_recall(uow, number, party)
        found.require_open()
        uow.changes.require_clock(found.recall.party_id, clock.now())
        paper = _Paper(uow, found, font)
    notices = notices_of(affected, summary, paper.own)
    if len(notices) > MOST_NOTICES:
        raise TooManyNoticesError(number=found.recall.number, count=len(notices), most=MOST_NOTICES)
    folder.mkdir(parents=True, exist_ok=True)
    written = [paper.write(notice, folder, n) for n, notice in enumerate(notices, 1)]
    calls = folder / f"{found.recall.number}-calls.csv"
    write_file(calls, _call_lines(found, written))

    def note(uow: "UnitOfWork") -> None:
        """One transaction."""
        again = find_recall(uow, number, party)
        again.require_open()
        now = clock.now()
        detail = {"parties": len(written), "letters": sum(one.letter is not None for one in written)}
        uow.recalls.append(
            again.recall, RecallEntry(verb=Verb.NOTICES, at=now, units=len(affected.active), detail=detail)
        )
        uow.changes.add("recall.notice", again.recall.number, now, party_id=again.recall.party_id, detail=detail)

    in_turn(store, note)
    return found, written, calls


class _Paper:
    """Writes the files of one notice after the other."""

    def __init__(self, uow: "UnitOfWork", found: FoundRecall, font: LabelFont) -> None:
        recall = found.recall
        self._recall = recall
        self._font = font
        self._products = {one.id: one.name_zh or one.name_en for one in uow.catalog.products(recall.party_id)}
        self.own = Holders(uow, recall.party_id).holder(recall.party_id)
        sender = uow.catalog.party(recall.party_id)
        self._uscc = (sender.uscc or "") if sender else ""

    def write(self, notice: Notice, folder: Path, place: int) -> WrittenNotice:
        """Letter and list of one notice."""
        name = _SLUG.sub("-", notice.holder.id.rpartition("//")[2]).strip("-")[:60] or "unknown"
        stem = f"{self._recall.number}-{place:02d}-{'own-stock' if notice.own else name}"
        listing = folder / f"{stem}.csv"
        write_file(listing, self._lines(notice))
        if not notice.holder.id:
            return WrittenNotice(notice, None, listing)
        letter = folder / f"{stem}.pdf"
        data = recall_notice(self._facts(notice, listing.name), self._font)
        with whole_file(letter) as stream:
            stream.write(data)
        return WrittenNotice(notice, letter, listing)

    def _facts(self, notice: Notice, list_name: str) -> NoticeFacts:
        recall, holder = self._recall, notice.holder
        counted: Counter[tuple[str, str]] = Counter()
        grams: Counter[tuple[str, str]] = Counter()
        sent: dict[tuple[str, str], datetime | None] = {}
        for unit in notice.units:
            key = (self._batch(unit), unit.container)
            counted[key] += 1
            grams[key] += unit.weight_g or 0
            sent[key] = max((at for at in (sent.get(key), unit.since) if at is not None), default=None)
        lines = [NoticeLine(*key, counted[key], grams[key], sent[key]) for key in sorted(counted)]
        return NoticeFacts(
            number=recall.number,
            drill=recall.drill,
            reason=recall.reason,
            opened_at=recall.at,
            sender=self.own.name,
            sender_uscc=self._uscc,
            sender_contact=self.own.contact,
            recipient=holder.name,
            recipient_contact=" ".join(part for part in (holder.contact, holder.address) if part),
            product="、".join(sorted({self._product(unit) for unit in notice.units})) or self._named(recall.product_id),
            own=notice.own,
            lines=[*lines, *notice.loose],
            serials=[_printed(unit.unit_id) for unit in notice.units],
            list_name=list_name,
        )

    def _lines(self, notice: Notice) -> Iterator[bytes]:
        recall = self._recall
        yield b"\xef\xbb\xbf" + csv_line(_COLUMNS)
        for unit in notice.units:
            yield csv_line(
                (
                    recall.number,
                    "演练 DRILL" if recall.drill else "",
                    unit_cell(unit.unit_id),
                    grouped(unit.unit_id) if len(unit.unit_id) == SERIAL_LENGTH else "",
                    self._product(unit),
                    self._batch(unit),
                    "" if unit.weight_g is None else str(unit.weight_g),
                    _STATES[notice.state(unit)],
                    unit_cell(unit.container),
                    wall_text(unit.since) if unit.since else "",
                )
            )

    def _batch(self, unit: AffectedUnit) -> str:
        product, lot = unit.lot
        return f"{product}/{lot}" if product else lot

    def _product(self, unit: AffectedUnit) -> str:
        return self._named(unit.lot[0])

    def _named(self, product_id: str) -> str:
        return self._products.get(product_id, product_id)


def _call_lines(found: FoundRecall, written: Sequence[WrittenNotice]) -> Iterator[bytes]:
    """The list of calls: whom to ring up first, with how much each has."""
    yield b"\xef\xbb\xbf" + csv_line(_CALLS)
    for one in written:
        notice, holder = one.notice, one.notice.holder
        states = Counter(notice.state(unit) for unit in notice.units)
        grams = sum(unit.weight_g or 0 for unit in notice.units) + sum(line.weight_g for line in notice.loose)
        yield csv_line(
            (
                found.recall.number,
                "演练 DRILL" if found.recall.drill else "",
                holder.id or "?",
                holder.name,
                holder.contact,
                holder.address,
                str(len(notice.units)),
                str(states["here"] + (states["stock"] + states["returned"] if notice.own else 0)),
                str(states["sold"]),
                f"{grams / 1000:g}",
                one.letter.name if one.letter else "",
                one.listing.name,
            )
        )


def _printed(unit_id: str) -> str:
    return grouped(unit_id) if len(unit_id) == SERIAL_LENGTH else unit_id
