"""FF1 against Project Wycheproof, and whole ranges against single numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.codes.errors import Ff1Error
from tracelib.codes.ff1 import Ff1
from tracelib.codes.ff1_bulk import permute, restore

CASES = 2868


def cases(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    data = json.loads(path.read_text())
    found = [(group, test) for group in data["testGroups"] for test in group["tests"]]
    assert len(found) == data["numberOfTests"] == CASES
    return found


def numerals(value: str | list[int], alphabet: str | None) -> list[int]:
    """A case's text or list as numerals; -1 for what is not in the alphabet, as the list form writes it."""
    if isinstance(value, str):
        assert alphabet is not None
        return [alphabet.find(character) for character in value]
    return value


@pytest.mark.parametrize("name", ["aes_ff1_base32_test.json", "aes_ff1_radix32_test.json"])
def test_wycheproof(conformance_data: Path, name: str) -> None:
    valid = invalid = 0
    for group, test in cases(conformance_data / "crypto" / name):
        plain = numerals(test["msg"], group.get("alphabet"))
        key, tweak = bytes.fromhex(test["key"]), bytes.fromhex(test["tweak"])
        if test["result"] == "valid":
            ff1 = Ff1(key, group["radix"], tweak)
            secret = numerals(test["ct"], group.get("alphabet"))
            assert ff1.encrypt(plain) == secret, test["tcId"]
            assert ff1.decrypt(secret) == plain, test["tcId"]
            valid += 1
        else:
            with pytest.raises(Ff1Error):
                Ff1(key, group["radix"], tweak).encrypt(plain)
            invalid += 1
    assert (valid, invalid) == (2461, 407)


@settings(max_examples=25, deadline=None)
@given(
    k=st.binary(min_size=32, max_size=32),
    tweak=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=4, max_size=4),
    first=st.integers(0, 2**50 - 40),
)
def test_ranges_equal_single_numbers_both_ways(k: bytes, tweak: str, first: int) -> None:
    prefix = tweak.encode()
    ff1 = Ff1(k, 32, prefix)
    left, right = permute(k, prefix, first, 33)
    expected = [
        ff1.encrypt([counter >> shift & 31 for shift in range(45, -1, -5)]) for counter in range(first, first + 33)
    ]
    together = [
        [int(half) >> shift & 31 for half in pair for shift in (20, 15, 10, 5, 0)]
        for pair in zip(left, right, strict=True)
    ]
    assert together == expected
    assert restore(k, prefix, left, right).tolist() == list(range(first, first + 33))


def test_a_range_has_no_two_alike() -> None:
    left, right = permute(bytes(range(32)), b"7KQX", 0, 100_000)
    assert len(np.unique(left.astype(np.uint64) << np.uint64(25) | right)) == 100_000


@pytest.mark.parametrize(("key", "radix"), [(b"short", 32), (bytes(32), 1), (bytes(32), 70_000)])
def test_bad_parameters(key: bytes, radix: int) -> None:
    with pytest.raises(Ff1Error):
        Ff1(key, radix, b"")
