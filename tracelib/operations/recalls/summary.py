"""What a recall found, counted: by batch, by whereabouts, by who has the goods."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from tracelib.batches.batch import Batch
from tracelib.operations.recalls.affected import Affected
from tracelib.operations.recalls.holders import NOBODY, Holder, Holders
from tracelib.trace.recall import Fate


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One affected batch: ``issued`` codes, ``active`` of them in use, ``void`` after use."""

    batch: Batch
    issued: int
    active: int
    void: int


@dataclass(frozen=True, slots=True)
class HolderLine:
    """Somebody to whom goods went: units that ever came to them, those that are there now, those that they sold.

    ``weight_g`` is that of the units now there or sold; ``loose_g`` grams that came without units and did not come
    back, ``loose_sold_g`` of them were sold. ``first`` and
    ``last`` are the times of the first and last event that says so.
    """

    holder: Holder
    came: int
    now: int
    sold: int
    weight_g: int
    loose_g: int
    loose_sold_g: int
    first: datetime | None
    last: datetime | None

    @property
    def reachable(self) -> bool:
        """Whether the catalogue has a contact or an address of them."""
        return bool(self.holder.contact or self.holder.address)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found. ``containers`` hold affected units now; ``located`` units in use have known whereabouts.

    ``holders`` to whom goods went, those of whom nobody knows who they are last (``NOBODY``).
    """

    batches: tuple[BatchLine, ...]
    foreign: tuple[str, ...]
    fates: Counter[Fate]
    units: int
    void: int
    located: int
    containers: int
    holders: tuple[HolderLine, ...]
    weight_unknown: int

    @property
    def reachable(self) -> int:
        """How many of the holders can be reached."""
        return sum(line.reachable for line in self.holders)

    def as_dict(self) -> dict[str, int]:
        """The counts for JSON and for the entry that opened the recall."""
        return {
            "batches": len(self.batches) + len(self.foreign),
            "issued": sum(line.issued for line in self.batches),
            "units": self.units,
            "void": self.void,
            **{fate.value: self.fates[fate] for fate in Fate},
            "located": self.located,
            "containers": self.containers,
            "parties": len(self.holders),
            "reachable": self.reachable,
        }


def summary_of(affected: Affected, holders: Holders) -> Summary:
    """Count what was found."""
    issued = Counter[tuple[str, str]]()
    for one in affected.issued:
        issued[one.product_id, one.lot] += one.count
    active = Counter(unit.lot for unit in affected.active)
    void = Counter(unit.lot for unit in affected.void)
    lines = [BatchLine(batch, issued[lot], active[lot], void[lot]) for lot, batch in affected.batches.items()]
    return Summary(
        batches=tuple(lines),
        foreign=affected.foreign,
        fates=affected.fates(),
        units=len(affected.active),
        void=len(affected.void),
        located=sum(unit.located for unit in affected.active),
        containers=len(affected.containers),
        holders=tuple(_holders(affected, holders)),
        weight_unknown=sum(unit.weight_g is None for unit in affected.active),
    )


def _holders(affected: Affected, holders: Holders) -> list[HolderLine]:
    """One line for each holder, the most goods first."""
    found: dict[str, HolderLine] = {}

    def line(id_: str) -> HolderLine:
        """The line of a holder, begun where there is none."""
        return found.get(id_) or HolderLine(holders.holder(id_), 0, 0, 0, 0, 0, 0, None, None)

    alike = Counter((unit.passed, unit.fate, unit.holder, unit.weight_g or 0, unit.since) for unit in affected.active)
    for (passed, fate, holder, grams, since), count in alike.items():
        for id_ in passed:
            old = line(id_)
            now, sold = fate is Fate.SENT and holder == id_, fate is Fate.SOLD and holder == id_
            found[id_] = replace(
                old,
                came=old.came + count,
                now=old.now + count * now,
                sold=old.sold + count * sold,
                weight_g=old.weight_g + (grams * count if now or sold else 0),
                first=_least(old.first, since),
                last=_most(old.last, since),
            )
    for move in affected.loose:
        grams, back = move.weight_g or 0, move.fate is Fate.RETURNED
        if move.fate in (Fate.SENT, Fate.SOLD) or (back and move.source in found):
            id_ = move.source if back else move.holder
            old = line(id_)
            found[id_] = replace(
                old,
                loose_g=max(old.loose_g - grams, 0) if back else old.loose_g + grams * move.own,
                loose_sold_g=old.loose_sold_g + grams * (move.fate is Fate.SOLD),
                first=_least(old.first, move.at),
                last=_most(old.last, move.at),
            )
    return sorted(found.values(), key=lambda one: (one.holder.id == NOBODY, -one.came, -one.loose_g, one.holder.id))


def _least(a: datetime | None, b: datetime | None) -> datetime | None:
    return min((one for one in (a, b) if one is not None), default=None)


def _most(a: datetime | None, b: datetime | None) -> datetime | None:
    return max((one for one in (a, b) if one is not None), default=None)
