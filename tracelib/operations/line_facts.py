"""What a line asks the store while it works, asked as seldom as possible.

Three kinds of facts: what is append-only and was seen once (a registered batch and its product, a manifest that holds a
range, an issuer that issues here) is remembered while the line runs; what happened to single units is read once for a
whole transaction and kept up with the transaction's own changes; the rest is asked every time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tracelib.codes.registry import Checks, Identified, Registration, UnitState
from tracelib.store.code_values import Activation, UnitHistory
from tracelib.store.registry import StoreRegistry, unit_state

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.codes.record import CodeRecord
    from tracelib.store.unit_of_work import UnitOfWork
    from tracelib.trust.keyring import KeyRing

OWN_PRODUCT = "P/"
_NO_KEYS: Mapping[bytes, bytes] = {}


class _Said(NamedTuple):
    """What all codes of a registered range say alike."""

    key_hash: bytes
    prefix: str
    product_key: str | None
    lot: str | None
    day: int
    attrs: int


class _Known(NamedTuple):
    """A registration with the counters that it is known to hold."""

    first: int
    last: int
    registration: Registration


@dataclass
class LineMemory:
    """Append-only facts that a running line has seen. They cannot become wrong, so they are never forgotten."""

    issuers: set[bytes] = field(default_factory=set)
    ranges: dict[_Said, list[_Known]] = field(default_factory=dict)
    products: "dict[tuple[str, str, str], Product]" = field(default_factory=dict)


class LineFacts:
    """The store's facts within one transaction; also the :class:`~tracelib.codes.registry.Registry` of its lines."""

    def __init__(
        self,
        uow: "UnitOfWork",
        *,
        keyring: "KeyRing | None" = None,
        serial_keys: Mapping[bytes, bytes] = _NO_KEYS,
        memory: LineMemory | None = None,
    ) -> None:
        self._uow = uow
        self._registry = StoreRegistry(uow, serial_keys=serial_keys, keyring=keyring)
        self._memory = LineMemory() if memory is None else memory
        self._histories: dict[tuple[str, str], UnitHistory] = {}

    def read_histories(self, party_id: str, unit_ids: Iterable[str]) -> None:
        """Read what happened to many units at once."""
        for unit_id, history in self._uow.codes.states(party_id, unit_ids).items():
            self._histories[party_id, unit_id] = history

    def history(self, party_id: str, unit_id: str) -> UnitHistory:
        """What happened to a unit before, in this transaction included."""
        if (party_id, unit_id) not in self._histories:
            self.read_histories(party_id, [unit_id])
        return self._histories[party_id, unit_id]

    def note_activation(self, activation: Activation) -> None:
        """A unit became active in this transaction."""
        before = self.history(activation.party_id, activation.unit_id)
        self._histories[activation.party_id, activation.unit_id] = UnitHistory(activation, before.voided)

    def product_of_batch(self, party_id: str, product_key: str, lot: str) -> "Product | None":
        """The product of a registered batch, by the product's key in codes; None where there is no such batch."""
        key = (party_id, product_key, lot)
        if key not in self._memory.products:
            product = self._product(party_id, product_key)
            if product is None or self._uow.batches.get(party_id, product.id, lot) is None:
                return None
            self._memory.products[key] = product
        return self._memory.products[key]

    def covers(self, key_hash: bytes) -> bool:
        """See ``Registry.covers``."""
        if key_hash not in self._memory.issuers and self._registry.covers(key_hash):
            self._memory.issuers.add(key_hash)
        return key_hash in self._memory.issuers

    def reads(self, key_hash: bytes, record: "CodeRecord", counter: int | None) -> bool:
        """See ``Registry.reads``."""
        return self._registry.reads(key_hash, record, counter)

    def registration(self, key_hash: bytes, record: "CodeRecord", counter: int | None) -> Registration | None:
        """See ``Registry.registration``. With the counter known, one answer holds for its whole range."""
        if counter is None or record.serial is None:
            return self._registry.registration(key_hash, record, counter)
        said = _Said(key_hash, record.serial[:4], record.product_key, record.lot, record.day, record.attrs)
        for known in self._memory.ranges.get(said, ()):
            if known.first <= counter <= known.last:
                return known.registration
        found = self._registry.registration(key_hash, record, counter)
        range_ = self._uow.codes.covering(found.party_id, said.prefix, counter) if found else None
        if found and range_:
            self._memory.ranges.setdefault(said, []).append(_Known(range_.first, range_.last, found))
        return found

    def state(self, party_id: str, unit_id: str) -> UnitState | None:
        """See ``Registry.state``."""
        return unit_state(self.history(party_id, unit_id))

    def checks(self, party_id: str, unit_id: str) -> Checks | None:
        """Never asked: how often people looked a code up changes nothing on a line."""
        return None

    def identify(self, serial: str) -> Identified | None:
        """See ``Registry.identify``."""
        return self._registry.identify(serial)

    def _product(self, party_id: str, product_key: str) -> "Product | None":
        catalog = self._uow.catalog
        if product_key.startswith(OWN_PRODUCT):
            return catalog.product(party_id, product_key.removeprefix(OWN_PRODUCT))
        return next(iter(catalog.products(party_id, gtin=product_key)), None)
