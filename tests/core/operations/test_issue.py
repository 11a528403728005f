"""Issuing for a batch: numbers, rules, manifest and codes."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tracelib.batches.batch import BatchState
from tracelib.batches.errors import BatchClosedError, BatchUsedUpError, BatchWeightError
from tracelib.batches.manifest import check_sequence, decode_manifest
from tracelib.batches.transformation import TransformationKind
from tracelib.codes.errors import CodeFieldError, CodeTooLongError
from tracelib.codes.record import CodeRecord, Level
from tracelib.codes.serial import SerialCipher
from tracelib.codes.sticker import UnverifiedSticker, mac_fits
from tracelib.codes.url import UnverifiedCode, read_code
from tracelib.errors import TraceError
from tracelib.operations.batches.transform import TransformRequest, transform_batches
from tracelib.operations.export import code_lines
from tracelib.operations.issuing import rules as issue_rules
from tracelib.operations.issuing.issue import (
    BatchGoneError,
    GradeUnknownError,
    IssueRequest,
    OtherPartyError,
    issue_codes,
)
from tracelib.operations.issuing.register_range import CountersUsedUpError, Registered
from tracelib.store.counter_guard import hold_guard
from tracelib.trust import cose
from tracelib.trust.serial_key import sticker_key

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run


def request(county: "County", count: object = 12, **changes: object) -> IssueRequest:
    values: dict[str, object] = {
        "batch": county.batch, "count": count, "level": Level.CARTON, "host": "q.example.com", "grade": 1,
    }  # fmt: skip
    return IssueRequest(**{**values, **changes})  # type: ignore[arg-type]


def codes_of(county: "County", registered: Registered) -> list[UnverifiedCode]:
    text = b"".join(code_lines(county.issuer, registered.range)).decode()
    codes = [read_code(line) for line in text.splitlines()]
    assert all(isinstance(code, UnverifiedCode) for code in codes)
    return [code for code in codes if isinstance(code, UnverifiedCode)]


def test_what_was_taken_out_of_a_batch_is_not_issued(county: "County") -> None:
    """With all but the weight of two cartons taken out, two cartons are issued and not a third."""
    with county.desk.store.reading() as uow:
        batch = uow.batches.get(*county.batch)
        product = uow.catalog.product(*county.batch[:2])
    assert batch
    assert product
    assert product.weight_g
    kept = 2 * product.weight_g
    take = TransformRequest(
        kind=TransformationKind.SPLIT,
        takes=[(batch.reference, batch.weight_g - kept)],
        makes=[("TAKEN", batch.weight_g - kept)],
    )
    transform_batches(county.desk.store, take, county.desk.clock.now())
    with pytest.raises(BatchWeightError) as caught:
        issue_codes(county.desk, county.issuer, request(county, 3))
    assert caught.value.params["possible"] == 2
    issue_codes(county.desk, county.issuer, request(county, 2))
    with pytest.raises(BatchUsedUpError):
        transform_batches(
            county.desk.store,
            replace(take, makes=[("MORE", None)], takes=[(batch.reference, None)]),
            county.desk.clock.now(),
        )


def test_codes_carry_the_batch_and_are_signed(county: "County") -> None:
    registered = issue_codes(county.desk, county.issuer, request(county))
    codes = codes_of(county, registered)
    assert len(codes) == 12
    public = county.issuer.signer.public
    cipher = SerialCipher(county.issuer.serial_key, "AB3D")
    for number, code in enumerate(codes):
        record = code.record
        assert (record.product, record.lot, record.weight_10g, record.grade, record.level) == (
            "ORANGE",
            "GN-1",
            500,
            1,
            2,
        )
        assert record.day == 2518  # 23 November 2026 is day 2518 after 1 January 2020
        assert cipher.counter_of(record.serial or "") == number
        signed = cose.sig_structure(-19, public.key_id, b"tracelib/code/1", record.payload())
        assert public.verify(signed, code.signature)


def test_manifest_says_what_was_issued_and_chains(county: "County") -> None:
    first = issue_codes(county.desk, county.issuer, request(county))
    second = issue_codes(county.desk, county.issuer, request(county, 5, grade=0))
    public = county.issuer.signer.public
    one = decode_manifest(first.manifest.raw, public)
    two = decode_manifest(second.manifest.raw, public)
    check_sequence(None, one.manifest)
    check_sequence(one, two.manifest)
    assert (one.manifest.seq, one.manifest.previous, one.manifest.first, one.manifest.count) == (1, None, 0, 12)
    assert (two.manifest.seq, two.manifest.first, two.manifest.count) == (2, 12, 5)
    assert two.manifest.previous == hashlib.sha256(first.manifest.raw).digest()
    assert (two.manifest.cum_units, two.manifest.cum_weight_g) == (17, 85_000)
    assert one.manifest.attrs == 500 * 256 + 1 * 16 + 2
    assert (one.manifest.party, one.manifest.product, one.manifest.lot) == ("COOP1", "P/ORANGE", "GN-1")


def leaf_by_hand(serial_key: bytes, seq: int, counter: int, record: CodeRecord) -> bytes:
    """docs/code-format.md, "Manifest", written out."""
    info = b"tracelib/leaf-key/1" + seq.to_bytes(8, "big")
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(serial_key)
    salt = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha256).digest()[:16]
    inner = hashlib.sha256(b"tracelib/leaf/1" + salt + record.payload()).digest()
    return hashlib.sha256(b"\x00" + inner).digest()


def root_by_hand(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + root_by_hand(leaves[:half]) + root_by_hand(leaves[half:])).digest()


def test_root_is_over_the_codes_that_leave(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county, 3))
    registered = issue_codes(county.desk, county.issuer, request(county, 7))
    records = [code.record for code in codes_of(county, registered)]
    leaves = [leaf_by_hand(county.issuer.serial_key, 2, 3 + i, record) for i, record in enumerate(records)]
    assert registered.manifest.manifest.root == root_by_hand(leaves)


def test_root_in_pieces_and_processes_is_the_root_over_all_leaves(
    county: "County", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracelib.operations.issuing.register_range.SUBTREE", 8)
    batch = ("COOP1", "ORANGE", "GN-2")
    for seq, (count, processes) in enumerate([(8, 1), (9, 1), (16, 1), (61, 1), (64, 2), (100, 2)], 1):
        desk = replace(county.desk, processes=processes)
        registered = issue_codes(desk, county.issuer, request(county, count, batch=batch))
        leaves = [
            leaf_by_hand(county.issuer.serial_key, seq, registered.range.first + i, code.record)
            for i, code in enumerate(codes_of(county, registered))
        ]
        assert registered.manifest.manifest.root == root_by_hand(leaves)


def test_the_same_codes_again_at_any_time(county: "County") -> None:
    batch = ("COOP1", "ORANGE", "GN-2")
    registered = issue_codes(county.desk, county.issuer, request(county, 9000, batch=batch))
    first = b"".join(code_lines(county.issuer, registered.range))
    county.clock.move(86_400 * 40)
    with county.store.reading() as uow:
        stored = uow.codes.ranges_of(*batch)
    assert b"".join(code_lines(county.issuer, stored[0])) == first
    assert len(set(first.splitlines())) == 9000


def test_suite_2_is_deterministic_too(county: "County", other_issuer: "object") -> None:
    assert callable(other_issuer)
    issuer = other_issuer(suite=2, seed=9, prefix="QQQQ")
    registered = issue_codes(county.desk, issuer, request(county, 3))
    once, again = (b"".join(code_lines(issuer, registered.range)) for _ in range(2))
    assert once == again
    code = read_code(once.decode().splitlines()[0])
    assert isinstance(code, UnverifiedCode)
    signed = cose.sig_structure(-9, issuer.signer.public.key_id, b"tracelib/code/1", code.record.payload())
    assert issuer.signer.public.verify(signed, code.signature)


def test_stickers_take_counters_of_the_same_prefix(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county, 10))
    registered = issue_codes(county.desk, county.issuer, request(county, 5, profile="sticker", level=Level.ITEM))
    lines = b"".join(code_lines(county.issuer, registered.range)).decode().splitlines()
    stickers = [read_code(line) for line in lines]
    key, cipher = sticker_key(county.issuer.serial_key), county.issuer.cipher
    assert [cipher.counter_of(sticker.serial) for sticker in stickers if isinstance(sticker, UnverifiedSticker)] == [
        10, 11, 12, 13, 14,
    ]  # fmt: skip
    assert all(isinstance(sticker, UnverifiedSticker) and mac_fits(key, sticker) for sticker in stickers)
    assert registered.manifest.manifest.attrs == 1 * 16 + 0, "a single fruit states no weight"


def test_gtin_names_the_product_and_odd_weights_are_not_stated(county: "County") -> None:
    registered = issue_codes(county.desk, county.issuer, request(county, 1, batch=("COOP1", "LILY", "WZ-1"), grade=0))
    record = codes_of(county, registered)[0].record
    assert (record.gtin, record.product, record.weight_10g) == ("06901234567892", None, 0)


def test_first_codes_open_the_batch(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county))
    with county.store.reading() as uow:
        batch = uow.batches.get(*county.batch)
    assert batch is not None
    assert batch.state is BatchState.OPEN


def close(county: "County") -> None:
    with county.store.unit_of_work() as uow:
        batch = uow.batches.get(*county.batch)
        assert batch is not None
        uow.batches.set_state(batch, BatchState.CLOSED)


def rules(county: "County") -> dict[str, tuple[type[TraceError], dict[str, object], dict[str, object]]]:
    """Name to (error, changes of the delegation, changes of the request)."""
    ended = int(county.clock.now().timestamp()) - 1
    return {
        "no codes": (issue_rules.CountError, {}, {"count": 0}),
        "too many codes": (issue_rules.CountError, {}, {"count": 100_000_001}),
        "key ended": (issue_rules.KeyNotValidError, {"not_after": ended}, {}),
        "key not begun": (issue_rules.KeyNotValidError, {"not_before": ended + 2}, {}),
        "other product": (issue_rules.ProductNotDelegatedError, {"products": ("P/APPLE",)}, {}),
        "other region": (issue_rules.RegionError, {"region": "360732"}, {}),
        "no origin": (issue_rules.RegionError, {"region": "36"}, {"batch": ("COOP1", "ORANGE", "GN-2")}),
        "batch quota": (issue_rules.BatchQuotaError, {"max_batch_units": 11}, {}),
        "weight quota": (issue_rules.WeightQuotaError, {"max_kg": 59}, {}),
        "weight missing": (
            issue_rules.WeightMissingError, {"max_kg": 10_000}, {"batch": ("COOP1", "LILY", "WZ-1"), "grade": 0},
        ),
        "unit quota": (CountersUsedUpError, {"max_units": 11}, {}),
        "window": (CountersUsedUpError, {"counter_window": (100, 110)}, {}),
        "unknown grade": (GradeUnknownError, {}, {"grade": 3}),
        "no such batch": (BatchGoneError, {}, {"batch": ("COOP1", "ORANGE", "GN-9")}),
        "other party": (OtherPartyError, {"subject": "COOP2"}, {}),
        "batch weight": (BatchWeightError, {}, {"count": 1001}),
        "host": (CodeFieldError, {}, {"host": "Q.EXAMPLE.COM"}),
        "path": (CodeFieldError, {}, {"path": "P"}),
        "length": (CodeTooLongError, {}, {"host": "a-very-long-name-for-a-host-of-a-small-county.example.com"}),
    }  # fmt: skip


@pytest.mark.parametrize("name", [
    "no codes", "too many codes", "key ended", "key not begun", "other product", "other region", "no origin",
    "batch quota", "weight quota", "weight missing", "unit quota", "window", "unknown grade", "no such batch",
    "other party", "batch weight", "host", "path", "length",
])  # fmt: skip
def test_what_is_not_allowed_uses_no_counter(county: "County", name: str) -> None:
    error, limits, changes = rules(county)[name]
    with pytest.raises(error):
        issue_codes(county.desk, county.limited(**limits), request(county, **changes))
    with county.store.reading() as uow:
        assert uow.codes.all_counters() == {}
    assert issue_codes(county.desk, county.issuer, request(county)).range.first == 0


@pytest.mark.parametrize(
    "limits",
    [{"max_units": 12}, {"max_batch_units": 12}, {"max_kg": 60}, {"region": "3607"}],
)
def test_what_is_just_allowed(county: "County", limits: dict[str, object]) -> None:
    issuer = county.limited(**limits)
    assert issue_codes(county.desk, issuer, request(county)).range.count == 12
    if "max_units" in limits or "max_kg" in limits or "max_batch_units" in limits:
        with pytest.raises((CountersUsedUpError, issue_rules.WeightQuotaError, issue_rules.BatchQuotaError)):
            issue_codes(county.desk, issuer, request(county, 1))


def test_closed_batch_gets_no_codes(county: "County") -> None:
    close(county)
    with pytest.raises(BatchClosedError):
        issue_codes(county.desk, county.issuer, request(county))


def test_codes_state_no_more_weight_than_the_batch_has(county: "County") -> None:
    issue_codes(county.desk, county.issuer, request(county, 999))
    with pytest.raises(BatchWeightError):
        issue_codes(county.desk, county.issuer, request(county, 2))
    assert issue_codes(county.desk, county.issuer, request(county, 1)).range.count == 1


def test_counters_of_line_keys_are_left_out(county: "County") -> None:
    issuer = replace(county.issuer, line_windows=((20, 29), (50, 59)))
    with hold_guard(county.desk.keys, workspace="W1", machine="M1") as guard:
        guard.establish()  # as every grant does
    firsts = [issue_codes(county.desk, issuer, request(county, count)).range.first for count in (12, 8, 25, 1)]
    assert firsts == [0, 12, 60, 85]


def test_database_grows_by_rows_for_a_range_and_not_for_codes(county: "County") -> None:
    from sqlalchemy import func, select

    from tracelib.store.tables import metadata

    def rows() -> int:
        with county.store.engine.connect() as connection:
            tables = metadata().tables.values()
            return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)

    big = request(county, 20_000, batch=("COOP1", "ORANGE", "GN-2"))
    issue_codes(county.desk, county.issuer, big)
    before = rows()
    county.clock.move(timedelta(minutes=1).total_seconds())
    issue_codes(county.desk, county.issuer, big)
    assert rows() - before == 3  # a range, a manifest, an entry in the book of changes
