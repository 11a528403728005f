"""The whole catalogue as one value: every entry by kind and key, as it was on a day or as a folder tells it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product

Entry = Party | Brand | Product | Grade | Certification | Authorization

KINDS: dict[str, type[Entry]] = {
    "party": Party,
    "brand": Brand,
    "product": Product,
    "grade": Grade,
    "certification": Certification,
    "authorization": Authorization,
}
"""Kinds of entries, each behind those that it names."""
_KIND_OF = {value: kind for kind, value in KINDS.items()}


def kind_of(entry: Entry) -> str:
    """What an entry is: a key of ``KINDS``."""
    return _KIND_OF[type(entry)]


def key_of(entry: Entry) -> str:
    """How an entry is called among its kind: ``COOP1``, ``COOP1/QC5KG``, ``COOP1/QC5KG/2``."""
    match entry:
        case Party() | Brand():
            return entry.id
        case Product() | Certification():
            return f"{entry.party_id}/{entry.id}"
        case Grade():
            return f"{entry.party_id}/{entry.product_id}/{entry.number}"
        case Authorization():
            return f"{entry.brand_id}/{entry.id}"


def sort_key(entry: Entry) -> tuple[str | int, ...]:
    """The stable order within a kind: by owner and id, grades by number."""
    if isinstance(entry, Grade):
        return entry.party_id, entry.product_id, entry.number
    return tuple(key_of(entry).split("/"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Entries by kind, then by key, in their stable order."""

    parties: Mapping[str, Party] = field(default_factory=dict)
    brands: Mapping[str, Brand] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    grades: Mapping[str, Grade] = field(default_factory=dict)
    certifications: Mapping[str, Certification] = field(default_factory=dict)
    authorizations: Mapping[str, Authorization] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Snapshot":
        """The entries sorted; of two with one key the last counts."""
        found: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
        for entry in entries:
            found[kind_of(entry)][key_of(entry)] = entry
        ordered = [dict(sorted(held.items(), key=lambda item: sort_key(item[1]))) for held in found.values()]
        return cls(*ordered)  # type: ignore[arg-type]  # each dictionary holds the entries of its kind

    def kind(self, kind: str) -> Mapping[str, Entry]:
        """The entries of one kind (a key of ``KINDS``)."""
        parts = (self.parties, self.brands, self.products, self.grades, self.certifications, self.authorizations)
        return dict(zip(KINDS, parts, strict=True))[kind]  # type: ignore[return-value]  # mypy joins the six to their base

    def entries(self) -> Iterator[Entry]:
        """Every entry, in the order of ``KINDS``."""
        for kind in KINDS:
            yield from self.kind(kind).values()

    def with_entries(self, entries: Iterable[Entry]) -> "Snapshot":
        """This catalogue with some entries added or put in the place of those with the same key."""
        return Snapshot.of([*self.entries(), *entries])

    def grades_of(self) -> dict[str, list[Grade]]:
        """Grade lists in order by the key of their product."""
        lists: dict[str, list[Grade]] = {}
        for grade in self.grades.values():
            lists.setdefault(f"{grade.party_id}/{grade.product_id}", []).append(grade)
        return lists
