"""The national view of a party's books, after the shape of NY/T 4712-2025 (``tracelib.trace.national``)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.batch import Batch, kilograms
from tracelib.clock import CHINA
from tracelib.errors import RuleError
from tracelib.operations.events.home import Homes, lot_uri
from tracelib.operations.events.moved import units_moved
from tracelib.operations.recalls.holders import Holders
from tracelib.trace.national import DICTIONARY_HEAD, FORMAT, RECORD, STAGE_NAMES, STANDARD, SUBJECT, Stage, dictionary
from tracelib.trace.objects import Named, Role, object_id, objects_of
from tracelib.trace.recall import ARRIVALS, DEPARTURES
from tracelib.trace.vocab import BizStep

if TYPE_CHECKING:
    from tracelib.catalog.product import Product
    from tracelib.store.reach_repository import NamedEvent
    from tracelib.store.unit_of_work import UnitOfWork

MOST = 50_000
"""Batches, and events, of one view: a workbook takes no more in a file that opens."""
_GRAMS = {"KGM": 1000, "GRM": 1, "TNE": 1_000_000}
Row = dict[str, object]
_STAGES = {
    **dict.fromkeys(DEPARTURES, Stage.TRANSPORT),
    **dict.fromkeys(ARRIVALS, Stage.ACQUISITION),
    BizStep.STORING.value: Stage.STORAGE,
    BizStep.RETAIL_SELLING.value: Stage.SALE,
}
_IN, _OUT = ("inbound_batch",), ("outbound_batch",)
_BATCHES = {
    Stage.TRANSPORT: _IN + _OUT,
    Stage.ACQUISITION: _IN,
    Stage.STORAGE: _IN,
    Stage.SALE: _IN + _OUT,
}


class NationalTooLargeError(RuleError):
    """More than one view holds."""

    code = "event.national_too_large"
    template = "{party} has more than {most} {what}: that is too much for one view. Ask for another party with --party."


@dataclass(frozen=True, slots=True)
class NationalView:
    """Subjects and records with the names of ``tracelib.trace.national``; what is not known is left out."""

    made_at: datetime
    subjects: tuple[Row, ...]
    records: tuple[Row, ...]

    def as_json(self) -> dict[str, object]:
        """One JSON document, its dictionary included."""
        return {
            "format": FORMAT,
            "standard": STANDARD,
            "made_at": self.made_at.astimezone(CHINA).isoformat(timespec="seconds"),
            "subjects": list(self.subjects),
            "records": list(self.records),
            "dictionary": [dict(zip(_DICTIONARY, row, strict=True)) for row in dictionary()],
        }

    def sheets(self) -> list[tuple[str, list[list[str]]]]:
        """(name, rows of text) of a workbook: subjects, records, dictionary; heads in both languages."""
        tables = [("主体 subjects", SUBJECT, self.subjects), ("业务 records", RECORD, self.records)]
        made = []
        for name, fields, rows in tables:
            head = [f"{one.zh} {one.name}" for one in fields]
            made.append((name, [head, *([str(row.get(one.name, "")) for one in fields] for row in rows)]))
        return [*made, ("数据字典 dictionary", [list(DICTIONARY_HEAD), *map(list, dictionary())])]


_DICTIONARY = ("table", "name", "zh", "type", "length", "constraint", "source", "verified")


def national_view(uow: "UnitOfWork", homes: Homes, party_ids: Sequence[str], now: datetime) -> NationalView:
    """The view of these parties' books. Raises NationalTooLargeError."""
    records: list[Row] = []
    named: dict[str, None] = dict.fromkeys(party_ids)
    for party_id in party_ids:
        book = _Book(uow, homes, party_id)
        records += [*book.made(), *book.moved()]
    for row in records:
        named |= {str(row[name]): None for name in ("source", "destination") if name in row}
    records.sort(key=lambda row: (str(row["day"]), str(row.get("time", "")), str(row["record"])))
    return NationalView(now, tuple(_subjects(uow, named)), tuple(records))


def _subjects(uow: "UnitOfWork", named: Mapping[str, None]) -> Iterator[Row]:
    """Everybody who is named and in the catalogue. Contacts are left out: they may be personal data."""
    for party in uow.catalog.parties():
        if party.id in named:
            values = {
                "party": party.id,
                "name": party.name_zh or party.name_en,
                "name_en": party.name_en,
                "uscc": party.uscc,
                "gln": party.gln,
                "division": party.division,
                "address": party.address,
            }
            yield {name: value for name, value in values.items() if value}


class _Book:
    """One party's book."""

    def __init__(self, uow: "UnitOfWork", homes: Homes, party_id: str) -> None:
        self._uow = uow
        self._party_id = party_id
        self._holders = Holders(uow, party_id)
        self._products: dict[str, dict[str, Product]] = {}
        self._batches = uow.batches.list(party_id, limit=MOST + 1)
        if len(self._batches) > MOST:
            raise NationalTooLargeError(party=party_id, most=MOST, what="batches")
        home = homes.of_party(party_id)
        products = self._products_of(party_id)
        self._by_uri = {
            object_id(uri): batch
            for batch in self._batches
            if batch.product_id in products and (uri := lot_uri(products[batch.product_id], batch.lot, home))
        }

    def made(self) -> Iterator[Row]:
        """Production, and processing: what batches were made of. A batch that was made of others is no harvest."""
        lots = {(batch.product_id, batch.lot): batch for batch in self._batches}
        steps = self._uow.lineage.steps(self._party_id, list(lots), "out")
        out = {lot for step in steps for lot in step.outputs}
        for lot, batch in lots.items():
            if lot not in out:
                yield self._harvest(batch)
        for step in steps:
            for source, taken_g in step.inputs.items():
                for made, made_g in step.outputs.items():
                    grams = taken_g if len(step.inputs) > 1 else made_g
                    yield self._row(
                        Stage.PROCESSING,
                        step.id,
                        *(self._party_id, made[0]),
                        inbound_batch=self._reference(source),
                        outbound_batch=self._reference(made),
                        quantity_kg=kilograms(grams),
                        source=self._party_id,
                        note=step.reason,
                        **_when(step.at),
                    )

    def moved(self) -> Iterator[Row]:
        """Acquisition, storage, transport and sale, as events tell; one record for each batch of an event."""
        events = self._uow.reach.events_of_steps(self._party_id, tuple(_STAGES), MOST + 1)
        if len(events) > MOST:
            raise NationalTooLargeError(party=self._party_id, most=MOST, what="events")
        documents = [json.loads(event.document) for event in events]
        asked: dict[str, list[tuple[int, datetime]]] = {}
        for number, (event, document) in enumerate(zip(events, documents, strict=True)):
            for one in objects_of(document):
                if not one.is_class and one.role in (Role.EPC, Role.PARENT):
                    asked.setdefault(one.object_id, []).append((number, event.event_time))
        units = units_moved(self._uow, self._party_id, asked)
        for number, (event, document) in enumerate(zip(events, documents, strict=True)):
            parts: dict[tuple[str, str, str], list[int | None]] = {}
            for unit in units.get(number, ()):
                product = self._product_by_key(unit.party_id, unit.product_key)
                grams = unit.weight_g if unit.weight_g is not None else product.weight_g if product else None
                name = product.id if product else unit.product_key.removeprefix("P/")
                parts.setdefault((unit.party_id, name, unit.lot), []).append(grams)
            for (owner, product_id, lot), grams_of in parts.items():
                known = [grams for grams in grams_of if grams is not None]
                weight = kilograms(sum(known)) if len(known) == len(grams_of) else ""
                yield self._event_row(event, document, (owner, product_id, lot), weight, len(grams_of))
            for one in objects_of(document):
                batch = self._by_uri.get(one.object_id) if one.is_class and one.role is Role.EPC else None
                if batch is not None:
                    yield self._event_row(event, document, batch.key, _kilograms(one), None)

    def _harvest(self, batch: Batch) -> Row:
        return self._row(
            Stage.PRODUCTION,
            batch.reference,
            *(self._party_id, batch.product_id),
            outbound_batch=batch.reference,
            quantity_kg=kilograms(batch.weight_g),
            day=f"{batch.produced_on:%Y%m%d}",
            origin=batch.origin,
            plot=batch.plot,
            grower=batch.grower,
        )

    def _event_row(
        self,
        event: "NamedEvent",
        document: Mapping[str, object],
        batch: tuple[str, str, str],
        weight: str,
        units: int | None,
    ) -> Row:
        stage = _STAGES[event.biz_step]
        holder, place = self._holders.after(self._party_id, document, event.biz_step)
        before = self._holders.before(document) or (self._party_id if stage is not Stage.ACQUISITION else "")
        here = document.get("bizLocation") or document.get("readPoint")
        return self._row(
            stage,
            event.key.event_id,
            batch[0],
            batch[1],
            quantity_kg=weight,
            units=units,
            source=before,
            destination=holder if stage in (Stage.TRANSPORT, Stage.SALE) else "",
            place=place or (str(here.get("id") or "") if isinstance(here, dict) else ""),
            **{name: "/".join(batch) for name in _BATCHES[stage]},
            **_when(event.event_time),
        )

    def _row(self, stage: Stage, record: str, owner: str, product_id: str, **values: object) -> Row:
        """One record in the order of the dictionary; empty values are left out."""
        product = self._products_of(owner).get(product_id)
        given: Row = {
            "stage": STAGE_NAMES[stage],
            "record": record,
            "party": self._party_id,
            "product": product_id,
            "product_name": (product.name_zh or product.name_en) if product else product_id,
            "gtin": product.gtin if product else None,
            **values,
        }
        for side in ("source", "destination"):
            if given.get(side):
                given[f"{side}_name"] = self._holders.holder(str(given[side])).name
        return {one.name: given[one.name] for one in RECORD if given.get(one.name) not in (None, "")}

    def _products_of(self, party_id: str) -> "dict[str, Product]":
        if party_id not in self._products:
            self._products[party_id] = {product.id: product for product in self._uow.catalog.products(party_id)}
        return self._products[party_id]

    def _product_by_key(self, party_id: str, key: str) -> "Product | None":
        products = self._products_of(party_id)
        if key.startswith("P/"):
            return products.get(key.removeprefix("P/"))
        return next((product for product in products.values() if product.gtin == key), None)

    def _reference(self, lot: tuple[str, str]) -> str:
        return "/".join((self._party_id, *lot))


def _when(at: datetime) -> dict[str, str]:
    local = at.astimezone(CHINA)
    return {"day": f"{local:%Y%m%d}", "time": local.isoformat(timespec="seconds")}


def _kilograms(one: Named) -> str:
    """The weight of so much of a batch, empty where it is no weight."""
    if one.quantity is None or one.uom not in _GRAMS:
        return ""
    return kilograms(round(one.quantity * _GRAMS[one.uom]))
