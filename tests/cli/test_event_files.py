"""``tracelib event hash``, ``check`` and ``import`` as a person and as a program run them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib.catalog.party import Party
from tracelib.store.unit_of_work import Store

Run = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A workspace with one party."""
    (tmp_path / "tracelib.toml").write_text("", encoding="utf-8")
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP1", name_zh="示例合作社"))
    return tmp_path


def test_hash_of_published_documents_without_a_workspace(run_cli: Run, conformance_data: Path, tmp_path: Path) -> None:
    file = conformance_data / "epcis" / "event-hash" / "ReferenceEventHashAlgorithm.jsonld"
    hashes = file.with_suffix(".hashes").read_text().split()
    plain = run_cli("event", "hash", file, cwd=tmp_path)
    assert (plain.status, plain.out.split()) == (0, hashes)
    texts = file.with_suffix(".prehashes").read_text(encoding="utf-8").splitlines()
    with_text = run_cli("event", "hash", file, "--prehash", cwd=tmp_path)
    assert with_text.out.splitlines() == [line for pair in zip(hashes, texts, strict=True) for line in pair]
    answers = [json.loads(line) for line in run_cli("event", "hash", file, "--json", cwd=tmp_path).out.splitlines()]
    assert [(one["event"], one["hash"]) for one in answers] == list(enumerate(hashes, 1))
    assert not list(tmp_path.iterdir())


def test_small_letters_of_a_time_count_as_capitals_and_no_zone_is_told(run_cli: Run, tmp_path: Path) -> None:
    event = {"type": "ObjectEvent", "eventTimeZoneOffset": "+00:00", "action": "OBSERVE", "bizStep": "storing",
             "epcList": ["https://id.gs1.org/01/09521234543213/21/1"]}  # fmt: skip
    times = ("2026-11-23t01:30:00z", "2026-11-23T09:30:00+08:00", "2026-11-23T01:30:00")
    (tmp_path / "x.json").write_text(json.dumps([{**event, "eventTime": time} for time in times]))
    told = run_cli("event", "hash", "x.json", cwd=tmp_path)
    small, whole, zoneless = told.out.split()
    assert (small == whole, zoneless == whole) == (True, False)
    assert (told.status, "Event 3:" in told.err, "Event 1:" in told.err) == (0, True, False)
    checked = json.loads(run_cli("event", "check", "x.json", "--json", cwd=tmp_path).out)["files"][0]
    assert [(one["event"], one["code"]) for one in checked["findings"] if one["level"] == "error"] == [(3, "no_zone")]


def test_hash_of_what_is_no_document(run_cli: Run, tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<a/>")
    failed = run_cli("event", "hash", "x.xml", cwd=tmp_path)
    assert failed.status == 3
    assert "XML" in failed.err
    assert run_cli("event", "hash", "none.json", cwd=tmp_path).status == 6
    assert run_cli("event", "hash", ".", cwd=tmp_path).status == 6


BAD: list[Any] = [
    {"type": "ObjectEvent", "eventTime": "2026-11-20T09:30:00", "eventTimeZoneOffset": "+08:00", "action": "ADD",
     "epcList": ["12345"], "bizStep": "commissioning"},
    7,
]  # fmt: skip


def test_check_says_what_is_wrong_where(run_cli: Run, conformance_data: Path, tmp_path: Path) -> None:
    head = {"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-25T00:00:00Z"}
    (tmp_path / "bad.json").write_text(json.dumps({**head, "epcisBody": {"eventList": BAD}}))
    good = conformance_data / "epcis" / "examples" / "EPCISQueryDocument.jsonld"
    shown = run_cli("event", "check", "bad.json", good, cwd=tmp_path)
    assert shown.status == 3
    assert "error  event 1, eventTime: The time «2026-11-20T09:30:00» has no zone" in shown.out
    assert "error  event 2: 7 stands where" in shown.out
    assert "bad.json: 2 events; errors 3, not EPCIS 2.0 0, warnings 0." in shown.out
    assert "2 events, all valid EPCIS 2.0 and CBV-compliant." in shown.out
    chinese = run_cli("--lang", "zh", "event", "check", "bad.json", cwd=tmp_path)
    assert "错误  第 1 个事件, epcList[0]: “12345”不是 URI" in chinese.out
    (answer,) = json.loads(run_cli("event", "check", "bad.json", "--json", cwd=tmp_path).out)["files"]
    assert (answer["events"], answer["valid"], answer["counts"]) == (2, False, {"error": 3})
    assert [(one["event"], one["path"], one["code"]) for one in answer["findings"]] == [
        (1, "eventTime", "no_zone"),
        (1, "epcList[0]", "not_uri"),
        (2, "", "not_object"),
    ]
    assert run_cli("event", "check", good, cwd=tmp_path).status == 0
    assert not [file for file in tmp_path.iterdir() if file.name != "bad.json"]


def test_import_whole_partly_and_again(run_cli: Run, desk: Path) -> None:
    good = {
        **BAD[0],
        "eventTime": "2026-11-20T09:30:00+08:00",
        "epcList": ["https://id.gs1.org/01/06901234567892/21/A1"],
    }
    (desk / "in.json").write_text(json.dumps([good, {**good, "eventTime": "2026-11-20T09:31:00Z"}, *BAD]))
    refused = run_cli("event", "import", "in.json", "--party", "COOP1", cwd=desk)
    assert refused.status == 3
    assert "Event 3, eventTime: The time «2026-11-20T09:30:00» has no zone: nobody can tell when" in refused.err
    assert "[event.import_refused]: 2 of the 4 events in in.json cannot be taken" in refused.err
    assert json.loads(run_cli("event", "list", "--json", cwd=desk).out) == {"events": [], "next": None}
    env = {"TRACELIB_LANG": "zh", "TRACELIB_PARTY": "COOP1"}
    partly = run_cli("event", "import", "in.json", "--partly", cwd=desk, env=env)
    assert partly.status == 3
    assert "错误  第 4 个事件: 这里应为对象" in partly.out
    assert "已从 in.json 为 COOP1 导入 2 个事件；原已入账 0 个，拒收 2 个。" in partly.out
    assert "01/06901234567892/21/A1: " in partly.out
    (desk / "in.json").write_text(json.dumps([good]))
    again = run_cli("event", "import", "in.json", "--party", "COOP1", "--json", cwd=desk)
    answer = json.loads(again.out)
    assert (again.status, answer["imported"], answer["known"], answer["flags"]) == (0, 0, 1, {})
    assert "导入事件" in run_cli("--lang", "zh", "changes", cwd=desk).out


def test_import_for_nobody(run_cli: Run, desk: Path) -> None:
    (desk / "in.json").write_text("[]")
    assert run_cli("event", "import", "in.json", cwd=desk).status == 7
    assert run_cli("event", "import", "in.json", "--party", "NOBODY", cwd=desk).status == 6
    assert run_cli("event", "import", "none.json", "--party", "COOP1", cwd=desk).status == 6


def test_list_by_what_events_say(run_cli: Run, desk: Path) -> None:
    common = {"type": "ObjectEvent", "eventTimeZoneOffset": "+08:00", "bizStep": "shipping", "action": "OBSERVE"}
    events = [
        {
            **common,
            "eventTime": f"2026-11-{day:02}T09:00:00+08:00",
            "epcList": [f"https://id.gs1.org/00/{10**17 + day}"],
        }
        for day in range(1, 8)
    ]
    events[2]["disposition"] = "https://ref.gs1.org/cbv/Disp-returned"
    (desk / "in.json").write_text(json.dumps(events))
    assert run_cli("event", "import", "in.json", "--party", "COOP1", cwd=desk).status == 0

    def days(*options: str) -> list[str]:
        answer = json.loads(run_cli("event", "list", "--json", *options, cwd=desk).out)
        return [one["event"]["eventTime"][8:10] for one in answer["events"]]

    assert days("--since", "2026-11-03", "--until", "2026-11-05") == ["05", "04", "03"]
    assert days("--object", str(10**17 + 4)) == ["04"]
    assert days("--object", f"https://q.example.com/00/{10**17 + 4}", "--object", str(10**17 + 6)) == ["06", "04"]
    assert days("--disposition", "returned") == ["03"]
    assert days("--step", "receiving") == days("--action", "ADD") == days("--party", "COOP2") == []
    first = json.loads(run_cli("event", "list", "--limit", "3", "--json", cwd=desk).out)
    assert days("--limit", "9", "--page", first["next"]) == ["04", "03", "02", "01"]
    assert first["next"] in run_cli("event", "list", "--limit", "3", cwd=desk).out.replace("\n", "")
    assert run_cli("event", "list", "--page", "x", cwd=desk).status == 3
    assert run_cli("event", "list", "--since", "soon", cwd=desk).status == 3
