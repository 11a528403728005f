"""The manifest of one issue of codes: what an issuer key answers for, signed and chained to the manifest before.

A manifest is a COSE_Sign1 (RFC 9052) by the **issuer** key, never a line key, with external_aad
``tracelib/manifest/1``. Its payload is a deterministic CBOR map (RFC 8949 section 4.2.1) with these integer keys, all of
them present:

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

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracelib.trust.keys import PublicKey, Signer

LABEL = b"tracelib/manifest/1"
LARGEST = 2048
"""No manifest is longer, in bytes."""


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


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """A manifest with the bytes that were signed. ``raw`` is the COSE_Sign1, ``hash`` its SHA-256."""

    manifest: Manifest
    raw: bytes
    hash: bytes


def running_totals(previous: Manifest | None, prefix: str | None, count: int, weight_g: int) -> tuple[int, int]:
    """(cum_units, cum_weight_g) of the manifest after ``previous``; SSCC (``prefix`` None) add nothing."""
    raise NotImplementedError


def encode_manifest(manifest: Manifest) -> bytes:
    """The payload: deterministic CBOR.

    Raises:
        ManifestFormatError: a field is outside its range or the fields contradict each other.
    """
    raise NotImplementedError


def parse_manifest(payload: bytes) -> Manifest:
    """Read a payload back; anything but the one encoding of a valid manifest raises ManifestFormatError."""
    raise NotImplementedError


def sign_manifest(signer: "Signer", manifest: Manifest) -> SignedManifest:
    """Sign with the issuer key that the manifest names.

    Raises:
        ManifestFormatError: as ``encode_manifest``, or ``issuer`` is not the signer's key.
    """
    raise NotImplementedError


def decode_manifest(raw: bytes, public: "PublicKey") -> SignedManifest:
    """Read and verify a COSE_Sign1 under the issuer key.

    Raises:
        ManifestFormatError: not a manifest.
        ManifestSignatureError: not signed by ``public``, or it names another issuer.
    """
    raise NotImplementedError


def check_sequence(previous: SignedManifest | None, manifest: Manifest) -> None:
    """Check that a manifest follows the last one accepted for its issuer key (None: it is the first).

    Sequence number, hash of the previous one, issuer, party, running totals, and a range behind the previous range
    of the same prefix.

    Raises:
        ManifestSequenceError: it does not follow.
    """
    raise NotImplementedError
