"""The event hash against the documents of its reference implementation, and against what it must and must not see."""

import copy
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.trace.canonical import event_hash, pre_hash, utc_milliseconds
from tracelib.trace.context import namespaces_of
from tracelib.trace.documents.epcis import read_document

DOCUMENTS = 11
EVENTS = 13
PRE_HASHES = 12
# Two published pre-hash texts are damaged: they do not have the SHA-256 that is published beside them, which ours has.
DAMAGED = {("epcisDocWithAllGS1Keys", 0), ("epcisDocWithDefaultSchemaInContext", 1)}


def cases(conformance_data: Path) -> list[Path]:
    return sorted((conformance_data / "epcis" / "event-hash").glob("*.jsonld"))


def test_every_published_hash(conformance_data: Path) -> None:
    files = cases(conformance_data)
    assert len(files) == DOCUMENTS
    count = 0
    for file in files:
        document = read_document(file.read_bytes())
        expected = file.with_suffix(".hashes").read_text().split()
        assert [document.hash_of(event) for event in document.events] == expected, file.name
        count += len(expected)
    assert count == EVENTS


def test_every_published_pre_hash(conformance_data: Path) -> None:
    count = 0
    for file in cases(conformance_data):
        source = file.with_suffix(".prehashes")
        if not source.is_file():
            continue
        document = read_document(file.read_bytes())
        expected = source.read_text(encoding="utf-8").splitlines()
        hashes = file.with_suffix(".hashes").read_text()
        assert len(expected) == len(document.events)
        for index, (event, text) in enumerate(zip(document.events, expected, strict=True)):
            if (file.stem, index) in DAMAGED:
                assert hashlib.sha256(text.encode()).hexdigest() not in hashes, "mended: take it off the list"
                continue
            assert document.pre_hash_of(event) == text, file.name
            count += 1
    assert count == PRE_HASHES - len(DAMAGED)


EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-11-23T09:30:00.000+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/01/06901234567892/21/A1", "https://id.gs1.org/01/06901234567892/21/A2"],
    "action": "OBSERVE",
    "bizStep": "inspecting",
    "readPoint": {"id": "https://id.gs1.org/414/6901234567892"},
}
SAME: list[tuple[str, dict[str, Any]]] = [
    ("epc uri", {"epcList": ["urn:epc:id:sgtin:6901234.056789.A1", EVENT["epcList"][1]]}),
    ("own domain", {"epcList": ["https://q.example.com/x/01/06901234567892/21/A1", EVENT["epcList"][1]]}),
    ("http", {"epcList": ["http://id.gs1.org/01/06901234567892/21/A1", EVENT["epcList"][1]]}),
    ("13 digits", {"epcList": ["https://id.gs1.org/01/6901234567892/21/A1", EVENT["epcList"][1]]}),
    ("short name", {"epcList": ["https://id.gs1.org/gtin/06901234567892/ser/A1", EVENT["epcList"][1]]}),
    ("lot beside the serial", {"epcList": ["https://id.gs1.org/01/06901234567892/10/L/21/A1", EVENT["epcList"][1]]}),
    ("query", {"epcList": ["https://id.gs1.org/01/06901234567892/21/A1?s=abc", EVENT["epcList"][1]]}),
    ("order", {"epcList": EVENT["epcList"][::-1]}),
    ("another zone", {"eventTime": "2026-11-23T01:30:00Z"}),
    ("vocabulary uri", {"bizStep": "https://ref.gs1.org/cbv/BizStep-inspecting"}),
    ("vocabulary urn", {"bizStep": "urn:epcglobal:cbv:bizstep:inspecting"}),
    ("place as epc uri", {"readPoint": {"id": "urn:epc:id:sgln:6901234.56789.0"}}),
    ("event id", {"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"}),
    ("record time", {"recordTime": "2026-11-23T09:30:01Z"}),
    ("error declaration", {"errorDeclaration": {"declarationTime": "2026-11-24T00:00:00Z"}}),
    ("comment", {"rdfs:comment": "looked at"}),
]
DIFFERENT: list[tuple[str, dict[str, Any]]] = [
    ("epc twice", {"epcList": [*EVENT["epcList"], EVENT["epcList"][0]]}),
    ("one epc less", {"epcList": EVENT["epcList"][:1]}),
    ("offset", {"eventTimeZoneOffset": "+09:00"}),
    ("millisecond", {"eventTime": "2026-11-23T09:30:00.001+08:00"}),
    ("action", {"action": "ADD"}),
    ("disposition", {"disposition": "active"}),
    ("extension", {"example:mood": "good"}),
    ("type", {"type": "TransactionEvent"}),
    ("case of a serial", {"epcList": ["https://id.gs1.org/01/06901234567892/21/a1", EVENT["epcList"][1]]}),
]


@pytest.mark.parametrize(("what", "change"), SAME, ids=[name for name, _ in SAME])
def test_another_spelling_of_the_same_event_has_the_same_hash(what: str, change: dict[str, Any]) -> None:
    assert event_hash({**EVENT, **change}) == event_hash(EVENT), what


@pytest.mark.parametrize(("what", "change"), DIFFERENT, ids=[name for name, _ in DIFFERENT])
def test_another_event_has_another_hash(what: str, change: dict[str, Any]) -> None:
    assert event_hash({**EVENT, **change}) != event_hash(EVENT), what


def test_hash_is_of_the_pre_hash_text_and_leaves_the_event_alone() -> None:
    event = copy.deepcopy(EVENT)
    text = (
        "eventType=ObjectEventeventTime=2026-11-23T01:30:00.000ZeventTimeZoneOffset=+08:00epcList"
        "epc=https://id.gs1.org/01/06901234567892/21/A1epc=https://id.gs1.org/01/06901234567892/21/A2action=OBSERVE"
        "bizStep=https://ref.gs1.org/cbv/BizStep-inspectingreadPointid=https://id.gs1.org/414/6901234567892"
    )
    assert pre_hash(event) == text
    assert event_hash(event) == f"ni:///sha-256;{hashlib.sha256(text.encode()).hexdigest()}?ver=CBV2.0"
    assert event == EVENT


@pytest.mark.parametrize(
    ("value", "text"),
    [("12.50", "12.5"), ("007", "7"), ("+3", "3"), (26, "26"), (26.0, "26"), (".5", "0.5"), (True, "true"),
     ("123456789012345678901", "123456789012345678901"), ("1.0000000000000000001", "1.0000000000000000001"),
     ("nan", "nan"), ("1_000", "1_000"), ("１２", "１２"), ("9e999", "9e999"), (" kept ", "kept")],
)  # fmt: skip
def test_values(value: object, text: str) -> None:
    assert pre_hash({"type": "X", "example:f": value}) == f"eventType=Xexample:f={text}"


def test_namespaces_of_document_event_and_standard() -> None:
    event = {"type": "X", "a:f": "1", "cbvmda:lotNumber": "L1", "b:f": {"b:g": ["2", "1"]}}
    names = namespaces_of(["https://example.com/context", {"a": "https://a.example/", "@version": "1.1"}])
    assert (
        pre_hash(event, names) == "eventType=Xb:fb:g=1b:g=2{https://a.example/}f=1{urn:epcglobal:cbv:mda}lotNumber=L1"
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-23T09:30:00+08:00", "2026-11-23T01:30:00.000Z"),
        ("2026-11-23T01:30:00.1236Z", "2026-11-23T01:30:00.124Z"),
        ("2026-11-23T01:30:00.9999Z", "2026-11-23T01:30:00.999Z"),
        ("2026-11-23T01:30:00", "2026-11-23T01:30:00"),
        ("yesterday", "yesterday"),
        ("0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00+08:00"),
    ],
)
def test_times(given: str, expected: str) -> None:
    assert utc_milliseconds(given) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["type", "eventTime", "epcList", "quantityList", "readPoint", "sensorElementList", "sourceList",
                         "persistentDisposition", "ilmd", "bizStep", "errorDeclaration", "x:y"])  # fmt: skip


@given(st.dictionaries(NAMES, JSON, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_json_has_a_hash_that_does_not_depend_on_the_order_of_fields(event: dict[str, Any]) -> None:
    backwards = dict(reversed(list(event.items())))
    assert event_hash(json.loads(json.dumps(event))) == event_hash(backwards)


def test_time_of_the_machine_does_not_matter() -> None:
    assert utc_milliseconds(datetime(2026, 1, 1, tzinfo=UTC).isoformat()) == "2026-01-01T00:00:00.000Z"
