"""The page over a real workspace: what people read, what is counted, what a hostile visitor gets."""

import base64
import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tracelib.clock import FixedClock
from tracelib.codes.serial import grouped
from tracelib.operations.trust.ring import workspace_ring
from tracelib.operations.verify import held_serial_keys
from tracelib.store.unit_of_work import Store
from tracelib.trust.keystore import KeyStore
from tracelib.web.app import Desk, make_app
from tracelib.web.limits import RateLimit

RunCli = Callable[..., Any]
PASSPHRASE = "a test"
HOST = "q.example.com"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, run_cli: RunCli) -> Path:
    """A workspace with one batch and twelve codes, made by the program's own commands."""
    folder = tmp_path_factory.mktemp("page") / "w"
    sheet = folder.parent / "batches.csv"
    sheet.write_text(
        "party,product,lot,production date,weight (kg),origin\nCOOP,ORANGE,26A1,2026-11-03,100,360726\n", "utf-8"
    )
    steps = (
        ("init", str(folder)),
        ("party", "add", "BOARD", "--name-zh", "示例品牌办公室"),
        ("party", "add", "COOP", "--name-zh", "示例合作社", "--name-en", "Sample Co-operative"),
        ("brand", "add", "GN", "--owner", "BOARD", "--name-zh", "赣南脐橙", "--host", HOST),
        ("product", "add", "ORANGE", "--party", "COOP", "--name-zh", "脐橙<b>", "--weight-g", "5000"),
        ("grade", "add", "COOP/ORANGE", "--name-zh", "一等", "--name-en", "First"),
        ("key", "new", "brand"),
        ("key", "new", "coop"),
        ("delegate", "grant", "--by", "root", "--key", "brand", "--party", "BOARD"),
        ("delegate", "grant", "--by", "brand", "--key", "coop", "--party", "COOP", "--product", "P/ORANGE"),
        ("batch", "register", str(sheet)),
        ("code", "issue", "26A1", "--count", "12", "--level", "carton", "--grade", "1", "--out", f"{folder}/codes.csv"),
        ("bundle", "export"),
    )  # fmt: skip
    for step in steps:
        done = run_cli(*(() if step[0] == "init" else ("-w", folder)), *step, env={"TRACELIB_PASSPHRASE": PASSPHRASE})
        assert done.status == 0, (step, done.err)
    return folder


@pytest.fixture(scope="module")
def codes(workspace: Path) -> list[str]:
    with (workspace / "codes.csv").open() as stream:
        return [row["code"] for row in csv.DictReader(stream)]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def page(workspace: Path, clock: FixedClock) -> Iterator[TestClient]:
    import tomllib

    root = tomllib.loads((workspace / "tracelib.toml").read_text())["root"]
    store = Store.open(f"sqlite:///{workspace}/tracelib.db")
    with store.reading() as uow:
        ring = workspace_ring(uow, root, workspace / "trust.bundle")
    keys = held_serial_keys(KeyStore(workspace / "keys"), PASSPHRASE.encode())
    app = make_app(Desk(store, lambda: ring, clock, keys), RateLimit(clock.monotonic, per_second=0, burst=200))
    with TestClient(app, base_url=f"http://{HOST}", headers={"Accept-Language": "zh-CN"}) as client:
        yield client
    store.close()


def path_of(code: str) -> str:
    return "/" + code.split("/", 3)[3]


def test_registered_code_in_chinese(page: TestClient, codes: list[str]) -> None:
    answer = page.get(path_of(codes[0]))
    assert answer.status_code == 200
    for words in ("签名有效，已登记", "示例合作社", "赣南脐橙", "一等", "5 kg", "26A1", "测试：此码由测试根签发"):
        assert words in answer.text
    assert "genuine" not in answer.text.lower()
    assert "正品" not in answer.text


def test_names_are_escaped(page: TestClient, codes: list[str]) -> None:
    assert "脐橙&lt;b&gt;" in page.get(path_of(codes[0])).text


def test_english_when_asked(page: TestClient, codes: list[str]) -> None:
    for answer in (
        page.get(path_of(codes[1]) + "?lang=en"),
        page.get(path_of(codes[1]), headers={"Accept-Language": "en-GB"}),
    ):
        assert "Signature valid, registered" in answer.text
        assert "Sample Co-operative" in answer.text
        assert '<html lang="en">' in answer.text


def test_checks_are_counted_and_told(page: TestClient, codes: list[str]) -> None:
    assert "此码首次查验" in page.get(path_of(codes[2])).text
    assert "此前已查验 1 次" in page.get(path_of(codes[2])).text
    page.head(path_of(codes[2]))
    assert "此前已查验 2 次" in page.get(path_of(codes[2])).text


def test_json_for_programs(page: TestClient, codes: list[str]) -> None:
    value = page.get(path_of(codes[3]), headers={"Accept": "application/json"}).json()
    assert (value["verdict"], value["lot"], value["checks"]) == ("registered", "26A1", {"before": 0, "first_at": None})


def test_a_void_code_names_its_replacement_and_the_other_way_round(
    page: TestClient, codes: list[str], workspace: Path, run_cli: RunCli
) -> None:
    torn, out = codes[11], workspace / "new.csv"
    command = ("-w", workspace, "code", "replace", torn[-15:], "--reason", "damaged", "--out", out)
    done = run_cli(*command, env={"TRACELIB_PASSPHRASE": PASSPHRASE})
    assert done.status == 0, done.err
    with out.open() as stream:
        (row,) = csv.DictReader(stream)
    old, new = grouped(torn[-15:]), grouped(row["serial"])
    void, fresh = page.get(path_of(torn)).text, page.get(path_of(row["code"])).text
    assert all(words in void for words in ("已作废", "作废日期", "由此码代替", new))
    assert all(words in fresh for words in ("签名有效，已登记", "代替", old))
    asked = page.get(path_of(torn), headers={"Accept": "application/json"}).json()
    assert (asked["verdict"], asked["replaced_by"], asked["replaces"]) == ("voided", row["serial"], None)


def test_forged_code_is_refused_and_not_counted(page: TestClient, codes: list[str]) -> None:
    blob = codes[4].split("/")[3]
    raw = bytearray(base64.b32decode(blob))
    raw[-1] ^= 1
    forged = path_of(codes[4].replace(blob, base64.b32encode(bytes(raw)).decode()))
    for _ in range(3):
        answer = page.get(forged)
        assert "签名不符" in answer.text
        assert "码上自称的内容，没有任何证明" in answer.text
        assert "示例合作社" not in answer.text
    assert "此码首次查验" in page.get(path_of(codes[4])).text


def test_unlisted_host_is_a_warning(page: TestClient, codes: list[str]) -> None:
    assert "不在该品牌公布的域名之中" not in page.get(path_of(codes[5])).text
    assert "不在该品牌公布的域名之中" not in page.get(path_of(codes[5]), headers={"Host": "127.0.0.1:8765"}).text
    warned = page.get(path_of(codes[5]), headers={"Host": "q-example.shop"})
    assert "不在该品牌公布的域名之中" in warned.text
    assert "签名有效" in warned.text


def test_typed_serial_only_identifies(page: TestClient, codes: list[str]) -> None:
    serial = codes[6].rsplit("/", 1)[1]
    typed = f"{serial[:5].lower()}-{serial[5:10]} {serial[10:]}"
    answer = page.get("/-/check", params={"code": typed})
    assert "已识别，未验证" in answer.text
    assert "26A1" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/promo",
        "/" + "A" * 120 + "/01/x",
        "/%00%ff%0a",
        "/..%2f..%2fetc/passwd",
        "/-/static/../app.py",
        "/<script>alert(1)</script>",
    ],
)
def test_hostile_paths_get_an_answer(page: TestClient, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code in (200, 404)
    assert "<script>" not in answer.text
    assert "Traceback" not in answer.text


def test_long_paths_are_refused(page: TestClient) -> None:
    assert page.get("/" + "A" * 5000).status_code == 414


def test_headers_keep_the_page_to_itself(page: TestClient) -> None:
    headers = page.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "script" not in page.get("/").text


def test_rate_limit_answers_429_and_recovers() -> None:
    seconds = [0.0]
    limit = RateLimit(lambda: seconds[0], per_second=1, burst=2)
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]
    assert limit.allows("b")
    seconds[0] = 1.0
    assert [limit.allows("a") for _ in range(2)] == [True, False]


def test_database_gone_leaves_an_offline_answer(page: TestClient, codes: list[str], workspace: Path) -> None:
    database = workspace / "tracelib.db"
    kept = database.read_bytes()
    database.rename(database.with_suffix(".away"))
    database.write_bytes(b"no database " * 500)
    try:
        answer = page.get(path_of(codes[7]))
    finally:
        database.write_bytes(kept)
        database.with_suffix(".away").replace(database)
    assert answer.status_code == 200
    assert "签名有效" in answer.text
