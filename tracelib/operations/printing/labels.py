"""Print labels: codes and catalogue joined into what stands on a label, and handed to the renderer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.catalog.party import Party
from tracelib.codes.record import WEIGHT_UNIT_G, CodeRecord, Level
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import read_code
from tracelib.errors import NotFoundError, RuleError
from tracelib.labels.content import LabelContent
from tracelib.labels.output import Numbered, PrintedFile, PrintRun, Progress, print_out
from tracelib.operations.printing.errors import AboutBatch
from tracelib.operations.units import Units
from tracelib.text import LocalizedText

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

AT_ONCE = 480
UNIT_NAMES: dict[int, LocalizedText] = {Level.PALLET: LocalizedText("托盘", "Pallet")}
OTHER_UNIT = LocalizedText("物流单元", "Logistic unit")
"""What a label of a logistic unit says where others name the product."""


class OtherBatchError(AboutBatch, RuleError):
    """A code that belongs to another batch than the one whose labels are printed."""

    code = "label.other_batch"
    template = (
        "The code {unit} is of {found}, not of {batch}. Its label would name the wrong product, lot or party: nothing "
        "was printed. Give the codes of one batch, or the logistic units of one party, at a time."
    )


class LabelProductMissingError(NotFoundError):
    """The batch's product or party is not in the catalogue."""

    code = "label.product_missing"
    template = "The catalogue lacks the product or the party of {batch}: tracelib product list, tracelib party list"


class LabelBatchUnknownError(NotFoundError):
    """A code that names no batch of this workspace, or one that several parties have."""

    code = "label.batch_unknown"
    template = "The workspace cannot say whose «{given}» is: name the batch as LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT."


class LabelUnitUnknownError(NotFoundError):
    """A logistic unit that was not issued here, in a workspace with several parties."""

    code = "label.unit_unknown"
    template = (
        "The workspace does not know who issued the logistic unit {unit}, and it has several parties. Say whose it is: "
        "tracelib config set party PARTY"
    )


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What the labels of a batch say that their codes do not.

    ``party_id`` issued the codes. ``batch`` is what messages call it, the party for logistic units. ``product_keys``
    are the ways in which codes of this product name it (14 digits, ``P/`` and own number), none for logistic units; a
    code with another product or lot is refused. ``common`` is a label with everything but the code's own facts.
    ``grades`` maps grade numbers to names.
    """

    party_id: str
    batch: str
    product_keys: frozenset[str]
    common: LabelContent
    grades: Mapping[int, LocalizedText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PrintedLabels:
    """A print run: what went out, codes that were printed once or more, and those left out because they are void."""

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
    brand = uow.catalog.brand(product.brand_id) if product.brand_id else None
    grades = uow.catalog.grades(batch.party_id, batch.product_id)
    common = replace(
        _party_label(party, test=test),
        product=product.name_zh,
        product_en=product.name_en,
        lot=batch.lot,
        produced_on=batch.produced_on.isoformat(),
        origin=batch.plot,
        brand=brand.name_zh if brand else "",
        brand_en=brand.name_en if brand else "",
        host=brand.hosts[0] if brand and brand.hosts else "",
    )
    keys = {f"P/{product.id}"} | ({product.gtin} if product.gtin else set())
    names = {grade.number: LocalizedText(grade.name_zh, grade.name_en) for grade in grades}
    return LabelFacts(batch.party_id, batch.reference, frozenset(keys), common, names)


def _party_label(party: Party, *, test: bool) -> LabelContent:
    return LabelContent("", "", "", issuer=party.name_zh, issuer_en=party.name_en, uscc=party.uscc or "", test=test)


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
        LabelUnitUnknownError: a logistic unit of which nobody can say who issued it.
    """
    facts = facts_of_code(uow, code, party_id, test=test)
    if facts is None:
        read = read_code(code)
        if not isinstance(read, UnverifiedSticker) and read.record.product_key is None:
            raise LabelUnitUnknownError(unit=read.record.unit_id)
        raise LabelBatchUnknownError(given=code)
    return facts


def label_contents(codes: Iterable[str], facts: LabelFacts) -> Iterator[LabelContent]:
    """One label a code, in the order of ``codes``. Weight and grade are the code's own, so that both say the same.

    Raises:
        OtherBatchError: a code of another product or lot.
        the errors of ``read_code``: not a code.
    """
    common, expected = facts.common, facts.product_keys or {None}
    no_grade = LocalizedText("")
    for code in codes:
        read = read_code(code)
        host = common.host or code.split("/", 3)[2]
        if isinstance(read, UnverifiedSticker):
            yield replace(common, url=code, unit_id=read.serial, host=host)
            continue
        record = read.record
        if record.product_key not in expected or (record.lot or "") != common.lot:
            raise OtherBatchError(unit=record.unit_id, found=_named(record), batch=facts.batch)
        grade = facts.grades.get(record.grade, no_grade) if record.grade else no_grade
        yield replace(
            common, url=code, unit_id=record.unit_id, host=host, grade=grade.zh, grade_en=grade.en,
            weight_g=record.weight_10g * WEIGHT_UNIT_G or None,
        )  # fmt: skip


def print_labels(
    store: "Store",
    facts: LabelFacts,
    codes: Iterable[str],
    run: PrintRun,
    progress: Progress | None = None,
    *,
    first: int = 1,
) -> PrintedLabels:
    """Print the labels of ``codes``, all of what ``facts`` tell. Void units are left out and counted.

    ``first`` is the position of the first code, from which a job that breaks counts on.

    Raises:
        OtherBatchError: a code of another batch.
        the errors of ``read_code`` and of ``tracelib.labels``; a file appears whole or not at all.
    """
    count = _Count()
    living = _without_void(store, facts.party_id, enumerate(label_contents(codes, facts), first), count)
    file = print_out(living, run, f"{facts.common.product} {facts.common.lot}".strip(), progress)
    return PrintedLabels(file, count.printed, count.void)


@dataclass
class _Count:
    """What a print run has seen so far."""

    printed: int = 0
    void: int = 0


def _without_void(store: "Store", party_id: str, labels: Numbered, count: _Count) -> Iterator[tuple[int, LabelContent]]:
    """The labels that are not void. The store is asked part by part: a printer may take hours over a job."""
    remaining = iter(labels)
    while part := list(islice(remaining, AT_ONCE)):
        with store.reading() as uow:
            states = uow.codes.states(party_id, [label.unit_id for _, label in part])
        for number, label in part:
            if states[label.unit_id].voided is None:
                count.printed += 1
                yield number, label
            else:
                count.void += 1


def _named(record: CodeRecord) -> str:
    """PRODUCT/LOT as the code says it; empty for a logistic unit."""
    return f"{record.product_key}/{record.lot}" if record.product_key else ""


def _facts_of_unit(uow: "UnitOfWork", record: CodeRecord, party_id: str | None, *, test: bool) -> LabelFacts | None:
    """Of who issued the unit, as the register says. ``party_id`` decides where the register leaves several."""
    issuers = Units(uow, {}).parties_of(record.unit_id)
    if not issuers:  # issued elsewhere
        issuers = {party_id} if party_id else {party.id for party in uow.catalog.parties()}
    if len(issuers) > 1:
        issuers &= {party_id}
    party = uow.catalog.party(issuers.pop()) if len(issuers) == 1 else None
    if party is None:
        return None
    name = UNIT_NAMES.get(record.level, OTHER_UNIT)
    common = replace(_party_label(party, test=test), product=name.zh, product_en=name.en)
    return LabelFacts(party.id, party.id, frozenset(), common)
