"""What differs between two catalogues, entry by entry and field by field."""

from dataclasses import dataclass
from datetime import date

from tracelib.catalog.snapshot import KINDS, Entry, Snapshot, key_of, kind_of


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an entry that differs."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that differs: what it was, what it becomes."""

    before: Entry
    after: Entry

    @property
    def fields(self) -> list[FieldChange]:
        """The fields that differ, in their order."""
        pairs = (
            (name, getattr(self.before, name), getattr(self.after, name)) for name in type(self.after).model_fields
        )
        return [FieldChange(name, before, after) for name, before, after in pairs if before != after]

    @property
    def ends(self) -> bool:
        """Whether all that changes is that the entry ends, or ends earlier."""
        last: date | None = getattr(self.after, "valid_to", None)
        before: date | None = getattr(self.before, "valid_to", None)
        named = [change.name for change in self.fields]
        return named == ["valid_to"] and last is not None and (before is None or last < before)


@dataclass(frozen=True, slots=True)
class Difference:
    """How one catalogue differs from another: entries that are new, changed, ended; and those that it does not name."""

    new: tuple[Entry, ...] = ()
    changed: tuple[EntryChange, ...] = ()
    ended: tuple[EntryChange, ...] = ()
    missing: tuple[Entry, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.new or self.changed or self.ended)

    @property
    def alters(self) -> tuple[EntryChange, ...]:
        """What is there and does not stay as it is."""
        return self.changed + self.ended


def difference(before: Snapshot, after: Snapshot, kinds: list[str]) -> Difference:
    """What it takes to bring ``before`` to ``after``, of the kinds named."""
    new: list[Entry] = []
    changed: list[EntryChange] = []
    ended: list[EntryChange] = []
    missing: list[Entry] = []
    for kind in (kind for kind in KINDS if kind in kinds):
        held, wanted = before.kind(kind), after.kind(kind)
        missing += [entry for key, entry in held.items() if key not in wanted]
        for key, entry in wanted.items():
            if key not in held:
                new.append(entry)
            elif held[key] != entry:
                change = EntryChange(held[key], entry)
                (ended if change.ends else changed).append(change)
    return Difference(tuple(new), tuple(changed), tuple(ended), tuple(missing))


def named(entry: Entry) -> str:
    """An entry as lists name it: its key and its Chinese name or number."""
    text = getattr(entry, "name_zh", None) or getattr(entry, "number", None) or getattr(entry, "party_id", "")
    return f"{key_of(entry)} {text}"


def counts(entries: tuple[Entry, ...]) -> dict[str, int]:
    """How many entries of each kind, kinds without any left out."""
    found = dict.fromkeys(KINDS, 0)
    for entry in entries:
        found[kind_of(entry)] += 1
    return {kind: count for kind, count in found.items() if count}
