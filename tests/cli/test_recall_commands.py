"""``tracelib recall`` as a clerk uses it: open, show, list, notices, close; and what is refused with which status."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PASSPHRASE = {"TRACELIB_PASSPHRASE": "desk test"}


@pytest.fixture
def tracelib(desk: Path, run_cli: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a line of words in the desk's folder; ``env={}`` knows no passphrase."""

    def run(line: str, env: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - a Result
        return run_cli(*line.split(), cwd=desk, env=PASSPHRASE if env is None else env)

    assert run("bundle export").status == 0
    assert run("code issue 26A1 --count 2 --level carton --out codes.csv").status == 0
    return run


def answer(done: Any) -> dict[str, Any]:  # noqa: ANN401 - a Result
    assert done.status == 0, done.err
    value: dict[str, Any] = json.loads(done.out)
    return value


def test_a_drill_then_the_real_thing_to_its_end(tracelib: Callable[..., Any], desk: Path) -> None:
    code = (desk / "codes.csv").read_text().split()[1]
    drill = answer(tracelib("recall open 26A1 --reason 演练 --drill --json", {}))
    assert (drill["drill"], drill["could_revoke"], drill["revocations"]) == (True, True, [])
    assert drill["counts"]["issued"] == 2
    assert tracelib(f"code verify {code}").status == 0
    real = answer(tracelib("recall open 26A1 --reason 示例 --out rev --json"))
    assert (desk / real["files"][0]).is_file()
    verdict = tracelib(f"code verify {code} --json")
    assert (verdict.status, json.loads(verdict.out)["verdict"]) == (4, "recalled")
    listed = answer(tracelib("recall list --json"))["recalls"]
    assert sorted(one["recall"][0] for one in listed) == ["D", "R"]
    number = real["recall"]
    notices = answer(tracelib(f"recall notice {number} --out notices --json"))
    assert (notices["notices"], Path(notices["calls"]).name) == ([], f"{number}-calls.csv")
    closed = answer(tracelib(f"recall close {number} --json"))
    assert (closed["state"], closed["weights_g"]["stock"]) == ("closed", 10_000_000)
    shown = tracelib(f"--lang zh recall show {number}")
    assert "已结案" in shown.out
    assert "示例" in shown.out
    assert [one["recall"][0] for one in answer(tracelib("recall list --json"))["recalls"]] == ["D"]


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ("recall open NOPE --reason x", 6, "batch.not_found"),
        ("recall open 26A1 --reason x --by nobody", 6, "recall.no_key"),
        ("recall show R991231-1", 6, "recall.unknown"),
        ("recall show 17", 3, "recall.name"),
        ("recall close R991231-1", 6, "recall.unknown"),
    ],
)
def test_what_is_refused(tracelib: Callable[..., Any], line: str, status: int, code: str) -> None:
    done = tracelib(f"{line} --json")
    assert (done.status, json.loads(done.err)["error"]["code"]) == (status, code)


def test_without_the_passphrase_nothing_is_opened(tracelib: Callable[..., Any]) -> None:
    assert tracelib("recall open 26A1 --reason x", {}).status == 7
    assert answer(tracelib("recall list --all --json"))["recalls"] == []
    assert tracelib("recall return R991231-1").status == 2
