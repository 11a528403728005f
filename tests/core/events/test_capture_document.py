"""Documents of other parties come into the books: whole or not at all, every field kept, contradictions flagged."""

import gc
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tracelib.catalog.party import Party
from tracelib.errors import TraceError
from tracelib.operations.events import capture_document as capturing
from tracelib.operations.events.capture_document import Captured, RefusedEventsError, capture_document
from tracelib.operations.events.contradictions import contradictions_of
from tracelib.operations.trace.chain import trace
from tracelib.store.unit_of_work import Store
from tracelib.trace.documents.epcis import document_chunks, event_key, read_document
from tracelib.trace.event import EventKey
from tracelib.trace.lifecycle import Flag
from tracelib.trace.route.history import Mark

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HEAD = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-25T00:00:00Z"}
PALLET, OTHER = "urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678915"
Import = Callable[..., Captured]


def item(number: int) -> str:
    return f"https://id.gs1.org/01/06901234567892/21/A{number}"


def event(step: str, hour: int, *epcs: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    action = {"commissioning": "ADD", "decommissioning": "DELETE"}.get(step, "OBSERVE")
    return {"type": "ObjectEvent", "eventTime": f"2026-11-23T{hour:02}:00:00+08:00", "eventTimeZoneOffset": "+08:00",
            "action": action, "bizStep": step, "epcList": list(epcs), **more}  # fmt: skip


def packing(hour: int, parent: str, *children: str, action: str = "ADD", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    made = event("packing" if action == "ADD" else "unpacking", hour)
    del made["epcList"]
    return {
        **made,
        "type": "AggregationEvent",
        "action": action,
        "parentID": parent,
        "childEPCs": list(children),
        **more,
    }


@pytest.fixture
def desk(store: Store) -> Store:
    with store.unit_of_work() as uow:
        for party in ("COOP1", "COOP2"):
            uow.catalog.add(Party(id=party, name_zh="示例合作社"))
    return store


@pytest.fixture
def take(desk: Store, tmp_path: Path) -> Import:
    """Import a list of events, or a whole document, for a party."""

    def imported(events: Any, party: str = "COOP1", now: datetime = NOW, **more: Any) -> Captured:  # noqa: ANN401
        document = events if isinstance(events, dict) else {**HEAD, "epcisBody": {"eventList": events}}
        file = tmp_path / "delivery.jsonld"
        file.write_text(json.dumps(document), encoding="utf-8")
        return capture_document(desk, file, party, now, **more)

    return imported


def stored(store: Store, party: str = "COOP1") -> list[dict[str, Any]]:
    with store.reading() as uow:
        return [json.loads(one.document) for one in uow.events.events(party)]


def flags(store: Store, *objects: str, party: str = "COOP1") -> set[tuple[str, Flag]]:
    with store.reading() as uow:
        return {(one.object_id, one.flag) for one in uow.trace.flags([party], objects)}


def test_every_field_of_every_example_survives_import_and_export(desk: Store, conformance_data: Path) -> None:
    """The same JSON but for the id that an event had not and the context that it brings along; the same event hash."""
    count = 0
    for name in ("examples", "event-hash"):
        for file in sorted((conformance_data / "epcis" / name).glob("*.jsonld")):
            with desk.unit_of_work() as uow:
                uow.catalog.add(Party(id=f"P{count}", name_zh="示例合作社"))
            before = read_document(file.read_bytes())
            capture_document(desk, file, f"P{count}", NOW)
            with desk.reading() as uow:
                texts = [one.document for one in uow.events.events(f"P{count}")]
            after = read_document("".join(document_chunks(texts, NOW)))
            exported = {event_key(one): one for one in after.events}
            seen: set[EventKey] = set()
            for one in before.events:
                key = event_key({"eventID": before.hash_of(one), **one})
                if key in seen:  # once more, with other notes of the repository that answered
                    continue
                seen.add(key)
                found = exported[key]
                assert {**found, "@context": 0, "eventID": 0} == {**one, "@context": 0, "eventID": 0}, file.name
                assert not one.get("eventID") or one["eventID"] == found["eventID"]
                if not before.ignored:
                    assert after.hash_of(found) == before.hash_of(one), file.name
            assert len(exported) == len({event_key(one) for one in exported.values()}) > 0
            count += 1
    assert count == 35


def test_an_event_without_an_id_gets_its_hash_and_keeps_its_contexts(take: Import, desk: Store) -> None:
    farm = {"farm": "https://farm.example/"}
    document: dict[str, Any] = {**HEAD, "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", farm],
                "epcisBody": {"eventList": [event("shipping", 9, item(1), **{"farm:row": "7"})]}}  # fmt: skip
    take(document)
    (one,) = stored(desk)
    assert one["@context"] == [farm]
    assert one["eventID"] == read_document(json.dumps(document)).hash_of(document["epcisBody"]["eventList"][0])
    again = take({**HEAD, "epcisBody": {"eventList": [one]}})
    assert (again.recorded, again.known) == (0, 1)
    assert stored(desk) == [one]


def test_all_or_nothing_unless_partly(take: Import, desk: Store) -> None:
    bad = [event("shipping", 9, item(1)), event("shipping", 9, item(2), eventTime="2026-11-23T09:00:00"), 7]
    with pytest.raises(RefusedEventsError) as caught:
        take(bad)
    assert [(fault.params["position"], fault.params["path"]) for fault in caught.value.faults] == [
        (2, "eventTime"),
        (3, "–"),
    ]
    assert (stored(desk), caught.value.params["refused"]) == ([], 2)
    done = take(bad, partly=True)
    assert (done.recorded, done.report.refused, len(stored(desk))) == (1, {2, 3}, 1)


def test_duplicates_are_judged_by_event_id_and_declaration_time(take: Import, desk: Store) -> None:
    one = event("shipping", 9, item(1), eventID="urn:uuid:1")
    wrong = {**one, "errorDeclaration": {"declarationTime": "2026-11-24T00:00:00Z", "reason": "did_not_occur"}}
    done = take([one, wrong, one])
    assert (done.recorded, done.known) == (2, 1)
    later = {**wrong, "errorDeclaration": {"declarationTime": "2026-11-25T08:00:00.000+08:00"}}
    done = take([{**one, "epcList": ["urn:epc:id:sgtin:6901234.056789.A1"]}, later])
    assert (done.recorded, done.known) == (1, 1), "another spelling is the same event, another declaration is not"
    with pytest.raises(RefusedEventsError) as caught:
        take([event("shipping", 9, item(5)), {**one, "bizStep": "receiving"}])
    assert [fault.found.finding.rule.code for fault in caught.value.faults] == ["id_known"]
    assert len(stored(desk)) == 3
    assert take([one], "COOP2").recorded == 1, "the books of another party are its own"


def test_a_declaration_about_other_goods_is_told(take: Import, desk: Store) -> None:
    one = event("shipping", 9, item(1), eventID="urn:uuid:1")
    declared = {"errorDeclaration": {"declarationTime": "2026-11-24T00:00:00Z"}}
    other = {**event("shipping", 9, item(2), eventID="urn:uuid:1"), **declared}

    def told(done: Captured) -> list[tuple[int, str]]:
        return [(one.position, one.finding.rule.code) for one in done.report.found]

    assert told(take([one, {**one, **declared}], "COOP2")) == []
    assert told(take([one, other])) == [(2, "declares_other")]
    later = {"errorDeclaration": {"declarationTime": "2026-11-25T00:00:00Z"}}
    assert told(take([{**one, **later}])) == []
    later = {"errorDeclaration": {"declarationTime": "2026-11-26T00:00:00Z"}}
    done = take([{**other, **later}])
    assert (told(done), done.recorded) == ([(1, "declares_other")], 1), "the original is in the books"


def test_what_was_declared_wrong_says_nothing_of_containment(take: Import, desk: Store) -> None:
    packed = packing(9, PALLET, item(1), eventID="urn:uuid:1")
    take([packed])
    with desk.reading() as uow:
        pallet = uow.containment.parents_of("COOP1", [item(1)])
        assert pallet == {item(1): "106141412345678908"}
    take([{**packed, "errorDeclaration": {"declarationTime": "2026-11-24T00:00:00Z"}}])
    with desk.reading() as uow:
        assert not uow.containment.parents_of("COOP1", [item(1)])


def test_mixed_spellings_name_the_same_objects(take: Import, desk: Store) -> None:
    take([
        event("commissioning", 8, item(1)),
        packing(9, PALLET, "urn:epc:id:sgtin:6901234.056789.A1"),
        packing(10, "https://q.example.com/00/106141412345678908?x=1", item(1), action="DELETE"),
    ])  # fmt: skip
    with desk.reading() as uow:
        assert uow.containment.children_of("COOP1", "106141412345678908") == []
    assert flags(desk, item(1), "106141412345678908") == set()


def test_contradictions_are_flagged_and_nothing_is_refused(take: Import, desk: Store) -> None:
    wrong_digit = "https://id.gs1.org/01/06901234567893/21/A1"
    done = take([
        event("commissioning", 8, item(1), item(2), item(3), item(4), wrong_digit),
        event("commissioning", 9, item(1)),
        event("decommissioning", 9, item(2)),
        event("shipping", 10, item(2)),
        packing(10, PALLET, item(3)),
        packing(11, OTHER, item(3)),
        packing(12, PALLET, item(4), action="DELETE"),
        event("shipping", 10, item(5)),
        packing(12, PALLET, item(6)),
        event("commissioning", 8, item(7)),
        event("decommissioning", 9, item(7)),
        packing(12, PALLET, item(7)),
    ])  # fmt: skip
    assert done.recorded == 12
    objects = [*(item(n) for n in range(1, 8)), wrong_digit]
    assert flags(desk, *objects) == {
        (item(1), Flag.SECOND_COMMISSIONING),
        (item(2), Flag.AFTER_END),
        (item(3), Flag.ALREADY_PACKED),
        (item(4), Flag.NOT_INSIDE),
        (item(5), Flag.NEVER_ACTIVE),
        (item(6), Flag.NEVER_ACTIVE),
        (item(7), Flag.AFTER_END),
        (wrong_digit, Flag.WRONG_CHECK_DIGIT),
    }
    assert sum(done.flags.values()) == len(done.flagged) == 8


def test_order_of_arrival_does_not_matter(take: Import, desk: Store) -> None:
    take(
        [packing(11, PALLET, item(1), action="DELETE"), packing(9, PALLET, item(1)), event("commissioning", 8, item(1))]
    )
    assert flags(desk, item(1)) == set()


def test_a_second_commissioning_in_the_books_of_another_party_is_the_clone_signal(take: Import, desk: Store) -> None:
    first = event("commissioning", 8, item(1), item(2))
    take([first])
    take([first, event("shipping", 9, item(1), item(2))], "COOP2")
    assert flags(desk, item(1), party="COOP2") == set(), "a copy of the same event is none"
    take([event("commissioning", 10, item(2), item(3))], "COOP2")
    assert flags(desk, item(1), item(2), item(3), party="COOP2") == {(item(2), Flag.SECOND_COMMISSIONING)}


def test_an_activation_that_was_declared_wrong_is_none(take: Import, desk: Store) -> None:
    """No false clone alarm in the books of the true one, and what was only activated so was never activated."""
    wrong = {"errorDeclaration": {"declarationTime": "2026-11-24T00:00:00Z", "reason": "did_not_occur"}}
    mistaken = event("commissioning", 8, item(1), item(2))
    take([mistaken, {**mistaken, **wrong}])
    take([event("commissioning", 10, item(1))], "COOP2")
    assert flags(desk, item(1), party="COOP2") == set()
    take([event("shipping", 11, item(2))])
    assert flags(desk, item(2)) == {(item(2), Flag.NEVER_ACTIVE)}


def test_cycles_end_and_are_flagged(take: Import, desk: Store) -> None:
    boxes = [f"urn:x:box:{n}" for n in range(4)]
    take([packing(8, boxes[0], boxes[0])])
    take([packing(9, boxes[1], boxes[2]), packing(10, boxes[2], boxes[3]), packing(11, boxes[3], boxes[1])])
    assert flags(desk, boxes[0], boxes[1]) == {(boxes[0], Flag.CYCLE), (boxes[1], Flag.CYCLE)}


def test_nesting_to_any_depth(take: Import, desk: Store) -> None:
    take([packing(9, f"urn:x:box:{n + 1}", f"urn:x:box:{n}") for n in range(60)])
    with desk.reading() as uow:
        assert len(uow.containment.above("COOP1", "urn:x:box:0")) == 60
    assert flags(desk, *(f"urn:x:box:{n}" for n in range(61))) == set()


def test_an_unknown_context_stays_with_its_events(take: Import, desk: Store) -> None:
    url = "https://vendor.example/context.jsonld"
    events = [event("shipping", 9, item(1), **{"vnd:row": "7"})]
    done = take({**HEAD, "@context": url, "epcisBody": {"eventList": events}})
    assert {one.finding.rule.code for one in done.report.found} == {"context", "prefix"}
    assert stored(desk)[0]["@context"] == [url]


@pytest.mark.parametrize("context", [{"vnd": "\ud800"}, {"vnd": "x" * 20_000}])
def test_a_context_that_no_event_can_take_along(take: Import, desk: Store, context: dict[str, str]) -> None:
    with pytest.raises(TraceError) as caught:
        take({**HEAD, "@context": context, "epcisBody": {"eventList": [event("shipping", 9, item(1))]}})
    assert caught.value.code == "epcis.document"
    assert stored(desk) == []


def test_extended_types_and_odd_fields_are_kept(take: Import, desk: Store) -> None:
    odd = {"type": "https://vendor.example/PruneEvent", "eventTime": "2026-11-23T09:00:00Z", "action": "CUT",
           "eventTimeZoneOffset": "+08:00", "eventID": "urn:uuid:9", "vnd:tree": None}  # fmt: skip
    loose = {**packing(9, PALLET, item(1)), "eventID": "urn:uuid:8", "remark": None, "bizLocation": None}
    del loose["parentID"]
    assert take([odd, loose]).recorded == 2
    assert {one["eventID"]: one for one in stored(desk)} == {"urn:uuid:9": odd, "urn:uuid:8": loose}


def test_a_party_that_is_not_there(take: Import, desk: Store) -> None:
    with pytest.raises(TraceError) as caught:
        take([event("shipping", 9, item(1))], "NOBODY")
    assert caught.value.code == "event.party"


def test_a_file_that_changes_meanwhile_is_not_imported(
    take: Import, desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagging = contradictions_of

    def writing(*arguments: Any) -> Any:  # noqa: ANN401 - as the function it stands for
        with (tmp_path / "delivery.jsonld").open("a") as stream:
            stream.write(" ")
        return flagging(*arguments)

    monkeypatch.setattr(capturing, "contradictions_of", writing)
    with pytest.raises(TraceError) as caught:
        take([event("shipping", 9, item(1))])
    assert caught.value.code == "event.file_changed"
    assert stored(desk) == []


def test_the_import_stands_in_the_book_of_changes(take: Import, desk: Store) -> None:
    take([event("shipping", 9, item(1))])
    take([event("shipping", 9, item(1))], now=NOW.replace(hour=1))
    with desk.reading() as uow:
        (change,) = uow.changes.list("COOP1", verb="event.import")
    assert (change.subject, change.detail["events"], change.detail["flags"]) == ("delivery.jsonld", 1, 1)
    with desk.reading() as uow:
        assert uow.events.outbox.queues() == [], "what others say is not ours to push"


def test_memory_does_not_grow_with_the_file(desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capturing, "AT_ONCE", 25)
    peaks = []
    for number, count in enumerate((50, 100, 400)):  # the first one warms up
        file = tmp_path / "large.json"
        events = [
            event("commissioning", 8, *(item(number * 10**6 + n * 10 + k) for k in range(10))) for n in range(count)
        ]
        file.write_text(json.dumps({**HEAD, "epcisBody": {"eventList": events}}))
        del events
        gc.collect()  # what others left would be counted, or freed in the middle
        tracemalloc.start()
        assert capture_document(desk, file, "COOP1", NOW).recorded == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 2 * peaks[1], peaks


def test_a_flag_that_a_late_event_refutes_is_shown_no_more(desk: Store, take: Import) -> None:
    """Shipping comes before the activation of the day before; and a second activation is declared wrong."""
    early, twice = item(1), item(2)

    def shown(thing: str) -> list[str]:
        with desk.reading() as uow:
            remarks = trace(uow, thing).things[thing].remarks
        return [one.detail for one in remarks if one.mark is Mark.CONTRADICTION]

    take([event("shipping", 12, early)])
    assert (shown(early), flags(desk, early)) == (["never_active"], {(early, Flag.NEVER_ACTIVE)})
    take([event("commissioning", 9, early)], now=NOW.replace(hour=1))
    assert shown(early) == []
    assert flags(desk, early) == {(early, Flag.NEVER_ACTIVE)}, "the note of that time stays"
    wrong = event("commissioning", 11, twice)
    take([event("commissioning", 9, twice), wrong], now=NOW.replace(hour=2))
    assert shown(twice) == ["second_commissioning"]
    declaration = {"declarationTime": "2026-11-24T00:00:00Z", "reason": "did_not_occur"}
    take([{**wrong, "eventID": event_key(wrong).event_id, "errorDeclaration": declaration}], now=NOW.replace(hour=3))
    assert shown(twice) == []
