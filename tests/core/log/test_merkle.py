"""RFC 9162 trees and proofs, against the proofs of transparency-dev/merkle, good and bad."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tracelib.log.merkle import (
    EMPTY_ROOT,
    MerkleProofError,
    MerkleRangeError,
    RootBuilder,
    consistency_path,
    inclusion_path,
    root,
    verify_consistency,
    verify_inclusion,
)

INCLUSION_CASES = 98
CONSISTENCY_CASES = 98

# The eight entries of the certificate-transparency reference tree and its root (certificate-transparency,
# merkletree/merkle_tree_test; also the tree behind the files in log/).
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOT_OF_EIGHT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


LEAVES = [leaf(entry) for entry in ENTRIES]


def read(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]


def as_bytes(text: object) -> bytes:
    return base64.b64decode(str(text)) if text else b""


def proof(case: dict[str, object]) -> list[bytes]:
    given = case["proof"] or []
    assert isinstance(given, list)
    return [as_bytes(item) for item in given]


def holds(check: Callable[..., None], *arguments: object) -> bool:
    try:
        check(*arguments)
    except MerkleProofError:
        return False
    return True


def test_inclusion_proofs_of_others(conformance_data: Path) -> None:
    cases = read(conformance_data / "log" / "inclusion")
    assert len(cases) == INCLUSION_CASES
    assert sum(not case["wantErr"] for case in cases) >= 5
    for case in cases:
        index, size = int(str(case["leafIdx"])), int(str(case["treeSize"]))
        found = holds(verify_inclusion, as_bytes(case["leafHash"]), index, size, proof(case), as_bytes(case["root"]))
        assert found is not case["wantErr"], case["desc"]


def test_consistency_proofs_of_others(conformance_data: Path) -> None:
    cases = read(conformance_data / "log" / "consistency")
    assert len(cases) == CONSISTENCY_CASES
    assert sum(not case["wantErr"] for case in cases) >= 5
    for case in cases:
        size1, size2 = int(str(case["size1"])), int(str(case["size2"]))
        found = holds(verify_consistency, size1, size2, proof(case), as_bytes(case["root1"]), as_bytes(case["root2"]))
        assert found is not case["wantErr"], case["desc"]


def test_root_of_the_reference_tree() -> None:
    assert root(LEAVES).hex() == ROOT_OF_EIGHT
    assert root([]) == EMPTY_ROOT == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert root(LEAVES[:1]) == LEAVES[0]


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:k]) + recursive_root(leaves[k:])).digest()


def test_streaming_root_equals_the_definition_at_every_size() -> None:
    leaves = [leaf(str(i).encode()) for i in range(130)]
    builder = RootBuilder()
    for size, value in enumerate(leaves, 1):
        builder.append(value)
        assert builder.size == size
        assert builder.root() == recursive_root(leaves[:size])


def test_streaming_root_keeps_one_hash_for_each_bit() -> None:
    builder = RootBuilder()
    builder.extend(leaf(bytes((i % 256,))) for i in range(10_000))
    assert len(builder._peaks) == (10_000).bit_count()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 33])
def test_own_proofs_hold_and_no_altered_one_does(size: int) -> None:
    leaves = [leaf(str(i).encode()) for i in range(size)]
    whole = root(leaves)
    for index in range(size):
        path = inclusion_path(leaves, index)
        verify_inclusion(leaves[index], index, size, path, whole)
        for position in range(len(path)):
            altered = [*path[:position], bytes(32), *path[position + 1 :]]
            with pytest.raises(MerkleProofError):
                verify_inclusion(leaves[index], index, size, altered, whole)
        with pytest.raises(MerkleProofError):
            verify_inclusion(leaves[index], index, size, [*path, bytes(32)], whole)
    for first in range(1, size + 1):
        verify_consistency(first, size, consistency_path(leaves, first), root(leaves[:first]), whole)


def test_sizes_that_prove_nothing_are_refused() -> None:
    with pytest.raises(MerkleProofError):
        verify_consistency(0, 8, [], EMPTY_ROOT, root(LEAVES))
    with pytest.raises(MerkleProofError):
        verify_inclusion(LEAVES[0], 0, 0, [], EMPTY_ROOT)
    with pytest.raises(MerkleProofError):
        verify_inclusion(LEAVES[0][:31], 0, 1, [], LEAVES[0][:31])
    with pytest.raises(MerkleRangeError):
        inclusion_path(LEAVES, 8)
    with pytest.raises(MerkleRangeError):
        consistency_path(LEAVES, 0)
