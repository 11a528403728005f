"""Units as people name them: a serial, a code, a strip of labels, positions of a batch, a list of all of these.

What is named becomes parts of registered ranges: ``IssuedRange`` with ``first`` and ``count`` narrowed to what is
meant. Ranges never change, so parts that were found in one transaction hold in the next.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.codes.errors import SerialError
from tracelib.codes.serial import SERIAL_LENGTH, SerialCipher, parse_typed_serial
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import read_code
from tracelib.errors import FormatError, NotFoundError, RuleError, TraceError, Translate, shown
from tracelib.identifiers.sscc import Sscc
from tracelib.operations.batches.find import resolve_batch
from tracelib.operations.export import select_codes
from tracelib.operations.issuing.register_range import template_of
from tracelib.sheets.code_sheet import read_codes
from tracelib.sheets.errors import LISTED
from tracelib.store.code_values import IssuedRange, PrefixOwner
from tracelib.store.void_repository import AT_ONCE

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

_STRIP = re.compile(r"(?P<first>.+?)\.\.\s*(?P<last>https?://.+|[^/]+)", re.IGNORECASE)
"""Two codes or serials. A lot may hold two full stops: what follows these in a code is no address and has a slash."""
_POSITIONS = re.compile(r"(?P<lot>[^:]+):(?P<first>\d{1,12})(?:-(?P<last>\d{1,12}))?")


class NeverIssuedError(NotFoundError):
    """No registered range of this workspace holds the unit."""

    code = "void.never_issued"
    template = "«{given}» was not issued here: no manifest of this workspace holds it."


class StripError(RuleError):
    """Two codes that do not bound one strip."""

    code = "void.strip"
    template = (
        "{first} and {last} were not issued in one go, so nobody can say what lies between them: name a strip for "
        "each, or positions of the batch as LOT:FROM-TO."
    )


class UnitsNamedError(FormatError):
    """Text that names no units."""

    code = "void.named"
    template = (
        "«{given}» names no codes: expected a serial number, a code, LOT:FROM-TO (positions of a batch), or "
        "FIRST..LAST (two serial numbers of one strip)."
    )


class SerialKeyMissingError(NotFoundError):
    """The serial key that leads from counters to serial numbers is not here."""

    code = "void.no_serial_key"
    template = (
        "The serial numbers under prefix {prefix} cannot be counted here: their key is in another workspace, or its "
        "passphrase was not given. Name them where the key is."
    )


class UnitLineError(FormatError):
    """One entry of a list names no unit that can be found; ``fault`` says why."""

    code = "void.line"
    template = "{file}, line {row}: {problem}"

    def __init__(self, fault: TraceError, *, file: str, row: int) -> None:
        self.fault = fault
        super().__init__(file=file, row=row, problem=fault.message(), cause=fault.code)

    def message(self, translate: Translate | None = None) -> str:
        """The text for people: the place, then what is wrong there."""
        template = translate(self.code, self.template) if translate else self.template
        problem = self.fault.message(translate)
        return template.format(file=shown(self.params["file"]), row=self.params["row"], problem=problem)


class UnitListError(FormatError):
    """A list of units has faults; ``faults`` holds the first ones. Nothing was written."""

    code = "void.list"
    template = "{count} of {lines} entries cannot be made void; nothing was written. The faults stand above."

    def __init__(self, faults: Sequence[TraceError], count: int, lines: int) -> None:
        self.faults = tuple(faults)
        super().__init__(count=count, lines=lines)


class EmptyListError(FormatError):
    """A list without any entry."""

    code = "void.empty_list"
    template = "{file} names no codes: write one on each line, or under the heading «code»."


def parse_unit_id(text: str) -> str:
    """A unit as people name it: a serial (typed), an SSCC of 18 digits, or a whole code. Raises FormatError leaves.

    A code is only taken for its serial or SSCC here: nothing is verified, and nothing but its owner's own record is
    changed by it.
    """
    stripped = text.strip()
    if "/" in stripped:
        code = read_code(stripped)
        return code.serial if isinstance(code, UnverifiedSticker) else code.record.unit_id
    if len(stripped) == SERIAL_LENGTH + 3 and stripped.isascii() and stripped.isdecimal():
        return Sscc.parse(stripped).value
    return parse_typed_serial(stripped)


def names_several(text: str) -> bool:
    """Whether a text is written as a strip or as positions of a batch, and so may name several units."""
    return bool(_POSITIONS.fullmatch(text.strip()) or _STRIP.fullmatch(text.strip()))


class Units:
    """Finds units and counts them off, within one unit of work; remembers ranges and prefixes that it has seen.

    ``serial_keys`` maps k_hash (16 bytes) to K; ``party`` is meant where a batch is named without one.
    """

    def __init__(self, uow: "UnitOfWork", serial_keys: Mapping[bytes, bytes], party: str | None = None) -> None:
        self._uow = uow
        self._serial_keys = serial_keys
        self._party = party
        self._owners: dict[str, list[PrefixOwner]] = {}
        self._ranges: dict[str, list[IssuedRange]] = {}

    def find(self, unit_id: str) -> IssuedRange | None:
        """The part that is this one unit; None where no registered range holds it, or its K is missing."""
        for owner in self._owners_of(unit_id):
            if owner.k_hash is None:
                counter = int(unit_id[:-1])
            elif owner.k_hash in self._serial_keys:
                counter = SerialCipher(self._serial_keys[owner.k_hash], owner.prefix).counter_of(unit_id)
            else:
                continue
            found = self._covering(owner, counter)
            if found is not None:
                return replace(found, first=counter, count=1)
        return None

    def parties_of(self, unit_id: str) -> set[str]:
        """The parties that may have issued the unit: one where a registered range is known to hold it, else all that
        have its prefix; none where the prefix is not known here.
        """
        found = self.find(unit_id)
        return {found.party_id} if found else {owner.party_id for owner in self._owners_of(unit_id)}

    def named(self, text: str) -> tuple[IssuedRange, ...]:
        """The parts that ``text`` names.

        Raises:
            UnitsNamedError, FormatError leaves: it is no such name.
            NeverIssuedError, StripError, PositionError, NoCodesError, the errors of ``resolve_batch``.
        """
        stripped = text.strip()
        positions = _POSITIONS.fullmatch(stripped)
        if positions:
            batch = resolve_batch(self._uow, positions["lot"], self._party)
            first, last = int(positions["first"]), int(positions["last"] or positions["first"])
            return select_codes(self._uow, batch, first, last).ranges
        strip = _STRIP.fullmatch(stripped)
        if strip:
            return (self._strip(strip["first"].strip(), strip["last"].strip()),)
        return (self._one(stripped),)

    def ids(self, part: IssuedRange) -> Iterator[list[str]]:
        """The numbers of a part's units in the order of issue, in pieces. Raises SerialKeyMissingError."""
        from tracelib.codes.bulk import CodeRange

        template = template_of(part)
        cipher = None if template.with_sscc else self._cipher(part)
        for chunk in CodeRange(template, cipher, part.first, part.count).chunks(AT_ONCE):
            rows = chunk.unit_ids()
            text, width = rows.tobytes().decode("ascii"), rows.shape[1]
            yield [text[at : at + width] for at in range(0, len(text), width)]

    def _one(self, text: str) -> IssuedRange:
        try:
            unit_id = parse_unit_id(text)
        except SerialError:
            if len(text) >= SERIAL_LENGTH:  # somebody meant a serial and made a slip
                raise
            raise UnitsNamedError(given=text) from None
        found = self.find(unit_id)
        if found is None:
            raise NeverIssuedError(given=text)
        return found

    def _strip(self, first_text: str, last_text: str) -> IssuedRange:
        first, last = self._one(first_text), self._one(last_text)
        if replace(first, first=0) != replace(last, first=0):
            raise StripError(first=first_text, last=last_text)
        low, high = sorted((first.first, last.first))  # a roll is read from either end
        return replace(first, first=low, count=high - low + 1)

    def _owners_of(self, unit_id: str) -> list[PrefixOwner]:
        key = unit_id if len(unit_id) != SERIAL_LENGTH else unit_id[:4]
        if key not in self._owners:
            self._owners[key] = self._uow.codes.owners_of(unit_id)
        return self._owners[key]

    def _covering(self, owner: PrefixOwner, counter: int) -> IssuedRange | None:
        seen = self._ranges.setdefault(owner.prefix, [])
        for found in seen:
            if found.first <= counter <= found.last and found.party_id == owner.party_id:
                return found if found.issuer_key == owner.issuer_key else None
        covering = self._uow.codes.covering(owner.party_id, owner.prefix, counter)
        if covering is None or covering.seq is None or covering.issuer_key != owner.issuer_key:
            return None
        seen.insert(0, covering)
        return covering

    def _cipher(self, part: IssuedRange) -> SerialCipher:
        for owner in self._uow.codes.owners_of(part.prefix):
            if owner.issuer_key == part.issuer_key and owner.k_hash in self._serial_keys:
                return SerialCipher(self._serial_keys[owner.k_hash or b""], part.prefix)
        raise SerialKeyMissingError(prefix=part.prefix)


def units_in_file(units: Units, path: Path) -> list[IssuedRange]:
    """The parts that the entries of a list name; every entry may be whatever :meth:`Units.named` takes.

    Raises UnitListError with all faults (the first ``LISTED`` one by one), EmptyListError, SheetFault leaves, OSError.
    """
    parts: list[IssuedRange] = []
    faults: list[TraceError] = []
    lines = wrong = 0
    for row, text in read_codes(path):
        lines += 1
        try:
            parts += units.named(text)
        except (FormatError, NotFoundError, RuleError) as fault:
            wrong += 1
            if len(faults) < LISTED:
                faults.append(UnitLineError(fault, file=path.name, row=row))
    if wrong:
        raise UnitListError(faults, wrong, lines)
    if not lines:
        raise EmptyListError(file=path.name)
    return joined(parts)


def joined(parts: Iterable[IssuedRange]) -> list[IssuedRange]:
    """The same units, each once, in the order of party, prefix and counter; neighbours of one range in one part."""
    done: list[IssuedRange] = []
    for part in sorted(parts, key=lambda one: (one.party_id, one.prefix, one.first)):
        before = done[-1] if done else None
        if before is not None and part.first <= before.last + 1 and _same_range(before, part):
            done[-1] = replace(before, count=max(before.last, part.last) - before.first + 1)
        else:
            done.append(part)
    return done


def _same_range(one: IssuedRange, other: IssuedRange) -> bool:
    return (one.party_id, one.prefix, one.issuer_key, one.seq) == (
        other.party_id,
        other.prefix,
        other.issuer_key,
        other.seq,
    )
