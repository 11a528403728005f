"""Shapes of JSON values as checks: what stands where in EPCIS 2.0 JSON, without any schema language.

A check notes what does not fit at a path. ``level``: how bad that is there.
"""

import re
from collections.abc import Callable, Collection, Mapping

from tracelib.clock import read_time
from tracelib.trace.documents import finding as say
from tracelib.trace.documents.finding import Level, Notes, Rule

Check = Callable[[Notes, str, object], None]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*(?:#[^#]*)?")
_NO_URI_CHARACTER = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f\ud800-\udfff]")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_OLD_WORD = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_GS1_VOCABULARY = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI in ASCII (RFC 3986), as far as its characters tell."""
    return _URI.fullmatch(text) is not None and _NO_URI_CHARACTER.search(text) is None


def uri(level: Level) -> Check:
    """A URI. One with characters beyond ASCII is understood: at most ``SCHEMA``."""

    def check(notes: Notes, path: str, value: object) -> None:
        if not isinstance(value, str):
            notes.add(say.NOT_TEXT, level, path, given=_kind(value))
        elif not is_uri(value):
            scheme, colon, _ = value.partition(":")
            if colon and scheme.isascii() and not value.isascii() and not _NO_URI_CHARACTER.search(value):
                notes.add(say.NOT_ASCII, Level.SCHEMA, path, given=value)
            else:
                notes.add(say.NOT_URI, level, path, given=value)

    return check


def time(level: Level) -> Check:
    """A time with its zone (RFC 3339)."""

    def check(notes: Notes, path: str, value: object) -> None:
        if not isinstance(value, str):
            notes.add(say.NOT_TEXT, level, path, given=_kind(value))
            return
        match = _TIME.fullmatch(value)
        try:
            instant = read_time(value)
        except ValueError:
            instant = None
        if match is None or instant is None:
            naive = instant is not None and instant.utcoffset() is None
            notes.add(say.NO_ZONE if naive else say.NOT_TIME, level, path, given=value)
        elif match[1] is None:
            notes.add(say.NO_ZONE, level, path, given=value)

    return check


def word(words: Collection[str], *, measures: bool = False) -> Check:
    """A standard word or a URI of one's own. ``measures``: words of the GS1 web vocabulary, else of the CBV."""
    standard = frozenset(words)
    forbidden = _GS1_VOCABULARY if measures else _OLD_WORD

    def check(notes: Notes, path: str, value: object) -> None:
        if not isinstance(value, str):
            notes.add(say.NOT_TEXT, Level.ERROR, path, given=_kind(value))
        elif value not in standard:
            if forbidden.match(value):
                notes.add(say.OLD_WORD, Level.SCHEMA, path, given=value)
            elif not is_uri(value):
                notes.add(say.NOT_WORD, Level.SCHEMA, path, given=value, name=path.rpartition(".")[2])

    return check


def pattern(regex: str, expected: Rule | str) -> Check:
    """A text of a certain form; ``expected`` is an example of it, or the rule that says so."""
    wanted = re.compile(regex)

    def check(notes: Notes, path: str, value: object) -> None:
        if not isinstance(value, str):
            notes.add(say.NOT_TEXT, Level.SCHEMA, path, given=_kind(value))
        elif not wanted.fullmatch(value):
            if isinstance(expected, Rule):
                notes.add(expected, Level.SCHEMA, path, given=value)
            else:
                notes.add(say.NOT_PATTERN, Level.SCHEMA, path, given=value, expected=expected)

    return check


def anything(_notes: Notes, _path: str, _value: object) -> None:
    """Any value."""


def text(notes: Notes, path: str, value: object) -> None:
    """Any text."""
    if not isinstance(value, str):
        notes.add(say.NOT_TEXT, Level.SCHEMA, path, given=_kind(value))


def number(notes: Notes, path: str, value: object) -> None:
    """Any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        notes.add(say.NOT_NUMBER, Level.SCHEMA, path, given=_kind(value))


def boolean(notes: Notes, path: str, value: object) -> None:
    """True or false."""
    if not isinstance(value, bool):
        notes.add(say.NOT_BOOLEAN, Level.SCHEMA, path, given=_kind(value))


def listed(each: Check, level: Level = Level.SCHEMA, *, least: int = 0, unique: bool = False) -> Check:
    """A list of values. ``unique``: each once."""

    def check(notes: Notes, path: str, value: object) -> None:
        if not isinstance(value, list):
            notes.add(say.NOT_LIST, level, path, given=_kind(value))
            return
        if len(value) < least:
            notes.add(say.TOO_FEW, Level.SCHEMA, path)
        for index, one in enumerate(value):
            each(notes, f"{path}[{index}]", one)
        if unique:
            _unique(notes, path, value)

    return check


def fields(
    known: Mapping[str, Check],
    required: Collection[str] = (),
    level: Level = Level.SCHEMA,
    *,
    others: Callable[[str], bool] = is_uri,
) -> Check:
    """An object. ``others`` says of the name of any other field whether it may be there."""

    def check(notes: Notes, path: str, value: object) -> None:
        if not isinstance(value, dict):
            notes.add(say.NOT_OBJECT, level, path, given=_kind(value))
            return
        before = f"{path}." if path else ""
        for name, one in value.items():
            if name in known:
                if one is None:
                    notes.add(say.NULL, level if name in required else Level.SCHEMA, before + name)
                else:
                    known[name](notes, before + name, one)
            elif not others(name):
                notes.add(say.NO_FIELD, Level.SCHEMA, before + name, name=name)
        for name in required:
            if name not in value:
                notes.add(say.MISSING, level, path, name=name)

    return check


def closed(_name: str) -> bool:
    """No other field may be there."""
    return False


def free(_name: str) -> bool:
    """Any other field may be there."""
    return True


def either(first: Check, second: Check) -> Check:
    """A list by the second check, any other value by the first."""

    def check(notes: Notes, path: str, value: object) -> None:
        (second if isinstance(value, list) else first)(notes, path, value)

    return check


def _unique(notes: Notes, path: str, value: list[object]) -> None:
    texts = [one for one in value if isinstance(one, str)]
    if len(set(texts)) < len(texts):
        seen: set[str] = set()
        again = next(one for one in texts if one in seen or seen.add(one))  # type: ignore[func-returns-value]
        notes.add(say.REPEATED, Level.SCHEMA, path, given=again)


def _kind(value: object) -> str:
    """A value as a message names it: short ones as they are."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
