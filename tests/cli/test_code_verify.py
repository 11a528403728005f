"""``code verify`` and ``code show``: a bundle without a workspace, a workspace with its registry, and bad input."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from tracelib.clock import day_number
from tracelib.codes.record import CodeRecord
from tracelib.codes.serial import SerialCipher, grouped
from tracelib.codes.signing import sign_code
from tracelib.trust.bundle import BrandEntry, Bundle, sign_bundle
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.keys import KeyPair
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import k_hash

FIELDS = [
    *("code", "verdict", "environment", "trust", "bundle", "steps", "gtin", "product", "sscc", "lot", "serial", "day"),
    *("net_weight_g", "grade", "grade_name", "level", "issuer", "brand", "replaced_by", "replaces"),
]
CIPHER = SerialCipher(bytes(range(32)), "7KQX")
NOW = datetime.now(UTC)


class Result(Protocol):
    status: int
    out: str
    err: str


Run = Callable[..., Result]


class Trust(NamedTuple):
    """A bundle in a folder that is no workspace, and codes that it covers."""

    folder: Path
    fingerprint: str
    codes: list[str]

    @property
    def options(self) -> list[str]:
        return ["--bundle", "trust.bundle", "--root", self.fingerprint]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("phone")
    root, issuer, second = KeyPair.from_secret(1, b"r" * 32), KeyPair.from_secret(1, b"i" * 32), int(NOW.timestamp())
    root_set = RootSet("test", (root.public,), 1)
    claims = Delegation(
        issuer_hash=root.public.hash,
        subject="COOP",
        key=issuer.public,
        cti=bytes(16),
        not_before=second - 86_400,
        not_after=second + 86_400,
        issued_at=second,
        root=root_set.root_id,
        party=PartyName("信丰县示例脐橙专业合作社", "Example co-operative"),
        products=("06901234567892",),
        prefix="7KQX",
        k_hash=k_hash(CIPHER.k),
    )
    bundle = Bundle(
        root_set=root_set,
        seq=3,
        issued=second,
        next_update=second,
        delegations=(sign_delegation(root, claims),),
        brands=(BrandEntry("GN", "赣南脐橙", "Gannan", ("q.example.com",), "COOP"),),
    )
    (folder / "trust.bundle").write_bytes(sign_bundle([root], bundle))
    codes = [
        sign_code(
            issuer,
            CodeRecord(
                gtin="06901234567892",
                lot="26A0137",
                serial=serial,
                day=day_number(NOW),
                weight_10g=500,
                grade=1,
                level=2,
            ),
            "q.example.com",
        )
        for serial in CIPHER.serials(0, 5)
    ]
    return Trust(folder, root_set.fingerprint, codes)


def answers(done: Result) -> list[dict[str, Any]]:
    assert "Traceback" not in done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_codes_from_standard_input(run_cli: Run, trust: Trust) -> None:
    done = run_cli("code", "verify", *trust.options, "--json", "-", input="\n".join(trust.codes), cwd=trust.folder)
    assert done.status == 0, done.err
    found = answers(done)
    assert [answer["code"] for answer in found] == trust.codes
    assert all(list(answer) == FIELDS for answer in found)
    assert {answer["verdict"] for answer in found} == {"signature_valid"}
    first = found[0]
    assert (first["trust"], first["environment"], first["bundle"]["seq"]) == ("pinned", "test", 3)
    assert first["bundle"]["state"] == "fresh"
    assert (first["gtin"], first["lot"], first["net_weight_g"]) == ("06901234567892", "26A0137", 5000)
    assert (first["issuer"]["name"], first["brand"]["name"]) == ("信丰县示例脐橙专业合作社", "赣南脐橙")
    assert [step["name"] for step in first["steps"]][:4] == ["format", "key", "delegation", "signature"]


def test_one_code_and_what_a_farmer_reads(run_cli: Run, trust: Trust) -> None:
    done = run_cli("code", "verify", *trust.options, trust.codes[0], cwd=trust.folder)
    assert done.status == 0, done.err
    assert "signature valid" in done.out
    assert "Test root" in done.out
    assert "5 kg" in done.out
    chinese = run_cli("--lang", "zh", "code", "verify", *trust.options, trust.codes[0], cwd=trust.folder)
    for words in ("签名有效", "信丰县示例脐橙专业合作社", "净重", "测试根", "箱"):
        assert words in chinese.out
    assert "genuine" not in done.out
    assert "正品" not in chinese.out


def test_one_that_is_not_accepted_makes_status_4(run_cli: Run, trust: Trust) -> None:
    changed = trust.codes[1].replace("26A0137", "26A0138")
    done = run_cli(
        "code", "verify", *trust.options, "--json", "-", input=f"{trust.codes[0]}\n{changed}\n", cwd=trust.folder
    )
    assert done.status == 4
    assert [answer["verdict"] for answer in answers(done)] == ["signature_valid", "bad_signature"]
    words = run_cli("--lang", "zh", "code", "verify", *trust.options, changed, cwd=trust.folder)
    assert words.status == 4
    assert "签名不符" in words.out
    assert "签名与码不符" in words.out


def test_lines_as_scanners_send_them(run_cli: Run, trust: Trust) -> None:
    code = trust.codes[0]
    lines = [
        (f"{code}\r\n".encode(), "signature_valid"),
        (b"\n", None),
        (b"\r\n", None),
        (b"\xff\xfe\n", "not_ours"),
        (f"{code}".encode() + b"\xe4\n", "malformed"),
        (b"\x1d]Q3\x00\n", "not_ours"),
        ("一品一码\n".encode(), "not_ours"),
        (code.upper().replace("HTTPS://Q.EXAMPLE.COM", "https://q.example.com").encode() + b"\n", "signature_valid"),
        (code.encode(), "signature_valid"),  # no end of line behind the last
    ]
    done = run_cli(
        "code", "verify", *trust.options, "--json", "-", input=b"".join(line for line, _ in lines), cwd=trust.folder
    )
    assert done.status == 4
    found = answers(done)
    assert [answer["verdict"] for answer in found] == [verdict for _, verdict in lines if verdict]
    assert found[0]["code"] == code
    assert found[1]["code"].encode("utf-8", "surrogateescape") == b"\xff\xfe"
    assert found[4]["code"] == "一品一码"
    people = run_cli("code", "verify", *trust.options, "-", input=b"\xff\x1b[31m\n", cwd=trust.folder)
    assert people.status == 4
    assert "\x1b[31m" not in people.out


def test_lines_of_a_megabyte_and_more(run_cli: Run, trust: Trust) -> None:
    code, many = trust.codes[0].encode(), 3_000_000
    lines = [
        (b"A" * 1_000_000, "not_ours"),
        (code + b"?" + b"x" * many, "signature_valid"),  # a query is cut before anything is judged
        (code + b"/" + b"x" * many, "malformed"),
        (b"https://h/" + b"x" * many + b"/" + code.split(b"com/")[1], "not_ours"),  # the blob lies behind the cut
        (code, "signature_valid"),
    ]
    start = time.monotonic()
    done = run_cli(
        "code", "verify", *trust.options, "--json", "-", input=b"\n".join(line for line, _ in lines), cwd=trust.folder
    )
    assert time.monotonic() - start < 20
    found = answers(done)
    assert [answer["verdict"] for answer in found] == [verdict for _, verdict in lines]
    assert found[0]["code"] == "A" * 1_000_000
    assert all(len(answer["code"]) <= (1 << 20) + 1 for answer in found)


def test_answers_come_line_by_line(trust: Trust) -> None:
    """A scanner's program waits for each answer before it sends the next code."""
    command = [
        sys.executable,
        "-c",
        "from tracelib_cli.main import run; run()",
        "code",
        "verify",
        *trust.options,
        "--json",
        "-",
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=trust.folder, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for code in trust.codes[:2]:
            process.stdin.write(code + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["code"] == code
        process.stdin.close()
        assert process.wait(10) == 0


def test_without_a_fingerprint_the_answer_says_so(run_cli: Run, trust: Trust) -> None:
    done = run_cli("code", "verify", "--bundle", "trust.bundle", "--json", trust.codes[0], cwd=trust.folder)
    assert (done.status, answers(done)[0]["trust"]) == (0, "unpinned")
    words = run_cli("code", "verify", "--bundle", "trust.bundle", trust.codes[0], cwd=trust.folder)
    assert "Unpinned" in words.out
    by_variable = run_cli(
        "code",
        "verify",
        "--bundle",
        "trust.bundle",
        "--json",
        trust.codes[0],
        cwd=trust.folder,
        env={"TRACELIB_ROOT": trust.fingerprint},
    )
    assert answers(by_variable)[0]["trust"] == "pinned"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--bundle", "trust.bundle", "--root", "0" * 64], 4),
        (["--bundle", "trust.bundle", "--root", "xyz"], 3),
        (["--bundle", "missing.bundle"], 6),
        (["--bundle", "torn.bundle"], 3),
        (["--bundle", "empty.bundle"], 3),
        ([], 6),
    ],
)
def test_what_it_cannot_verify_with(run_cli: Run, trust: Trust, options: list[str], status: int) -> None:
    (trust.folder / "torn.bundle").write_bytes((trust.folder / "trust.bundle").read_bytes()[:200])
    (trust.folder / "empty.bundle").write_bytes(b"")
    done = run_cli("code", "verify", *options, trust.codes[0], cwd=trust.folder)
    assert done.status == status, done.err
    assert done.err.startswith("Error [")
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_bundle_whose_signature_does_not_hold(run_cli: Run, trust: Trust) -> None:
    raw = bytearray((trust.folder / "trust.bundle").read_bytes())
    raw[-1] ^= 1
    (trust.folder / "forged.bundle").write_bytes(raw)
    done = run_cli("code", "verify", "--bundle", "forged.bundle", trust.codes[0], cwd=trust.folder)
    assert done.status == 4, done.err


def test_verifying_loads_nothing_heavy(trust: Trust) -> None:
    """The database, the validator and the numbers library cost more than the verification."""
    program = (
        "import sys; from tracelib_cli.main import main;"
        "main.main(args=sys.argv[1:], prog_name='tracelib', standalone_mode=False);"
        "print(sorted({'sqlmodel', 'sqlalchemy', 'pydantic', 'numpy', 'biip', 'rich', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "code", "verify", *trust.options, "--json", trust.codes[0]],
        capture_output=True,
        text=True,
        cwd=trust.folder,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


# ------------------------------------------------------------------------------------------------ in a workspace

ENV = {"TRACELIB_PASSPHRASE": "verify test"}
SETUP = (
    "party add GNQC --name-zh 示例合作社",
    "product add NAVEL --party GNQC --name-zh 赣南脐橙 --weight-g 5000",
    "grade add GNQC/NAVEL --name-zh 特级",
    "key new brand",
    "key new coop",
    "delegate grant --by root --key brand --party GNQC --prefix AB3 --may-delegate 1",
    "delegate grant --by brand --key coop --party GNQC --product P/NAVEL --max-units 1000",
    "batch register batches.csv",
    "code issue 26A1 --count 6 --level carton --grade 1 --out codes.csv",
)


@pytest.fixture(scope="module")
def desk(run_cli: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with six issued codes."""
    folder = tmp_path_factory.mktemp("made") / "desk"
    done = run_cli("init", folder, env=ENV)
    assert done.status == 0, done.err
    (folder / "batches.csv").write_text(
        "主体编号,产品编号,批号,生产日期,重量(kg)\nGNQC,NAVEL,26A1,2026-11-03,10000\n", encoding="utf-8"
    )
    for line in SETUP:
        done = run_cli(*line.split(), cwd=folder, env=ENV)
        assert done.status == 0, (line, done.err)
    return folder


def issued(desk: Path) -> list[str]:
    return (desk / "codes.csv").read_text().splitlines()[1:]


@pytest.mark.parametrize(
    ("env", "verdict", "registration"),
    [(ENV, "registered", True), ({}, "signature_valid", None)],
    ids=["with the passphrase", "without"],
)
def test_a_workspace_asks_its_registry(
    run_cli: Run, desk: Path, env: dict[str, str], verdict: str, registration: bool | None
) -> None:
    """Without the passphrase nobody can tell whether a serial was ever issued."""
    done = run_cli("code", "verify", "--json", issued(desk)[0], cwd=desk, env=env)
    assert done.status == 0, done.err
    found = answers(done)[0]
    assert (found["verdict"], found["trust"], found["product"]) == (verdict, "pinned", "NAVEL")
    steps = {step["name"]: step["ok"] for step in found["steps"]}
    assert steps["registration"] is registration


def test_a_void_code(run_cli: Run, desk: Path) -> None:
    code = issued(desk)[5]
    done = run_cli("code", "void", code[-15:], "--reason", "damaged", cwd=desk, env=ENV)
    assert done.status == 0, done.err
    found = run_cli("code", "verify", "--json", code, cwd=desk)
    assert (found.status, answers(found)[0]["verdict"]) == (4, "voided")
    shown = run_cli("code", "show", code[-15:], "--json", cwd=desk, env=ENV)
    answer = json.loads(shown.out)
    assert (answer["state"], answer["reason"], answer["lot"]) == ("voided", "damaged", "26A1")


def test_a_replaced_code_and_its_replacement(run_cli: Run, desk: Path) -> None:
    code = issued(desk)[4]
    command = ("code", "replace", code[-15:], "--reason", "misprint", "--note", "糊了", "--out", "new.csv")
    done = run_cli(*command, cwd=desk, env=ENV)
    assert done.status == 0, done.err
    assert "1 new code stands for a void one; new.csv says which for which." in done.out
    header, line = (desk / "new.csv").read_text().splitlines()
    new_code, serial, replaces = line.split(",")
    assert (header, replaces, serial) == ("code,serial,replaces", code[-15:], new_code[-15:])
    for unit, state, by, of in ((code, "voided", serial, None), (new_code, "issued", None, replaces)):
        answer = json.loads(run_cli("code", "show", unit, "--json", cwd=desk, env=ENV).out)
        assert (answer["state"], answer["replaced_by"], answer["replaces"]) == (state, by, of)
    told = run_cli("--lang", "zh", "code", "verify", code, cwd=desk, env=ENV)
    assert told.status == 4
    assert f"由此码代替: {grouped(serial)}" in told.out
    assert f"代替: {grouped(replaces)}" in run_cli("--lang", "zh", "code", "verify", new_code, cwd=desk, env=ENV).out
    again = run_cli(*command, cwd=desk, env=ENV)
    assert (again.status, "new.csv is there already" in again.err) == (5, True)
    (desk / "new.csv").unlink()
    once_more = run_cli(*command[:3], "--out", "new.csv", "--json", cwd=desk, env=ENV)
    assert (json.loads(once_more.out)["count"], json.loads(once_more.out)["before"]) == (0, 1)
    assert (desk / "new.csv").read_text().splitlines()[1] == line
    in_use = run_cli("code", "replace", issued(desk)[3][-15:], "--out", "other.csv", "--json", cwd=desk, env=ENV)
    assert (in_use.status, json.loads(in_use.err)["error"]["code"]) == (5, "replace.not_void")
    assert not (desk / "other.csv").exists()


def test_show_by_typed_serial_and_by_address(run_cli: Run, desk: Path) -> None:
    code = issued(desk)[1]
    serial = code[-15:]
    for typed in (f" {serial[:5].lower()}-{serial[5:10]}-{serial[10:]}", code):
        done = run_cli("code", "show", typed, "--json", cwd=desk, env=ENV)
        assert done.status == 0, done.err
        answer = json.loads(done.out)
        assert (answer["unit"], answer["verdict"], answer["state"]) == (serial, "identified", "issued")
        assert (answer["party"], answer["product"], answer["lot"], answer["manifest"]) == ("GNQC", "P/NAVEL", "26A1", 1)
    words = run_cli("--lang", "zh", "code", "show", serial, cwd=desk, env=ENV)
    assert "已识别，未验证" in words.out


@pytest.mark.parametrize(
    ("typed", "status"), [("7KQX9-Y93Q6-MJ608", 6), ("7KQX9-Y93Q6-MJ609", 3), ("７KQX9Y93Q6MJ608", 3)]
)
def test_show_what_is_not_here(run_cli: Run, desk: Path, typed: str, status: int) -> None:
    done = run_cli("code", "show", typed, cwd=desk, env=ENV)
    assert done.status == status, done.err
    assert "Traceback" not in done.err


def test_a_wrong_passphrase_is_said(run_cli: Run, desk: Path) -> None:
    done = run_cli("code", "verify", issued(desk)[0], cwd=desk, env={"TRACELIB_PASSPHRASE": "wrong"})
    assert done.status == 7, done.err


@pytest.mark.parametrize("name", ["verify", "show"])
def test_help_in_both_languages(run_cli: Run, name: str) -> None:
    english, chinese = run_cli("code", name, "--help").out, run_cli("--lang", "zh", "code", name, "--help").out
    assert f"tracelib code {name} " in english.split("Example:")[1]
    assert f"tracelib code {name} " in chinese.split("例")[1]
    for sentence in ("Exit status", "Fingerprint of the root", "only identifies", "for programs"):
        assert sentence not in chinese
