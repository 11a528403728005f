"""The manifest of one issue of codes: what an issuer key answers for, signed and chained to the manifest before.

A manifest is a COSE_Sign1 (RFC 9052) by the **issuer** key, never a line key, with external_aad
``tracelib/manifest/1``. Its payload is a deterministic CBOR map (RFC 8949 section 4.2.1) with these integer keys, all
of them present:

=== ================= ============== ==================================================================================
key field             CBOR           meaning
=== ================= ============== ==================================================================================
1   issuer            bytes 32       SHA-256 of the issuer's raw public key
2   seq               uint           1, 2, 3 … for one issuer key, without gaps
3   previous          bytes 32, null SHA-256 of the previous manifest's COSE_Sign1 bytes; null when seq is 1
4   party             text           id of the party that issues, the delegation's ``sub``
5   product           text, null     14 digits of the GTIN, or ``P/`` and the own number; null for logistic units
6   lot               text, null     lot number; null for logistic units
7   prefix            text 4, null   prefix of the serials; null for SSCC
8   first             uint           first counter of the range; for SSCC the first 17 digits as a number
9   count             uint           number of codes; the range is first … first + count - 1
10  day               uint           day of issue in the codes, days since 2020-01-01 (UTC+08:00)
11  attrs             uint           weight·256 + grade·16 + level, as in the codes
12  weight_g          uint           nominal net weight of all codes together, grams
13  cum_units         uint           codes with a serial that this key has issued, this manifest included
14  cum_weight_g      uint           their nominal net weight, grams
15  grade_list_hash   bytes 32, null SHA-256 of the product's grade list; null for logistic units
16  root              bytes 32       RFC 9162 tree head over the codes (docs/code-format.md)
=== ================= ============== ==================================================================================

An SSCC takes no counter and no quota, so a manifest of SSCC leaves both running totals as they were.
"""

import hashlib
from dataclasses import astuple, dataclass

from tracelib.batches.errors import ManifestFormatError, ManifestSequenceError, ManifestSignatureError
from tracelib.errors import FormatError
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.own_number import parse_own_number
from tracelib.trust import cbor, cose
from tracelib.trust.errors import CborError, SignatureError
from tracelib.trust.keys import PublicKey, Signer

LABEL = b"tracelib/manifest/1"
LARGEST = 2048
"""No manifest is longer, in bytes."""
HASH_BYTES = 32
OWN_PRODUCT = "P/"
WEIGHT_UNIT_G = 10
_PREFIX_CHARACTERS = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_COUNTERS = 1 << 50
"""A serial holds 50 bits of counter."""
_SSCCS = 10**17
"""An SSCC without its check digit has 17 digits."""
_LARGEST_ATTRS = (1 << 24) - 1
_LARGEST_DAY = (1 << 16) - 1
_LARGEST_TOTAL = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one issue of codes says about itself; the fields as in the module's table."""

    issuer: bytes
    seq: int
    previous: bytes | None
    party: str
    product: str | None
    lot: str | None
    prefix: str | None
    first: int
    count: int
    day: int
    attrs: int
    weight_g: int
    cum_units: int
    cum_weight_g: int
    grade_list_hash: bytes | None
    root: bytes

    @property
    def last(self) -> int:
        """The last counter of the range."""
        return self.first + self.count - 1


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """A manifest with the bytes that were signed. ``raw`` is the COSE_Sign1, ``hash`` its SHA-256."""

    manifest: Manifest
    raw: bytes
    hash: bytes


def running_totals(previous: Manifest | None, prefix: str | None, count: int, weight_g: int) -> tuple[int, int]:
    """(cum_units, cum_weight_g) of the manifest after ``previous``; SSCC (``prefix`` None) add nothing."""
    units, weight = (previous.cum_units, previous.cum_weight_g) if previous else (0, 0)
    return (units, weight) if prefix is None else (units + count, weight + weight_g)


def encode_manifest(manifest: Manifest) -> bytes:
    """The payload: deterministic CBOR.

    Raises:
        ManifestFormatError: a field is outside its range or the fields contradict each other.
    """
    _check(manifest)
    return cbor.encode(dict(enumerate(astuple(manifest), 1)))


def parse_manifest(payload: bytes) -> Manifest:
    """Read a payload back; anything but the one encoding of a valid manifest raises ManifestFormatError."""
    try:
        fields = cbor.decode(payload, largest=LARGEST)
    except CborError as error:
        raise ManifestFormatError(detail=error.params["reason"]) from None
    names = Manifest.__slots__
    if not isinstance(fields, dict) or list(fields) != list(range(1, len(names) + 1)):
        raise ManifestFormatError(detail=f"not a map with the keys 1 to {len(names)}")
    manifest = Manifest(**dict(zip(names, fields.values(), strict=True)))
    _check(manifest)
    return manifest


def sign_manifest(signer: Signer, manifest: Manifest) -> SignedManifest:
    """Sign with the issuer key that the manifest names.

    Raises:
        ManifestFormatError: as ``encode_manifest``, or ``issuer`` is not the signer's key.
    """
    payload = encode_manifest(manifest)
    _require(manifest.issuer == signer.public.hash, "issuer is not the key that signs")
    raw = cose.sign1(signer, LABEL, payload)
    return SignedManifest(manifest, raw, hashlib.sha256(raw).digest())


def decode_manifest(raw: bytes, public: PublicKey) -> SignedManifest:
    """Read and verify a COSE_Sign1 under the issuer key.

    Raises:
        ManifestFormatError: not a manifest.
        ManifestSignatureError: not signed by ``public``, or it names another issuer.
    """
    try:
        payload = cose.verify1(raw, LABEL, public, "manifest", largest=LARGEST)
    except CborError as error:
        raise ManifestFormatError(detail=error.params["reason"]) from None
    except SignatureError as error:
        raise ManifestSignatureError(key=public.hash.hex(), detail=error.params["reason"]) from None
    manifest = parse_manifest(payload)
    if manifest.issuer != public.hash:
        raise ManifestSignatureError(key=public.hash.hex(), detail="it names another issuer")
    return SignedManifest(manifest, raw, hashlib.sha256(raw).digest())


def check_sequence(previous: SignedManifest | None, manifest: Manifest) -> None:
    """Check that a manifest follows the last one accepted for its issuer key (None: it is the first).

    Sequence number, hash of the previous one, issuer, party, running totals, and a range apart from the previous one.
    Counters need not rise from manifest to manifest (line keys have windows of their own, an issuer several SSCC
    prefixes); that no two ranges of all overlap is for the registry to check, which holds them all.

    Raises:
        ManifestSequenceError: it does not follow; ``field`` says in what.
    """
    before = previous.manifest if previous else None
    totals = running_totals(before, manifest.prefix, manifest.count, manifest.weight_g)
    expected: dict[str, object] = {
        "seq": before.seq + 1 if before else 1,
        "previous": previous.hash if previous else None,
        "issuer": before.issuer if before else manifest.issuer,
        "party": before.party if before else manifest.party,
        "cum_units": totals[0],
        "cum_weight_g": totals[1],
    }
    for field, value in expected.items():
        found = getattr(manifest, field)
        if found != value:
            raise ManifestSequenceError(seq=manifest.seq, field=field, found=_text(found), expected=_text(value))
    same_numbers = before is not None and before.prefix == manifest.prefix
    if before and same_numbers and manifest.first <= before.last and before.first <= manifest.last:
        apart = f"a range apart from {before.first} to {before.last}"
        raise ManifestSequenceError(seq=manifest.seq, field="first", found=manifest.first, expected=apart)


def _text(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else "null" if value is None else value


def _require(holds: bool, detail: str) -> None:
    if not holds:
        raise ManifestFormatError(detail=detail)


def _check(manifest: Manifest) -> None:
    """Ranges and shapes of every field, then what they say about each other."""
    limits = {
        "seq": (1, _LARGEST_TOTAL),
        "first": (0, _SSCCS if manifest.prefix is None else _COUNTERS),
        "count": (1, _SSCCS if manifest.prefix is None else _COUNTERS),
        "day": (0, _LARGEST_DAY),
        "attrs": (0, _LARGEST_ATTRS),
        "weight_g": (0, _LARGEST_TOTAL),
        "cum_units": (0, _LARGEST_TOTAL),
        "cum_weight_g": (0, _LARGEST_TOTAL),
    }
    for name, (lowest, highest) in limits.items():
        value = getattr(manifest, name)
        _require(type(value) is int and lowest <= value <= highest, f"{name} is no number from {lowest} to {highest}")
    for name in ("issuer", "root"):
        _require(_is_hash(getattr(manifest, name)), f"{name} is not {HASH_BYTES} bytes")
    for name in ("previous", "grade_list_hash"):
        value = getattr(manifest, name)
        _require(value is None or _is_hash(value), f"{name} is neither null nor {HASH_BYTES} bytes")
    _check_range(manifest)
    _check_names(manifest)


def _is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def _check_range(manifest: Manifest) -> None:
    end = _SSCCS if manifest.prefix is None else _COUNTERS
    _require(manifest.first + manifest.count <= end, "the range ends after the last counter")
    _require((manifest.previous is None) == (manifest.seq == 1), "previous is null if and only if seq is 1")
    weight_g = (manifest.attrs >> 8) * WEIGHT_UNIT_G
    if weight_g:
        _require(manifest.weight_g == weight_g * manifest.count, "weight_g is not count times the weight in attrs")
    if manifest.prefix is not None:
        _require(
            manifest.cum_units >= manifest.count and manifest.cum_weight_g >= manifest.weight_g,
            "running totals are below the manifest's own",
        )


def _check_names(manifest: Manifest) -> None:
    prefix, product, lot = manifest.prefix, manifest.product, manifest.lot
    if prefix is not None:
        good = isinstance(prefix, str) and len(prefix) == 4 and _PREFIX_CHARACTERS.issuperset(prefix)
        _require(good, "prefix is neither null nor 4 characters of a serial")
    _own_number(manifest.party, "party")
    _require((product is None) == (lot is None), "product and lot are null together, for logistic units")
    _require((product is None) == (manifest.grade_list_hash is None), "grade_list_hash belongs to products")
    _require(product is None or prefix is not None, "codes of a product have serials, so a prefix")
    if product is not None:
        _own_number(lot, "lot")
        _check_product(product)


def _check_product(product: object) -> None:
    _require(isinstance(product, str), "product is neither null nor text")
    text = str(product)
    if text.startswith(OWN_PRODUCT):
        _own_number(text.removeprefix(OWN_PRODUCT), "product")
        return
    try:
        good = len(text) == 14 and Gtin.parse(text).value == text
    except FormatError:
        good = False
    _require(good, "product is neither a GTIN of 14 digits nor P/ and an own number")


def _own_number(text: object, name: str) -> None:
    try:
        _require(isinstance(text, str), f"{name} is no text")
        parse_own_number(str(text), "lot")
    except FormatError:
        raise ManifestFormatError(detail=f"{name} is no own number") from None
