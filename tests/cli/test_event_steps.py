"""``tracelib event ship`` and the other steps as a clerk and as a program run them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import make_world
from tracelib.clock import FixedClock
from tracelib.operations.capture import capture
from tracelib.operations.line_answer import LineScan
from tracelib.operations.pack import PackingSession
from tracelib.store.unit_of_work import Store

Run = Callable[..., Any]
HEADER = "主体编号,产品编号,批号,采收日期,重量(kg)\n"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A workspace whose first party packed a pallet with an SSCC a minute ago; its codes are in codes.txt."""
    now = datetime.now(UTC)
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store:
        world = make_world(store, tmp_path / "guard", FixedClock(now))
        cartons, pallets = world.cartons(3), world.pallets(1, sscc=True)
        texts = [*cartons[:2], pallets[0], cartons[2]]
        scans = [LineScan(row, "belt", "read", text.encode(), now, text) for row, text in enumerate(texts, 1)]
        capture(world.line(), PackingSession(2), scans, now)
    (tmp_path / "bundle.trust").write_bytes(world.bundle)
    (tmp_path / "tracelib.toml").write_text(f'root = "{world.root}"\nbundle = "bundle.trust"\nparty = "COOP1"\n')
    (tmp_path / "codes.txt").write_text("\n".join([*cartons, pallets[0]]) + "\n")
    (tmp_path / "pallet.txt").write_text(pallets[0] + "\n")
    return tmp_path


def pallet(county: Path) -> str:
    return (county / "pallet.txt").read_text().strip().rsplit("/", 1)[1]


def test_a_pallet_goes_out_and_comes_in(run_cli: Run, county: Path) -> None:
    shipped = run_cli("event", "ship", pallet(county), "--to", "COOP2", "--order", "PO-1", cwd=county)
    assert shipped.status == 0, shipped.err
    first, second, third = shipped.out.splitlines()
    assert (first, second) == ("Shipped: 1 unit.", "2 units lie in them and go with them.")
    assert third.startswith("1 event written for ")
    again = run_cli("event", "ship", "pallet.txt", cwd=county)
    assert again.status == 5
    assert "has not been received" in again.err
    received = run_cli("event", "receive", pallet(county), "--party", "COOP2", "--json", cwd=county)
    answer = json.loads(received.out)
    assert (answer["party"], answer["units"], len(answer["events"])) == ("COOP2", [pallet(county)], 1)
    listed = json.loads(run_cli("event", "list", "--party", "COOP2", "--json", cwd=county).out)["events"]
    assert listed[0]["event"]["bizStep"] == "receiving"
    noted = run_cli("--lang", "zh", "changes", "--verb", "event.", cwd=county)
    assert "发货" in noted.out
    assert "ni:///" not in noted.out, "ids are for programs"


def test_a_shop_without_codes_of_its_own_is_named_as_its_supplier_names_it(run_cli: Run, county: Path) -> None:
    assert run_cli("party", "add", "SHOP2", "--name-zh", "示例二店", cwd=county).status == 0
    carton = (county / "codes.txt").read_text().splitlines()[2].rsplit("/", 1)[1]
    for unit in (pallet(county), carton):
        assert run_cli("event", "ship", unit, "--to", "SHOP2", cwd=county).status == 0
        assert run_cli("event", "receive", unit, "--party", "SHOP2", cwd=county).status == 0
        sent = json.loads(run_cli("event", "list", "--object", unit, "--step", "shipping", "--json", cwd=county).out)
        came = json.loads(run_cli("event", "list", "--party", "SHOP2", "--object", unit, "--json", cwd=county).out)
        places = {one["destination"] for one in sent["events"][0]["event"]["destinationList"]}
        event = came["events"][0]["event"]
        assert event["bizLocation"]["id"] in places
        assert event["bizLocation"]["id"].endswith("/L/SHOP2")
        assert {one["destination"] for one in event["destinationList"]} <= places
    told = run_cli("trace", carton, "--forward", cwd=county).out
    assert "received  ? → 示例二店" in told, "nobody said from whom it came"


def test_reasons_in_chinese_all_at_once(run_cli: Run, county: Path) -> None:
    refused = run_cli("--lang", "zh", "event", "sell", "codes.txt", cwd=county)
    assert refused.status == 5
    assert refused.err.count("还在 " + pallet(county) + " 里") == 2
    assert "什么也没有写入" in refused.err
    sold = run_cli("--lang", "zh", "event", "sell", "codes.txt", "--unpack", "--note", "赶集", cwd=county)
    assert sold.status == 0, sold.err
    assert "已记录售出：4 件。" in sold.out
    assert "2 件先从原来的托盘里拆出" in sold.out


def test_a_temperature_log_goes_with_the_step(run_cli: Run, county: Path) -> None:
    (county / "log.csv").write_text("时间,温度(℃)\n2026/11/23 9:00,4\n2026/11/23 9:30,5\n", encoding="gb18030")
    stored = run_cli("event", "store", pallet(county), "--temperature", "log.csv", "--place", "COLD-1", cwd=county)
    assert "Temperature: 4 to 5 °C, mean 4.50 °C, 2 readings" in stored.out
    (listed,) = json.loads(run_cli("event", "list", "--limit", "1", "--json", cwd=county).out)["events"]
    answer = listed["event"]
    assert answer["readPoint"] == {"id": "https://q.example.com/L/COOP1/COLD-1"}
    assert answer["sensorElementList"][0]["sensorReport"][0]["meanValue"] == 4.5
    missing = run_cli("event", "store", pallet(county), "--temperature", "none.csv", cwd=county)
    assert missing.status == 6


def test_registering_writes_the_harvest(run_cli: Run, county: Path) -> None:
    (county / "b.csv").write_text(HEADER + "COOP1,ORANGE,L1,2026-11-20,1000\n", encoding="utf-8")
    answer = json.loads(run_cli("batch", "register", "b.csv", "--json", cwd=county).out)
    assert answer["events"] == 1
    split = json.loads(run_cli("batch", "split", "L1", "--to", "L1-A=400kg", "--json", cwd=county).out)
    assert len(split["events"]) == 1
    told = run_cli("event", "harvest", "L1", cwd=county)
    assert (told.status, "told already" in told.err) == (5, True)
    later = run_cli("event", "harvest", "GN-1", cwd=county)
    assert later.out.startswith("The harvest of 1 batch is told by this event: ")


def test_a_faulty_bundle_stops_no_book(run_cli: Run, county: Path) -> None:
    (county / "bundle.trust").write_bytes(b"torn")
    (county / "b.csv").write_text(HEADER + "COOP1,ORANGE,L1,2026-11-20,1000\n", encoding="utf-8")
    done = run_cli("batch", "register", "b.csv", cwd=county)
    assert (done.status, done.out) == (0, "1 batch registered from b.csv.\n")
    assert "No event tells of this" in done.err
    refused = run_cli("event", "store", "L1", cwd=county)
    assert refused.status in (3, 4)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["ship"], 2, "UNIT|LOT|FILE"),
        (["ship", "x!"], 3, "event.name"),
        (["ship", "NO-SUCH-LOT"], 6, "batch.not_found"),
        (["ship", "GN-1=much"], 3, "event.quantity"),
        (["ship", "https://q.example.com/nothing"], 3, "code.not_ours"),
        (["ship", "369012300000000017"], 3, "identifier.check_digit"),
        (["ship", "urn:epc:id:sscc:0614141.1234567890"], 5, "event.never_received"),
        (["ship", "GN-1", "--to", "NOBODY"], 6, "event.party_unknown"),
        (["ship", "GN-1", "--to", "bad uri:x y"], 3, "event.uri"),
        (["store", "GN-1", "--place", "cold store"], 3, "event.place"),
        (["store", "GN-1", "--at", "tomorrow"], 3, "trace.time"),
        (["store", "GN-1", "--at", "2099-01-01 09:00"], 5, "event.future"),
        (["pack", "GN-1", "GN-1"], 3, "event.one_thing"),
        (["harvest", "GN-1=5kg"], 3, "event.whole_lots"),
    ],
)
def test_bad_input_is_answered(run_cli: Run, county: Path, words: list[str], status: int, code: str) -> None:
    done = run_cli("event", *words, cwd=county)
    assert (done.status, code in done.err) == (status, True), done.err
    assert run_cli("changes", "--verb", "event.", cwd=county).out.strip() == "No change is noted."
