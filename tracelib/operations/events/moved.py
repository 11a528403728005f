"""Which units an event moved: those that it names, and on pallets what lay in them at that time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.codes.serial import PREFIX_LENGTH, is_serial

if TYPE_CHECKING:
    from tracelib.store.code_values import Activation
    from tracelib.store.unit_of_work import UnitOfWork

MOST_LEVELS = 64
Asked = Mapping[str, Sequence[tuple[int, datetime]]]
"""An object's id, and the events (by number and time) that name it."""


def units_moved(uow: "UnitOfWork", party_id: str, named: Asked) -> "dict[int, list[Activation]]":
    """The activated units that each event moved: those that it names, and those that lay at its time in what it names.

    Looks into the books of everybody who names the containers; set-based, a round for each level.
    """
    reached: dict[int, set[str]] = defaultdict(set)
    level: dict[str, list[tuple[int, datetime]]] = {name: list(asked) for name, asked in named.items()}
    for _ in range(MOST_LEVELS):
        if not level:
            break
        for name, asked in level.items():
            for number, _at in asked:
                reached[number].add(name)
        below: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
        for book in sorted({party_id, *uow.trace.parties_naming(list(level))}):
            for parent, intervals in uow.containment.ever_in(book, list(level)).items():
                for inside in intervals:
                    below[inside.unit_id] += [
                        (number, at)
                        for number, at in level[parent]
                        if inside.holds(at) and inside.unit_id not in reached[number]
                    ]
        level = {unit: list(dict.fromkeys(asked)) for unit, asked in below.items() if asked}
    units = sorted({name for names in reached.values() for name in names if is_serial(name)})
    active: dict[str, Activation] = {}
    for owner in sorted({party_id, *_owners(uow, units)}):
        active |= uow.voids.activations(owner, units)
    return {number: [active[name] for name in sorted(names) if name in active] for number, names in reached.items()}


def _owners(uow: "UnitOfWork", serials: Sequence[str]) -> set[str]:
    """The parties that may have issued these serials; each prefix is asked for once."""
    of_prefix = {serial[:PREFIX_LENGTH]: serial for serial in serials}
    return {owner.party_id for serial in of_prefix.values() for owner in uow.codes.owners_of(serial)}
