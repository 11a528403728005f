"""What is said of events as other vendors write them: each rule by an event that breaks it and nothing else."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tracelib.trace.context import namespaces_of
from tracelib.trace.documents.check_file import FileReport, check_file
from tracelib.trace.documents.conform import check_event
from tracelib.trace.documents.epcis import DocumentError
from tracelib.trace.documents.finding import RULES, Level
from tracelib.trace.documents.json_stream import NotUtf8Error, SecondValueError
from tracelib.trace.documents.vocabulary import wrong_check_digit

NOW = datetime(2026, 11, 26, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-11-23T09:30:00.000+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/01/06901234567892/21/A1"],
    "action": "OBSERVE",
    "bizStep": "shipping",
}
PACKING = {**EVENT, "type": "AggregationEvent", "action": "ADD", "bizStep": "packing",
           "parentID": "urn:epc:id:sscc:0614141.1234567890", "childEPCs": EVENT["epcList"]}  # fmt: skip
del PACKING["epcList"]
DEEP: Any = 1
for _ in range(70):
    DEEP = {"a:a": DEEP}

ONE_FAULT: list[tuple[str, str, str, dict[str, Any]]] = [
    ("error", "no_zone", "eventTime", {**EVENT, "eventTime": "2026-11-23T09:30:00"}),
    ("error", "not_time", "eventTime", {**EVENT, "eventTime": "yesterday"}),
    ("error", "not_time", "eventTime", {**EVENT, "eventTime": "2026-02-30T09:30:00Z"}),
    ("error", "time_range", "eventTime", {**EVENT, "eventTime": "0001-01-01T00:00:00+08:00"}),
    ("error", "missing", "", {k: v for k, v in EVENT.items() if k != "eventTime"}),
    ("error", "not_action", "action", {**EVENT, "action": "observe"}),
    ("error", "not_uri", "epcList[1]", {**EVENT, "epcList": ["urn:x:1", "12345"]}),
    ("error", "not_list", "epcList", {**EVENT, "epcList": "urn:x:1"}),
    ("error", "not_text", "epcList[0]", {**EVENT, "epcList": [7]}),
    ("error", "null", "eventTime", {**EVENT, "eventTime": None}),
    ("error", "missing", "errorDeclaration", {**EVENT, "errorDeclaration": {}}),
    ("error", "missing", "type", {**EVENT, "type": None}),
    ("error", "not_word", "type", {**EVENT, "type": "QuantityEvent"}),
    ("error", "too_deep", "", {**EVENT, "a:a": DEEP}),
    ("error", "too_long", "eventID", {**EVENT, "eventID": "urn:" + "x" * 700}),
    ("error", "not_storable", "", {**EVENT, "rdfs:comment": "a\x00b"}),
    ("error", "not_storable", "", {**EVENT, "rdfs:comment": "\ud800"}),
    ("error", "not_storable", "", {**EVENT, "cbv:x": float("inf")}),
    ("schema", "null", "bizLocation", {**EVENT, "bizLocation": None}),
    ("schema", "no_field", "remark", {**EVENT, "remark": "x"}),
    ("schema", "old_word", "bizStep", {**EVENT, "bizStep": "urn:epcglobal:cbv:bizstep:shipping"}),
    ("schema", "not_word", "disposition", {**EVENT, "disposition": "fine"}),
    ("schema", "not_ascii", "readPoint.id", {**EVENT, "readPoint": {"id": "https://a.example/冷库"}}),
    ("schema", "repeated", "epcList", {**EVENT, "epcList": ["urn:x:1", "urn:x:1"]}),
    ("schema", "missing", "", {k: v for k, v in EVENT.items() if k != "eventTimeZoneOffset"}),
    ("schema", "not_offset", "eventTimeZoneOffset", {**EVENT, "eventTimeZoneOffset": "+8"}),
    ("schema", "ilmd_action", "ilmd", {**EVENT, "ilmd": {"cbvmda:lotNumber": "1"}}),
    ("schema", "no_objects", "", {k: v for k, v in EVENT.items() if k != "epcList"}),
    ("schema", "not_pattern", "quantityList[0].uom", {**EVENT, "quantityList": [{"epcClass": "urn:x:1", "uom": "kg"}]}),
    ("schema", "not_number", "quantityList[0].quantity",
     {**EVENT, "quantityList": [{"epcClass": "urn:x:1", "quantity": "7"}]}),
    ("warning", "check_digit", "epcList[0]", {**EVENT, "epcList": ["https://a.example/01/06901234567893/21/A1"]}),
    ("warning", "check_digit", "bizLocation.id", {**EVENT, "bizLocation": {"id": "https://id.gs1.org/414/6901234567893"}}),
    ("warning", "key_form", "epcList[0]", {**EVENT, "epcList": ["urn:epc:id:sgtin:69.1.2"]}),
    ("warning", "key_form", "epcList[0]", {**EVENT, "epcList": ["https://id.gs1.org/01/690123456789/21/a%20b"]}),
    ("warning", "class_in_epcs", "epcList[0]", {**EVENT, "epcList": ["urn:epc:class:lgtin:6901234.056789.L1"]}),
    ("warning", "epc_in_classes", "quantityList[0].epcClass",
     {**EVENT, "quantityList": [{"epcClass": "urn:epc:id:sgtin:6901234.056789.A1"}]}),
    ("warning", "no_step", "", {k: v for k, v in EVENT.items() if k != "bizStep"}),
    ("warning", "own_word", "bizStep", {**EVENT, "bizStep": "https://farm.example/steps/pruning"}),
    ("warning", "own_word", "bizStep", {**EVENT, "bizStep": "https://ref.gs1.org/cbv/BizStep-shiping"}),
    ("warning", "own_word", "bizStep", {**EVENT, "bizStep": "cbv:BizStep-nonsense"}),
    ("warning", "own_word", "disposition", {**EVENT, "disposition": "https://ref.gs1.org/cbv/Disp-in_transt"}),
    ("warning", "own_word", "persistentDisposition.set[0]",
     {**EVENT, "persistentDisposition": {"set": ["https://ref.gs1.org/cbv/Disp-nope"]}}),
    ("warning", "own_word", "bizTransactionList[0].type",
     {**EVENT, "bizTransactionList": [{"type": "cbv:BTT-order", "bizTransaction": "urn:x:1"}]}),
    ("warning", "own_word", "destinationList[0].type",
     {**EVENT, "destinationList": [{"type": "https://farm.example/buyer", "destination": "urn:x:1"}]}),
    ("warning", "own_word", "errorDeclaration.reason",
     {**EVENT, "errorDeclaration": {"declarationTime": EVENT["eventTime"], "reason": "https://farm.example/oops"}}),
    ("warning", "own_word", "sensorElementList[0].sensorReport[0].type",
     {**EVENT, "sensorElementList": [{"sensorReport": [{"type": "gs1:Warmth", "value": 1}]}]}),
    ("warning", "class_in_epcs", "epcList[0]", {**EVENT, "epcList": ["https://a.example/01/06901234567892"]}),
    ("warning", "class_in_epcs", "epcList[0]", {**EVENT, "epcList": ["https://a.example/01/06901234567892/10/L1"]}),
    ("warning", "epc_in_classes", "quantityList[0].epcClass",
     {**EVENT, "quantityList": [{"epcClass": "https://a.example/01/06901234567892/21/A1"}]}),
    ("warning", "below_zero", "quantityList[0].quantity",
     {**EVENT, "quantityList": [{"epcClass": "urn:x:1", "quantity": -2}]}),
    ("warning", "keg", "quantityList[0].uom",
     {**EVENT, "quantityList": [{"epcClass": "urn:x:1", "quantity": 2, "uom": "KG"}]}),
    ("warning", "not_date", "ilmd.cbvmda:harvestEndDate",
     {**EVENT, "action": "ADD", "bizStep": "commissioning", "ilmd": {"cbvmda:harvestEndDate": "23.11.2026"}}),
    ("error", "at_type", "type", {**{k: v for k, v in EVENT.items() if k != "type"}, "@type": "ObjectEvent"}),
    ("warning", "step_action", "action", {**EVENT, "bizStep": "commissioning"}),
    ("warning", "no_parent", "", {k: v for k, v in PACKING.items() if k != "parentID"}),
    ("warning", "prefix", "vnd:row", {**EVENT, "vnd:row": "7"}),
    ("warning", "prefix", "cbv:a.vnd:row", {**EVENT, "cbv:a": {"vnd:row": "7"}}),
    ("warning", "future", "eventTime", {**EVENT, "eventTime": "2026-11-28T00:00:00Z"}),
    ("warning", "context", "@context", {**EVENT, "@context": ["https://vendor.example/context.jsonld"]}),
    ("warning", "extended_type", "type", {**EVENT, "type": "https://vendor.example/HarvestEvent"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "code", "path", "event"), ONE_FAULT, ids=lambda one: one if isinstance(one, str) else ""
)
def test_each_fault_is_told_once_with_its_path(level: str, code: str, path: str, event: dict[str, Any]) -> None:
    found = check_event(event, namespaces_of(), NOW)
    assert [(one.level, one.rule.code, one.path) for one in found] == [(level, code, path)]
    assert found[0].message()


def test_good_events_have_no_findings_and_are_left_alone() -> None:
    declared = {"cbvmda:lotNumber": "1", "https://a.example/ns#full": "x", "farm:row": {"farm:tree": ["1"]}}
    event = {**EVENT, "action": "ADD", "bizStep": "commissioning", "ilmd": declared}
    before = copy.deepcopy(event)
    assert check_event(event, namespaces_of({"farm": "https://farm.example/"}), NOW) == []
    assert event == before
    assert check_event(PACKING, namespaces_of(), NOW) == []
    words = {
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:1"}],
        "sourceList": [{"type": "owning_party", "source": "urn:x:1"}],
        "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": -1.5, "uom": "CEL"}]}],
        "quantityList": [{"epcClass": "https://a.example/01/06901234567892/10/L1", "quantity": 1.5, "uom": "KGM"}],
        "epcList": ["urn:epc:id:adi:W81X9C.3KL984PX1.2WMA52", "urn:epc:id:gid:95100000.12345.400"],
    }
    assert check_event({**EVENT, **words}, namespaces_of(), NOW) == []


@pytest.mark.parametrize(
    ("uri", "right"),
    [  # check digits by hand, General Specifications 7.9
        ("https://id.gs1.org/01/06901234567892/21/A1", None),
        ("https://id.gs1.org/01/06901234567899/21/A1", ("06901234567899", "2")),
        ("https://q.example.com/x/00/106141412345678908", None),
        ("https://q.example.com/x/00/106141412345678900", ("106141412345678900", "8")),
        ("https://id.gs1.org/8004/4012345ABC", None),
        ("https://id.gs1.org/8003/04012345555554987", None),
        ("https://id.gs1.org/8003/04012345555557987", ("04012345555557", "4")),
        ("urn:epc:id:sgtin:6901234.056789.A1", None),
        ("https://farm.example/tree/7", None),
    ],
)
def test_check_digits(uri: str, right: tuple[str, str] | None) -> None:
    assert wrong_check_digit(uri) == right


def report(file: Path, events: list[Any], text: str = "") -> FileReport:
    head = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-25T00:00:00Z"}
    file.write_text(text or json.dumps({**head, "epcisBody": {"eventList": events}}), encoding="utf-8")
    return check_file(file, NOW)


def found(report: FileReport) -> list[tuple[int, str]]:
    return [(one.position, one.finding.rule.code) for one in report.found]


def test_the_same_id_for_another_event_is_refused_and_the_same_event_counts_once(tmp_path: Path) -> None:
    one = {**EVENT, "eventID": "urn:uuid:1"}
    wrong = {**one, "errorDeclaration": {"declarationTime": "2026-11-24T00:00:00Z"}}
    spelled = {**one, "epcList": ["urn:epc:id:sgtin:6901234.056789.A1"]}
    made = report(tmp_path / "f", [one, {**one, "bizStep": "receiving"}, spelled, wrong, EVENT, EVENT])
    assert found(made) == [(2, "id_taken"), (3, "same_event"), (6, "same_event")]
    assert (made.refused, made.valid) == ({2}, False)


def test_fields_named_twice_lists_and_single_events(tmp_path: Path) -> None:
    text = json.dumps(EVENT)
    assert found(report(tmp_path / "f", [], f'[{text[:-1]}, "action": "ADD"}}]')) == [(0, "bare_list"), (1, "doubled")]
    assert found(report(tmp_path / "f", [], text)) == [(0, "missing")]
    assert found(report(tmp_path / "f", [], json.dumps({**EVENT, "@context": {}}))) == []
    assert found(report(tmp_path / "f", [7, None])) == [(1, "not_object"), (2, "not_object")]


def test_findings_are_counted_where_they_are_too_many_to_keep(tmp_path: Path) -> None:
    made = report(tmp_path / "f", [7] * 3000)
    assert (len(made.found), made.levels[Level.ERROR], len(made.refused)) == (1000, 3000, 3000)


def test_every_rule_has_a_code_of_its_own() -> None:
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes)) > 40


def test_what_is_not_kept_is_told(tmp_path: Path) -> None:
    long = json.dumps({**EVENT, "cbv:x": 7}).replace(": 7}", ": 0.12345678901234567891}")
    head = '{"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-25T00:00:00Z", '
    header = '"epcisHeader": {"epcisMasterData": {"vocabularyList": []}}, '
    told = report(tmp_path / "a.json", [], f'{head}{header}"epcisBody": {{"eventList": [{long}]}}}}')
    assert found(told) == [(0, "not_kept"), (1, "shortened")]
    assert "0.12345678901234567891" in told.found[1].finding.message()
    assert told.valid
    exact = long.replace("0.12345678901234567891", "0.1000000000000000000")
    assert found(report(tmp_path / "b.json", [], f'{head}"epcisBody": {{"eventList": [{exact}]}}}}')) == []


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (b'{"a": 1}\n{"b": 2}', SecondValueError, "At line 2 a second value begins"),
        ('{"a": "赣南脐橙"}'.encode("gbk"), NotUtf8Error, "perhaps GBK"),
        (b'{"epcisBody": {"eventList": [], "eventList": []}}', DocumentError, "eventList stands there twice"),
    ],
)
def test_texts_that_are_no_document(tmp_path: Path, text: bytes, error: type[Exception], words: str) -> None:
    (tmp_path / "x.json").write_bytes(text)
    with pytest.raises(error, match=words):
        check_file(tmp_path / "x.json", NOW)


def test_a_prefix_may_be_an_expanded_term() -> None:
    context = {"farm": {"@id": "https://farm.example/", "@prefix": True}, "x": {"@id": "https://x.example/"}}
    assert namespaces_of(context)["farm"] == "https://farm.example/"
    assert "x" not in namespaces_of(context)
