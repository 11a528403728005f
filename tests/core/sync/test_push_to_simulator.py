"""Pushes over a real socket to a platform with bad manners: each event arrives once, each refusal has its reason."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracelib.clock import SystemClock
from tracelib.operations.push import PushReport, PushSettings, push_pending
from tracelib.store.unit_of_work import Store
from tracelib.sync.adapters.epcis import EpcisPlatform
from tracelib.sync.http import HttpClient, Limits, Secret
from tracelib.sync.retry import RetryPolicy
from tracelib.sync.simulator.process import RunningSimulator, simulated_platform
from tracelib.trace.build import commissioning_event
from tracelib.trace.elements import ErrorDeclaration
from tracelib.trace.event import ObjectEvent
from tracelib.trace.outbox import Delivery

pytest.importorskip("fastapi")

COUNT = 120
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
FORCED = "ValidationException: this platform does not like the event"
QUICK = PushSettings(
    retry=RetryPolicy(first_s=0.01, longest_s=0.05, attempts=8, settle_s=0.05, longest_wait_asked_s=0.05),
    lease_s=5,
    job_wait_s=2,
    job_unknown_s=0.2,
    job_poll_s=0.002,
    longest_poll_s=0.02,
)


def fill(store: Store, count: int = COUNT) -> list[str]:
    events = [
        commissioning_event([f"https://q.example.com/U/{n}"], event_time=AT, lot="GN-1", weight_g=5000 + n)
        for n in range(count)
    ]
    with store.unit_of_work() as uow:
        for event in events:
            uow.events.append("COOP1", event, recorded_at=AT)
    return [event.event_id for event in events]


def push(store: Store, sim: RunningSimulator | str, settings: PushSettings = QUICK, token: str = "") -> PushReport:
    url = sim if isinstance(sim, str) else sim.url
    with HttpClient(url, Secret(token) if token else None, Limits(1, 0.3, 1)) as http:
        clock = SystemClock()
        return push_pending(store, EpcisPlatform(http, clock), "COOP1", "epcis", clock=clock, settings=settings)


def counts(store: Store) -> dict[Delivery, int]:
    with store.reading() as uow:
        return uow.events.outbox.queues("COOP1")[0].counts


@pytest.mark.parametrize("manner", [[], ["--synchronous"], ["--job-polls", "4"]], ids=["jobs", "201", "slow jobs"])
def test_everything_arrives_once_and_is_valid_by_gs1s_schema(
    store: Store, tmp_path: Path, conformance_data: Path, manner: list[str]
) -> None:
    ids = fill(store)
    schema = conformance_data / "epcis" / "EPCIS-JSON-Schema.json"
    with simulated_platform(tmp_path / "sim.db", "--schema", str(schema), "--keep-duplicates", *manner) as sim:
        report = push(store, sim)
        assert (report.accepted, report.rejected, report.waiting, report.stopped_by) == (COUNT, [], 0, None)
        assert sim.stats(listed=True)["keys"] == dict.fromkeys(ids, 1)
        assert push(store, sim).requests == 0, "nothing is left to be sent"


# Faults that must not change the result. Duplicates are kept by the platform, so a second sending would show.
FAULTS = {
    "refuses one of many": ["--refuse-every", "37"],
    "refuses at once": ["--refuse-every", "37", "--synchronous"],
    "silent after storing": ["--timeout-after-accept-every", "2", "--hang-s", "1", "--event-limit", "31"],
    "cuts the connection": ["--cut-every", "2", "--event-limit", "31"],
    "answers twice": ["--twice-every", "2", "--event-limit", "31"],
    "answers twice at once": ["--twice-every", "2", "--event-limit", "31", "--synchronous"],
    "out of order": ["--error-every", "2", "--event-limit", "31"],
    "busy": ["--busy-every", "2", "--event-limit", "31"],
    "takes little": ["--byte-limit", "3000"],
    "all at once": ["--refuse-every", "29", "--timeout-after-accept-every", "5", "--hang-s", "1", "--cut-every", "4",
                    "--twice-every", "3", "--error-every", "6", "--busy-every", "13", "--event-limit", "20"],
}  # fmt: skip


@pytest.mark.parametrize("options", FAULTS.values(), ids=FAULTS.keys())
def test_bad_manners_lose_and_double_nothing(store: Store, tmp_path: Path, options: list[str]) -> None:
    ids = fill(store)
    every = int(options[1]) if options[0] == "--refuse-every" else 0
    refused = {ids[n] for n in range(every - 1, COUNT, every)} if every else set()
    with simulated_platform(tmp_path / "sim.db", "--keep-duplicates", *options) as sim:
        report = push(store, sim)
        assert report.stopped_by is None, str(report.stopped_by)
        stats = sim.stats(listed=True)
    assert stats["keys"] == dict.fromkeys([i for i in ids if i not in refused], 1)
    assert {outcome.key.event_id for outcome in report.rejected} == refused
    assert all(outcome.reason == FORCED for outcome in report.rejected)
    with store.reading() as uow:
        listed = {(r.key.event_id, r.reason) for r in uow.events.outbox.rejections("COOP1")}
    assert listed == {(event_id, FORCED) for event_id in refused}
    assert report.accepted == COUNT - len(refused)
    fault = {"--refuse-every": "refusals", "--timeout-after-accept-every": "timeouts", "--cut-every": "cuts",
             "--twice-every": "twice", "--error-every": "errors", "--busy-every": "busy"}  # fmt: skip
    for option, counter in fault.items():
        assert (stats["counters"].get(counter, 0) > 0) == (option in options), f"{option} was to happen"


def test_an_error_declaration_is_not_taken_for_the_event_it_takes_back(store: Store, tmp_path: Path) -> None:
    event = commissioning_event(["https://q.example.com/U/1"], event_time=AT)
    declared = ErrorDeclaration(declaration_time=AT, reason="did_not_occur")
    wrong = ObjectEvent(
        event_time=event.event_time, event_id=event.event_id, biz_step=event.biz_step, disposition=event.disposition,
        epc_list=event.epc_list, error_declaration=declared,
    )  # fmt: skip
    with simulated_platform(tmp_path / "sim.db", "--keep-duplicates", "--cut-every", "2") as sim:
        for one in (event, wrong):
            with store.unit_of_work() as uow:
                uow.events.append("COOP1", one, recorded_at=AT)
            assert push(store, sim).accepted == 1
        stats = sim.stats()
    assert (stats["events"], stats["stored"], stats["counters"]["cuts"]) == (2, 2, 1)


def test_nobody_there_leaves_everything_pending(store: Store, tmp_path: Path) -> None:
    fill(store, 3)
    with simulated_platform(tmp_path / "sim.db") as sim:
        url = sim.url
    report = push(store, url)
    assert report.stopped_by is not None
    assert (report.stopped_by.code, report.waiting) == ("sync.unreachable", 3)
    assert counts(store) == {Delivery.PENDING: 3}


def test_a_wrong_token_stops_at_once_and_is_named(store: Store, tmp_path: Path) -> None:
    fill(store, 3)
    with simulated_platform(tmp_path / "sim.db", "--token", "right") as sim:
        report = push(store, sim, token="wrong")
        assert report.stopped_by is not None
        assert (report.stopped_by.code, report.requests, counts(store)) == (
            "sync.login_refused",
            0,
            {Delivery.PENDING: 3},
        )
        assert "wrong" not in str(report.stopped_by)
        assert push(store, sim, token="right").accepted == 3


def test_a_wrong_address_stops_at_once_and_is_named(store: Store, tmp_path: Path) -> None:
    fill(store, 3)
    with simulated_platform(tmp_path / "sim.db") as sim:
        report = push(store, f"{sim.url}/nowhere")
    assert report.stopped_by is not None
    assert (report.stopped_by.code, counts(store)) == ("sync.wrong_address", {Delivery.PENDING: 3})


def test_a_platform_that_never_answers_is_given_up_and_asked_later(store: Store, tmp_path: Path) -> None:
    fill(store, 3)
    silent = ["--timeout-after-accept-every", "1", "--hang-s", "1", "--keep-duplicates"]
    with simulated_platform(tmp_path / "sim.db", *silent) as sim:
        report = push(store, sim)
        assert (report.accepted, report.waiting, report.requests) == (3, 0, 1), "one sending, then the question"
        assert sim.stats()["doubled"] == 0


def test_two_pushers_do_not_work_on_one_queue(store: Store, tmp_path: Path) -> None:
    fill(store, 3)
    with store.unit_of_work() as uow:
        lease = uow.events.outbox.take_lease(
            "COOP1", "epcis", owner="b", now=SystemClock().now(), lease=timedelta(minutes=1)
        )
        assert lease
    with simulated_platform(tmp_path / "sim.db") as sim:
        report = push(store, sim)
        assert (report.busy_elsewhere, report.waiting, report.requests) == (True, 3, 0)
        assert sim.stats()["counters"] == {}


def test_the_simulator_judges_by_itself(tmp_path: Path) -> None:
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "eventID": "urn:x:1",
        "epcList": [],
    }
    good = {
        "@context": ["x:y"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "epcisBody": {"eventList": [event]},
    }
    headers = {"Content-Type": "application/json", "GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}

    def bad(**change: object) -> dict[str, object]:
        return {**good, "epcisBody": {"eventList": [{**event, **change}]}}

    with simulated_platform(tmp_path / "sim.db") as sim, HttpClient(sim.url) as http:

        def status(document: object, head: dict[str, str] = headers) -> int:
            return http.request("POST", "capture", body=json.dumps(document).encode(), headers=head).status

        assert status(good) == 202
        assert status(good, {**headers, "Content-Type": "text/plain"}) == 415
        assert status(good, {"Content-Type": "application/json"}) == 400
        faults = [
            {**good, "type": "Something"}, {**good, "schemaVersion": "1.2"}, {**good, "epcisBody": {}},
            bad(type="X"), bad(action="PUT"), bad(eventTime="2026-01-01"), bad(eventTimeZoneOffset="8"),
            bad(eventID=""), bad(epcList=["no uri"]), bad(epcList=["a:b", "a:b"]),
            bad(recordTime="2026-01-01T00:00:00Z"), bad(ilmd={"a:b": "c"}), bad(readPoint="a:b"),
            bad(bizStep="Not A Word"),
        ]  # fmt: skip
        assert [status(fault) for fault in faults] == [400] * len(faults)
        assert sim.stats()["stored"] == 1
