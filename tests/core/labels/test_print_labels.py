"""From the store's catalogue and signed codes to printed labels."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pytest

from tracelib.batches.batch import Batch
from tracelib.batches.pieces import Piece
from tracelib.batches.prints import Verb, prints_of
from tracelib.catalog.brand import Brand
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.clock import FixedClock
from tracelib.codes.errors import NotOurCodeError
from tracelib.codes.record import CodeRecord
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import sign_code
from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.output import PrintRun
from tracelib.labels.printer import Printer
from tracelib.labels.template_files import find_template
from tracelib.operations.printing.labels import (
    LabelBatchUnknownError,
    LabelProductMissingError,
    LabelUnitUnknownError,
    OtherBatchError,
    facts_of_batch,
    facts_of_code,
    label_contents,
    print_labels,
    require_facts_of_code,
)
from tracelib.operations.printing.log import Again, PrintLog
from tracelib.operations.printing.print_logged import LabelJob, codes_in_file, print_logged
from tracelib.store.code_values import PrefixOwner
from tracelib.store.unit_of_work import Store
from tracelib.trust.keys import KeyPair

A4_24 = find_template("a4-24")
HOST = "q.example.com"
CIPHER = SerialCipher(bytes(range(32)), "7KQX")
BATCH = Batch(
    party_id="COOP1",
    product_id="NAVEL-5KG",
    lot="26A0137",
    produced_on=date(2026, 11, 20),
    weight_g=10**6,
    plot="示例村 3 号地",
)


@pytest.fixture(scope="module")
def signer() -> KeyPair:
    return KeyPair.from_secret(1, bytes(range(32)))


@pytest.fixture
def codes(signer: KeyPair) -> list[str]:
    """Thirty cartons: the first graded 1, the second 2, the others not."""
    records = [
        CodeRecord(product="NAVEL-5KG", lot="26A0137", serial=serial, day=2518, weight_10g=500, grade=g, level=2)
        for serial, g in zip(CIPHER.serials(0, 30), [1, 2, *[0] * 28], strict=True)
    ]
    return [sign_code(signer, record, HOST) for record in records]


@pytest.fixture
def stocked(store: Store, some_uscc: str) -> Store:
    with store.unit_of_work() as uow:
        uow.catalog.add(
            Party(id="COOP1", name_zh="信丰县示例脐橙专业合作社", name_en="Example Co-operative", uscc=some_uscc)
        )
        hosts = ("gannan.example.com",)
        uow.catalog.add(
            Brand(id="GANNAN", owner="COOP1", name_zh="赣南脐橙", name_en="Gannan Navel Orange", hosts=hosts)
        )
        product = Product(
            party_id="COOP1",
            id="NAVEL-5KG",
            name_zh="赣南脐橙",
            name_en="Navel orange",
            brand_id="GANNAN",
            weight_g=5000,
        )
        uow.catalog.add(product)
        uow.catalog.add(Grade(party_id="COOP1", product_id="NAVEL-5KG", number=1, name_zh="一级", name_en="First"))
        uow.catalog.add(Grade(party_id="COOP1", product_id="NAVEL-5KG", number=2, name_zh="二级"))
        uow.batches.add([BATCH], datetime(2026, 11, 21, tzinfo=UTC))
    return store


@pytest.fixture
def some_uscc() -> str:
    """An invented number with its right check character (GB 32100-2015)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91360722MA35EXAMP"
    total = sum(alphabet.index(c) * 3**i % 31 for i, c in enumerate(body))
    return body + alphabet[-total % 31]


def test_content_joins_catalogue_and_code(stocked: Store, codes: list[str], some_uscc: str) -> None:
    with stocked.reading() as uow:
        facts = facts_of_batch(uow, BATCH, test=True)
    first, second, third = list(label_contents(codes[:3], facts))
    serial = CIPHER.serial_of(0)
    assert first == LabelContent(
        url=codes[0],
        unit_id=serial,
        product="赣南脐橙",
        grade="一级",
        weight_g=5000,
        lot="26A0137",
        uscc=some_uscc,
        issuer="信丰县示例脐橙专业合作社",
        test=True,
        brand="赣南脐橙",
        brand_en="Gannan Navel Orange",
        origin="示例村 3 号地",
        produced_on="2026-11-20",
        host="gannan.example.com",
        product_en="Navel orange",
        grade_en="First",
        issuer_en="Example Co-operative",
    )
    assert (second.grade, third.grade) == ("二级", "")


def test_print_leaves_void_codes_out(stocked: Store, codes: list[str], tmp_path: Path, label_font: LabelFont) -> None:
    torn = CIPHER.serial_of(4)
    with stocked.unit_of_work() as uow:
        uow.voids.add("COOP1", [torn], "damaged", datetime(2026, 11, 22, tzinfo=UTC))
    with stocked.reading() as uow:
        facts = facts_of_batch(uow, BATCH, test=True)
    done = print_labels(stocked, facts, codes, PrintRun(A4_24, label_font, tmp_path / "l.pdf", copies=2))
    assert (done.codes, done.void, done.file.labels, done.file.pages) == (29, 1, 58, 3)
    document = pypdfium2.PdfDocument(tmp_path / "l.pdf")
    text = "".join(document[n].get_textpage().get_text_range() for n in range(3))
    document.close()
    assert f"{torn[:5]}-{torn[5:10]}-{torn[10:]}" not in text
    kept = CIPHER.serial_of(5)
    assert text.count(f"{kept[:5]}-{kept[5:10]}-{kept[10:]}") == 2


@pytest.mark.parametrize("other", ["lot", "product", "unit"])
def test_code_of_another_batch_is_refused(stocked: Store, signer: KeyPair, other: str) -> None:
    serial = CIPHER.serial_of(77)
    record = {
        "lot": CodeRecord(product="NAVEL-5KG", lot="26A0138", serial=serial, day=2518, level=2),
        "product": CodeRecord(product="LILY", lot="26A0137", serial=serial, day=2518, level=2),
        "unit": CodeRecord(serial=serial, day=2518, level=3),
    }[other]
    with stocked.reading() as uow:
        facts = facts_of_batch(uow, BATCH, test=True)
    found = {"lot": "of P/NAVEL-5KG/26A0138", "product": "of P/LILY/26A0137", "unit": "of a logistic unit"}[other]
    with pytest.raises(OtherBatchError, match=f"{serial} is {found}, not of {BATCH.reference}"):
        list(label_contents([sign_code(signer, record, HOST)], facts))


def test_what_is_no_code_is_refused(stocked: Store) -> None:
    with stocked.reading() as uow:
        facts = facts_of_batch(uow, BATCH, test=True)
    with pytest.raises(NotOurCodeError):
        list(label_contents(["https://example.com/"], facts))


def test_batch_without_product(store: Store) -> None:
    with store.reading() as uow, pytest.raises(LabelProductMissingError, match="COOP1/NAVEL-5KG/26A0137"):
        facts_of_batch(uow, BATCH, test=True)


def test_code_finds_its_batch(stocked: Store, codes: list[str], signer: KeyPair) -> None:
    unknown = sign_code(signer, CodeRecord(product="X", lot="1", serial=CIPHER.serial_of(1), day=2518, level=2), HOST)
    sticker = f"https://{HOST}/{CIPHER.serial_of(1)}{'A' * 13}"
    with stocked.reading() as uow:
        expected = facts_of_batch(uow, BATCH, test=False)
        assert facts_of_code(uow, codes[0], None, test=False) == expected
        assert facts_of_code(uow, codes[0], "COOP1", test=False) == expected
        assert facts_of_code(uow, codes[0], "COOP2", test=False) is None
        assert facts_of_code(uow, unknown, None, test=False) is None
        assert facts_of_code(uow, sticker, None, test=False) is None
        with pytest.raises(LabelBatchUnknownError):
            require_facts_of_code(uow, sticker, None, test=False)


def test_same_product_number_and_lot_at_two_parties(stocked: Store, codes: list[str]) -> None:
    with stocked.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP2", name_zh="另一家示例合作社"))
        uow.catalog.add(Product(party_id="COOP2", id="NAVEL-5KG", name_zh="脐橙"))
        uow.batches.add([BATCH.model_copy(update={"party_id": "COOP2"})], datetime(2026, 11, 21, tzinfo=UTC))
        assert facts_of_code(uow, codes[0], None, test=True) is None
        facts = facts_of_code(uow, codes[0], "COOP2", test=True)
    assert facts is not None
    assert facts.common.issuer == "另一家示例合作社"


def test_stickers_and_units(stocked: Store, signer: KeyPair) -> None:
    serial = CIPHER.serial_of(9)
    pallet = sign_code(signer, CodeRecord(sscc="069012340000000016", day=2518, level=3), HOST)
    with stocked.reading() as uow:
        batch = facts_of_batch(uow, BATCH, test=False)
        unit = facts_of_code(uow, pallet, None, test=False)
    (sticker,) = label_contents([f"https://{HOST}/{serial}{'A' * 13}"], batch)
    assert (sticker.unit_id, sticker.product, sticker.weight_g, sticker.lot) == (serial, "赣南脐橙", None, "26A0137")
    assert unit is not None
    (label,) = label_contents([pallet], unit)
    assert (label.unit_id, label.product, label.lot, label.grade) == ("069012340000000016", "托盘", "", "")


SSCC = "069012340000000016"


@pytest.mark.parametrize("number", ["serial", "sscc"])
def test_unit_is_of_whom_the_register_names(stocked: Store, signer: KeyPair, number: str) -> None:
    """Of two parties in the catalogue the unit's prefix names one, whoever the user acts for. A prefix of two parties
    (a longer one within a shorter) needs the user's word, and so does a unit from elsewhere.
    """
    serial = CIPHER.serial_of(9)
    named = {"serial": CodeRecord(serial=serial, day=2518, level=3), "sscc": CodeRecord(sscc=SSCC, day=2518, level=3)}
    code = sign_code(signer, named[number], HOST)
    prefix = {"serial": serial[:4], "sscc": "(00)0690123"}[number]
    unit_id = {"serial": serial, "sscc": SSCC}[number]
    with stocked.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP2", name_zh="另一家示例合作社"))
        assert facts_of_code(uow, code, None, test=True) is None
        with pytest.raises(LabelUnitUnknownError, match=f"{unit_id}.*config set party"):
            require_facts_of_code(uow, code, None, test=True)
        uow.codes.add_prefix(PrefixOwner(prefix, "COOP2", bytes(32), None if number == "sscc" else bytes(16)))
        for party in (None, "COOP1", "COOP2"):
            facts = require_facts_of_code(uow, code, party, test=True)
            assert (facts.party_id, facts.common.issuer) == ("COOP2", "另一家示例合作社")
        uow.codes.add_prefix(PrefixOwner(prefix, "COOP1", bytes([1]) * 32, None if number == "sscc" else bytes(16)))
        assert facts_of_code(uow, code, None, test=True) is None
        facts = require_facts_of_code(uow, code, "COOP1", test=True)
        assert facts.party_id == "COOP1"


def test_units_of_two_parties_in_one_list(stocked: Store, signer: KeyPair) -> None:
    """The labels name one issuer: a list that holds another party's units is refused before anything is printed."""
    foreign = SerialCipher(bytes(range(32)), "9QRS").serial_of(1)
    units = [CIPHER.serial_of(9), foreign]
    codes = [sign_code(signer, CodeRecord(serial=serial, day=2518, level=3), HOST) for serial in units]
    with stocked.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP2", name_zh="另一家示例合作社"))
        uow.codes.add_prefix(PrefixOwner("7KQX", "COOP1", bytes(32), bytes(16)))
        uow.codes.add_prefix(PrefixOwner("9QRS", "COOP2", bytes([1]) * 32, bytes(16)))
        facts = require_facts_of_code(uow, codes[0], None, test=True)
        assert codes_in_file(uow, facts, codes[:1], ("0" * 64, 1, None), {}).count == 1
        with pytest.raises(OtherBatchError, match=f"{foreign} is of the logistic units of COOP2, not of the logistic"):
            codes_in_file(uow, facts, codes, ("0" * 64, 1, None), {})


def test_labels_of_a_stream_are_made_one_by_one(stocked: Store, codes: list[str]) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield codes[0]

    with stocked.reading() as uow:
        facts = facts_of_batch(uow, BATCH, test=True)
    assert next(label_contents(endless(), facts)).url == codes[0]


@pytest.mark.parametrize("closes", [True, False])
def test_a_printer_that_never_says_that_it_has_everything(
    stocked: Store, codes: list[str], label_font: LabelFont, closes: bool
) -> None:
    with stocked.reading() as uow:
        facts = facts_of_batch(uow, BATCH, test=True)
    told, log = threading.Event(), PrintLog(stocked, FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while closes and connection.recv(65536):
                    pass
                if not closes:
                    told.wait(10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        printer = Printer("127.0.0.1", server.getsockname()[1], closing_s=0.3)
        template = find_template("roll-60x40").at(203)
        run = PrintRun(template, label_font, printer, "zpl")
        print_logged(log, LabelJob(facts, codes[:2], (Piece("7KQX", 0, 2, 1),)), run, Again())
        told.set()
        thread.join(10)
    with stocked.reading() as uow:
        (done,) = prints_of(uow.prints.entries("COOP1", "NAVEL-5KG", "26A0137"))
    assert (done.state, done.unconfirmed) == (Verb.DONE, not closes)
