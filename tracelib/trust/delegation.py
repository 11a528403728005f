"""Delegations: a signed statement that a key may sign codes for these products, this many, in this time.

COSE_Sign1 (external_aad ``tracelib/delegation/1``) by the parent key over CWT claims (RFC 8392, RFC 8747):

====== ======================= ==========================================================================
claim  field                   value
====== ======================= ==========================================================================
1      iss                     hash of the parent key, 64 hex digits
2      sub                     party id of the holder
4 5 6  exp nbf iat             seconds since 1970; the ends belong to the time
7      cti                     16 random bytes
8      cnf                     {1: COSE_Key}: {1: 1, -1: 6, -2: x} or {1: 2, -1: 1, -2: x, -3: y}
-65600 products                [text]: GTINs of 14 digits, ``P/`` and own numbers; absent: none itself, any below
-65601 region                  leading digits of division codes (2 to 12); a child's begins with its parent's
-65602 season                  text
-65603 max_units               codes in all
-65604 max_kg                  kilograms in all
-65605 max_batch_units         codes a batch
-65606 may_delegate            how many levels may follow below
-65607 suite                   suite of the key
-65608 prefix                  serial prefix: 4 characters, or the leading 1 to 3 of those that children get
-65609 sscc_prefixes           [digits]: SSCCs begin with one of these; absent: none
-65610 k_hash                  first 16 bytes of SHA-256 over the serial key's label and K
-65611 root                    first 16 bytes of the root set's fingerprint
-65612 home                    host of the holder
-65613 counter window          [first, last], both included
-65614 party                   [name zh, name en, 统一社会信用代码 or null]
====== ======================= ==========================================================================
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracelib.identifiers.own_number import OWN_NUMBER_PATTERN
from tracelib.trust import cbor, cose
from tracelib.trust.errors import CborError, DelegationFormatError
from tracelib.trust.keys import PublicKey, Signer, Suite
from tracelib.trust.plain_text import LAST_SECOND, is_plain

LABEL = b"tracelib/delegation/1"
LARGEST = 64 * 1024
MOST_PRODUCTS = 2000
FULL_PREFIX = 4
LAST_COUNTER = 2**50 - 1
_CLAIMS = {
    "products": -65600,
    "region": -65601,
    "season": -65602,
    "max_units": -65603,
    "max_kg": -65604,
    "max_batch_units": -65605,
    "may_delegate": -65606,
    "suite": -65607,
    "prefix": -65608,
    "sscc_prefixes": -65609,
    "k_hash": -65610,
    "root": -65611,
    "home": -65612,
    "counter_window": -65613,
    "party": -65614,
}
_PREFIX = re.compile(r"[0-9A-HJKMNP-TV-Z]{1,4}")
PRODUCT_KEY = re.compile(rf"[0-9]{{14}}|P/{OWN_NUMBER_PATTERN}")
"""How a product is named: the 14 digits of its GTIN, or ``P/`` and its own number."""
_REGION = re.compile(r"[0-9]{2,12}")
_USCC = re.compile(r"[0-9A-Z]{18}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class PartyName:
    """The holder as people know it: name in both languages (English may be empty), 统一社会信用代码 or None."""

    name_zh: str
    name_en: str = ""
    uscc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """The claims. ``issuer_hash`` is the full hash of the parent key, ``subject`` the holder's party id.

    ``not_before``, ``not_after`` and ``issued_at`` are seconds since 1970. A limit of None is no limit. Without
    ``products`` the key itself signs none and may delegate any; without ``sscc_prefixes`` there are no SSCCs.
    ``counter_window`` is (first, last), both included.
    """

    issuer_hash: bytes
    subject: str
    key: PublicKey
    cti: bytes
    not_before: int
    not_after: int
    issued_at: int
    root: bytes
    party: PartyName
    may_delegate: int = 0
    products: tuple[str, ...] = ()
    region: str | None = None
    season: str | None = None
    max_units: int | None = None
    max_kg: int | None = None
    max_batch_units: int | None = None
    prefix: str | None = None
    sscc_prefixes: tuple[str, ...] = ()
    k_hash: bytes | None = None
    home: str | None = None
    counter_window: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for holds, reason in _shape(self):
            if not holds:
                raise DelegationFormatError(reason=reason)

    @property
    def suite(self) -> Suite:
        """The suite of the key, the only one that its codes may have."""
        return self.key.suite

    @property
    def signs_serials(self) -> bool:
        """Whether the key can sign codes with serials: it has a full prefix and its K is fixed."""
        return self.prefix is not None and len(self.prefix) == FULL_PREFIX


@dataclass(frozen=True, slots=True)
class SignedDelegation:
    """A delegation with the bytes that were signed; ``hash`` is their SHA-256. Read, not yet verified."""

    claims: Delegation
    raw: bytes
    hash: bytes

    def verify(self, parent: PublicKey) -> None:
        """Check the parent's signature; SignatureError where it does not hold."""
        cose.verify1(self.raw, LABEL, parent, "delegation", largest=LARGEST)


def sign_delegation(signer: Signer, claims: Delegation) -> SignedDelegation:
    """Sign claims with the parent key that they name."""
    if claims.issuer_hash != signer.public.hash:
        raise DelegationFormatError(reason="it names another parent key")
    raw = cose.sign1(signer, LABEL, cbor.encode(_as_claims(claims)))
    return SignedDelegation(claims, raw, hashlib.sha256(raw).digest())


def decode_delegation(raw: bytes) -> SignedDelegation:
    """Read a delegation. Raises CborError, DelegationFormatError, KeyFormatError or SuiteError; verifies nothing."""
    message = cose.read_sign1(raw, largest=LARGEST)
    claims = _from_claims(cbor.decode(message.payload, largest=LARGEST))
    if message.kid != claims.issuer_hash:
        raise DelegationFormatError(reason="its header names another parent key than its claims")
    return SignedDelegation(claims, raw, hashlib.sha256(raw).digest())


def _shape(d: Delegation) -> Iterable[tuple[bool, str]]:
    """(whether it holds, what is wrong otherwise) for every rule on the claims alone."""
    limits = (d.max_units, d.max_kg, d.max_batch_units)
    yield len(d.issuer_hash) == 32, "the parent key is named by 32 bytes"
    yield re.fullmatch(OWN_NUMBER_PATTERN, d.subject) is not None, "the holder's id is 1 to 20 of 0-9 A-Z . -"
    yield len(d.cti) == 16, "cti has 16 bytes"
    yield len(d.root) == 16, "root has 16 bytes"
    yield 0 <= d.not_before <= d.not_after, "it ends before it begins"
    yield d.not_after < LAST_SECOND and 0 <= d.issued_at < LAST_SECOND, "a time is out of range"
    yield 0 <= d.may_delegate <= 3, "at most three levels below the root"
    yield all(x is None or 0 <= x < 2**53 for x in limits), "a limit is a whole number from 0"
    yield len(d.products) <= MOST_PRODUCTS, "it names more than 2,000 products"
    yield all(map(PRODUCT_KEY.fullmatch, d.products)), "a product is a GTIN of 14 digits, or P/ and its own number"
    yield d.prefix is None or _PREFIX.fullmatch(d.prefix) is not None, "a prefix is 1 to 4 of the serial alphabet"
    yield (d.k_hash is not None) == d.signs_serials, "a full prefix and the hash of its serial key go together"
    yield d.k_hash is None or len(d.k_hash) == 16, "the hash of the serial key has 16 bytes"
    yield all(p.isascii() and p.isdigit() and len(p) <= 17 for p in d.sscc_prefixes), "an SSCC prefix is 1 to 17 digits"
    yield _side_by_side(d.sscc_prefixes), "one of its SSCC prefixes lies within another"
    yield d.home is None or _HOST.fullmatch(d.home) is not None, "home is a host name in lower case"
    yield d.counter_window is None or _is_window(d, *d.counter_window), "the window is no range within its codes"
    yield len(d.party.name_zh) > 0 and is_plain(d.party.name_zh, 200), "the holder's name is missing or no plain text"
    yield is_plain(d.party.name_en, 200), "the holder's English name is no plain text"
    yield d.party.uscc is None or _USCC.fullmatch(d.party.uscc) is not None, "a 统一社会信用代码 has 18 characters"
    yield d.region is None or _REGION.fullmatch(d.region) is not None, "a region is 2 to 12 digits of a division code"
    yield d.season is None or (d.season != "" and is_plain(d.season, 40)), "the season is empty or no plain text"


def _side_by_side(prefixes: Sequence[str]) -> bool:
    """Whether none begins with another: in order, one that did would stand right behind such a one."""
    ordered = sorted(prefixes)
    return not any(later.startswith(earlier) for earlier, later in pairwise(ordered))


def _is_window(d: Delegation, first: int, last: int) -> bool:
    """Whether a counter window is one, and holds no more counters than the key may sign codes."""
    fits = d.max_units is None or last - first < d.max_units
    return d.signs_serials and 0 <= first <= last <= LAST_COUNTER and fits


def _as_claims(d: Delegation) -> dict[int, object]:
    claims: dict[int, object] = {
        1: d.issuer_hash.hex(),
        2: d.subject,
        4: d.not_after,
        5: d.not_before,
        6: d.issued_at,
        7: d.cti,
        8: {1: _cose_key(d.key)},
        _CLAIMS["suite"]: int(d.suite),
        _CLAIMS["root"]: d.root,
        _CLAIMS["may_delegate"]: d.may_delegate,
        _CLAIMS["party"]: [d.party.name_zh, d.party.name_en, d.party.uscc],
    }
    for name in ("region", "season", "max_units", "max_kg", "max_batch_units", "prefix", "k_hash", "home"):
        if getattr(d, name) is not None:
            claims[_CLAIMS[name]] = getattr(d, name)
    if d.products:
        claims[_CLAIMS["products"]] = list(d.products)
    if d.sscc_prefixes:
        claims[_CLAIMS["sscc_prefixes"]] = list(d.sscc_prefixes)
    if d.counter_window is not None:
        claims[_CLAIMS["counter_window"]] = list(d.counter_window)
    return claims


def _cose_key(key: PublicKey) -> dict[int, object]:
    if key.suite is Suite.ED25519:
        return {1: 1, -1: 6, -2: key.raw}
    return {1: 2, -1: 1, -2: key.raw[1:33], -3: key.raw[33:]}


def _public_key(value: object) -> PublicKey:
    match value:
        case {1: {1: 1, -1: 6, -2: bytes() as x, **rest}, **more} if not rest and not more:
            return PublicKey.from_raw(Suite.ED25519, x)
        case {1: {1: 2, -1: 1, -2: bytes() as x, -3: bytes() as y, **rest}, **more} if not rest and not more:
            return PublicKey.from_raw(Suite.P256, b"\x04" + x + y)
    raise CborError(reason="not a key that a delegation can name")


class _Claims:
    """Takes claims out of a map one by one, each with its type; what is left over in the end is unknown."""

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise CborError(reason="the claims are no map")
        self._left = dict(value)

    def take(self, key: int, kind: type) -> object:
        """A claim that must be there."""
        value = self.may(key, kind)
        if value is None:
            raise DelegationFormatError(reason="claim {claim} is missing", claim=key)
        return value

    def may(self, key: int, kind: type) -> object:
        """A claim, None where it is absent; a null in its place is another spelling, and refused."""
        if key not in self._left:
            return None
        value = self._left.pop(key)
        if not isinstance(value, kind):
            raise DelegationFormatError(reason="claim {claim} has another type", claim=key)
        return value

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A claim that is a list of different texts."""
        value = self.may(_CLAIMS[name], list)
        if not isinstance(value, list):
            return None
        if not value or not all(isinstance(item, str) for item in value) or len(set(value)) != len(value):
            raise DelegationFormatError(reason="claim {claim} is no list of different texts", claim=_CLAIMS[name])
        return tuple(value)

    def end(self) -> None:
        """Refuse what is unknown: a limit that we cannot read must not be passed over."""
        if self._left:
            raise DelegationFormatError(reason="unknown claim {claim}", claim=next(iter(self._left)))


def _from_claims(value: object) -> Delegation:
    claims = _Claims(value)
    issuer = str(claims.take(1, str))
    if not re.fullmatch("[0-9a-f]{64}", issuer):
        raise DelegationFormatError(reason="iss is no key hash")
    numbers = {name: claims.may(_CLAIMS[name], int) for name in ("max_units", "max_kg", "max_batch_units")}
    words = {name: claims.may(_CLAIMS[name], str) for name in ("region", "season", "prefix", "home")}
    key = _public_key(claims.take(8, dict))
    if claims.take(_CLAIMS["suite"], int) != key.suite:
        raise DelegationFormatError(reason="suite and key do not fit")
    fields: dict[str, object] = {
        **numbers,
        **words,
        "issuer_hash": bytes.fromhex(issuer),
        "subject": claims.take(2, str),
        "key": key,
        "not_after": claims.take(4, int),
        "not_before": claims.take(5, int),
        "issued_at": claims.take(6, int),
        "cti": claims.take(7, bytes),
        "root": claims.take(_CLAIMS["root"], bytes),
        "may_delegate": claims.take(_CLAIMS["may_delegate"], int),
        "party": _party(claims.take(_CLAIMS["party"], list)),
        "products": claims.texts("products") or (),
        "sscc_prefixes": claims.texts("sscc_prefixes") or (),
        "k_hash": claims.may(_CLAIMS["k_hash"], bytes),
        "counter_window": _window(claims.may(_CLAIMS["counter_window"], list)),
    }
    claims.end()
    return Delegation(**fields)  # type: ignore[arg-type]  # every type was checked as it was taken


def _party(value: object) -> PartyName:
    match value:
        case [str() as zh, str() as en, (str() | None) as uscc]:
            return PartyName(zh, en, uscc)
    raise DelegationFormatError(reason="party is not [name zh, name en, code or null]")


def _window(value: object) -> tuple[int, int] | None:
    match value:
        case None:
            return None
        case [int() as first, int() as last]:
            return first, last
    raise DelegationFormatError(reason="the counter window is not [first, last]")
