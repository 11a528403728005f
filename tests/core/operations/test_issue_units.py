"""Codes for pallets: own serials, and SSCCs from the delegation's prefixes."""

from typing import TYPE_CHECKING

import pytest

from tracelib.batches.manifest import check_sequence, decode_manifest
from tracelib.codes.url import UnverifiedCode, read_code
from tracelib.operations.export import code_lines
from tracelib.operations.issuing.issue_units import NoSsccPrefixError, UnitRequest, issue_units
from tracelib.operations.issuing.register_range import CountersUsedUpError, Registered

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run


def units(county: "County", count: int, sscc: bool = False) -> Registered:
    return issue_units(county.desk, county.issuer, UnitRequest(count=count, host="q.example.com", sscc=sscc))


def records(county: "County", registered: Registered) -> list[UnverifiedCode]:
    text = b"".join(code_lines(county.issuer, registered.range)).decode()
    return [code for code in map(read_code, text.splitlines()) if isinstance(code, UnverifiedCode)]


def test_pallets_of_the_partys_own(county: "County") -> None:
    codes = records(county, units(county, 3))
    assert [code.record.kind for code in codes] == ["unit"] * 3
    assert [county.issuer.cipher.counter_of(code.record.unit_id) for code in codes] == [0, 1, 2]
    assert {(code.record.level, code.record.weight_10g, code.record.grade) for code in codes} == {(3, 0, 0)}


def test_sscc_begin_with_the_prefix_and_have_a_right_check_digit(county: "County") -> None:
    first, second = records(county, units(county, 2, sscc=True)), records(county, units(county, 1, sscc=True))
    # 3·3 + 6 + 9·3 + 0 + 1·3 + 2 + 3·3 = 56, check digit 4; the last of the 17 digits adds 3 for each step
    assert [code.record.sscc for code in first + second] == [
        "369012300000000004", "369012300000000011", "369012300000000028",
    ]  # fmt: skip


def test_next_prefix_when_one_is_full(county: "County") -> None:
    county.issuer = county.limited(sscc_prefixes=("4690123456789012", "3690123"))
    assert units(county, 7, sscc=True).range.first == 46901234567890120
    assert units(county, 5, sscc=True).range.first == 36901230000000000
    assert units(county, 3, sscc=True).range.first == 46901234567890127
    with pytest.raises(NoSsccPrefixError):
        issue_units(
            county.desk,
            county.limited(sscc_prefixes=("4690123456789012",)),
            UnitRequest(count=1, host="q.example.com", sscc=True),
        )


def test_no_prefix_no_sscc(county: "County") -> None:
    county.issuer = county.limited(sscc_prefixes=())
    with pytest.raises(NoSsccPrefixError, match="without --sscc"):
        units(county, 1, sscc=True)


def test_sscc_take_no_counter_and_no_quota(county: "County") -> None:
    county.issuer = county.limited(max_units=2)
    units(county, 50, sscc=True)
    assert units(county, 2).range.first == 0
    with pytest.raises(CountersUsedUpError):
        units(county, 1)


def test_manifests_of_units_chain_with_the_others(county: "County") -> None:
    done = [units(county, 2), units(county, 2, sscc=True), units(county, 1)]
    public = county.issuer.signer.public
    signed = [decode_manifest(registered.manifest.raw, public) for registered in done]
    check_sequence(None, signed[0].manifest)
    check_sequence(signed[0], signed[1].manifest)
    check_sequence(signed[1], signed[2].manifest)
    assert [(s.manifest.prefix, s.manifest.first, s.manifest.cum_units) for s in signed] == [
        ("AB3D", 0, 2), (None, 36901230000000000, 2), ("AB3D", 2, 3),
    ]  # fmt: skip
    assert all(s.manifest.product is None and s.manifest.lot is None for s in signed)


def test_interrupted_units_are_taken_up(county: "County", monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tracelib.operations.issuing.register_range.merkle_root", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            units(county, 4, sscc=True)
    again = units(county, 4, sscc=True)
    assert (again.resumed, again.range.first) == (True, 36901230000000000)
