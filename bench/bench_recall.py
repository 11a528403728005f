"""A recall of a lot with 100,000 cartons against the time that is allowed, and against reading the bare rows.

The store is filled in bulk: two lots of so many cartons, each carton with its own activation event, 80 on a pallet,
pallets sent to 25 shops, some cartons sold there. Ours opens a recall of one lot: everything found, counted and
written, codes revoked, and every carton listed into a file. Theirs is a script that reads the same rows of activations,
containment and named objects over their indexes and sorts them by carton, and knows nothing else.
"""

import hashlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.line_world import LOT, OWN_PARTY, World, make_world
from bench.recall_world import HOME, NOW, recall
from tracelib.clock import CHINA, FixedClock
from tracelib.store.unit_of_work import Store

CARTONS, QUICK_CARTONS = 100_000, 20_000
ALLOWED_S = 5.0
MOST_SLOWER = 12.0
"""Times that the whole recall may take what a script takes to read the bare rows."""
PER_PALLET, PALLETS_AT_ONCE, SHOPS = 80, 10, 25
SOLD_AT_ONCE = 20
AT_ONCE = 10_000
Rows = dict[str, list[dict[str, Any]]]


def run(quick: bool) -> list[dict[str, Any]]:
    """Two rows: the time beside what is allowed, and beside a script over the bare rows."""
    count = QUICK_CARTONS if quick else CARTONS
    command = [sys.executable, "-m", "bench.bench_recall", str(count)]
    measured = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return [
        {
            "work": f"recall of a lot with {count:,} cartons: found, counted, revoked, listed",
            "ours": round(measured["ours"], 2),
            "theirs": ALLOWED_S,
            "unit": "s (against: allowed)",
            "ratio": ALLOWED_S / measured["ours"],
            "wanted": 1.0,
        },
        {
            "work": f"the same, at most {MOST_SLOWER:g} times a script that reads the bare rows",
            "ours": round(measured["ours"], 2),
            "theirs": round(measured["theirs"], 2),
            "unit": "s (against: sqlite3)",
            "ratio": measured["theirs"] / measured["ours"],
            "wanted": 1 / MOST_SLOWER,
        },
    ]


def measure(count: int, folder: Path) -> dict[str, float]:
    """Seconds of both sides."""
    from tracelib.operations.recalls.listing import write_listing

    file = folder / "store.db"
    with Store.create_or_upgrade(f"sqlite:///{file}", operator="bench") as store:
        world = make_world(store, folder / "keys", FixedClock(NOW))
        world.cartons(10)
        fill_recall(world, count)
        begun = time.perf_counter()
        found = recall(world)
        write_listing(found.affected, found.recall, folder / "cartons.csv")
        ours = time.perf_counter() - begun
        assert found.summary.units == count
        assert found.summary.fates.total() == count
        assert len(found.summary.holders) == SHOPS
    return {"ours": ours, "theirs": _bare(file)}


def fill_recall(world: World, count: int) -> None:
    """Two lots of ``count`` activated cartons in the world's store, packed, sent and some of them sold."""
    for lot, letter in ((LOT, "0"), ("GN-2", "Z")):
        units = [f"AB3D{letter}{number:010d}" for number in range(count)]
        for start in range(0, count, AT_ONCE):
            _write(world.store, _activated(lot, units[start : start + AT_ONCE]))
        pallets = [units[start : start + PER_PALLET] for start in range(0, count, PER_PALLET)]
        first = 0 if letter == "0" else 500_000
        names = [f"3690123{first + number:010d}0" for number in range(len(pallets))]
        for name, inside in zip(names, pallets, strict=True):
            _write(world.store, _packed(lot, name, inside))
        for number, start in enumerate(range(0, len(names), PALLETS_AT_ONCE)):
            _write(world.store, _moved("shipping", names[start : start + PALLETS_AT_ONCE], number))
        for number in range(0, len(units) // 10, SOLD_AT_ONCE):
            _write(world.store, _moved("retail_selling", units[number : number + SOLD_AT_ONCE], number))


def _write(store: Store, rows: Rows) -> None:
    from tracelib.store.tables import metadata

    tables = metadata().tables
    with store.unit_of_work() as uow:
        for name, values in rows.items():
            uow.session.execute(insert(tables[name]), values)


def _activated(lot: str, units: list[str]) -> Rows:
    rows: Rows = defaultdict(list)
    for unit in units:
        epc = f"{HOME}/P/ORANGE/10/{lot}/21/{unit}"
        event_id = _event(rows, "ObjectEvent", "commissioning", {"action": "ADD", "epcList": [epc]}, 0)
        _named(rows, event_id, unit, "epc", 0)
        _named(rows, event_id, f"{HOME}/P/ORANGE/10/{lot}", "lot", 0)
        rows["code_activation"].append(
            {
                "party_id": OWN_PARTY,
                "unit_id": unit,
                "product_key": "P/ORANGE",
                "lot": lot,
                "activated_at": NOW,
                "station": "LINE-1",
                "weight_g": 5_000,
                "event_id": event_id,
            }
        )
    return rows


def _packed(lot: str, pallet: str, units: list[str]) -> Rows:
    rows: Rows = defaultdict(list)
    epcs = [f"{HOME}/P/ORANGE/10/{lot}/21/{unit}" for unit in units]
    body = {"action": "ADD", "parentID": f"https://id.gs1.org/00/{pallet}", "childEPCs": epcs}
    event_id = _event(rows, "AggregationEvent", "packing", body, 1)
    _named(rows, event_id, pallet, "parent", 1)
    at = NOW + timedelta(hours=1)
    shared = {"party_id": OWN_PARTY, "event_id": event_id, "parent_id": pallet, "action": "ADD"}
    rows["containment"] = [{**shared, "unit_id": unit, "event_time": at, "recorded_at": at} for unit in units]
    return rows


def _moved(step: str, names: list[str], number: int) -> Rows:
    rows: Rows = defaultdict(list)
    hours = 2 if step == "shipping" else 30
    shop = f"https://id.gs1.org/417/69012340{number % SHOPS:04d}0"
    body = {"action": "OBSERVE", "epcList": names, "destinationList": [{"type": "owning_party", "destination": shop}]}
    event_id = _event(rows, "ObjectEvent", step, body, hours)
    for name in names:
        _named(rows, event_id, name, "epc", hours)
    return rows


def _event(rows: Rows, kind: str, step: str, body: dict[str, Any], hours: int) -> str:
    at = NOW + timedelta(hours=hours)
    document = {"type": kind, "bizStep": step, "eventTime": at.astimezone(CHINA).isoformat(), **body}
    text = json.dumps(document)
    event_id = f"ni:///sha-256;{hashlib.sha256(text.encode()).hexdigest()}?ver=CBV2.0"
    rows["event"].append(
        {
            "party_id": OWN_PARTY,
            "event_id": event_id,
            "declaration_time": "",
            "event_type": kind,
            "biz_step": step,
            "event_time": at,
            "recorded_at": at,
            "document": text,
        }
    )
    return event_id


def _named(rows: Rows, event_id: str, object_id: str, role: str, hours: int) -> None:
    rows["event_object"].append(
        {
            "party_id": OWN_PARTY,
            "object_id": object_id,
            "event_id": event_id,
            "declaration_time": "",
            "role": role,
            "event_time": NOW + timedelta(hours=hours),
        }
    )


def _bare(file: Path) -> float:
    """Seconds of a script that reads the rows of the lot's cartons and sorts them by carton."""
    active = "SELECT unit_id, weight_g FROM code_activation WHERE party_id=? AND product_key='P/ORANGE' AND lot=?"
    begun = time.perf_counter()
    with sqlite3.connect(file) as connection:
        for table, columns in (("containment", "parent_id, event_time"), ("event_object", "event_id, event_time")):
            name = "unit_id" if table == "containment" else "object_id"
            query = (
                f"SELECT a.unit_id, {columns} FROM ({active}) a JOIN {table} t ON t.party_id=? AND t.{name}=a.unit_id"
            )
            found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
            for unit, *rest in _all(connection, query):
                found[unit].append(tuple(rest))
            for values in found.values():
                values.sort(key=lambda value: value[1])
    return time.perf_counter() - begun


def _all(connection: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    yield from connection.execute(query, (OWN_PARTY, LOT, OWN_PARTY))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(int(sys.argv[1]), Path(place))))
