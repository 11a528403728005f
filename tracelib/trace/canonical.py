"""The CBV 2.0 event hash (section 8.9): one identity for one event, whatever it was written with.

1. Fields in the fixed order of the standard, each as ``name=value`` without any separator; lists sorted as text;
   bare words as their vocabulary URIs; GS1 keys in one form (``key_uri``); times in UTC with milliseconds; numbers
   without needless zeros. ``eventID``, ``recordTime``, ``errorDeclaration`` and comments do not count.
2. What has no place in that order (transactions, parties, ilmd, extensions) follows, sorted as text, names with their
   namespace as ``{uri}name``.
3. SHA-256, written as ``ni:///sha-256;{hex}?ver=CBV2.0``.

The order where the text of the standard leaves room is that of GS1's published test documents.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from decimal import Decimal, InvalidOperation

from tracelib.clock import read_time
from tracelib.trace.context import (
    BIZ_STEPS,
    BIZ_TRANSACTION_TYPES,
    COMPONENTS,
    DISPOSITIONS,
    EXCEPTIONS,
    MEASUREMENTS,
    SOURCE_DESTINATION_TYPES,
    STANDARD_NAMESPACES,
    Namespaces,
)
from tracelib.trace.key_uri import canonical_key_uri

HASH_PREFIX = "ni:///sha-256;"
HASH_SUFFIX = "?ver=CBV2.0"

_NOT_HASHED = frozenset({"@context", "type", "eventID", "recordTime", "errorDeclaration", "rdfs:comment", "comment"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_EXACT_DIGITS = 15  # every decimal number of so many digits survives the way through a double and back
_LARGEST_EXPONENT = 308
_OLD_WORDS = {
    "urn:epcglobal:cbv:bizstep:": "https://ref.gs1.org/cbv/BizStep-",
    "urn:epcglobal:cbv:disp:": "https://ref.gs1.org/cbv/Disp-",
    "urn:epcglobal:cbv:btt:": "https://ref.gs1.org/cbv/BTT-",
    "urn:epcglobal:cbv:sdt:": "https://ref.gs1.org/cbv/SDT-",
    "urn:epcglobal:cbv:er:": "https://ref.gs1.org/cbv/ER-",
}

_Object = Mapping[str, object]
_Words = Mapping[str, str]
_Writer = Callable[[str, object, "Namespaces"], str]


def event_hash(event: _Object, namespaces: Namespaces = STANDARD_NAMESPACES, ignored: Iterable[str] = ()) -> str:
    """The event's id as the standard computes it. ``event`` is EPCIS 2.0 JSON and is not changed.

    ``namespaces``: prefixes of the document (:func:`tracelib.trace.context.namespaces_of`). ``ignored``: names of
    fields that a repository added and asks to leave out.
    """
    return hash_of_text(pre_hash(event, namespaces, ignored))


def hash_of_text(text: str) -> str:
    """The event hash of what :func:`pre_hash` gives. A lone surrogate, which no UTF-8 text holds, counts as ``?``."""
    return f"{HASH_PREFIX}{hashlib.sha256(text.encode(errors='replace')).hexdigest()}{HASH_SUFFIX}"


def pre_hash(event: _Object, namespaces: Namespaces = STANDARD_NAMESPACES, ignored: Iterable[str] = ()) -> str:
    """The text that is hashed."""
    left_out = _NOT_HASHED.union(ignored)
    parts = [f"eventType={event.get('type', '')}"]
    for name, write in _ORDER.items():
        if name in event and name not in left_out:
            parts.append(write(name, event[name], namespaces))
    rest = [
        _REST.get(name, _generic)(name, value, namespaces)
        for name, value in event.items()
        if name not in _ORDER and name not in left_out
    ]
    return "".join(parts) + "".join(sorted(rest))


def utc_milliseconds(text: str) -> str:
    """A time with zone in UTC, rounded to milliseconds, as ``2026-11-23T01:30:00.000Z``; other text unchanged."""
    try:
        instant = read_time(text)
    except ValueError:
        return text
    if instant.utcoffset() is None:
        return text
    try:
        instant = instant.astimezone(UTC)
    except OverflowError:  # the first and the last hours of all years
        return text
    # Half to even, and cut where that would reach the next second: so the reference implementation does it.
    milliseconds = min(round(instant.microsecond, -3) // 1000, 999)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def _value(value: object, namespaces: Namespaces = STANDARD_NAMESPACES) -> str:
    """One value in its canonical spelling."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip() if value is not None else ""
    prefix, colon, local = text.partition(":")
    if not colon:
        return _number(text) if _NUMBER.fullmatch(text) else text
    if prefix == "urn":
        for old, new in _OLD_WORDS.items():
            if text.startswith(old):
                return new + text[len(old) :]
    elif prefix in namespaces:
        text = namespaces[prefix] + local
    return canonical_key_uri(text)


def _number(text: str) -> str:
    """A number without leading or trailing zeros and plus sign, exact for any length."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if abs(number.adjusted()) > _LARGEST_EXPONENT:
        return text
    if number == number.to_integral_value():
        return str(int(number))
    if len(number.as_tuple().digits) <= _EXACT_DIGITS:
        return str(float(number))
    return format(number.normalize(), "f")


def _name(name: str, namespaces: Namespaces) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{namespaces[prefix]}}}{local}" if colon and prefix in namespaces else name


def _elements(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _plain(name: str, value: object, namespaces: Namespaces) -> str:
    texts = [_value(one, namespaces) for one in _elements(value)]
    return "".join(sorted(f"{name}={text}" for text in texts if text))


def _time(name: str, value: object, _namespaces: Namespaces) -> str:
    return f"{name}={utc_milliseconds(str(value))}" if value else ""


def _word(words: _Words) -> _Writer:
    def write(name: str, value: object, namespaces: Namespaces) -> str:
        texts = [words.get(one) or _value(one, namespaces) for one in map(str, _elements(value))]
        return "".join(sorted(f"{name}={text}" for text in texts if text))

    return write


def _epcs(name: str, value: object, namespaces: Namespaces) -> str:
    found = sorted([f"epc={_value(one, namespaces)}" for one in _elements(value)])
    return name + "".join(found) if found else ""


def _ordered(fields: Mapping[str, _Writer], value: object, namespaces: Namespaces) -> str:
    """The known fields of an object in their order, then whatever else it holds, sorted."""
    if not isinstance(value, dict):
        return _value(value, namespaces)
    known = [write(name, value[name], namespaces) for name, write in fields.items() if name in value]
    rest = [_generic(name, one, namespaces) for name, one in value.items() if name not in fields]
    return "".join(known) + "".join(sorted(rest))


def _object(fields: Mapping[str, _Writer]) -> _Writer:
    """An object of known fields; several of them are sorted."""

    def write(name: str, value: object, namespaces: Namespaces) -> str:
        texts = [_ordered(fields, one, namespaces) for one in _elements(value)]
        return "".join(sorted(name + text for text in texts if text))

    return write


def _list_of(element: str, fields: Mapping[str, _Writer]) -> _Writer:
    """A list whose elements carry a name of their own, as in the XML binding; empty for elements without one."""

    def write(name: str, value: object, namespaces: Namespaces) -> str:
        texts = [element + _ordered(fields, one, namespaces) for one in _elements(value)]
        return name + "".join(sorted(texts)) if any(texts) else ""

    return write


def _generic(name: str, value: object, namespaces: Namespaces) -> str:
    """Extensions of any depth: names with their namespace, siblings sorted."""
    if name in _NOT_HASHED and name != "type":
        return ""
    if isinstance(value, list):
        return "".join(sorted(_generic(name, one, namespaces) for one in value))
    full = _name(name, namespaces)
    if isinstance(value, dict):
        own = _value(value["#text"], namespaces) if "#text" in value else ""
        below = sorted(_generic(key, one, namespaces) for key, one in value.items() if key != "#text")
        return full + (f"={own}" if own else "") + "".join(below)
    text = _value(value, namespaces)
    return f"{full}={text}" if text else full


def _fields(names: str, write: _Writer = _plain) -> dict[str, _Writer]:
    return dict.fromkeys(names.split(), write)


_QUANTITY = _list_of("quantityElement", _fields("epcClass quantity uom"))
_PLACE = _object(_fields("id"))
_METADATA = {
    **_fields("time startTime endTime", _time),
    **_fields("deviceID deviceMetadata rawData dataProcessingMethod bizRules"),
}
_REPORT = {
    "type": _word(MEASUREMENTS),
    "exception": _word(EXCEPTIONS),
    **_fields("deviceID deviceMetadata rawData dataProcessingMethod"),
    "time": _time,
    **_fields("microorganism chemicalSubstance value"),
    "component": _word(COMPONENTS),
    **_fields("stringValue booleanValue hexBinaryValue uriValue minValue maxValue meanValue sDev percRank percValue"),
    **_fields("uom coordinateReferenceSystem"),
}
_ORDER: dict[str, _Writer] = {
    "eventTime": _time,
    **_fields("eventTimeZoneOffset certificationInfo parentID"),
    **_fields("epcList inputEPCList childEPCs", _epcs),
    **_fields("quantityList childQuantityList inputQuantityList", _QUANTITY),
    "outputEPCList": _epcs,
    "outputQuantityList": _QUANTITY,
    **_fields("action transformationID"),
    "bizStep": _word(BIZ_STEPS),
    "disposition": _word(DISPOSITIONS),
    "persistentDisposition": _object(_fields("set unset", _word(DISPOSITIONS))),
    **_fields("readPoint bizLocation", _PLACE),
    "sensorElementList": _list_of(
        "sensorElement", {"sensorMetadata": _object(_METADATA), "sensorReport": _object(_REPORT)}
    ),
}
_PARTY_TYPE = _word(SOURCE_DESTINATION_TYPES)
_REST: dict[str, _Writer] = {
    "bizTransactionList": _list_of("", {"type": _word(BIZ_TRANSACTION_TYPES), "bizTransaction": _plain}),
    "sourceList": _list_of("", {"type": _PARTY_TYPE, "source": _plain}),
    "destinationList": _list_of("", {"type": _PARTY_TYPE, "destination": _plain}),
}
