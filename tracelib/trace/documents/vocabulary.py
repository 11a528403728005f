"""What the Core Business Vocabulary 2.0 and the rules for GS1 keys ask beyond the JSON binding. All of it is warnings:
what others write against these rules still says what happened.

Check digits: a wrong one is no reason to throw an event away, for that is the number on the goods. It is told, and
capture flags the object (``Flag.WRONG_CHECK_DIGIT``).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tracelib.clock import read_time
from tracelib.identifiers.digits import gs1_check_digit
from tracelib.trace.context import (
    BIZ_TRANSACTION_TYPES,
    COMPONENTS,
    CONTEXT_URLS,
    EXCEPTIONS,
    MEASUREMENTS,
    REASONS,
    SOURCE_DESTINATION_TYPES,
    Namespaces,
)
from tracelib.trace.documents import finding as say
from tracelib.trace.documents.finding import Level, Notes
from tracelib.trace.event import EVENT_TYPES
from tracelib.trace.key_uri import CANONICAL, identity_uri, is_key
from tracelib.trace.vocab import BizStep, Disposition, bare_word

AHEAD = timedelta(days=1)
"""So far the clocks of others may be ahead."""

_WITH_CHECK_DIGIT = {"01": 14, "00": 18, "253": 13, "255": 13, "402": 17, "414": 13, "417": 13, "8003": 14, "8006": 14,
                     "8017": 18, "8018": 18}  # fmt: skip
"""Keys by their application identifier, and how many digits end in the check digit (General Specifications, 3)."""
_STEPS = frozenset(step.value for step in BizStep)
_DISPOSITIONS = frozenset(word.value for word in Disposition)
_ACTIONS: Mapping[str, str] = {
    BizStep.COMMISSIONING: "ADD",
    BizStep.CREATING_CLASS_INSTANCE: "ADD",
    BizStep.PACKING: "ADD",
    BizStep.DECOMMISSIONING: "DELETE",
    BizStep.DESTROYING: "DELETE",
    BizStep.UNPACKING: "DELETE",
}
"""CBV 2.0 section 7.1, for ObjectEvent and AggregationEvent."""
_INSTANCES = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_CLASSES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_CLASS = re.compile(r"urn:epc:(?:class|idpat):")
_INSTANCE = re.compile(r"urn:epc:id:")
_ITEM = re.compile(rf"{re.escape(CANONICAL)}/01/[0-9]{{14}}(?:/(10|21|235)/.*)?$")
_OTHER_SCHEME = re.compile(r"urn:epc:id(?:pat)?:(?:bic|imovn|adi|usdod|gid):")
"""Schemes of the EPC Tag Data Standard that are no GS1 keys."""
_TYPES: Mapping[str, frozenset[str]] = {
    "bizTransactionList": frozenset(BIZ_TRANSACTION_TYPES),
    "sourceList": frozenset(SOURCE_DESTINATION_TYPES),
    "destinationList": frozenset(SOURCE_DESTINATION_TYPES),
}
_REASONS = frozenset(REASONS)
_REPORTED: Mapping[str, frozenset[str]] = {
    "type": frozenset(MEASUREMENTS),
    "exception": frozenset(EXCEPTIONS),
    "component": frozenset(COMPONENTS),
}
_KEY = re.compile(r"urn:epc:(?!raw:)|https?://id\.gs1\.org/")


def vocabulary_rules(notes: Notes, event: Mapping[str, object], namespaces: Namespaces, now: datetime | None) -> None:
    """Note what a well-written event has against the vocabulary. ``now``: events after it have not happened yet."""
    kind = str(event.get("type"))
    if kind not in EVENT_TYPES:
        notes.add(say.EXTENDED_TYPE, Level.WARNING, "type", given=kind)
    else:
        _words(notes, kind, event)
        _amounts(notes, event)
        _dates(notes, event)
    _keys(notes, event)
    _prefixes(notes, "", event, namespaces)
    if "@context" in event:
        context_rules(notes, event["@context"])
    if now is not None and read_time(str(event["eventTime"])) > now + AHEAD:
        notes.add(say.FUTURE, Level.WARNING, "eventTime", given=event["eventTime"])


def context_rules(notes: Notes, context: object) -> None:
    """Note contexts that are not built in: they are never fetched."""
    for entry in context if isinstance(context, list) else [context]:
        if isinstance(entry, str) and entry not in CONTEXT_URLS:
            notes.add(say.CONTEXT, Level.WARNING, "@context", given=entry)


def wrong_check_digit(uri: str) -> tuple[str, str] | None:
    """(digits with the check digit, the right check digit) of a GS1 Digital Link URI where it is wrong; else None.

    An EPC URI has no check digit.
    """
    canonical = identity_uri(uri) if uri.startswith("http") else ""
    if not canonical.startswith(f"{CANONICAL}/"):
        return None
    key, _, rest = canonical[len(CANONICAL) + 1 :].partition("/")
    digits = rest[: _WITH_CHECK_DIGIT.get(key, 0)]
    if not digits or not digits.isdigit():
        return None
    expected = gs1_check_digit(digits[:-1])
    return None if digits[-1] == expected else (digits, expected)


def _words(notes: Notes, kind: str, event: Mapping[str, object]) -> None:
    step = bare_word(str(event.get("bizStep") or ""))
    if not step:
        notes.add(say.NO_STEP, Level.WARNING, "")
    for path, given, words in _word_places(event):
        if ":" in given and bare_word(given) not in words:  # a bare word that is none was told with the structure
            notes.add(say.OWN_WORD, Level.WARNING, path, given=given)
    action, expected = event.get("action"), _ACTIONS.get(step)
    if expected and action != expected and kind in ("ObjectEvent", "AggregationEvent"):
        notes.add(say.STEP_ACTION, Level.WARNING, "action", name=step, expected=expected, given=action)
    if kind == "AggregationEvent" and action != "OBSERVE" and not event.get("parentID"):
        notes.add(say.NO_PARENT, Level.WARNING, "")


def _word_places(event: Mapping[str, object]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Path and text of every word of the vocabulary, with the words that the standard has there."""
    for name, words in (("bizStep", _STEPS), ("disposition", _DISPOSITIONS)):
        yield name, str(event.get(name) or ""), words
    lasting = event.get("persistentDisposition")
    for name in ("set", "unset"):
        given = lasting.get(name) if isinstance(lasting, dict) else None
        for n, one in enumerate(given if isinstance(given, list) else ()):
            yield f"persistentDisposition.{name}[{n}]", str(one), _DISPOSITIONS
    for name, words in _TYPES.items():
        yield from ((f"{name}[{n}].type", str(one.get("type") or ""), words) for n, one in _objects(event, name))
    declared = event.get("errorDeclaration")
    if isinstance(declared, dict):
        yield "errorDeclaration.reason", str(declared.get("reason") or ""), _REASONS
    for n, element in _objects(event, "sensorElementList"):
        for m, report in _objects(element, "sensorReport"):
            for name, words in _REPORTED.items():
                yield f"sensorElementList[{n}].sensorReport[{m}].{name}", str(report.get(name) or ""), words


def _amounts(notes: Notes, event: Mapping[str, object]) -> None:
    """Quantities below zero, and the unit that is a keg."""
    for name in _CLASSES:
        for n, one in _objects(event, name):
            quantity = one.get("quantity")
            if isinstance(quantity, int | float) and quantity < 0:
                notes.add(say.BELOW_ZERO, Level.WARNING, f"{name}[{n}].quantity", given=quantity)
            if one.get("uom") == "KG":
                notes.add(say.KEG, Level.WARNING, f"{name}[{n}].uom")


def _dates(notes: Notes, event: Mapping[str, object]) -> None:
    """Dates among the CBV's attributes of goods, such as cbvmda:harvestEndDate (CBV 2.0, section 9.1)."""
    ilmd = event.get("ilmd")
    for name, given in ilmd.items() if isinstance(ilmd, dict) else ():
        if name.startswith("cbvmda:") and name.endswith("Date") and isinstance(given, str) and not _is_day(given):
            notes.add(say.NOT_DATE, Level.WARNING, f"ilmd.{name}", given=given)


def _is_day(text: str) -> bool:
    try:
        read_time(text)
    except ValueError:
        return False
    return text[4:5] == "-"


def _keys(notes: Notes, event: Mapping[str, object]) -> None:
    for path, uri in _uris(event):
        wrong = wrong_check_digit(uri)
        if wrong:
            notes.add(say.CHECK_DIGIT, Level.WARNING, path, given=wrong[0], expected=wrong[1])
        elif _KEY.match(uri) and not _OTHER_SCHEME.match(uri) and not is_key(uri):
            notes.add(say.KEY_FORM, Level.WARNING, path, given=uri)
        single = _is_single(uri)
        if path.startswith(_INSTANCES) and single is False:
            notes.add(say.CLASS_IN_EPCS, Level.WARNING, path, given=uri)
        elif path.startswith(_CLASSES) and single:
            notes.add(say.EPC_IN_CLASSES, Level.WARNING, path, given=uri)


def _is_single(uri: str) -> bool | None:
    """Whether a URI names a single unit (True) or a class of goods (False), None where that cannot be told."""
    if _CLASS.match(uri):
        return False
    if _INSTANCE.match(uri):
        return True
    item = _ITEM.match(identity_uri(uri)) if uri.startswith("http") else None
    return None if item is None else item[1] in ("21", "235")


def _uris(event: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Path and URI of all that may be a GS1 key."""
    if isinstance(event.get("parentID"), str):
        yield "parentID", str(event["parentID"])
    for name in ("readPoint", "bizLocation"):
        place = event.get(name)
        if isinstance(place, dict) and isinstance(place.get("id"), str):
            yield f"{name}.id", str(place["id"])
    for name in _INSTANCES:
        yield from ((f"{name}[{n}]", one) for n, one in _each(event, name) if isinstance(one, str))
    for name, inner in (
        *((name, "epcClass") for name in _CLASSES), ("sourceList", "source"), ("destinationList", "destination")
    ):  # fmt: skip
        for n, one in _each(event, name):
            if isinstance(one, dict) and isinstance(one.get(inner), str):
                yield f"{name}[{n}].{inner}", str(one[inner])


def _objects(event: Mapping[str, object], name: str) -> Iterator[tuple[int, dict[str, object]]]:
    """The objects of a list, with their places."""
    yield from ((n, one) for n, one in _each(event, name) if isinstance(one, dict))


def _each(event: Mapping[str, object], name: str) -> Iterator[tuple[int, object]]:
    value = event.get(name)
    yield from enumerate(value if isinstance(value, list) else ())


def _prefixes(notes: Notes, path: str, value: object, namespaces: Namespaces) -> None:
    """Names of extensions at any depth: their prefixes must be declared, or they are URIs in full."""
    if isinstance(value, list):
        for n, one in enumerate(value):
            if isinstance(one, dict | list):
                _prefixes(notes, f"{path}[{n}]", one, namespaces)
    elif isinstance(value, dict):
        before = f"{path}." if path else ""
        for name, one in value.items():
            prefix, colon, local = name.partition(":")
            if name == "@context":
                continue
            if colon and prefix not in namespaces and not local.startswith("//") and prefix != "urn":
                notes.add(say.PREFIX, Level.WARNING, before + name, name=name)
            if isinstance(one, dict | list) and not (isinstance(one, list) and one and isinstance(one[0], str)):
                _prefixes(notes, before + name, one, namespaces)
