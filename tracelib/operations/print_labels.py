"""Print labels: codes and catalogue joined into what stands on a label, and handed to the renderer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.codes.record import WEIGHT_UNIT_G, CodeRecord, Level
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import read_code
from tracelib.errors import NotFoundError, RuleError
from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.pdf import PrintedFile, Progress, write_pdf
from tracelib.labels.template import Template

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

AT_ONCE = 480
UNIT_NAMES: dict[int, str] = {Level.PALLET: "托盘"}
OTHER_UNIT = "物流单元"
"""What a label of a logistic unit says where others name the product."""


class OtherBatchError(RuleError):
    """A code that belongs to another batch than the one whose labels are printed."""

    code = "label.other_batch"
    template = (
        "The code {unit} is of {found}, not of {batch}. Its label would name the wrong product or lot: nothing was "
        "printed. Give the codes of one batch at a time."
    )


class LabelProductMissingError(NotFoundError):
    """The batch's product or party is not in the catalogue."""

    code = "label.product_missing"
    template = "The catalogue lacks the product or the party of {batch}: tracelib product list, tracelib party list"


class LabelBatchUnknownError(NotFoundError):
    """A code that names no batch of this workspace, or one that several parties have."""

    code = "label.batch_unknown"
    template = "The workspace cannot say whose «{given}» is: name the batch as LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT."


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What the labels of a batch say that their codes do not. Names are Chinese.

    ``party_id`` issued the codes. ``batch`` is what messages call it. ``product_keys`` are the ways in which codes of
    this product name it (14 digits, ``P/`` and own number), none for logistic units; a code with another product or
    lot is refused. ``grades`` maps grade numbers to names. ``test``: the root is a test root.
    """

    party_id: str
    batch: str
    product_keys: frozenset[str]
    lot: str
    product: str
    issuer: str
    uscc: str
    test: bool
    grades: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PrintRun:
    """How to print: on what, with which font, into which file. ``copies`` of each label follow each other."""

    template: Template
    font: LabelFont
    out: Path
    copies: int = 1


@dataclass(frozen=True, slots=True)
class PrintedLabels:
    """A print run: the file, the codes that were printed once or more, and those left out because they are void."""

    file: PrintedFile
    codes: int
    void: int


def facts_of_batch(uow: "UnitOfWork", batch: Batch, *, test: bool) -> LabelFacts:
    """Product, grades and issuer of a batch. ``test`` must be true when the root of its codes is a test root.

    Raises:
        LabelProductMissingError: the catalogue lacks the product or the party.
    """
    product = uow.catalog.product(batch.party_id, batch.product_id)
    party = uow.catalog.party(batch.party_id)
    if product is None or party is None:
        raise LabelProductMissingError(batch=batch.reference)
    keys = {f"P/{product.id}"} | ({product.gtin} if product.gtin else set())
    grades = {grade.number: grade.name_zh for grade in uow.catalog.grades(batch.party_id, batch.product_id)}
    return LabelFacts(
        batch.party_id,
        batch.reference,
        frozenset(keys),
        batch.lot,
        product.name_zh,
        party.name_zh,
        party.uscc or "",
        test,
        grades,
    )


def facts_of_code(uow: "UnitOfWork", code: str, party_id: str | None, *, test: bool) -> LabelFacts | None:
    """The same for one code of profile A; None where the workspace cannot say whose it is.

    ``party_id`` is the party that the user acts for; None or empty: any. A sticker names no batch.

    Raises:
        the errors of ``read_code``: not a code.
    """
    read = read_code(code)
    if isinstance(read, UnverifiedSticker):
        return None
    record = read.record
    if record.product_key is None:
        return _facts_of_unit(uow, record, party_id, test=test)
    products = uow.catalog.products(party_id or None, record.product, record.gtin)
    found = [batch for p in products if (batch := uow.batches.get(p.party_id, p.id, record.lot or ""))]
    return facts_of_batch(uow, found[0], test=test) if len(found) == 1 else None


def require_facts_of_code(uow: "UnitOfWork", code: str, party_id: str | None, *, test: bool) -> LabelFacts:
    """As :func:`facts_of_code`, where the workspace must know.

    Raises:
        LabelBatchUnknownError: no batch, or several, or a sticker, which names none.
    """
    facts = facts_of_code(uow, code, party_id, test=test)
    if facts is None:
        raise LabelBatchUnknownError(given=code)
    return facts


def label_contents(codes: Iterable[str], facts: LabelFacts) -> Iterator[LabelContent]:
    """One label a code, in the order of ``codes``. Weight and grade are the code's own, so that both say the same.

    Raises:
        OtherBatchError: a code of another product or lot.
        the errors of ``read_code``: not a code.
    """
    for code in codes:
        read = read_code(code)
        if isinstance(read, UnverifiedSticker):
            yield _content(code, read.serial, facts, 0, "")
            continue
        record = read.record
        expected = facts.product_keys or {None}
        if record.product_key not in expected or (record.lot or "") != facts.lot:
            raise OtherBatchError(unit=record.unit_id, found=_named(record), batch=facts.batch)
        grade = facts.grades.get(record.grade, "") if record.grade else ""
        yield _content(code, record.unit_id, facts, record.weight_10g * WEIGHT_UNIT_G, grade)


def print_labels(
    store: "Store", facts: LabelFacts, codes: Iterable[str], run: PrintRun, progress: Progress | None = None
) -> PrintedLabels:
    """Print the labels of ``codes``, all of what ``facts`` tell, as PDF. Void units are left out and counted.

    Raises:
        OtherBatchError: a code of another batch.
        the errors of ``read_code`` and of ``tracelib.labels``; the file appears whole or not at all.
    """
    count = _Count()
    with store.reading() as uow:
        living = _without_void(uow, facts.party_id, label_contents(codes, facts), count)
        labels = chain.from_iterable(repeat(label, run.copies) for label in living)
        title = f"{facts.product} {facts.lot}".strip()
        file = write_pdf(labels, run.template, run.font, run.out, progress, title)
    return PrintedLabels(file, count.printed, count.void)


@dataclass
class _Count:
    """What a print run has seen so far."""

    printed: int = 0
    void: int = 0


def _without_void(
    uow: "UnitOfWork", party_id: str, labels: Iterable[LabelContent], count: _Count
) -> Iterator[LabelContent]:
    remaining = iter(labels)
    while part := list(islice(remaining, AT_ONCE)):
        states = uow.codes.states(party_id, [label.unit_id for label in part])
        for label in part:
            if states[label.unit_id].voided is None:
                count.printed += 1
                yield label
            else:
                count.void += 1


def _content(code: str, unit_id: str, facts: LabelFacts, weight_g: int, grade: str) -> LabelContent:
    return LabelContent(
        code, unit_id, facts.product, grade, weight_g or None, facts.lot, facts.uscc, facts.issuer, facts.test
    )


def _named(record: CodeRecord) -> str:
    return f"{record.product_key}, lot {record.lot}" if record.product_key else "a logistic unit"


def _facts_of_unit(uow: "UnitOfWork", record: CodeRecord, party_id: str | None, *, test: bool) -> LabelFacts | None:
    parties = [party for party in uow.catalog.parties() if not party_id or party.id == party_id]
    if len(parties) != 1:
        return None
    name = UNIT_NAMES.get(record.level, OTHER_UNIT)
    return LabelFacts(parties[0].id, OTHER_UNIT, frozenset(), "", name, parties[0].name_zh, parties[0].uscc or "", test)
