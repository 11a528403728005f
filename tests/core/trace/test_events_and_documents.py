"""The events that our steps make: valid EPCIS 2.0, complete, and the same after a way through a document."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator

from tracelib.clock import CHINA
from tracelib.errors import FormatError, RuleError
from tracelib.trace.build import commissioning_event, identified, location_uri, packing_event
from tracelib.trace.canonical import event_hash
from tracelib.trace.context import namespaces_of
from tracelib.trace.documents.epcis import document, event_key, read_document
from tracelib.trace.documents.read_event import parse_event
from tracelib.trace.elements import ErrorDeclaration
from tracelib.trace.event import AggregationEvent, EventKey, ObjectEvent
from tracelib.trace.vocab import BizStep, Disposition

AT = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=CHINA)
HOME = "q.example.com"
EPCS = [f"https://{HOME}/P/CHENG-5KG/10/GN-1/21/AB12XYZ0000000{i}" for i in range(3)]
PALLET = "https://id.gs1.org/00/106141412345678908"


def commissioning() -> ObjectEvent:
    return commissioning_event(
        EPCS,
        event_time=AT,
        read_point=location_uri(HOME, "COOP1", station="LINE1"),
        biz_location=location_uri(HOME, "COOP1"),
        lot="GN-1",
        weight_g=4980,
        device_id=f"https://{HOME}/L/COOP1/SCALE1",
    )


def packing() -> AggregationEvent:
    return packing_event(PALLET, EPCS, event_time=AT, read_point=location_uri(HOME, "COOP1", "6901234567892", "LINE1"))


@pytest.fixture
def schema(conformance_data: Path) -> Validator:
    value = json.loads((conformance_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    kind = jsonschema.validators.validator_for(value)
    return kind(value, format_checker=kind.FORMAT_CHECKER)


def test_our_events_are_valid_epcis(schema: Validator) -> None:
    texts = [json.dumps(event.as_json()) for event in (commissioning(), packing())]
    schema.validate(json.loads(document(texts, AT)))
    wrong = json.loads(document(texts, AT).replace(b'"ADD"', b'"OBSERVE"'))
    assert list(schema.iter_errors(wrong)), "the schema must be able to say no (ilmd needs ADD)"


def test_fields_of_a_commissioning() -> None:
    assert commissioning().as_json() == {
        "type": "ObjectEvent",
        "eventID": commissioning().event_id,
        "eventTime": "2026-11-23T09:30:00.123+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": EPCS,
        "ilmd": {"cbvmda:lotNumber": "GN-1"},
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": "https://q.example.com/L/COOP1/LINE1"},
        "bizLocation": {"id": "https://q.example.com/L/COOP1"},
        "sensorElementList": [
            {
                "sensorMetadata": {
                    "time": "2026-11-23T09:30:00.123+08:00",
                    "deviceID": "https://q.example.com/L/COOP1/SCALE1",
                },
                "sensorReport": [{"type": "Mass", "value": 4980, "uom": "GRM"}],
            }
        ],
    }


def test_fields_of_a_packing() -> None:
    assert packing().as_json() == {
        "type": "AggregationEvent",
        "eventID": packing().event_id,
        "eventTime": "2026-11-23T09:30:00.123+08:00",
        "eventTimeZoneOffset": "+08:00",
        "parentID": PALLET,
        "childEPCs": EPCS,
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": "https://id.gs1.org/414/6901234567892/254/LINE1"},
    }


def test_the_id_is_the_event_hash_and_sees_the_weight() -> None:
    event = commissioning()
    assert event.event_id == event_hash(event.as_json())
    assert event.event_id.startswith("ni:///sha-256;")
    assert event.event_id.endswith("?ver=CBV2.0")
    assert commissioning_event(EPCS, event_time=AT, weight_g=1).event_id != commissioning_event(
        EPCS, event_time=AT, weight_g=2
    ).event_id  # fmt: skip


def test_a_repetition_is_the_same_event_wherever_it_was_written() -> None:
    utc = commissioning_event(EPCS, event_time=AT.astimezone(timezone(timedelta(hours=8))), lot="GN-1")
    assert utc.event_id == commissioning_event(EPCS[::-1], event_time=AT, lot="GN-1").event_id


@pytest.mark.parametrize("epcs", [[], [EPCS[0], EPCS[0]]])
def test_empty_and_repeated_objects_are_refused(epcs: list[str]) -> None:
    with pytest.raises(RuleError):
        commissioning_event(epcs, event_time=AT)
    with pytest.raises(RuleError):
        packing_event(PALLET, epcs, event_time=AT)


def test_nothing_is_packed_into_itself() -> None:
    with pytest.raises(RuleError):
        packing_event(PALLET, [PALLET], event_time=AT)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(FormatError) as caught:
        packing_event(PALLET, EPCS, event_time=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the fault
    assert caught.value.code == "event.time_without_zone"


def test_an_error_declaration_has_the_events_id_and_a_key_of_its_own(schema: Validator) -> None:
    event = packing()
    declared = ErrorDeclaration(declaration_time=AT + timedelta(days=1), reason="did_not_occur")
    wrong = identified(AggregationEvent(
        event_time=event.event_time, biz_step=event.biz_step, disposition=event.disposition,
        read_point=event.read_point, parent_id=event.parent_id, child_epcs=event.child_epcs,
        error_declaration=declared,
    ))  # fmt: skip
    schema.validate(json.loads(document([json.dumps(wrong.as_json())], AT)))
    assert wrong.event_id == event.event_id
    assert event.key == EventKey(event.event_id)
    assert wrong.key == EventKey(event.event_id, "2026-11-24T01:30:00.123Z") == event_key(wrong.as_json())


@pytest.mark.parametrize("event", [commissioning(), packing()], ids=["commissioning", "packing"])
def test_written_and_read_back(event: ObjectEvent | AggregationEvent) -> None:
    read = read_document(document([json.dumps(event.as_json())], AT))
    again = parse_event(read.events[0])
    assert again.as_json() == event.as_json()
    assert again.key == event.key
    assert read.hash_of(read.events[0]) == event.event_id


def test_gs1s_examples_are_read_and_every_field_survives(conformance_data: Path) -> None:
    files = sorted((conformance_data / "epcis" / "examples").glob("*.jsonld"))
    assert len(files) == 24
    taken = 0
    for file in files:
        for event in read_document(file.read_bytes()).events:
            if event["type"] in ("ObjectEvent", "AggregationEvent"):
                # A time may be written anew, in the same instant; everything else is as it was.
                back = parse_event(event).as_json()
                anew = {"eventTime": 0, "errorDeclaration": 0}
                assert {**back, **anew} == {**event, **anew}, file.name
                assert event_hash(back) == event_hash(event)
                taken += 1
    assert taken == 18


BAD_DOCUMENTS = {
    "no json": "{",
    "a number": "12",
    "no event list": '{"type":"EPCISDocument","epcisBody":{}}',
    "event without type": '{"epcisBody":{"eventList":[{}]}}',
    "event is text": "[1]",
    "body is text": '{"epcisBody":"x"}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS.keys())
def test_bad_documents_are_refused_by_name(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_document(text)
    assert caught.value.code == "epcis.document"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "QuantityEvent"}, "type"),
        ({"eventTime": "2026-01-01T00:00:00"}, "eventTime"),
        ({"eventTime": "soon"}, "eventTime"),
        ({"eventTimeZoneOffset": "Beijing"}, "eventTimeZoneOffset"),
        ({"action": "add"}, "action"),
        ({"childEPCs": ["x", 1]}, "childEPCs"),
        ({"parentID": {}}, "parentID"),
        ({"readPoint": "x"}, "readPoint"),
        ({"errorDeclaration": []}, "errorDeclaration"),
    ],
)
def test_bad_events_are_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_event({**packing().as_json(), **change}, position=7)
    assert (caught.value.code, caught.value.params["name"], caught.value.params["position"]) == (
        "epcis.event",
        field,
        7,
    )


def test_vocabulary_is_that_of_the_published_context(conformance_data: Path) -> None:
    context = json.loads((conformance_data / "epcis" / "epcis-context.jsonld").read_text())["@context"]
    steps = {name: uri.replace("cbv:", context["cbv"]) for name, uri in context["bizStep"]["@context"].items()}
    words = {name: uri.replace("cbv:", context["cbv"]) for name, uri in context["disposition"]["@context"].items()}
    assert {step.value: step.uri for step in BizStep} == steps
    assert {word.value: word.uri for word in Disposition} == words
    assert (len(steps), len(words)) == (41, 33)


def test_bare_words_of_the_hash_are_those_of_the_published_context(conformance_data: Path) -> None:
    from tracelib.trace import context as ours

    published = json.loads((conformance_data / "epcis" / "epcis-context.jsonld").read_text())["@context"]
    report = published["sensorElementList"]["@context"]["sensorReport"]["@context"]
    pairs = [
        (ours.BIZ_TRANSACTION_TYPES, published["bizTransactionList"]["@context"]["type"]["@context"]),
        (ours.SOURCE_DESTINATION_TYPES, published["sourceList"]["@context"]["type"]["@context"]),
        (ours.COMPONENTS, report["component"]["@context"]),
        (ours.EXCEPTIONS, report["exception"]["@context"]),
        (ours.MEASUREMENTS, report["type"]["@context"]),
    ]
    for mine, theirs in pairs:
        assert mine == {
            name: uri.replace("cbv:", published["cbv"]).replace("gs1:", published["gs1"])
            for name, uri in theirs.items()
        }
    assert namespaces_of()["gs1"] == published["gs1"]
