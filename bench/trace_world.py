"""A store full of carton events, filled by bare rows: what tracing is measured in.

Each carton event packs 12 units. Cartons come to life a thousand at a time as one lot, 80 of them lie on a pallet,
and the pallet is shipped by the co-operative and received by the trader. Everything is determined by its number, so
that any unit can be asked for. Rows go in by ``executemany`` with the indexes taken off; these are built at the end.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tracelib.batches.batch import Batch
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.codes.serial import ALPHABET, check_character
from tracelib.identifiers.sscc import Sscc
from tracelib.store.unit_of_work import Store

UNITS, LOT, PALLET = 12, 1000, 80
"""Units in a carton, cartons of a lot, cartons on a pallet."""
COOP, TRADER = "COOP1", "TRADE1"
HOST = "https://q.example.com"
START = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
AT_ONCE = 20_000

_EVENT = "INSERT INTO event VALUES (?, ?, '', ?, ?, ?, ?, ?)"
_OBJECT = "INSERT INTO event_object VALUES (?, ?, ?, '', ?, ?)"
_CONTAINMENT = (
    "INSERT INTO containment (party_id, unit_id, event_id, parent_id, action, event_time, recorded_at)"
    " VALUES (?, ?, ?, ?, 'ADD', ?, ?)"
)
Row = tuple[object, ...]


def unit(number: int) -> str:
    """The serial of a unit in carton ``number // 12``."""
    return _serial("AB3D", number)


def carton(number: int) -> str:
    """The serial of a carton."""
    return _serial("AB3E", number)


def _serial(prefix: str, number: int) -> str:
    """In the order of the numbers: rows that come in the order of their key are the ones that load fast."""
    digits = ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        digits = ALPHABET[digit] + digits
    return (first := prefix + digits) + check_character(first)


def pallet(number: int) -> str:
    """The SSCC of a pallet."""
    return Sscc.compose(f"{10690123450000000 + number:017}").value


def lot(number: int) -> str:
    """The lot of the cartons from ``number * 1000`` on."""
    return f"L-{number}"


def build(file: Path, cartons: int) -> None:
    """Make the store. A million cartons take some minutes and about 7 GB."""
    with Store.create_or_upgrade(f"sqlite:///{file}") as store, store.unit_of_work() as uow:
        uow.catalog.add(Party(id=COOP, name_zh="示例合作社", name_en="Example Co-operative"))
        uow.catalog.add(Party(id=TRADER, name_zh="示例商行", name_en="Example Trading"))
        uow.catalog.add(Product(party_id=COOP, id="ORANGE", name_zh="赣南脐橙", weight_g=5000))
        lots = (
            Batch(party_id=COOP, product_id="ORANGE", lot=lot(n), produced_on=date(2026, 11, 1), weight_g=LOT * 5000)
            for n in range(-(-cartons // LOT))
        )
        uow.batches.add(lots, START)
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "cache_size=-400000",
        "foreign_keys=OFF",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    with _without_indexes(connection, ("event", "event_object", "containment")):
        connection.execute("BEGIN")
        for first in range(0, cartons, AT_ONCE):
            _fill(connection, range(first, min(first + AT_ONCE, cartons)))
        connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


@contextmanager
def _without_indexes(connection: sqlite3.Connection, tables: tuple[str, ...]) -> Iterator[None]:
    """Takes the named tables' secondary indexes off, and builds them again at the end."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?"
    indexes = [found for table in tables for found in connection.execute(query, (table,)).fetchall()]
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, statement in indexes:
        connection.execute(statement)


def _fill(connection: sqlite3.Connection, numbers: range) -> None:
    events: list[Row] = []
    objects: list[Row] = []
    packed: list[Row] = []
    for number in numbers:
        name, inside, at = carton(number), [unit(number * UNITS + n) for n in range(UNITS)], _time(number)
        event_id = _id("carton", number)
        document = _packing(event_id, at, _carton_uri(number), [f"{HOST}/U/{one}" for one in inside])
        events.append((COOP, event_id, "AggregationEvent", "packing", at, at, document))
        objects.append((COOP, name, event_id, "parent", at))
        packed += [(COOP, one, event_id, name, at, at) for one in inside]
    for first in numbers[::LOT]:
        _add_lot(events, objects, first, numbers)
    for first in numbers[::PALLET]:
        _add_pallet(events, objects, packed, first, numbers)
    connection.executemany(_EVENT, events)
    connection.executemany(_OBJECT, sorted(objects))
    connection.executemany(_CONTAINMENT, sorted(packed))


def _add_lot(events: list[Row], objects: list[Row], first: int, numbers: range) -> None:
    """One event brings a thousand cartons to life."""
    cartons, event_id, at = range(first, min(first + LOT, numbers.stop)), _id("lot", first), _time(first)
    uris = [_carton_uri(number) for number in cartons]
    document = _object_event(event_id, at, "commissioning", uris, "ADD")
    events.append((COOP, event_id, "ObjectEvent", "commissioning", at, at, document))
    objects += [(COOP, carton(number), event_id, "epc", at) for number in cartons]
    objects.append((COOP, f"{HOST}/P/ORANGE/10/{lot(first // LOT)}", event_id, "lot", at))


def _add_pallet(events: list[Row], objects: list[Row], packed: list[Row], first: int, numbers: range) -> None:
    """Packed and shipped by the co-operative, received by the trader."""
    cartons, sscc = range(first, min(first + PALLET, numbers.stop)), pallet(first // PALLET)
    uri, event_id, at = f"https://id.gs1.org/00/{sscc}", _id("pallet", first), _time(first, hours=3)
    events.append(
        (COOP, event_id, "AggregationEvent", "packing", at, at, _packing(event_id, at, uri, map(_carton_uri, cartons)))
    )
    objects.append((COOP, sscc, event_id, "parent", at))
    packed += [(COOP, carton(number), event_id, sscc, at, at) for number in cartons]
    for party, step, hours in ((COOP, "shipping", 5), (TRADER, "receiving", 20)):
        event_id, at = _id(step, first), _time(first, hours=hours)
        events.append(
            (party, event_id, "ObjectEvent", step, at, at, _object_event(event_id, at, step, [uri], "OBSERVE"))
        )
        objects.append((party, sscc, event_id, "epc", at))


def _carton_uri(number: int) -> str:
    return f"{HOST}/P/ORANGE/10/{lot(number // LOT)}/21/{carton(number)}"


def _id(kind: str, number: int) -> str:
    return f"ni:///sha-256;{hashlib.sha256(f'{kind} {number}'.encode()).hexdigest()}?ver=CBV2.0"


def _time(number: int, hours: int = 2) -> str:
    """A carton every two seconds, as SQLAlchemy writes times into SQLite."""
    return f"{START + timedelta(hours=hours, seconds=2 * number):%Y-%m-%d %H:%M:%S.%f}"


def _packing(event_id: str, at: str, parent: str, children: "list[str] | map[str]") -> str:
    named = {"parentID": parent, "childEPCs": list(children)}
    return _json(event_id, at, "AggregationEvent", "packing", named, "ADD")


def _object_event(event_id: str, at: str, step: str, epcs: list[str], action: str) -> str:
    return _json(event_id, at, "ObjectEvent", step, {"epcList": epcs}, action)


def _json(event_id: str, at: str, kind: str, step: str, named: Mapping[str, object], action: str) -> str:
    head = {
        "type": kind,
        "eventID": event_id,
        "eventTime": f"{at[:10]}T{at[11:23]}+00:00",
        "eventTimeZoneOffset": "+00:00",
    }
    return json.dumps({**head, **named, "action": action, "bizStep": step}, separators=(",", ":"))


def numbers_of(cartons: int, count: int) -> Iterator[int]:
    """Cartons to ask for, spread over all."""
    return (cartons * (2 * n + 1) // (2 * count) for n in range(count))
