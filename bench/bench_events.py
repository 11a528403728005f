"""Events of other parties: the event hash against its public Python reference, and import with every check.

The reference (``epcis-event-hash-generator``) is installed into an environment of its own for the run, where a package
index can be reached; it is no dependency. Both hash the same file and must give the same hashes; what is compared is
their processor time. The import is measured by the clock on the wall.
"""

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracelib.catalog.party import Party
from tracelib.identifiers.digits import gs1_check_digit
from tracelib.operations.events.capture_document import capture_document
from tracelib.store.unit_of_work import Store
from tracelib.trace.context import CONTEXT_URL
from tracelib.trace.documents.read_file import hashes_of

Row = dict[str, object]
NOW = datetime(2026, 11, 26, tzinfo=UTC)
CHILDREN = 10
HASH_WANTED, CAPTURE_WANTED = 5_000, 300
REFERENCE = "epcis-event-hash-generator"
_REFERENCE_RUN = """
import json, sys, time
from epcis_event_hash_generator import hash_generator, json_to_py
with open(sys.argv[1]) as stream:
    document = json.load(stream)
start = time.process_time()
events = json_to_py.event_list_from_epcis_document_json(document)
texts = hash_generator.derive_prehashes_from_events(events)
hashes = hash_generator.calculate_hashes_from_pre_hashes(texts, "sha256")
print(json.dumps({"seconds": time.process_time() - start, "hashes": hashes}))
"""


def run(quick: bool) -> list[Row]:
    """Measure; rows with ``work``, ``ours``, ``theirs``, ``unit``, ``ratio``, ``wanted``; ratio must reach wanted."""
    many, some, hashed_by_reference = (1_000, 500, 200) if quick else (20_000, 5_000, 2_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = _document(folder / "many.json", many)
        start = time.process_time()
        count = sum(1 for _ in hashes_of(file))
        rate = count / (time.process_time() - start)
        theirs = _reference(folder, _document(folder / "few.json", hashed_by_reference))
        captured = _capture(folder, _document(folder / "some.json", some))
    rows = [_row(f"event hash, {CHILDREN} children, from a file; against: the aim", rate, HASH_WANTED)]
    if theirs is not None:
        work = f"event hash, {CHILDREN} children; against: {REFERENCE}"
        rows.append({**_row(work, rate, theirs), "wanted": 5.0})
    text = f"import of others' documents with every check, {CHILDREN} children; against: the aim"
    return [*rows, _row(text, captured, CAPTURE_WANTED)]


def _row(work: str, ours: float, theirs: float) -> Row:
    return {"work": work, "ours": ours, "theirs": theirs, "unit": "events/s", "ratio": ours / theirs, "wanted": 1.0}


def _document(file: Path, count: int) -> Path:
    """Half of the events commission ten cartons each, the other half packs them."""
    head = {
        "@context": [CONTEXT_URL],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-25T00:00:00Z",
    }
    events = [event for n in range(count // 2) for event in _pair(n)]
    file.write_text(json.dumps({**head, "epcisBody": {"eventList": events}}), encoding="utf-8")
    return file


def _pair(number: int) -> Sequence[dict[str, object]]:
    at = datetime(2026, 11, 23, 1, 0, tzinfo=UTC) + timedelta(seconds=2 * number)
    cartons = [f"https://id.gs1.org/01/06901234567892/21/A{number * CHILDREN + child}" for child in range(CHILDREN)]
    digits = f"{10**16 + number}"
    common = {"eventTimeZoneOffset": "+08:00", "readPoint": {"id": "https://id.gs1.org/414/6901234567892"}}
    born = {"bizStep": "commissioning", "disposition": "active", "epcList": cartons}
    packed = {"bizStep": "packing", "disposition": "in_progress", "childEPCs": cartons}
    parent = f"https://id.gs1.org/00/{digits}{gs1_check_digit(digits)}"
    return (
        {"type": "ObjectEvent", "eventTime": at.isoformat(), "action": "ADD", **common, **born},
        {
            "type": "AggregationEvent",
            "eventTime": (at + timedelta(seconds=1)).isoformat(),
            "action": "ADD",
            "parentID": parent,
            **common,
            **packed,
        },
    )


def _capture(folder: Path, file: Path) -> float:
    with Store.create_or_upgrade(f"sqlite:///{folder / 'store.db'}") as store:
        with store.unit_of_work() as uow:
            uow.catalog.add(Party(id="COOP1", name_zh="示例合作社"))
        start = time.perf_counter()
        done = capture_document(store, file, "COOP1", NOW)
        seconds = time.perf_counter() - start
    assert done.recorded == done.report.envelope.count, "every event is new"
    assert not done.flags, done.flags
    assert not done.report.levels, done.report.found[:3]
    return done.recorded / seconds


def _reference(folder: Path, file: Path) -> float | None:
    """Events per second of the reference, or None where it cannot be installed."""
    python = folder / "reference" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    venv.create(folder / "reference", with_pip=True)
    installing = [str(python), "-m", "pip", "install", "-q", REFERENCE]
    if subprocess.run(installing, capture_output=True, check=False, timeout=300).returncode:
        print(f"{REFERENCE} cannot be installed here: measured without it", file=sys.stderr)
        return None
    done = subprocess.run(
        [str(python), "-c", _REFERENCE_RUN, str(file)], capture_output=True, text=True, check=True, timeout=600
    )
    answer = json.loads(done.stdout)
    assert answer["hashes"] == [one.hash for one in hashes_of(file)], "the same hashes"
    return len(answer["hashes"]) / float(answer["seconds"])
