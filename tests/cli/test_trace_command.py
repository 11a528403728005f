"""``tracelib trace`` as a person and as a program run it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tracelib.codes.serial import check_character, grouped
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import commissioning_event, identified, packing_event
from tracelib.trace.documents.epcis import read_document
from tracelib.trace.event import ObjectEvent
from tracelib.trace.vocab import Action, BizStep

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND, PALLET = (
    first + check_character(first) for first in ("AB3D0000000001", "AB3D0000000002", "AB3D0000000003")
)
Run = Callable[..., Any]


def carton(serial: str) -> str:
    return f"https://q.example.com/P/ORANGE/10/GN-1/21/{serial}"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two cartons on a pallet, which the co-operative ships and the trader receives."""
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "tracelib.toml").write_text("", encoding="utf-8")
    pallet = f"https://q.example.com/U/{PALLET}"

    def moved(step: BizStep, hours: int, party: str) -> ObjectEvent:
        """The pallet at a party's place."""
        home = f"https://q.example.com/L/{party}"
        return identified(
            ObjectEvent(
                event_time=AT + hours * HOUR,
                action=Action.OBSERVE,
                biz_step=step,
                epc_list=(pallet,),
                biz_location=home,
            )
        )

    with Store.create_or_upgrade(f"sqlite:///{folder / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        for serial in (FIRST, SECOND):
            uow.events.append("COOP1", commissioning_event([carton(serial)], event_time=AT), recorded_at=AT)
        packed = packing_event(pallet, [carton(FIRST), carton(SECOND)], event_time=AT + HOUR)
        uow.events.append("COOP1", packed, recorded_at=AT)
        uow.events.append("COOP1", moved(BizStep.SHIPPING, 2, "COOP1"), recorded_at=AT)
        uow.events.append("TRADE1", moved(BizStep.RECEIVING, 20, "TRADE1"), recorded_at=AT)
    return folder


def test_the_tree_tells_the_story_in_both_languages(run_cli: Run, workspace: Path) -> None:
    shown = run_cli("trace", grouped(FIRST), cwd=workspace)
    assert shown.status == 0, shown.err
    story = [line.split("─ ")[-1] for line in shown.out.splitlines() if "2026" in line]
    assert "Last seen 2026-11-24 05:30: TRADE1" in story[0]
    steps = ("activated", "packed", "shipped", "received")
    assert tuple(word for line in story[2:] for word in steps if word in line)[:4] == steps
    assert grouped(SECOND) not in shown.out
    chinese = run_cli("--lang", "zh", "trace", PALLET, "--back", cwd=workspace)
    assert "从哪里来" in chinese.out
    assert "到哪里去" not in chinese.out
    assert "2 件" in chinese.out


def test_the_answer_for_programs(run_cli: Run, workspace: Path) -> None:
    answer = json.loads(run_cli("trace", carton(FIRST), "--json", cwd=workspace).out)
    assert answer["start"] == FIRST
    assert [(one["passing"], one["source"], one["target"]) for one in answer["links"]] == [
        ("filled", "https://q.example.com/P/ORANGE/10/GN-1", FIRST),
        ("packed", FIRST, PALLET),
    ]
    assert [one["step"] for one in answer["stops"]] == ["commissioning", "packing", "shipping", "receiving"]
    assert answer["last_seen"]["party"] == "TRADE1"
    before = json.loads(run_cli("trace", FIRST, "--at", "2026-11-23", "--json", cwd=workspace).out)
    assert [one["step"] for one in before["stops"]] == ["commissioning", "packing", "shipping"]


def test_files_hold_the_events_and_the_route(run_cli: Run, workspace: Path) -> None:
    done = run_cli("trace", FIRST, "--epcis", "events.jsonld", "--svg", "route.svg", cwd=workspace)
    assert done.status == 0, done.err
    text = (workspace / "events.jsonld").read_text(encoding="utf-8")
    assert json.loads(text)["type"] == "EPCISQueryDocument"
    steps = [event["bizStep"] for event in read_document(text).events]
    assert steps == ["commissioning", "packing", "shipping", "receiving"]
    drawn = "".join(ET.parse(workspace / "route.svg").getroot().itertext())
    assert grouped(FIRST) in drawn
    assert "TRADE1" in drawn


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["https://q.example.com/U/nothing"], 6, "trace.unknown"),
        (["NO-SUCH-LOT"], 6, "batch.not_found"),
        (["106901234500000016"], 3, "identifier.check_digit"),
        ([FIRST, "--at", "yesterday"], 3, "trace.time"),
        ([FIRST, "--svg", "no/such/folder/route.svg"], 8, ""),
    ],
)
def test_what_cannot_be_answered_is_said(
    run_cli: Run, workspace: Path, arguments: list[str], status: int, code: str
) -> None:
    failed = run_cli("trace", *arguments, cwd=workspace)
    assert failed.status == status, failed.err
    assert code in failed.err
    assert "Traceback" not in failed.err
    assert not (workspace / "no").exists()
