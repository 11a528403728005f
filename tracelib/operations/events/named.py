"""What people name in a step: units in any spelling, lists of them, lots and parts of lots.

Units are written as everywhere (``tracelib.operations.units``), and EPC URIs of other parties are taken too. What was
activated or packed here is known without any key; only labels of which nothing is recorded yet, strips and positions
need the serial keys, so ``Names.serial_keys`` is asked for them when it comes to that.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch
from tracelib.batches.errors import BatchReferenceError
from tracelib.batches.weight import parse_weight
from tracelib.codes.epc import epc_uri
from tracelib.codes.errors import SerialError
from tracelib.codes.record import CodeRecord
from tracelib.codes.serial import is_serial, parse_typed_serial
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import read_code
from tracelib.errors import FormatError, NotFoundError, RuleError, TraceError
from tracelib.identifiers.sscc import Sscc
from tracelib.operations.batches.find import resolve_batch
from tracelib.operations.events.errors import (
    NameLineError,
    NamesError,
    NoNameError,
    QuantityError,
    TooManyError,
    UnknownNameError,
)
from tracelib.operations.events.home import Homes, lot_uri
from tracelib.operations.known_serials import KnownSerials
from tracelib.operations.units import NeverIssuedError, Units, names_several
from tracelib.sheets.code_sheet import read_codes
from tracelib.sheets.errors import LISTED
from tracelib.trace.elements import QuantityElement
from tracelib.trace.farm import kilograms_of
from tracelib.trace.key_uri import CANONICAL
from tracelib.trace.objects import Role, object_id

if TYPE_CHECKING:
    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import UnitOfWork

MOST = 100_000
"""Units in one command."""
_SSCC_DIGITS = 18
_PIECES = re.compile(r"([1-9][0-9]{0,8})\s*(?:件|箱|个|袋|盒|pcs|pieces?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """One unit. ``owner`` is the party that issued its code, empty for other parties' units; ``epc`` its URI.

    ``logistic``: it holds others and is not activated itself.
    """

    unit_id: str
    owner: str
    epc: str
    logistic: bool


@dataclass(frozen=True, slots=True)
class NamedLot:
    """So much of a batch, as events name it."""

    batch: Batch
    element: QuantityElement


@dataclass(frozen=True, slots=True)
class Named:
    """Everything that was named, each once."""

    units: tuple[NamedUnit, ...]
    lots: tuple[NamedLot, ...]

    @property
    def owners(self) -> set[str]:
        """The parties whose units and lots these are."""
        return {unit.owner for unit in self.units if unit.owner} | {lot.batch.party_id for lot in self.lots}


@dataclass
class Names:
    """Finds what is named, within one unit of work. ``party`` is meant where a batch is named without one."""

    uow: "UnitOfWork"
    homes: Homes
    serial_keys: Callable[[], Mapping[bytes, bytes]]
    party: str | None = None

    def find(self, texts: Sequence[str]) -> Named:
        """What the texts name; a text that is the name of a file stands for what the file lists.

        Raises NamesError with all faults, or the fault where there is one alone: FormatError leaves, NeverIssuedError,
        the errors of ``resolve_batch``, NoNameError, QuantityError, TooManyError; SheetFault leaves, OSError.
        """
        work = _Work(self)
        entries = list(_entries(texts))
        faults: list[TraceError] = []
        for text, place in entries:
            try:
                work.read(text)
            except (FormatError, NotFoundError, RuleError) as fault:
                faults.append(NameLineError(fault, file=place[0], row=place[1]) if place else fault)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise NamesError(faults[:LISTED], len(faults), len(entries))
        return work.found()


class _Work:
    """The names read so far."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._uow = names.uow
        self._ours = KnownSerials(names.uow)
        self._single: dict[str, CodeRecord | None] = {}
        self._units: dict[str, NamedUnit] = {}
        self._lots: dict[tuple[str, str, str], NamedLot] = {}
        self._licensed: dict[tuple[str, str], bool] = {}
        self._owners: dict[str, list[str]] = {}

    @cached_property
    def _by_key(self) -> Units:
        return Units(self._uow, self._names.serial_keys(), self._names.party)

    def read(self, text: str) -> None:
        """Take one name."""
        if text.startswith(("urn:", CANONICAL + "/")):
            self._foreign(text)
        elif names_several(text):
            for part in self._by_key.named(text):
                for ids in self._by_key.ids(part):
                    self._units |= {unit: self._of_part(part, unit) for unit in ids}
                    self._check_count()
        elif "://" in text:
            code = read_code(text)
            record = None if isinstance(code, UnverifiedSticker) else code.record
            self._single[code.serial if isinstance(code, UnverifiedSticker) else code.record.unit_id] = record
        elif "=" in text or "/" in text:
            self._lot(text)
        elif len(text) == _SSCC_DIGITS and text.isascii() and text.isdecimal():
            self._single[Sscc.parse(text).value] = None
        else:
            self._serial_or_lot(text)
        self._check_count()

    def found(self) -> Named:
        """All units and lots, the single ones looked up together."""
        self._look_up()
        return Named(tuple(self._units.values()), tuple(self._lots.values()))

    def _check_count(self) -> None:
        count = len(self._units) + len(self._single)
        if count > MOST:
            raise TooManyError(count=count, most=MOST)

    def _foreign(self, uri: str) -> None:
        found = object_id(uri, ours=self._ours)
        if found != uri and (len(found) == _SSCC_DIGITS or is_serial(found)):
            self._single[found] = None
        else:
            self._units[found] = NamedUnit(found, "", uri, logistic=False)

    def _serial_or_lot(self, text: str) -> None:
        try:
            self._single[parse_typed_serial(text)] = None
        except SerialError:
            try:
                self._lot(text)
            except BatchReferenceError:
                raise UnknownNameError(given=text) from None

    def _lot(self, text: str) -> None:
        name, equals, much = text.partition("=")
        batch = resolve_batch(self._uow, name, self._names.party)
        product = self._uow.catalog.product(batch.party_id, batch.product_id)
        uri = lot_uri(product, batch.lot, self._names.homes.of_party(batch.party_id)) if product else None
        if uri is None:
            raise NoNameError(party=batch.party_id, what=batch.reference)
        self._lots[batch.key] = NamedLot(batch, _quantity(uri, text, much) if equals else self._all_of(batch, uri))

    def _all_of(self, batch: Batch, uri: str) -> QuantityElement:
        """What is left of a batch after others were made of it."""
        left = batch.weight_g - self._uow.lineage.taken_g(*batch.key)
        return kilograms_of(uri, left if left > 0 else None)

    def _look_up(self) -> None:
        by_owner: dict[str, list[str]] = {}
        for unit in self._single:
            for owner in self._owners_of(unit):
                by_owner.setdefault(owner, []).append(unit)
        for owner, units in by_owner.items():
            for unit, active in self._uow.voids.activations(owner, units).items():
                self._units[unit] = self._product_unit(owner, unit, active.product_key, active.lot)
            rest = [unit for unit in units if unit not in self._units]
            for unit in self._uow.voids.voided(owner, rest):
                self._units[unit] = NamedUnit(unit, owner, "", logistic=False)
            parents = {unit for unit, _, _ in self._uow.events.naming(owner, rest, (Role.PARENT,))}
            for unit in parents - self._units.keys():
                self._units[unit] = self._logistic(owner, unit)
        for unit, record in self._single.items():
            if unit not in self._units:
                self._units[unit] = self._unheard(unit, record, self._owners_of(unit))

    def _unheard(self, unit: str, record: CodeRecord | None, owners: Sequence[str]) -> NamedUnit:
        """A unit of which nothing is recorded: a label of our own that was not used yet, or somebody else's."""
        if len(unit) == _SSCC_DIGITS:
            part = Units(self._uow, {}).find(unit)
            return self._logistic(part.party_id if part else "", unit)
        if not owners:
            raise NeverIssuedError(given=unit)
        if record is not None:
            if record.product_key is None:
                return self._logistic(owners[0], unit)
            return self._product_unit(owners[0], unit, record.product_key, record.lot or "")
        part = self._by_key.find(unit)
        if part is None:
            raise NeverIssuedError(given=unit)
        return self._of_part(part, unit)

    def _of_part(self, part: "IssuedRange", unit: str) -> NamedUnit:
        if part.lot:
            return self._product_unit(part.party_id, unit, part.product_key, part.lot)
        return self._logistic(part.party_id, unit)

    def _product_unit(self, owner: str, unit: str, product_key: str, lot: str) -> NamedUnit:
        own = product_key.startswith("P/")
        record = CodeRecord(
            gtin=None if own else product_key,
            product=product_key.removeprefix("P/") if own else None,
            lot=lot,
            serial=unit,
        )
        licensed = self._is_licensed(owner, product_key)
        return NamedUnit(unit, owner, self._epc(owner, record, licensed=licensed), logistic=False)

    def _logistic(self, owner: str, unit: str) -> NamedUnit:
        record = CodeRecord(sscc=unit) if len(unit) == _SSCC_DIGITS else CodeRecord(serial=unit)
        return NamedUnit(unit, owner, self._epc(owner, record, licensed=False), logistic=True)

    def _epc(self, owner: str, record: CodeRecord, *, licensed: bool) -> str:
        home = self._names.homes.of_party(owner)
        if home is None and record.sscc is None and not licensed:
            raise NoNameError(party=owner, what=record.unit_id)
        return epc_uri(record, home or "", licensed)

    def _is_licensed(self, owner: str, product_key: str) -> bool:
        key = (owner, product_key)
        if key not in self._licensed:
            products = [] if product_key.startswith("P/") else self._uow.catalog.products(owner, gtin=product_key)
            self._licensed[key] = any(product.gtin_licensed for product in products)
        return self._licensed[key]

    def _owners_of(self, unit: str) -> list[str]:
        """Whose prefix a unit has; asked once for a prefix of serials."""
        key = unit if len(unit) == _SSCC_DIGITS else unit[:4]
        if key not in self._owners:
            self._owners[key] = sorted({owner.party_id for owner in self._uow.codes.owners_of(unit)})
        return self._owners[key]


def _entries(texts: Iterable[str]) -> Iterable[tuple[str, tuple[str, int] | None]]:
    """Every name with the file and line that it stands in, None for one that was typed."""
    for text in texts:
        path = Path(text)
        if "://" not in text and path.is_file():
            yield from ((entry, (path.name, row)) for row, entry in read_codes(path))
        else:
            yield text.strip(), None


def _quantity(uri: str, text: str, much: str) -> QuantityElement:
    pieces = _PIECES.fullmatch(much.strip())
    if pieces:
        return QuantityElement(uri, int(pieces[1]))
    try:
        return kilograms_of(uri, parse_weight(much))
    except FormatError:
        raise QuantityError(given=text) from None
