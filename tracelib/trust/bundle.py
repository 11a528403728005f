"""The trust bundle: one signed file from which a verifier without a network knows keys, names and grades.

COSE_Sign (external_aad ``tracelib/bundle/1``), signatures of the root's keys counted against its threshold, over a
deterministic CBOR map: 1 root set (its bytes), 2 seq, 3 issued, 4 next update (seconds since 1970), 5 delegations,
6 revocations (each the bytes of a COSE_Sign1), 7 log keys ([text]), 8 brands, 9 products.
Brand: {1 id, 2 name zh, 3 name en, 4 [host], 5 owner's party id}. Product: {1 party id, 2 product key (GTIN of 14
digits, or ``P/`` and own number), 3 name zh, 4 name en, 5 grades [[n, zh, en]], 6 hash of the grade list, 7 brand id or
null}.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracelib.trust import cbor, cose
from tracelib.trust.delegation import SignedDelegation, decode_delegation
from tracelib.trust.errors import BundleFormatError, CborError, ForeignRootError, RollbackError, ThresholdError
from tracelib.trust.keys import Signer
from tracelib.trust.plain_text import LAST_SECOND, is_plain
from tracelib.trust.revocation import SignedRevocation, decode_revocation
from tracelib.trust.root import RootSet

LABEL = b"tracelib/bundle/1"
LARGEST = 64 * 1024 * 1024
LAST_SEQ = 2**53 - 1
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class BrandEntry:
    """A brand as the bundle names it. ``hosts`` are the addresses that its codes may show; empty lists none."""

    id: str
    name_zh: str
    name_en: str
    hosts: tuple[str, ...]
    owner: str


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """A product as the bundle names it. ``grades`` are (number, zh, en); ``brand`` is a brand's id or None."""

    party: str
    product_key: str
    name_zh: str
    name_en: str
    grades: tuple[tuple[int, str, str], ...]
    grade_list_hash: bytes
    brand: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything a verifier needs. Times are seconds since 1970."""

    root_set: RootSet
    seq: int
    issued: int
    next_update: int
    delegations: tuple[SignedDelegation, ...] = ()
    revocations: tuple[SignedRevocation, ...] = ()
    log_keys: tuple[str, ...] = ()
    brands: tuple[BrandEntry, ...] = ()
    products: tuple[ProductEntry, ...] = ()
    raw: bytes = field(default=b"", repr=False, compare=False)
    """The signed file, empty before it is signed."""


def sign_bundle(signers: Iterable[Signer], bundle: Bundle, *, at_least: int | None = None) -> bytes:
    """The signed file. ThresholdError where fewer of the root's keys than ``at_least`` sign (default: the threshold);
    other signers are left out.
    """
    held = {signer.public.hash: signer for signer in signers}
    counted = [held[key.hash] for key in bundle.root_set.keys if key.hash in held]
    expected = bundle.root_set.threshold if at_least is None else at_least
    if len(counted) < expected:
        raise ThresholdError(what="bundle", found=len(counted), expected=expected)
    return cose.sign(counted, LABEL, cbor.encode(_as_map(bundle)))


def open_bundle(data: bytes, pinned: str | None = None, *, seen_seq: int = 0) -> Bundle:
    """Read and verify a bundle. ``pinned`` is the fingerprint of the trusted root set, from elsewhere; None opens the
    bundle under the root set that it carries itself, and every answer then says *unpinned*. ``seen_seq`` is the highest
    sequence number seen for this root.

    Raises BundleFormatError, ForeignRootError, ThresholdError, RollbackError, or what its parts raise.
    """
    bundle = decode_bundle(data)
    fingerprint = bundle.root_set.fingerprint
    if pinned is not None and fingerprint != pinned:
        raise ForeignRootError(what="bundle", given=fingerprint, expected=pinned)
    found = count_signatures(bundle)
    if found < bundle.root_set.threshold:
        raise ThresholdError(what="bundle", found=found, expected=bundle.root_set.threshold)
    if bundle.seq < seen_seq:
        raise RollbackError(given=bundle.seq, seen=seen_seq)
    return bundle


def decode_bundle(data: bytes) -> Bundle:
    """Take a bundle apart, its signatures not yet counted: for adding one. BundleFormatError, or what its parts
    raise.
    """
    payload, _ = cose.read_sign(data, largest=LARGEST)
    bundle = _from_map(cbor.decode(payload, largest=LARGEST), data)
    if cbor.encode(_as_map(bundle)) != payload:
        raise BundleFormatError(reason="it has a second spelling")
    return bundle


def count_signatures(bundle: Bundle) -> int:
    """How many different keys of its root set signed a bundle that was read."""
    return cose.count_signatures(bundle.raw, LABEL, bundle.root_set.keys, largest=LARGEST)


def add_signature(bundle: Bundle, signer: Signer) -> Bundle:
    """The same bundle with one signature more, by a root key that has not signed it: root keys on several machines."""
    return decode_bundle(cose.add_signature(bundle.raw, LABEL, signer, largest=LARGEST))


def same_content(one: bytes, other: bytes) -> bool:
    """Whether two bundle files say the same, whoever signed them."""
    return cose.read_sign(one, largest=LARGEST)[0] == cose.read_sign(other, largest=LARGEST)[0]


def grade_list_hash(grades: Iterable[tuple[int, str, str]]) -> bytes:
    """SHA-256 over the deterministic CBOR of [[n, zh, en], …]: the grade list that codes were issued under."""
    return hashlib.sha256(cbor.encode([list(grade) for grade in grades])).digest()


def _as_map(bundle: Bundle) -> dict[int, object]:
    return {
        1: bundle.root_set.encode(),
        2: bundle.seq,
        3: bundle.issued,
        4: bundle.next_update,
        5: [item.raw for item in bundle.delegations],
        6: [item.raw for item in bundle.revocations],
        7: list(bundle.log_keys),
        8: [{1: b.id, 2: b.name_zh, 3: b.name_en, 4: list(b.hosts), 5: b.owner} for b in bundle.brands],
        9: [_product_map(entry) for entry in bundle.products],
    }


def _product_map(entry: ProductEntry) -> dict[int, object]:
    grades = [list(grade) for grade in entry.grades]
    names = {1: entry.party, 2: entry.product_key, 3: entry.name_zh, 4: entry.name_en}
    return {**names, 5: grades, 6: entry.grade_list_hash, 7: entry.brand}


def _from_map(value: object, raw: bytes) -> Bundle:
    match value:
        case {
            1: bytes() as root_set,
            2: int() as seq,
            3: int() as issued,
            4: int() as next_update,
            5: list() as delegations,
            6: list() as revocations,
            7: list() as log_keys,
            8: list() as brands,
            9: list() as products,
            **rest,
        } if not rest:
            _require_ranges(seq, issued, next_update)
            return Bundle(
                root_set=RootSet.decode(root_set),
                seq=seq,
                issued=issued,
                next_update=next_update,
                delegations=tuple(decode_delegation(_bytes(item)) for item in delegations),
                revocations=tuple(decode_revocation(_bytes(item)) for item in revocations),
                log_keys=tuple(_text(item) for item in log_keys),
                brands=tuple(_brand(item) for item in brands),
                products=tuple(_product(item) for item in products),
                raw=raw,
            )
    raise BundleFormatError(reason="its fields are not those of version 1")


def _require_ranges(seq: int, issued: int, next_update: int) -> None:
    if not 0 <= seq <= LAST_SEQ:
        raise BundleFormatError(reason="its sequence number is out of range")
    if not (0 <= issued < LAST_SECOND and 0 <= next_update < LAST_SECOND):
        raise BundleFormatError(reason="a time is out of range")


def _bytes(item: object) -> bytes:
    if not isinstance(item, bytes):
        raise CborError(reason="a signed object is expected as bytes")
    return item


def _text(item: object) -> str:
    if not isinstance(item, str):
        raise CborError(reason="a text is expected")
    if not is_plain(item, LONGEST_TEXT):
        raise BundleFormatError(reason="a name in it is too long or no plain text")
    return item


def _brand(item: object) -> BrandEntry:
    match item:
        case {1: str() as id_, 2: str() as zh, 3: str() as en, 4: list() as hosts, 5: str() as owner, **rest} if (
            not rest
        ):
            return BrandEntry(_text(id_), _text(zh), _text(en), tuple(_text(host) for host in hosts), _text(owner))
    raise BundleFormatError(reason="a brand is damaged")


def _product(item: object) -> ProductEntry:
    match item:
        case {
            1: str() as party,
            2: str() as key,
            3: str() as zh,
            4: str() as en,
            5: list() as grades,
            6: bytes() as digest,
            7: (str() | None) as brand,
            **rest,
        } if not rest:
            listed = tuple(_grade(grade) for grade in grades)
            numbers = [number for number, _, _ in listed]
            if numbers != sorted(set(numbers)):
                raise BundleFormatError(reason="a grade list is not in the order of its numbers")
            if grade_list_hash(listed) != digest:
                raise BundleFormatError(reason="a grade list does not fit its hash")
            names = (_text(party), _text(key), _text(zh), _text(en))
            return ProductEntry(*names, listed, digest, None if brand is None else _text(brand))
    raise BundleFormatError(reason="a product is damaged")


def _grade(item: object) -> tuple[int, str, str]:
    match item:
        case [int() as number, str() as zh, str() as en] if 0 < number < 16:
            return number, _text(zh), _text(en)
    raise BundleFormatError(reason="a grade is damaged")
