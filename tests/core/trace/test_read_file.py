"""Files of events: every envelope, contexts in front and behind, files that are none."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tracelib.errors import FormatError
from tracelib.trace.documents.epcis import read_document
from tracelib.trace.documents.read_file import hashes_of, read_envelope, read_events

EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-11-23T09:30:00.000+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/01/06901234567892/21/A1"],
    "action": "OBSERVE",
    "farm:row": "7",
}
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"farm": "https://farm.example/"}]
QUERY = {"queryName": "q", "ignoreFields": ["farm:row"], "resultsBody": {"eventList": [EVENT, EVENT]}}
SHAPES: dict[str, tuple[Any, int]] = {
    "document": ({"@context": CONTEXT, "type": "EPCISDocument", "epcisBody": {"eventList": [EVENT]}}, 1),
    "context behind": ({"type": "EPCISDocument", "epcisBody": {"eventList": [EVENT] * 3}, "@context": CONTEXT}, 3),
    "empty": ({"type": "EPCISDocument", "epcisBody": {"eventList": []}}, 0),
    "query document": ({"type": "EPCISQueryDocument", "epcisBody": {"queryResults": QUERY}}, 2),
    "one event in a body": ({"type": "EPCISDocument", "epcisBody": {"event": EVENT}}, 1),
    "list": ([EVENT, EVENT], 2),
    "single event": ({"@context": CONTEXT, **EVENT}, 1),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_envelope_gives_the_same_as_reading_it_whole(name: str, tmp_path: Path) -> None:
    value, count = SHAPES[name]
    file = tmp_path / "events.json"
    file.write_text(json.dumps(value, indent=1), encoding="utf-8")
    whole = read_document(file.read_bytes())
    envelope = read_envelope(file)
    assert envelope.count == count
    assert [event for _, event in read_events(file)] == list(whole.events)
    assert [position for position, _ in read_events(file)] == list(range(1, count + 1))
    assert [one.hash for one in hashes_of(file)] == [whole.hash_of(event) for event in whole.events]


def test_published_documents_and_their_hashes(conformance_data: Path) -> None:
    files = sorted((conformance_data / "epcis" / "event-hash").glob("*.jsonld"))
    assert len(files) == 11
    for file in files:
        assert [one.hash for one in hashes_of(file)] == file.with_suffix(".hashes").read_text().split(), file.name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_of_json(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([{**EVENT, "farm:note": "脐橙"}], ensure_ascii=False), encoding=encoding)
    ((_, event),) = read_events(file)
    assert isinstance(event, dict)
    assert event["farm:note"] == "脐橙"


NO_DOCUMENTS = {
    "empty": b"",
    "blank": b" \n ",
    "xml": b"<?xml version='1.0'?><epcis:EPCISDocument/>",
    "number": b"12",
    "cut off": b'{"type":"EPCISDocument","epcisBody":{"eventList":[{"type":"ObjectEvent"},{"ty',
    "no list": b'{"type":"EPCISDocument","epcisBody":{}}',
    "type is a list": b'{"type":["EPCISDocument"],"epcisBody":{}}',
    "no body": b'{"type":"EPCISDocument"}',
    "list is text": b'{"type":"EPCISDocument","epcisBody":{"eventList":"x"}}',
    "body is text": b'{"type":"EPCISDocument","epcisBody":"x"}',
    "two documents": b"[] []",
    "not utf-8": b'[{"type":"\xff\xfe"}]',
    "deep": b"[" * 100_000,
    "deep in an event": b'[{"type":"X","a:a":' + b"[" * 100_000,
}


@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_what_is_no_document_is_told(name: str, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_bytes(NO_DOCUMENTS[name])
    with pytest.raises(FormatError) as caught:
        read_envelope(file)
    assert caught.value.code in ("epcis.document", "epcis.json", "epcis.not_utf8", "epcis.second_value")


def test_an_event_without_type_and_one_too_deep_have_no_hash(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    deep = '{"type":"X","a:a":' + '{"a:a":' * 900 + "1" + "}" * 901
    for text in ('[{"type":"X"},{}]', "[1]", f"[{deep}]"):
        file.write_text(text)
        with pytest.raises(FormatError):
            list(hashes_of(file))


def test_a_large_file_needs_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    text = json.dumps(EVENT)
    with file.open("w") as stream:
        stream.write('{"type":"EPCISDocument","epcisBody":{"eventList":[' + text)
        stream.writelines("," + text for _ in range(20_000))
        stream.write("]}}")
    assert file.stat().st_size > 4_000_000
    tracemalloc.start()
    count = sum(1 for _ in read_events(file))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 1_500_000
