"""What lies in what as a party can know it: by its own book, and for what it got from others by theirs.

A dealer that received a pallet never packed it; what lies on it stands in the book of the party that did. So what
another party says of a unit and its outer unit counts where the outer unit, or what that lies in, has come into the
acting party's own events. It does not count for outer units that the acting party packs itself: nobody else says what
lies in those, and nobody can make a party's own goods lie elsewhere by saying so.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from tracelib.store.containment_repository import MOST_LEVELS, ContainmentRepository
from tracelib.store.listed import listed
from tracelib.store.tables.trace import ContainmentRow, EventObjectRow
from tracelib.store.trace_repository import TraceRepository
from tracelib.trace.containment import Statement
from tracelib.trace.objects import Role
from tracelib.trace.vocab import Action

MOST_BOOKS = 64
"""So many parties' books are looked into; in a store of more, those that name the units themselves."""
MOST_INSIDE = 1_000_000
"""Units that were ever put into the containers of one question."""


class KnownContainment(ContainmentRepository):
    """The questions of ContainmentRepository, answered from all books that count for the party (``uow.known``)."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._trace = TraceRepository(session)

    def statements(self, party_id: str, unit_ids: Sequence[str]) -> dict[str, list[Statement]]:
        """What the party can know was said of each unit; not what was taken back."""
        return self._statements(party_id, unit_ids, frozenset(unit_ids), MOST_LEVELS)

    def _statements(
        self, party_id: str, unit_ids: Sequence[str], seen: frozenset[str], levels: int
    ) -> dict[str, list[Statement]]:
        others = self._others(party_id, unit_ids)
        if not others:  # the usual case: nobody else has a book here
            return super().statements(party_id, unit_ids)
        said = self._trace.statements([party_id, *others], unit_ids)
        foreign = {one.parent_id for held in said.values() for one, party in held.items() if party != party_id}
        known = self._known(party_id, foreign, seen, levels)
        counted = {
            unit: [one for one, party in held.items() if party == party_id or one.parent_id in known]
            for unit, held in said.items()
        }
        return {unit: held for unit, held in counted.items() if held}

    def books(self, party_id: str, unit_ids: Sequence[str]) -> list[str]:
        """Whose books are looked into for these units: the party's own, then the others'."""
        return [party_id, *self._others(party_id, unit_ids)]

    def _named_in(self, party_id: str, parent_ids: Sequence[str]) -> list[str]:
        """Units that were ever put into one of the parents, as far as the party can know."""
        own = super()._named_in(party_id, parent_ids)
        others = self._others(party_id, parent_ids)
        known = self._known(party_id, parent_ids, frozenset(), MOST_LEVELS) if others else set()
        theirs = self._trace.put_into(others, sorted(known), MOST_INSIDE) if known else []
        return sorted({*own, *theirs})

    def _known(self, party_id: str, outer: Iterable[str], seen: frozenset[str], levels: int) -> set[str]:
        """Those of the outer units of which others' word counts: they came to the party, by themselves or in others."""
        asked = sorted(set(outer))
        if not asked:
            return set()
        row, index = ContainmentRow, EventObjectRow
        (unit,) = listed(self._session, asked)
        packed = set(
            self._session.scalars(
                select(col(row.parent_id))
                .where(
                    col(row.party_id) == party_id,
                    col(row.parent_id).in_(select(unit)),
                    col(row.action) == Action.ADD.value,
                )
                .distinct()
            )
        )
        named = select(col(index.object_id)).where(
            col(index.party_id) == party_id, col(index.object_id).in_(select(unit)), col(index.role) == Role.EPC.value
        )
        known = set(self._session.scalars(named.distinct())) - packed
        further = [one for one in asked if one not in known and one not in packed and one not in seen]
        if further and levels:
            above = self._statements(party_id, further, seen.union(further), levels - 1)
            known |= above.keys()
        return known

    def _others(self, party_id: str, unit_ids: Sequence[str]) -> list[str]:
        books = self._trace.parties(MOST_BOOKS + 1) if unit_ids else []
        if len(books) > MOST_BOOKS:
            books = sorted(self._trace.parties_naming(unit_ids))
        return [one for one in books if one != party_id]
