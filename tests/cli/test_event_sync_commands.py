"""``tracelib event`` and ``tracelib sync`` as a person and as a program run them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tracelib.store.unit_of_work import Store
from tracelib.sync.simulator.process import simulated_platform
from tracelib.trace.build import commissioning_event, packing_event

pytest.importorskip("fastapi")

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
Run = Callable[..., Any]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with three events of one party and one of another."""
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "tracelib.toml").write_text("", encoding="utf-8")
    epcs = [f"https://q.example.com/U/{n}" for n in range(3)]
    with Store.create_or_upgrade(f"sqlite:///{folder / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        uow.events.append("COOP1", commissioning_event(epcs[:1], event_time=AT), recorded_at=AT)
        uow.events.append("COOP1", commissioning_event(epcs[1:2], event_time=AT, lot="GN-1"), recorded_at=AT)
        uow.events.append("COOP1", packing_event(epcs[2], epcs[:2], event_time=AT), recorded_at=AT)
        uow.events.append("COOP2", commissioning_event(epcs[:1], event_time=AT), recorded_at=AT)
    return folder


def test_event_list(run_cli: Run, workspace: Path) -> None:
    shown = run_cli("event", "list", cwd=workspace)
    assert shown.status == 0, shown.err
    assert shown.out.count("commissioning") == 3
    assert "AggregationEvent" in shown.out
    chinese = run_cli("event", "list", "--party", "COOP2", cwd=workspace, env={"TRACELIB_LANG": "zh"})
    assert "业务步骤" in chinese.out
    assert "COOP1" not in chinese.out
    events = json.loads(run_cli("event", "list", "--party", "COOP1", "--limit", "2", "--json", cwd=workspace).out)[
        "events"
    ]
    assert [(e["party"], e["event"]["eventID"] == e["event_id"]) for e in events] == [("COOP1", True)] * 2


def test_event_export_to_file_and_to_standard_output(run_cli: Run, workspace: Path) -> None:
    written = run_cli("event", "export", "--out", "events.jsonld", "--json", cwd=workspace)
    assert (written.status, json.loads(written.out)) == (0, {"file": "events.jsonld", "events": 4})
    document = json.loads((workspace / "events.jsonld").read_text(encoding="utf-8"))
    assert document["type"] == "EPCISDocument"
    assert len(document["epcisBody"]["eventList"]) == 4
    shown = json.loads(run_cli("event", "export", "--party", "COOP2", cwd=workspace).out)
    assert len(shown["epcisBody"]["eventList"]) == 1


def test_event_export_where_it_cannot_write_leaves_nothing(run_cli: Run, workspace: Path) -> None:
    failed = run_cli("event", "export", "--out", "no/such/folder/x.jsonld", cwd=workspace)
    assert failed.status in (6, 8)
    assert "Traceback" not in failed.err


def test_push_then_status(run_cli: Run, workspace: Path, tmp_path: Path) -> None:
    (workspace / "token").write_text("t0k3n\n", encoding="utf-8")
    with simulated_platform(tmp_path / "sim.db", "--token", "t0k3n", "--refuse-every", "3") as sim:
        env = {"TRACELIB_SYNC_URL": sim.url, "TRACELIB_SYNC_TOKEN": "file:token"}
        pushed = run_cli("sync", "push", "--json", cwd=workspace, env=env)
        assert pushed.status == 9, "a refused record"
        pushes = json.loads(pushed.out)["pushes"]
        assert [(p["party"], p["accepted"], len(p["refused"]), p["waiting"]) for p in pushes] == [
            ("COOP1", 2, 1, 0),
            ("COOP2", 1, 0, 0),
        ]
        assert "does not like" in pushes[0]["refused"][0]["reason"]
        assert "sync.push" in run_cli("changes", "--json", cwd=workspace, env=env).out
        again = run_cli("sync", "push", cwd=workspace, env=env)
        assert (again.status, again.out) == (0, "Nothing waits to be pushed.\n")
        # COOP2's event is another party's with the same id: the platform holds it once.
        assert sim.stats()["doubled"] == 0
    status = json.loads(run_cli("sync", "status", "--json", cwd=workspace).out)
    assert [(q["party"], q["pending"], q["sent"], q["accepted"], q["rejected"]) for q in status["queues"]] == [
        ("COOP1", 0, 0, 2, 1),
        ("COOP2", 0, 0, 1, 0),
    ]
    assert [r["event_id"] for r in status["refused"]] == [pushes[0]["refused"][0]["event_id"]]
    chinese = run_cli("sync", "status", cwd=workspace, env={"TRACELIB_LANG": "zh"})
    assert "平台拒绝的事件及其说明" in chinese.out


def test_token_from_a_variable(run_cli: Run, workspace: Path, tmp_path: Path) -> None:
    with simulated_platform(tmp_path / "sim.db", "--token", "t0k3n") as sim:
        env = {"TRACELIB_SYNC_URL": sim.url, "TRACELIB_SYNC_TOKEN": "env:COUNTY_TOKEN", "COUNTY_TOKEN": "wrong"}
        refused = run_cli("sync", "push", "--json", cwd=workspace, env=env)
        assert refused.status == 9
        assert json.loads(refused.out)["pushes"][0]["stopped_by"]["code"] == "sync.login_refused"
        assert run_cli("sync", "push", cwd=workspace, env={**env, "COUNTY_TOKEN": "t0k3n"}).status == 0


@pytest.mark.parametrize(
    ("env", "code"),
    [
        ({}, "sync.address"),
        ({"TRACELIB_SYNC_URL": "hub.example.com"}, "sync.address"),
        ({"TRACELIB_SYNC_URL": "https://u:s3cret@hub.example.com"}, "sync.address"),
        ({"TRACELIB_SYNC_URL": "https://h.example", "TRACELIB_SYNC_TOKEN": "s3cret"}, "sync.token"),
        ({"TRACELIB_SYNC_URL": "https://h.example", "TRACELIB_SYNC_TOKEN": "env:NOT_THERE"}, "sync.token"),
        ({"TRACELIB_SYNC_URL": "https://h.example", "TRACELIB_SYNC_TOKEN": "file:not-there"}, "sync.token"),
    ],
)
def test_settings_that_do_not_fit(run_cli: Run, workspace: Path, env: dict[str, str], code: str) -> None:
    failed = run_cli("sync", "push", cwd=workspace, env=env)
    assert failed.status == 7
    assert f"[{code}]" in failed.err
    assert "s3cret" not in failed.err + failed.out


def test_nobody_there(run_cli: Run, workspace: Path) -> None:
    env = {"TRACELIB_SYNC_URL": "http://127.0.0.1:1", "TRACELIB_LANG": "zh"}
    failed = run_cli("sync", "push", "--attempts", "1", "--party", "COOP1", cwd=workspace, env=env)
    assert failed.status == 9
    assert "无法连接 127.0.0.1:1" in failed.out
    assert "等待 3" in failed.out


COMMANDS = [("event",), ("event", "list"), ("event", "export"), ("sync",), ("sync", "push"), ("sync", "status")]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_in_both_languages(run_cli: Run, command: tuple[str, ...]) -> None:
    assert f"Example: tracelib {command[0]}" in run_cli(*command, "--help").out
    assert f"示例：tracelib {command[0]}" in run_cli("--lang", "zh", *command, "--help").out
