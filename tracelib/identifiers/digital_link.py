"""GS1 Digital Link URIs, in and out (GS1 Digital Link Standard: URI Syntax 1.x).

Issuing and validating are ours, as strict as GS1's own engine or stricter: GTINs have 14 digits everywhere, a percent
sign always begins an escape, nothing outside RFC 3986 passes. Keys and their qualifiers come from the GS1 Syntax
Dictionary (attribute ``dlpkey``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from tracelib.identifiers.application_identifier import (
    Element,
    RepeatedAiError,
    UnknownAiError,
    check_pairs,
    check_value,
    is_known,
)
from tracelib.identifiers.digits import DIGITS, require_ascii
from tracelib.identifiers.errors import IdentifierError
from tracelib.identifiers.gln import Gln
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.host import parse_host
from tracelib.identifiers.own_number import parse_own_number
from tracelib.identifiers.sscc import Sscc

WHAT = "GS1 Digital Link"
CANONICAL_HOST = "id.gs1.org"
LONGEST = 2_048
QUALIFIERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": ((),),
    "01": (("22", "10", "21"), ("235",)),
    "253": ((),),
    "255": ((),),
    "401": ((),),
    "402": ((),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8003": ((),),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8013": ((),),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
"""Primary keys and the qualifiers that may follow each, in this order; alternatives exclude each other."""

_NEVER_ATTRIBUTES = frozenset(["03", "21", "22", "235", "254", "7040", "7041", "8011", "8014", "8019", "8020", "8200"])
_SCHEMES = ("https://", "http://", "HTTPS://", "HTTP://")
_NOT_IN_URI = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_AUTHORITY = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_STEM_SEGMENT = re.compile(r"(?![0-9]+\Z)(?!\.{1,2}\Z)[A-Za-z0-9._~-]+")


class DigitalLinkError(IdentifierError):
    """Not a Digital Link URI."""

    code = "digital_link.malformed"
    template = "{what}: «{given}» is not valid at «{found}»: {detail}."


class QualifierError(IdentifierError):
    """Qualifiers that do not belong to the key, or stand in the wrong order."""

    code = "digital_link.qualifiers"
    template = "{what}: after key ({ai}) the path has {found}, but only {expected} may follow, in this order."


class QueryAttributeError(IdentifierError):
    """Something after the question mark that may not stand there."""

    code = "digital_link.attribute"
    template = "{what}: ({ai}) must not stand in the query, {detail}."


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A Digital Link as its parts: the key that identifies, its qualifiers in order, data attributes.

    Each is an application identifier with its value, escapes resolved. What exists is valid by all rules of GS1.
    """

    key: Element
    qualifiers: tuple[Element, ...] = ()
    attributes: tuple[Element, ...] = ()

    def __post_init__(self) -> None:
        _check_keys(self.key, self.qualifiers, self.attributes)
        elements = (self.key, *self.qualifiers, *self.attributes)
        for ai, value in elements:
            check_value(ai, value, WHAT)
        check_pairs(elements, WHAT)

    @classmethod
    def of_trade_item(cls, gtin: Gtin, *, lot: str | None = None, serial: str | None = None) -> Self:
        """The link for a trade item, its lot (AI 10) and its serial (AI 21).

        Lot and serial must have the shape of own numbers, so that every rule set (GB/T 33993 forbids ``%&/<>?``) and
        every font takes them and nothing is ever escaped.
        """
        qualifiers = [
            Element(ai, parse_own_number(value, what))
            for ai, value, what in (("10", lot, "lot"), ("21", serial, "serial"))
            if value is not None
        ]
        return cls(Element("01", gtin.value), tuple(qualifiers))

    @classmethod
    def of_logistic_unit(cls, sscc: Sscc) -> Self:
        """The link for a logistic unit (AI 00)."""
        return cls(Element("00", sscc.value))

    @classmethod
    def of_place(cls, gln: Gln) -> Self:
        """The link for a place (AI 414)."""
        return cls(Element("414", gln.value))

    @classmethod
    def of_party(cls, gln: Gln) -> Self:
        """The link for a party (AI 417)."""
        return cls(Element("417", gln.value))

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Read and validate a Digital Link URI: http or https, any host and path before the key.

        Query parameters whose names are not all digits, and the fragment, are ignored. Raises an
        :class:`~tracelib.identifiers.errors.IdentifierError`.
        """
        path, query = _path_and_query(uri)
        pairs = _pairs_from_the_right(uri, path)
        attributes = tuple(_attributes(uri, query))
        return cls(pairs[0], tuple(pairs[1:]), attributes)

    def get(self, ai: str) -> str | None:
        """The value of an application identifier anywhere in the link, or None."""
        elements = (self.key, *self.qualifiers, *self.attributes)
        return next((element.value for element in elements if element.ai == ai), None)

    def as_uri(self, host: str = CANONICAL_HOST, path: str = "") -> str:
        """The link as a URI; with the default host and no path this is the canonical form (section 4.12).

        ``path`` goes before the key: segments of letters, digits and ``-._~``, none all digits. Attributes are sorted
        by application identifier.
        """
        segments = [parse_host(host), *(path.split("/") if path else [])]
        for segment in segments[1:]:
            if not _STEM_SEGMENT.fullmatch(segment):
                raise DigitalLinkError(what=WHAT, given=path, found=segment, detail="it cannot stand before the key")
        for ai, value in (self.key, *self.qualifiers):
            segments += [ai, quote(value, safe="")]
        query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in sorted(self.attributes))
        return f"https://{'/'.join(segments)}" + (f"?{query}" if query else "")


def _check_keys(key: Element, qualifiers: tuple[Element, ...], attributes: tuple[Element, ...]) -> None:
    if key.ai not in QUALIFIERS:
        raise UnknownAiError(what=WHAT, given=key.ai)
    in_path = [element.ai for element in qualifiers]
    alternatives = QUALIFIERS[key.ai]
    if not any(_in_order(in_path, sequence) for sequence in alternatives):
        raise QualifierError(
            what=WHAT,
            ai=key.ai,
            found=" ".join(f"({ai})" for ai in in_path),
            expected=" / ".join(" ".join(f"({ai})" for ai in sequence) for sequence in alternatives if sequence) or "-",
        )
    seen = {element.ai: element.value for element in (key, *qualifiers)}
    for ai, value in attributes:
        if ai in seen:
            raise RepeatedAiError(what=WHAT, ai=ai, given=seen[ai], other=value)
        seen[ai] = value
        if any({ai, *in_path} <= set(sequence) for sequence in alternatives):
            raise QueryAttributeError(what=WHAT, ai=ai, detail="it belongs in the path after the key")
        if ai in _NEVER_ATTRIBUTES:
            raise QueryAttributeError(what=WHAT, ai=ai, detail="it is no data attribute")


def _in_order(found: Iterable[str], sequence: tuple[str, ...]) -> bool:
    allowed = iter(sequence)
    return all(ai in allowed for ai in found)


def _path_and_query(uri: str) -> tuple[str, str]:
    require_ascii(uri, WHAT)
    scheme = next((scheme for scheme in _SCHEMES if uri.startswith(scheme)), None)
    if scheme is None:
        raise DigitalLinkError(what=WHAT, given=uri, found=uri[:8], detail="it must begin with https:// or http://")
    if len(uri) > LONGEST:
        raise DigitalLinkError(what=WHAT, given=uri, found=uri[LONGEST : LONGEST + 8], detail="it is too long")
    unescaped = _NOT_IN_URI.search(uri)
    if unescaped:
        raise DigitalLinkError(what=WHAT, given=uri, found=unescaped[0], detail="this character must be escaped")
    bad_escape = _BAD_ESCAPE.search(uri)
    if bad_escape:
        found = uri[bad_escape.start() : bad_escape.start() + 3]
        raise DigitalLinkError(what=WHAT, given=uri, found=found, detail="a percent sign is written %25")
    rest = uri[len(scheme) :].partition("#")[0]
    location, _, query = rest.partition("?")
    authority, slash, path = location.partition("/")
    if not slash or not _AUTHORITY.fullmatch(authority):
        raise DigitalLinkError(what=WHAT, given=uri, found=authority, detail="a host and a path must follow the scheme")
    return path, query


def _pairs_from_the_right(uri: str, path: str) -> list[Element]:
    """Key and qualifiers: pairs of segments from the right, back to the first primary key."""
    segments = path.split("/")
    pairs: list[Element] = []
    while len(segments) >= 2:
        value, ai = segments.pop(), segments.pop()
        if not ai or not set(ai) <= DIGITS or not is_known(ai):
            break
        pairs.insert(0, Element(ai, _resolved(uri, value)))
        if ai in QUALIFIERS:
            return pairs
    raise DigitalLinkError(
        what=WHAT, given=uri, found=path, detail="the path must end in a key of GS1 with value and qualifiers"
    )


def _attributes(uri: str, query: str) -> Iterable[Element]:
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        if not equals or not name or not set(name) <= DIGITS:
            continue
        if not is_known(name):
            raise UnknownAiError(what=WHAT, given=name)
        yield Element(name, _resolved(uri, value.replace("+", " ")))


def _resolved(uri: str, text: str) -> str:
    """Escapes resolved; they must stand for ASCII, and no value is empty."""
    resolved = re.sub(r"%([0-9A-Fa-f]{2})", lambda escape: chr(int(escape[1], 16)), text)
    if not resolved or not resolved.isascii() or not resolved.isprintable():
        raise DigitalLinkError(
            what=WHAT, given=uri, found=text, detail="a value is 1 or more printable ASCII characters"
        )
    return resolved
