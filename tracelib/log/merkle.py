"""Merkle trees and their proofs: RFC 9162, section 2.1 (the same tree as RFC 6962).

A leaf hash is given ready-made (the caller hashes 0x00 ‖ entry); an inner node is SHA-256(0x01 ‖ left ‖ right). Who
checks a proof must hold a root that was signed by somebody: a proof alone is just a list of hashes.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from tracelib.errors import FormatError, VerificationError

HASH_LENGTH = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


class MerkleProofError(VerificationError):
    """A proof that does not hold; ``detail`` says why."""

    code = "log.proof"
    template = "The Merkle proof does not hold: {detail}."


class MerkleRangeError(FormatError):
    """A leaf or a size that the tree does not have, or a hash that is not 32 bytes long."""

    code = "log.range"
    template = "A Merkle tree of {size} leaves has no {what} {given}."


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class RootBuilder:
    """A root over a stream of leaf hashes, with one hash kept for each bit of the number of leaves.

    ``_peaks`` holds the roots of the complete subtrees that the leaves so far fill, the largest first.
    """

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """How many leaves were added."""
        return self._size

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf."""
        self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves in their order."""
        peaks, size = self._peaks, self._size
        for leaf in leaf_hashes:
            node, filled = leaf, size
            while filled & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                filled >>= 1
            peaks.append(node)
            size += 1
        self._size = size

    def root(self) -> bytes:
        """The root of the leaves so far; more may follow."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over all leaf hashes."""
    builder = RootBuilder()
    builder.extend(leaf_hashes)
    return builder.root()


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(m, D_n) of RFC 9162, 2.1.3.1: the hashes beside the way from a leaf to the root, lowest first."""
    if not 0 <= index < len(leaf_hashes):
        raise MerkleRangeError(size=len(leaf_hashes), what="leaf", given=index)
    path = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(root(leaf_hashes[low:middle]))
            low = middle
    return path[::-1]


def consistency_path(leaf_hashes: Sequence[bytes], size: int) -> list[bytes]:
    """PROOF(m, D_n) of RFC 9162, 2.1.4.1: shows that the first ``size`` leaves are a beginning of all of them."""
    if not 0 < size <= len(leaf_hashes):
        raise MerkleRangeError(size=len(leaf_hashes), what="beginning of", given=size)
    path = []
    low, high, whole = 0, len(leaf_hashes), True
    while size != high:
        middle = low + _split(high - low)
        if size <= middle:
            path.append(root(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(root(leaf_hashes[low:middle]))
            low, whole = middle, False
    if not whole:
        path.append(root(leaf_hashes[low:high]))
    return path[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> None:
    """Raise MerkleProofError unless ``path`` leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    _require_hashes(leaf_hash, expected_root, *path)
    if not 0 <= index < size:
        raise MerkleProofError(detail="the leaf lies outside the tree")
    number, last, node = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            raise MerkleProofError(detail="the path is too long")
        if number & 1 or number == last:
            node = node_hash(sibling, node)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            node = node_hash(node, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise MerkleProofError(detail="the path is too short")
    if node != expected_root:
        raise MerkleProofError(detail="it leads to another root")


def verify_consistency(size1: int, size2: int, path: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Raise MerkleProofError unless the tree of ``size1`` is a beginning of that of ``size2`` (RFC 9162, 2.1.4.2).

    An empty first tree proves nothing and is refused.
    """
    if not 0 < size1 <= size2:
        raise MerkleProofError(detail="the sizes prove nothing")
    if size1 == size2:
        if path or root1 != root2:
            raise MerkleProofError(detail="trees of one size must be the same, and need no path")
        return
    _require_hashes(root1, root2, *path)
    if not path:
        raise MerkleProofError(detail="the path is empty")
    old, new = _both_roots(size1, size2, path, root1)
    if (old, new) != (root1, root2):
        raise MerkleProofError(detail="it leads to other roots")


def _both_roots(size1: int, size2: int, path: Sequence[bytes], root1: bytes) -> tuple[bytes, bytes]:
    """The roots of both trees that a consistency path leads to."""
    siblings = list(path)
    if size1 & (size1 - 1) == 0:  # a complete first tree is its own first hash
        siblings.insert(0, root1)
    number, last = size1 - 1, size2 - 1
    while number & 1:
        number >>= 1
        last >>= 1
    old = new = siblings[0]
    for sibling in siblings[1:]:
        if last == 0:
            raise MerkleProofError(detail="the path is too long")
        if number & 1 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise MerkleProofError(detail="the path is too short")
    return old, new


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _require_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_LENGTH for value in hashes):
        raise MerkleProofError(detail="a hash is not 32 bytes long")
