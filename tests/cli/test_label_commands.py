"""``tracelib label``: files, answers and refusals of the real program."""

import itertools
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import text

from tracelib.batches.batch import Batch
from tracelib.batches.prints import PrintEntry, Verb
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.codes.record import CodeRecord, Level
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import sign_code
from tracelib.labels.errors import FontMissingError
from tracelib.labels.fonts import find_font
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.store.unit_of_work import Store
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyStore
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import k_hash

RunCli = Callable[..., Any]
PASSPHRASE = "six words that nobody guesses"
CIPHER = SerialCipher(bytes(range(32)), "7KQX")
BATCH = Batch(party_id="COOP1", product_id="NAVEL-5KG", lot="26A0137", produced_on=date(2026, 11, 20), weight_g=10**6)


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    try:
        find_font()
    except FontMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def codes() -> list[str]:
    signer = KeyPair.from_secret(1, bytes(range(32)))
    records = [
        CodeRecord(product="NAVEL-5KG", lot="26A0137", serial=serial, day=2518, weight_10g=500, grade=1, level=2)
        for serial in CIPHER.serials(0, 30)
    ]
    return [sign_code(signer, record, "q.example.com") for record in records]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, codes: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "tracelib.toml").write_text("", "utf-8")
    with Store.create_or_upgrade(f"sqlite:///{folder / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP1", name_zh="信丰县示例脐橙专业合作社"))
        uow.catalog.add(Product(party_id="COOP1", id="NAVEL-5KG", name_zh="赣南脐橙", weight_g=5000))
        uow.catalog.add(Grade(party_id="COOP1", product_id="NAVEL-5KG", number=1, name_zh="一级"))
        uow.batches.add([BATCH], datetime(2026, 11, 21, tzinfo=UTC))
    (folder / "codes.csv").write_text("code\n" + "".join(f"{code}\n" for code in codes), "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _nothing_printed(workspace: Path) -> Iterator[None]:
    """Every test finds a workspace in which nothing was printed."""
    yield
    with Store.open(f"sqlite:///{workspace / 'tracelib.db'}") as store, store.unit_of_work() as uow:
        uow.session.execute(text("DELETE FROM print_entry"))


def printed(workspace: Path) -> list[PrintEntry]:
    """The beginnings of prints in the log."""
    with Store.open(f"sqlite:///{workspace / 'tracelib.db'}") as store, store.reading() as uow:
        return [entry for entry in uow.prints.entries(*BATCH.key) if entry.verb is Verb.BEGUN]


@pytest.fixture(scope="module")
def issuing(workspace: Path) -> Path:
    """The same workspace with an issuer key and 40 issued codes, of which the first 30 are those of the file."""
    pair, k, now = KeyPair.from_secret(1, bytes(range(32))), bytes(range(32)), datetime.now(UTC)
    root = KeyPair.from_secret(1, b"r" * 32)
    root_set = RootSet("test", (root.public,), 1)
    with (workspace / "tracelib.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'root = "{root_set.fingerprint}"\n')
    keystore = KeyStore(workspace / "keys")
    (workspace / "keys").mkdir()
    keystore.add("issuer", pair, PASSPHRASE.encode(), root=root_set.fingerprint, environment="test", created=now)
    keystore.add_serial_key(keystore.open("issuer", PASSPHRASE.encode()), PASSPHRASE.encode(), k)
    second = int(now.timestamp())
    claims = Delegation(
        issuer_hash=root.public.hash,
        subject="COOP1",
        key=pair.public,
        cti=bytes(16),
        not_before=second - 86_400,
        not_after=second + 86_400,
        issued_at=second,
        root=root_set.root_id,
        party=PartyName("信丰县示例脐橙专业合作社"),
        products=("P/NAVEL-5KG",),
        prefix="7KQX",
        k_hash=k_hash(k),
        home="q.example.com",
    )
    with Store.open(f"sqlite:///{workspace / 'tracelib.db'}") as store:
        with store.unit_of_work() as uow:
            uow.trust.add_root(root_set, now)
            uow.trust.add_delegation(sign_delegation(root, claims), now)
        desk = Desk(store, workspace / "keys", "W1", "M1")
        wanted = IssueRequest(batch=BATCH.key, count=40, level=Level.CARTON, host="q.example.com", grade=1)
        issue_codes(desk, Issuer(pair, claims, k), wanted)
    return workspace


def read_picture(path: Path) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(np.asarray(Image.open(path).convert("L")))]


@pytest.mark.parametrize("lot", [[], ["26A0137"]], ids=["first code names the batch", "batch named"])
def test_print_from_a_file(run_cli: RunCli, workspace: Path, codes: list[str], lot: list[str], tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    done = run_cli("label", "print", *lot, "--codes", "codes.csv", "--out", out, "--json", cwd=workspace)
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert answer.pop("bytes") == out.stat().st_size
    assert answer == {
        "file": str(out),
        "format": "pdf",
        "template": "a4-24",
        "dpi": 600,
        "batch": "COOP1/NAVEL-5KG/26A0137",
        "codes": 30,
        "void": 0,
        "copies": 1,
        "labels": 30,
        "pages": 2,
        "confirmed": None,
        "test": True,
    }
    document = pypdfium2.PdfDocument(out)
    found = {
        code.text
        for n in range(2)
        for code in zxingcpp.read_barcodes(np.asarray(document[n].render(scale=4, grayscale=True).to_pil()))
    }
    document.close()
    assert found == set(codes)


def test_a_list_is_compared_with_what_was_printed(run_cli: RunCli, issuing: Path, tmp_path: Path) -> None:
    """With the passphrase code by code; without it the batch alone is known, and that asks for a reason."""
    lines = (issuing / "codes.csv").read_text("utf-8").splitlines()
    (tmp_path / "changed.csv").write_text("\n".join(lines[:21]) + "\n\n", "utf-8")
    (tmp_path / "rest.csv").write_text("\n".join([lines[0], *reversed(lines[21:])]), "utf-8")
    with_key = {"TRACELIB_PASSPHRASE": PASSPHRASE}
    again = ("--reprint", "--reason", "these are others")
    numbers = itertools.count()

    def label_print(*arguments: str, list_: str, env: dict[str, str] | None = None) -> tuple[int, str]:
        out = tmp_path / f"{next(numbers)}.tspl"  # a file of its own: one that is there is another question
        options = ("--codes", str(tmp_path / list_), "--out", str(out), "--template", "roll-60x40")
        done = run_cli("label", "print", *options, *arguments, "--json", cwd=issuing, env=env)
        return done.status, "" if done.status == 0 else json.loads(done.err)["error"]["code"]

    assert label_print(list_="changed.csv", env=with_key) == (0, "")
    assert [(piece.first, piece.count) for piece in printed(issuing)[0].pieces] == [(0, 20)]
    assert label_print("--from", "20", list_="changed.csv", env=with_key) == (5, "print.before")
    assert label_print(list_="changed.csv") == (5, "print.uncompared")
    assert label_print(list_="rest.csv") == (5, "print.uncompared")
    assert label_print(list_="rest.csv", env=with_key) == (0, "")
    assert [(piece.first, piece.count) for piece in printed(issuing)[1].pieces] == [(20, 10)]
    assert label_print(*again, list_="rest.csv") == (0, "")
    last = printed(issuing)[2]
    assert (last.count, last.pieces, last.detail["unknown"], last.reason) == (10, (), 10, again[2])
    done = run_cli(
        "label", "print", BATCH.lot, "--from", "31", "--out", tmp_path / "y.pdf", "--json", cwd=issuing, env=with_key
    )
    assert (done.status, json.loads(done.err)["error"]["code"]) == (5, "print.earlier_unknown")


def test_a_file_that_may_wait_for_the_printer_is_kept(run_cli: RunCli, issuing: Path, tmp_path: Path) -> None:
    """Another range, or a file of anything else, under the same name is refused; the same labels may be written over,
    with leave to print them again.
    """
    out = tmp_path / "x.tspl"

    def to(last: int, *again: str) -> Any:  # noqa: ANN401 - what run_cli answers
        wanted = ("--codes", issuing / "codes.csv", "--to", str(last), "--template", "roll-60x40", "--out", out)
        return run_cli(
            "label", "print", *wanted, *again, "--json", cwd=issuing, env={"TRACELIB_PASSPHRASE": PASSPHRASE}
        )

    def error_of(done: Any) -> tuple[int, str]:  # noqa: ANN401
        return done.status, json.loads(done.err)["error"]["code"]

    assert to(4).status == 0
    first = out.read_bytes()
    assert error_of(to(4)) == (5, "print.before")
    assert error_of(to(6, "--reprint", "--reason", "more of them")) == (5, "label.file_exists")
    assert out.read_bytes() == first
    assert len(printed(issuing)) == 1  # what is refused is no print
    assert to(4, "--reprint", "--reason", "jam", "--copies", "2").status == 0
    assert out.read_bytes() != first
    out.write_bytes(first + b"changed")
    assert error_of(to(4, "--reprint", "--reason", "jam")) == (5, "label.file_exists")
    out.unlink()
    assert to(6, "--reprint", "--reason", "jam").status == 0


@pytest.mark.parametrize("numbered", [[], ["--sscc"]], ids=["own", "sscc"])
def test_pallet_labels_where_there_are_two_parties(run_cli: RunCli, desk: Path, numbered: list[str]) -> None:
    env = {"TRACELIB_PASSPHRASE": "desk test"}
    assert run_cli("party", "add", "OTHER", "--name-zh", "另一家示例合作社", cwd=desk).status == 0
    issued = run_cli("unit", "issue", "--count", "2", *numbered, "--party", "GNQC", "--out", "p.csv", cwd=desk, env=env)
    assert issued.status == 0, issued.err
    done = run_cli("label", "print", "--codes", "p.csv", "--template", "carton-100x150", "--out", "p.pdf", "--json",
                   cwd=desk)  # fmt: skip
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert (answer["batch"], answer["labels"]) == ("GNQC", 2)
    document = pypdfium2.PdfDocument(desk / "p.pdf")
    words = document[0].get_textpage().get_text_range()
    document.close()
    assert "另一家" not in words
    assert "示例合作社" in words


def test_print_issued_codes_by_position(run_cli: RunCli, issuing: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    options = ("--from", "11", "--to", "34", "--out", out, "--json")
    done = run_cli("label", "print", "26A0137", *options, cwd=issuing, env={"TRACELIB_PASSPHRASE": PASSPHRASE})
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert (answer["codes"], answer["labels"], answer["pages"], answer["test"]) == (24, 24, 1, True)
    document = pypdfium2.PdfDocument(out)
    image = np.asarray(document[0].render(scale=4, grayscale=True).to_pil())
    lines = document[0].get_textpage().get_text_range().split("\r\n")
    document.close()
    serials = CIPHER.serials(10, 24)
    assert {code.text.rsplit("/", 1)[1] for code in zxingcpp.read_barcodes(image)} == set(serials)
    assert {f"序列号 {s[:5]}-{s[5:10]}-{s[10:]}" for s in serials} <= set(lines)
    assert lines.count("一级 净重 5 kg") == 24


@pytest.mark.parametrize(
    ("extra", "passphrase", "status", "words"),
    [
        (["--from", "41"], PASSPHRASE, 5, "has codes 1 to 40"),
        ([], "wrong", 7, "passphrase"),
    ],
)
def test_print_issued_codes_refused(
    run_cli: RunCli, issuing: Path, tmp_path: Path, extra: list[str], passphrase: str, status: int, words: str
) -> None:
    out = tmp_path / "labels.pdf"
    again = ("--reprint", "--reason", "the test before printed some")
    done = run_cli(
        "label", "print", "26A0137", *extra, *again, "--out", out, cwd=issuing, env={"TRACELIB_PASSPHRASE": passphrase}
    )
    assert done.status == status, done.err
    assert words in done.err
    assert not out.exists()


def test_print_where_the_key_is_not(run_cli: RunCli, issuing: Path, tmp_path: Path) -> None:
    env = {"TRACELIB_PASSPHRASE": PASSPHRASE, "TRACELIB_KEYS": str(tmp_path)}
    options = ("--reprint", "--reason", "the test before printed some", "--out", tmp_path / "labels.pdf")
    done = run_cli("label", "print", "26A0137", *options, cwd=issuing, env=env)
    assert done.status == 6, done.err
    assert "--codes FILE" in done.err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["60 labels on 60 pages", "Print at 100 %"]),
        ("zh", ["60 张标签，60 页", "实际大小 / 100%"]),
    ],
)
def test_print_roll_in_words(run_cli: RunCli, workspace: Path, tmp_path: Path, language: str, words: list[str]) -> None:
    options = ("--codes", "codes.csv", "--template", "roll-60x40", "--copies", "2", "--out", tmp_path / "roll.pdf")
    done = run_cli("--lang", language, "label", "print", *options, cwd=workspace)
    assert done.status == 0, done.err
    assert all(word in done.out for word in words)


def test_image_of_a_known_code_is_a_label(run_cli: RunCli, workspace: Path, codes: list[str], tmp_path: Path) -> None:
    done = run_cli("label", "image", codes[3], "--out", tmp_path / "l.png", "--json", cwd=workspace)
    assert done.status == 0, done.err
    assert json.loads(done.out)["shows"] == "label"
    assert read_picture(tmp_path / "l.png") == [codes[3]]
    assert Image.open(tmp_path / "l.png").size == (60 * 12, 40 * 12)
    svg = run_cli("label", "image", codes[3], "--out", tmp_path / "l.svg", cwd=workspace)
    assert svg.status == 0, svg.err
    assert "赣南脐橙" in (tmp_path / "l.svg").read_text("utf-8")
    zpl = run_cli("label", "image", codes[3], "--out", tmp_path / "l.zpl", cwd=workspace)
    assert zpl.status == 0, zpl.err
    assert "^PW480\n^LL320\n" in (tmp_path / "l.zpl").read_text("ascii")


def test_image_outside_a_workspace_is_the_symbol(run_cli: RunCli, codes: list[str], tmp_path: Path) -> None:
    done = run_cli("label", "image", codes[0], "--out", "s.png", cwd=tmp_path)
    assert done.status == 0, done.err
    assert "the symbol alone" in done.out
    assert read_picture(tmp_path / "s.png") == [codes[0]]
    asked = run_cli("label", "image", codes[0], "--symbol", "--out", "t.png", "--json", cwd=tmp_path)
    assert json.loads(asked.out)["shows"] == "symbol"
    assert (tmp_path / "t.png").read_bytes() == (tmp_path / "s.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["print", "--codes", "codes.csv", "--out", "x.png"], 3, "should end in .pdf, .zpl, .tspl"),
        (["print", "--codes", "codes.csv", "--template", "a5", "--out", "x.pdf"], 6, "there are: a4-14, a4-24"),
        (["print", "--codes", "missing.csv", "--out", "x.pdf"], 3, "No such file"),
        (["print", "--codes", "codes.csv", "--from", "31", "--out", "x.pdf"], 6, "the range is empty"),
        (["print", "--codes", "codes.csv"], 2, "Say once where labels go"),
        (["print", "--codes", "codes.csv", "--out", "x.pdf", "--printer", "tcp://p"], 2, "Say once where labels go"),
        (["print", "--codes", "codes.csv", "--printer", "tcp://127.0.0.1:1"], 2, "--format"),
        (["print", "--codes", "codes.csv", "--printer", "usb:0", "--format", "zpl"], 3, "tcp://HOST"),
        (["print", "--codes", "codes.csv", "--printer", "spool:no", "--format", "zpl"], 6, "There is no folder"),
        (["print", "--codes", "codes.csv", "--to", "tcp://p", "--out", "x.pdf"], 2, "tcp://p"),
        (["print", "--codes", "codes.csv", "--out", "x.zpl", "--native"], 5, "TSPL alone"),
        (["print", "--codes", "codes.csv", "--template", "../x", "--out", "x.pdf"], 6, "no label template"),
        (["template", "show", "a5"], 6, "there are: a4-14"),
        (["template", "check", "codes.csv"], 3, "cannot be the name of a template"),
        (["template", "new", "a4-24"], 5, "already"),
        (["print", "--out", "x.pdf"], 2, "Name a LOT"),
        (["print", "26A9999", "--codes", "codes.csv", "--out", "x.pdf"], 6, "26A9999"),
        (["print", "--codes", "codes.csv", "--out", "no/such/x.pdf"], 8, "cannot be written"),
        (["image", "https://example.com/", "--out", "x.png"], 3, "example.com"),
        (["image", "CODE", "--out", "x.gif"], 3, "should end in .png, .svg, .zpl, .tspl"),
    ],
)
def test_refusals(run_cli: RunCli, workspace: Path, arguments: list[str], status: int, words: str) -> None:
    done = run_cli("label", *arguments, cwd=workspace)
    assert (done.status, "Traceback" in done.err) == (status, False)
    assert words in " ".join(done.err.split())
    assert not list(workspace.glob("x.*"))


def test_font_that_is_not_there(run_cli: RunCli, workspace: Path) -> None:
    done = run_cli(
        "label", "print", "--codes", "codes.csv", "--out", "x.pdf",
        cwd=workspace, env={"TRACELIB_LABEL_FONT": "fonts/no.ttf", "TRACELIB_LANG": "zh"},
    )  # fmt: skip
    assert done.status == 7
    assert "不能使用" in done.err


def test_print_for_a_label_printer(run_cli: RunCli, workspace: Path, tmp_path: Path) -> None:
    options = ("--codes", "codes.csv", "--template", "roll-100x50", "--from", "3", "--to", "12", "--json")
    done = run_cli("label", "print", *options, "--out", tmp_path / "roll.tspl", cwd=workspace)
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert (answer["labels"], answer["format"], answer["dpi"], answer["confirmed"]) == (10, "tspl", 203, None)
    assert (tmp_path / "roll.tspl").read_bytes().count(b"\r\nPRINT 1,1\r\n") == 10
    (tmp_path / "jobs").mkdir()
    again = ("--reprint", "--reason", "the printer speaks another language")
    spool = ("--printer", f"spool:{tmp_path / 'jobs'}", "--format", "zpl", "--dpi", "300", *again)
    done = run_cli("label", "print", *options, *spool, cwd=workspace)
    assert done.status == 0, done.err
    assert json.loads(done.out)["file"] == str(tmp_path / "jobs" / "job-000001.zpl")
    assert b"^PW1200\n^LL600\n" in (tmp_path / "jobs" / "job-000001.zpl").read_bytes()


@pytest.mark.parametrize(("language", "words"), [("en", "10 labels were sent"), ("zh", "已把 10 张标签发给")])
def test_print_over_the_network(run_cli: RunCli, workspace: Path, language: str, words: str) -> None:
    received = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(65536):
                    received.extend(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        to = ("--printer", f"tcp://127.0.0.1:{server.getsockname()[1]}", "--format", "zpl", "--to", "10")
        options = ("--codes", "codes.csv", "--template", "roll-60x40")
        done = run_cli("--lang", language, "label", "print", *options, *to, cwd=workspace)
        thread.join(10)
    assert done.status == 0, done.err
    assert words in done.out
    assert received.count(b"^XZ") == 10


def test_job_that_breaks_and_goes_on(run_cli: RunCli, workspace: Path) -> None:
    """The printer resets the connection after the twelfth label; the rest is printed with --from and a reason."""
    received: list[bytearray] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for most in (12, None):
                connection, _ = server.accept()
                read = bytearray()
                received.append(read)
                while (most is None or read.count(b"^XZ") < most) and (part := connection.recv(4096)):
                    read.extend(part)
                if most:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        printer = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        options = ("--codes", "codes.csv", "--template", "roll-100x50", "--format", "zpl", "--printer", printer)
        again = ("--reprint", "--reason", "the connection broke")
        broken = run_cli("label", "print", *options, *again, cwd=workspace)
        assert broken.status == 10, broken.err
        assert "[label.printer.broken]" in broken.err
        assert "--from NUMBER --reprint --reason TEXT" in " ".join(broken.err.split())
        rest = run_cli("label", "print", *options, *again, "--from", "13", "--json", cwd=workspace)
        assert rest.status == 0, rest.err
        thread.join(10)
    assert json.loads(rest.out)["labels"] == 18
    assert received[1].count(b"^XZ") == 18


def test_print_to_a_printer_that_is_off(run_cli: RunCli, workspace: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    to = ("--printer", f"tcp://127.0.0.1:{port}", "--format", "tspl")
    done = run_cli("--lang", "zh", "label", "print", "--codes", "codes.csv", *to, cwd=workspace)
    assert done.status == 10
    assert "连不上打印机" in done.err


def test_templates_of_the_user(run_cli: RunCli, workspace: Path, codes: list[str], tmp_path: Path) -> None:
    made = run_cli("label", "template", "new", "ours", "--like", "roll-60x40", cwd=workspace)
    assert made.status == 0, made.err
    path = workspace / "templates" / "ours.toml"
    try:
        path.write_text(path.read_text("utf-8").replace('"issuer"', '{ field = "text", text = "承诺达标" }'), "utf-8")
        checked = run_cli("label", "template", "check", path, cwd=workspace)
        assert (checked.status, "ours is a good template" in checked.out) == (0, True)
        listed = run_cli("label", "template", "list", "--json", cwd=workspace)
        assert [t["name"] for t in json.loads(listed.out) if t["own"]] == ["ours"]
        drawn = run_cli("label", "image", codes[0], "--template", "ours", "--out", tmp_path / "l.svg", cwd=workspace)
        assert drawn.status == 0, drawn.err
        assert "承诺达标" in (tmp_path / "l.svg").read_text("utf-8")
        path.write_text('title = { zh = "坏的" }\npage = [60, 40]\nwidht = 5\n', "utf-8")
        for language, words in (("en", "no such key"), ("zh", "没有这个键")):
            faulty = run_cli("--lang", language, "label", "template", "check", path, cwd=workspace)
            assert faulty.status == 3
            assert "ours, widht: " in faulty.err.replace("：", ": ").replace("，", ", ")
            assert words in faulty.err
    finally:
        path.unlink()
        path.parent.rmdir()


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["Template", "a4-14"]), ("zh", ["模板", "卷标 60×40 mm", "0.50"])]
)
def test_template_list_for_people(run_cli: RunCli, workspace: Path, language: str, words: list[str]) -> None:
    done = run_cli("--lang", language, "label", "template", "list", cwd=workspace)
    assert done.status == 0, done.err
    assert all(word in done.out for word in words)


def test_a_list_that_is_not_there_and_a_spool_that_takes_nothing(run_cli: RunCli, workspace: Path) -> None:
    done = run_cli("label", "print", "--codes", "none.csv", "--out", "x.pdf", cwd=workspace)
    assert (done.status, "label.code_file" in done.err, "line 0" in done.err) == (3, True, False)
    to = ("--printer", "spool:/proc/1", "--format", "zpl", "--template", "roll-60x40")
    done = run_cli("label", "print", "--codes", "codes.csv", *to, cwd=workspace)
    assert (done.status, "label.spool_file" in done.err, "before" in done.err) == (8, True, False)
