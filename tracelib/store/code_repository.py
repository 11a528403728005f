"""Codes in the store: counters, ranges, manifests; activations, voids and checks of single units.

For the line: :meth:`CodeRepository.activate` and :meth:`CodeRepository.states`. For the page:
:meth:`CodeRepository.record_check`. A unit is named by its ``unit_id`` (15-character serial or 18-digit SSCC) under the
party that issued it. Every query names the party, and none grows with the number of codes ever issued.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from tracelib.store.code_values import (
    SSCC_SPACE,
    Activation,
    CheckCount,
    IssuedRange,
    PrefixOwner,
    StoredManifest,
    UnitHistory,
    Voided,
)
from tracelib.store.errors import RangeTakenError
from tracelib.store.tables.codes import (
    CodeActivationRow,
    CodeCheckRow,
    CodeCounterRow,
    CodeManifestRow,
    CodeRangeRow,
    CodeVoidRow,
    SerialPrefixRow,
)

T = TypeVar("T")

SSCC_LENGTH = 18
AT_ONCE = 500
"""Units in one statement; SQLite takes 32,766 parameters."""


_ACTIVATION: Table = CodeActivationRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
_VOID: Table = CodeVoidRow.__table__  # type: ignore[attr-defined]
_CHECK: Table = CodeCheckRow.__table__  # type: ignore[attr-defined]
_COUNTER: Table = CodeCounterRow.__table__  # type: ignore[attr-defined]
_RANGE: Table = CodeRangeRow.__table__  # type: ignore[attr-defined]
_PREFIX: Table = SerialPrefixRow.__table__  # type: ignore[attr-defined]
_MANIFEST: Table = CodeManifestRow.__table__  # type: ignore[attr-defined]


class CodeRepository:
    """Set-based work on the code tables within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # What happens to a unit ------------------------------------------------------------------------------------

    def activate(self, activations: Sequence[Activation]) -> list[Activation]:
        """Make units active, set-based; returns those that were active before, as they were recorded.

        The first activation stands: a second one changes nothing and is answered with the first. Void units are the
        caller's to refuse (:meth:`states`).
        """
        earlier = self._insert_once(_ACTIVATION, activations)
        return [Activation(**row) for row in earlier]

    def states(self, party_id: str, unit_ids: Iterable[str]) -> Mapping[str, UnitHistory]:
        """What happened to these units of one party: one entry for every unit asked for."""
        units = list(dict.fromkeys(unit_ids))
        active = {row["unit_id"]: Activation(**row) for row in self._rows_of(_ACTIVATION, party_id, units)}
        void = {row["unit_id"]: Voided(**row) for row in self._rows_of(_VOID, party_id, units)}
        return {unit: UnitHistory(active.get(unit), void.get(unit)) for unit in units}

    def active_count(self, party_id: str, product_key: str, lot: str) -> int:
        """How many units of a batch are or were active."""
        table = _ACTIVATION.c
        query = select(func.count()).where(
            table.party_id == party_id, table.product_key == product_key, table.lot == lot
        )
        return int(self._session.execute(query).scalar_one())

    def record_check(self, party_id: str, unit_id: str, at: datetime) -> CheckCount:
        """Count one check by a person: the number of checks so far, this one included, and the first one's time."""
        statement = self._dialect_insert(_CHECK).values(
            party_id=party_id, unit_id=unit_id, count=1, first_at=at, last_at=at
        )
        statement = statement.on_conflict_do_update(
            index_elements=["party_id", "unit_id"],
            set_={"count": _CHECK.c.count + 1, "last_at": statement.excluded.last_at},
        ).returning(_CHECK.c.count, _CHECK.c.first_at, _CHECK.c.last_at)
        return CheckCount(*self._session.execute(statement).one())

    def checks(self, party_id: str, unit_id: str) -> CheckCount | None:
        """The checks so far, None when there was none; counts nothing."""
        table = _CHECK.c
        query = select(table.count, table.first_at, table.last_at)
        row = self._session.execute(query.where(table.party_id == party_id, table.unit_id == unit_id)).one_or_none()
        return None if row is None else CheckCount(*row)

    # Counters and ranges ---------------------------------------------------------------------------------------

    def add_prefix(self, owner: PrefixOwner) -> None:
        """Note whose prefix it is; noting it again changes nothing."""
        self._session.execute(self._dialect_insert(_PREFIX).values(**asdict(owner)).on_conflict_do_nothing())

    def owners_of(self, unit_id: str) -> list[PrefixOwner]:
        """Who may have issued a unit: by the first 4 characters of a serial, by any first digits of an SSCC."""
        prefixes = [unit_id[:4]]
        if len(unit_id) == SSCC_LENGTH:
            prefixes = [SSCC_SPACE + unit_id[:length] for length in range(1, SSCC_LENGTH)]
        query = select(_PREFIX).where(_PREFIX.c.prefix.in_(prefixes)).order_by(_PREFIX.c.party_id)
        return [PrefixOwner(**row) for row in self._session.execute(query).mappings()]

    def serial_prefixes(self) -> set[str]:
        """Every prefix of serials that codes were issued under here."""
        found = self._session.execute(select(_PREFIX.c.prefix)).scalars()
        return {prefix for prefix in found if not prefix.startswith(SSCC_SPACE)}

    def knows_issuer(self, issuer_key: bytes) -> bool:
        """Whether this key has ever issued here."""
        query = select(_PREFIX.c.prefix).where(_PREFIX.c.issuer_key == issuer_key).limit(1)
        return self._session.execute(query).first() is not None

    def next_counter(self, party_id: str, prefix: str, window_first: int) -> int | None:
        """The next counter that was never reserved, None where none was. Other writers wait until we are done."""
        table = _COUNTER.c
        query = select(table.next_counter).where(
            table.party_id == party_id, table.prefix == prefix, table.window_first == window_first
        )
        found: int | None = self._session.execute(query.with_for_update()).scalar_one_or_none()
        return found

    def counters_of(self, party_id: str, prefixes: Collection[str]) -> dict[tuple[str, int], int]:
        """(prefix, first counter of the window) to the next counter, for these prefixes of a party."""
        query = select(_COUNTER.c.prefix, _COUNTER.c.window_first, _COUNTER.c.next_counter)
        query = query.where(_COUNTER.c.party_id == party_id, _COUNTER.c.prefix.in_(prefixes))
        return {(prefix, window): counter for prefix, window, counter in self._session.execute(query)}

    def all_counters(self) -> dict[str, int]:
        """``PARTY/PREFIX/WINDOW`` to the next counter, of every party: a row for a delegation, for ``db check``."""
        query = select(_COUNTER.c.party_id, _COUNTER.c.prefix, _COUNTER.c.window_first, _COUNTER.c.next_counter)
        return {
            f"{party}/{prefix}/{window}": counter for party, prefix, window, counter in self._session.execute(query)
        }

    def reserve(self, range_: IssuedRange, window_first: int, expected_next: int | None) -> None:
        """Reserve a range and move the counter behind it.

        ``expected_next`` is what :meth:`next_counter` answered, the range must not begin before it. Raises
        ``RangeTakenError`` when another writer was there in between; nothing is reserved then.
        """
        if expected_next is None:
            statement: Any = self._dialect_insert(_COUNTER).values(
                party_id=range_.party_id, prefix=range_.prefix, window_first=window_first, next_counter=range_.last + 1
            )
            statement = statement.on_conflict_do_nothing()
        else:
            table = _COUNTER.c
            statement = update(_COUNTER).where(
                table.party_id == range_.party_id,
                table.prefix == range_.prefix,
                table.window_first == window_first,
                table.next_counter == expected_next,
            )
            statement = statement.values(next_counter=range_.last + 1)
        taken = range_.first < (window_first if expected_next is None else expected_next)
        if taken or self._changed(statement, _COUNTER.c.prefix) != 1:
            raise RangeTakenError(prefix=range_.prefix, first=range_.first)
        self._session.execute(insert(_RANGE).values(**asdict(range_)))

    def pending(self, party_id: str, issuer_key: bytes) -> list[IssuedRange]:
        """Ranges that were reserved and have no manifest yet, in the order of their counters."""
        table = _RANGE.c
        query = select(_RANGE).where(table.party_id == party_id, table.issuer_key == issuer_key, table.seq.is_(None))
        return [_range(row) for row in self._session.execute(query.order_by(table.prefix, table.first)).mappings()]

    def all_pending(self) -> list[IssuedRange]:
        """Every range without a manifest, of every party, for ``db check``."""
        table = _RANGE.c
        query = select(_RANGE).where(table.seq.is_(None)).order_by(table.party_id, table.prefix, table.first)
        return [_range(row) for row in self._session.execute(query).mappings()]

    def ranges_of(self, party_id: str, product_id: str, lot: str) -> list[IssuedRange]:
        """Every range of a batch, those without a manifest included, in the order of issue."""
        table = _RANGE.c
        query = select(_RANGE).where(table.party_id == party_id, table.lot == lot, table.product_id == product_id)
        query = query.order_by(table.reserved_at, table.prefix, table.first)
        return [_range(row) for row in self._session.execute(query).mappings()]

    def products_with_codes(self, party_id: str) -> set[str]:
        """The party's products that have ranges of codes: one row for each issue, none for a code."""
        query = select(_RANGE.c.product_id).where(_RANGE.c.party_id == party_id).distinct()
        return set(self._session.execute(query).scalars())

    def issued_weight_g(self, party_id: str, product_id: str, lot: str) -> int:
        """Nominal weight that the codes of a batch state in grams, those of ranges without a manifest included.

        A replacement states the weight of the void code that it stands for, so it counts nothing; a code that is void
        without a replacement still counts.
        """
        table = _RANGE.c
        query = select(func.coalesce(func.sum(table.weight_g), 0)).where(
            table.party_id == party_id, table.lot == lot, table.product_id == product_id, ~table.replaces
        )
        return int(self._session.execute(query).scalar_one())

    def issued_count(self, party_id: str, product_id: str, lot: str) -> int:
        """Number of codes of a batch that were issued: also replacements, and those of ranges without a manifest."""
        table = _RANGE.c
        query = select(func.coalesce(func.sum(table.count), 0)).where(
            table.party_id == party_id, table.lot == lot, table.product_id == product_id
        )
        return int(self._session.execute(query).scalar_one())

    def covering(self, party_id: str, prefix: str, counter: int) -> IssuedRange | None:
        """The range that holds a counter, None where none does. For an SSCC: its first 17 digits as a number."""
        table = _RANGE.c
        query = select(_RANGE).where(table.party_id == party_id, table.prefix == prefix, table.first <= counter)
        row = self._session.execute(query.order_by(table.first.desc()).limit(1)).mappings().one_or_none()
        found = None if row is None else _range(row)
        return found if found is not None and counter <= found.last else None

    # Manifests -------------------------------------------------------------------------------------------------

    def last_manifest(self, party_id: str, issuer_key: bytes) -> StoredManifest | None:
        """The manifest with the highest seq of an issuer key."""
        table = _MANIFEST.c
        query = select(_MANIFEST).where(table.party_id == party_id, table.issuer_key == issuer_key)
        row = self._session.execute(query.order_by(table.seq.desc()).limit(1)).mappings().one_or_none()
        return None if row is None else StoredManifest(**row)

    def manifest(self, party_id: str, issuer_key: bytes, seq: int) -> StoredManifest | None:
        """One manifest of an issuer key."""
        table = _MANIFEST.c
        query = select(_MANIFEST).where(table.party_id == party_id, table.issuer_key == issuer_key, table.seq == seq)
        row = self._session.execute(query).mappings().one_or_none()
        return None if row is None else StoredManifest(**row)

    def manifests(self, party_id: str, issuer_key: bytes) -> Iterator[StoredManifest]:
        """The whole chain of an issuer key, seq 1 first."""
        table = _MANIFEST.c
        query = select(_MANIFEST).where(table.party_id == party_id, table.issuer_key == issuer_key)
        for row in self._session.execute(query.order_by(table.seq)).mappings().yield_per(AT_ONCE):
            yield StoredManifest(**row)

    def add_manifest(self, manifest: StoredManifest) -> None:
        """Store a manifest and mark its range as registered.

        Raises ``RangeTakenError`` when the range is not there or has a manifest.
        """
        self._session.execute(insert(_MANIFEST).values(**asdict(manifest)))
        table = _RANGE.c
        statement = update(_RANGE).where(
            table.party_id == manifest.party_id,
            table.prefix == manifest.prefix,
            table.first == manifest.first,
            table.seq.is_(None),
        )
        if self._changed(statement.values(seq=manifest.seq), table.prefix) != 1:
            raise RangeTakenError(prefix=manifest.prefix, first=manifest.first)

    # How ---------------------------------------------------------------------------------------------------------

    def _changed(self, statement: Any, column: Any) -> int:  # noqa: ANN401 - an insert or update of either dialect
        """How many rows it touched; drivers do not agree on ``rowcount`` after an insert."""
        return len(self._session.execute(statement.returning(column)).all())

    def _dialect_insert(self, table: Table) -> Any:  # noqa: ANN401 - two classes with the same methods
        postgres = self._session.get_bind().dialect.name == "postgresql"
        return postgresql.insert(table) if postgres else sqlite.insert(table)

    def _rows_of(self, table: Table, party_id: str, units: Sequence[str]) -> Iterator[dict[str, Any]]:
        for chunk in _chunks(units):
            query = select(table).where(table.c.party_id == party_id, table.c.unit_id.in_(chunk))
            for row in self._session.execute(query).mappings():
                yield dict(row)

    def _insert_once(self, table: Table, entries: Sequence[Any]) -> list[dict[str, Any]]:
        """Insert rows keyed by (party_id, unit_id) unless they are there; the earlier rows for those that were."""
        statement = self._dialect_insert(table).on_conflict_do_nothing()
        statement = statement.returning(table.c.party_id, table.c.unit_id)
        new: set[tuple[str, str]] = set()
        for chunk in _chunks(entries):
            new.update((row[0], row[1]) for row in self._session.execute(statement, [asdict(e) for e in chunk]))
        refused: dict[str, list[str]] = {}
        for entry in entries:
            key = (entry.party_id, entry.unit_id)
            if key in new:
                new.discard(key)  # the same unit again in one call is a second time
            else:
                refused.setdefault(entry.party_id, []).append(entry.unit_id)
        found = {
            (party, row["unit_id"]): row
            for party, units in refused.items()
            for row in self._rows_of(table, party, units)
        }
        return [found[party, unit] for party, units in refused.items() for unit in units]


def _range(row: Mapping[Any, Any]) -> IssuedRange:
    return IssuedRange(**row)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, AT_ONCE)):
        yield chunk


__all__ = [
    "Activation",
    "CheckCount",
    "CodeRepository",
    "IssuedRange",
    "StoredManifest",
    "UnitHistory",
    "Voided",
]
