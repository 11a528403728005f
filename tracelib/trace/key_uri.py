"""GS1 keys as URIs, in the one form that the event hash works with (CBV 2.0 section 8.9.3).

An EPC URI, EPC class URI, EPC pattern URI or GS1 Digital Link URI of any domain becomes a Digital Link URI on
``https://id.gs1.org`` with the finest level of identification alone: no lot beside a serial, no variant, no query.
Whatever is none of these, or is not well formed, stays as it is. Check digits are computed for EPC URIs and not judged
in Digital Links: the hash names what was written.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote_to_bytes

CANONICAL = "https://id.gs1.org"

_COMPONENT = r"(?:%[0-9A-Fa-f]{2}|[!'()*+,.0-9:;=A-Za-z_-])"  # a serial or lot in an EPC URI (TDS 2.0, annex A)
_EPC = re.compile(rf"urn:epc:(id|class|idpat):([a-z]+):([0-9]{{6,12}})\.({_COMPONENT}*(?:\.\*)?)")

# Escapes that the Digital Link standard asks for and EPC URIs leave bare (Digital Link 1.2, table 7-1).
_ESCAPES = str.maketrans({c: f"%{ord(c):02X}" for c in "!()*+,:"})

_VALUE = r"[\"'\-.0-9;<=>A-Z_a-z]"  # CSET 82 without what needs an escape
_VARIANT = rf"(?:/(?:22|cpv)/{_VALUE}{{0,20}})?"
_BELOW = rf"(?:/(?:10|lot)/(?P<L>{_VALUE}{{0,20}}))?(?:/(?:21|ser)/(?P<S>{_VALUE}{{0,20}}))?"
# Key (number or old short name), then what may follow it. Groups 1 and 2 are the names in the path and the value.
_TAILS: tuple[tuple[str, str, str], ...] = (
    ("01", "01|gtin", rf"(?P<K>[0-9]{{12,14}}|[0-9]{{8}})(?:{_VARIANT}{_BELOW}|/235/(?P<U>{_VALUE}{{0,28}}))"),
    ("00", "00|sscc", r"(?P<K>[0-9]{18})"),
    ("253", "253|gdti", rf"(?P<K>[0-9]{{13}}{_VALUE}{{0,17}})"),
    ("255", "255|gcn", r"(?P<K>[0-9]{13,25})"),
    ("401", "401|ginc", rf"(?P<K>[0-9]{{4}}{_VALUE}{{1,26}})"),
    ("402", "402|gsin", r"(?P<K>[0-9]{17})"),
    ("414", "414|gln", rf"(?P<K>[0-9]{{13}}(?:/254/{_VALUE}{{0,20}})?)"),
    ("417", "417|party", r"(?P<K>[0-9]{13})"),
    ("8003", "8003|grai", rf"(?P<K>[0-9]{{14}}{_VALUE}{{0,16}})"),
    ("8004", "8004|giai", rf"(?P<K>[0-9]{{4}}{_VALUE}{{1,26}})"),
    ("8006", "8006|itip", rf"(?P<K>[0-9]{{18}}){_VARIANT}{_BELOW}"),
    ("8010", "8010|cpid", r"(?P<K>[0-9]{4}[0-9A-Z-]{1,26}(?:/8011/[0-9]{0,12})?)"),
    ("8017", "8017|gsrnp", r"(?P<K>[0-9]{18})"),
    ("8018", "8018|gsrn", r"(?P<K>[0-9]{18})"),
)
_Links = dict[str, tuple[str, re.Pattern[str]]]


def _links(value: str) -> _Links:
    """What may follow each key's name in a path, with ``value`` as the pattern of a character."""
    tails = ((key, names, tail.replace(_VALUE, value)) for key, names, tail in _TAILS)
    return {name: (key, re.compile(f"/(?:{names})/{tail}")) for key, names, tail in tails for name in names.split("|")}


_LINKS = _links(_VALUE)
_ESCAPED = r"%(?:2[125-9A-Fa-f]|3[0-9A-Fa-f]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa])"  # CSET 82, escaped
_ESCAPED_LINKS = _links(rf"(?:{_ESCAPED}|[\"!'-.0-9:;<=>A-Z_a-z])")
"""With escapes, and with the characters that should be escaped and that RFC 3986 allows bare."""
_ODD = re.compile(r"[%!()*+,]|:(?!//)")
_BARE = "\"'-._<=>;"
_KEY_SEGMENT = re.compile(rf"/(?:{'|'.join(_LINKS)})/")
_AUTHORITY = re.compile(r"https?://[^/?#]+(?=/)")


def canonical_key_uri(uri: str) -> str:
    """The canonical form of a URI that names a GS1 key; any other text unchanged."""
    return key_of(uri) or uri


def identity_uri(uri: str) -> str:
    """The one URI by which a GS1 key is known here, however its characters are escaped; any other text unchanged.

    Goes further than the form of the event hash, which leaves Digital Links with escapes alone: ``A%2F1`` below any
    domain is ``A/1``, and ``A(1)`` is ``A%281%29`` (RFC 3986, section 2.3; Digital Link 1.2, table 7-1).
    """
    found = key_of(uri)
    if not _ODD.search(found or uri, len(CANONICAL) if found else 0):
        return found or uri
    if found is None and uri.startswith("http"):
        found = _from_digital_link(uri, _ESCAPED_LINKS)
    if found is None:
        return uri
    start, slash, value = found.rpartition("/")
    return f"{start}{slash}{quote(unquote_to_bytes(value), safe=_BARE)}"


def is_key(uri: str) -> bool:
    """Whether a URI names a GS1 key, however its characters are escaped."""
    return key_of(uri) is not None or _from_digital_link(uri, _ESCAPED_LINKS) is not None


def key_of(uri: str) -> str | None:
    """The canonical form of a URI that names a GS1 key; None for any other text."""
    if uri.startswith("urn:epc:"):
        return _from_epc(uri)
    return _from_digital_link(uri) if uri.startswith("http") else None


def _from_digital_link(uri: str, links: _Links = _LINKS) -> str | None:
    authority = _AUTHORITY.match(uri)
    if authority is None:
        return None
    path = uri[authority.end() :].partition("?")[0]
    start = _KEY_SEGMENT.search(path)
    while start:
        name = start.group()[1:-1]
        key, tail = links[name]
        match = tail.fullmatch(path, start.start())
        if match:
            return f"{CANONICAL}/{key}/{_finest(key, match)}"
        start = _KEY_SEGMENT.search(path, start.start() + 1)
    return None


def _finest(key: str, match: re.Match[str]) -> str:
    parts = match.groupdict()
    value: str = parts["K"].zfill(14) if key == "01" else parts["K"]
    for name, group in (("21", "S"), ("10", "L"), ("235", "U")):
        if parts.get(group) is not None:
            return f"{value}/{name}/{parts[group]}"
    return value


def _from_epc(uri: str) -> str | None:
    match = _EPC.fullmatch(uri)
    if match is None:
        return None
    kind, scheme, prefix, rest = match.groups()
    make = _SCHEMES.get((kind, scheme))
    path = make(prefix, rest) if make else None
    return f"{CANONICAL}/{path}" if path else None


def _check_digit(digits: str) -> str:
    """GS1 mod 10 check digit of any length (GS1 General Specifications, section 7.9.1)."""
    total = sum((3 if index % 2 == 0 else 1) * int(digit) for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


_Make = Callable[[str, str], str | None]


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and (text.isdigit() or not text)


def _item(template: str) -> _Make:
    """GTIN keys: ``prefix.itemref[.more]``, the item reference begins with the indicator digit. 13 digits in all."""

    def make(prefix: str, rest: str) -> str | None:
        reference, _, more = rest.partition(".")
        if not _digits(reference, 13 - len(prefix)):
            return None
        number = reference[0] + prefix + reference[1:]
        return template.format(key=number + _check_digit(number), more=more.translate(_ESCAPES)) if more else None

    return make


def _pieces(prefix: str, rest: str) -> str | None:
    """ITIP: ``prefix.itemref.piece.total.serial`` (serial ``*`` in a pattern)."""
    parts = rest.split(".", 3)
    if len(parts) != 4 or not _digits(parts[0], 13 - len(prefix)) or not all(_digits(p, 2) for p in parts[1:3]):
        return None
    number = parts[0][0] + prefix + parts[0][1:]
    serial = "" if parts[3] == "*" else f"/21/{parts[3].translate(_ESCAPES)}"
    return f"8006/{number}{_check_digit(number)}{parts[1]}{parts[2]}{serial}"


def _checked(template: str, length: int, *, lead: str = "", serial: bool = False) -> _Make:
    """Keys of ``length`` digits before the check digit; ``serial``: with a serial (or ``*``) after a dot."""

    def make(prefix: str, rest: str) -> str | None:
        reference, dot, more = rest.partition(".")
        if not _digits(reference, length - len(prefix)) or bool(dot) != serial:
            return None
        number = lead + prefix + reference
        return template.format(key=number + _check_digit(number), more=more.translate(_ESCAPES))

    return make


def _serial_shipping(prefix: str, rest: str) -> str | None:
    if not _digits(rest, 17 - len(prefix)):
        return None
    number = rest[0] + prefix + rest[1:]
    return f"00/{number}{_check_digit(number)}"


def _location(prefix: str, rest: str) -> str | None:
    path = _checked("414/{key}/254/{more}", 12, serial=True)(prefix, rest)
    return path.removesuffix("/254/0") if path else None  # extension 0: the location itself


def _open(key: str) -> _Make:
    """Keys without a check digit: the company prefix and whatever follows."""

    def make(prefix: str, rest: str) -> str | None:
        return f"{key}/{prefix}{rest.translate(_ESCAPES)}" if rest else None

    return make


def _component(prefix: str, rest: str) -> str | None:
    reference, _, serial = rest.rpartition(".")
    if not reference:
        return None
    return f"8010/{prefix}{reference.translate(_ESCAPES)}" + ("" if serial == "*" else f"/8011/{serial}")


_SCHEMES: dict[tuple[str, str], _Make] = {
    ("id", "sgtin"): _item("01/{key}/21/{more}"),
    ("id", "sscc"): _serial_shipping,
    ("id", "sgln"): _location,
    ("id", "grai"): _checked("8003/{key}{more}", 12, lead="0", serial=True),
    ("id", "giai"): _open("8004"),
    ("id", "gsrn"): _checked("8018/{key}", 17),
    ("id", "gsrnp"): _checked("8017/{key}", 17),
    ("id", "gdti"): _checked("253/{key}{more}", 12, serial=True),
    ("id", "cpi"): _component,
    ("id", "sgcn"): _checked("255/{key}{more}", 12, serial=True),
    ("id", "ginc"): _open("401"),
    ("id", "gsin"): _checked("402/{key}", 16),
    ("id", "itip"): _pieces,
    ("id", "upui"): _item("01/{key}/235/{more}"),
    ("id", "pgln"): _checked("417/{key}", 12),
    ("class", "lgtin"): _item("01/{key}/10/{more}"),
    ("idpat", "sgtin"): _item("01/{key}"),
    ("idpat", "upui"): _item("01/{key}"),
    ("idpat", "grai"): _checked("8003/{key}", 12, lead="0", serial=True),
    ("idpat", "gdti"): _checked("253/{key}", 12, serial=True),
    ("idpat", "sgcn"): _checked("255/{key}", 12, serial=True),
    ("idpat", "cpi"): _component,
    ("idpat", "itip"): _pieces,
}
