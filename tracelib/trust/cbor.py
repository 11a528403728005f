"""Deterministic CBOR (RFC 8949, 4.2.1): one value has one encoding, and nothing else is read.

Only what signed objects hold: integers of 64 bits, byte and text strings, arrays, maps and null. No floats, no true and
false, no tags, no indefinite lengths. A reader of our own, because a general one builds what a file asks for before
anybody can refuse it: two hundred bytes of shared references are gigabytes, and a tag is a date, a pattern, a set.
"""

import cbor2

from tracelib.trust.errors import CborError

LARGEST = 64 * 1024 * 1024
DEEPEST = 16
MOST_ITEMS = 4_000_000

_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = range(6)
_NULL = 0xF6
_SMALLEST_ARGUMENT = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}
"""The least argument that may be written in so many bytes: one below has a shorter head."""


def encode(value: object) -> bytes:
    """The deterministic encoding of a value; maps sorted by their encoded keys. TypeError for what is not ours."""
    return cbor2.dumps(_sorted(value))


def decode(data: bytes, *, largest: int = LARGEST) -> object:
    """A value from its one encoding; CborError for anything else: trailing bytes, other spellings, depth, size."""
    if len(data) > largest:
        raise CborError(reason="it is larger than such an object can be")
    reader = _Reader(data)
    value = reader.item(0)
    if reader.at != len(data):
        raise CborError(reason="bytes after the end")
    return value


class _Reader:
    """Reads items one after another; ``at`` is where the next begins."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._items = 0

    def item(self, depth: int) -> object:
        """The next item; ``depth`` counts the arrays and maps around it."""
        self._items += 1
        if self._items > MOST_ITEMS:
            raise CborError(reason="it holds too many values")
        if depth > DEEPEST:
            raise CborError(reason="nested deeper than 16")
        if self._data[self.at : self.at + 1] == bytes([_NULL]):
            self.at += 1
            return None
        major, argument = self._head()
        if major == _UINT:
            return argument
        if major == _NEGATIVE:
            return -1 - argument
        if major in (_BYTES, _TEXT):
            return self._string(major, argument)
        if argument > len(self._data) - self.at:
            raise CborError(reason="it is cut off")
        if major == _ARRAY:
            return [self.item(depth + 1) for _ in range(argument)]
        return self._map(argument, depth + 1)

    def _head(self) -> tuple[int, int]:
        """Major type and argument, in the shortest form that there is."""
        first = self._take(1)[0]
        major, low = first >> 5, first & 31
        if major > _MAP:
            raise CborError(reason="tags, floats, true and false are not used in signed objects")
        if low < 24:
            return major, low
        if low > 27:
            raise CborError(reason="lengths must be given before the value")
        width = 1 << low - 24
        argument = int.from_bytes(self._take(width), "big")
        if argument < _SMALLEST_ARGUMENT[width]:
            raise CborError(reason="not the deterministic encoding: a number has a shorter form")
        return major, argument

    def _string(self, major: int, length: int) -> bytes | str:
        raw = self._take(length)
        if major == _BYTES:
            return raw
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise CborError(reason="a text is not UTF-8") from None

    def _map(self, length: int, depth: int) -> dict[object, object]:
        """A map with its keys in the order of their encodings, none twice."""
        found: dict[object, object] = {}
        before = b""
        for _ in range(length):
            start = self.at
            key = self.item(depth)
            if not isinstance(key, int | str | bytes):
                raise CborError(reason="a map key must be an integer or a string")
            encoded = self._data[start : self.at]
            if encoded <= before:
                raise CborError(reason="not the deterministic encoding: map keys are out of order or double")
            before = encoded
            found[key] = self.item(depth)
        return found

    def _take(self, length: int) -> bytes:
        taken = self._data[self.at : self.at + length]
        if len(taken) != length:
            raise CborError(reason="it is cut off")
        self.at += length
        return taken


def _sorted(value: object) -> object:
    """The value with sorted maps; TypeError where it holds what :func:`decode` would refuse."""
    if isinstance(value, dict):
        return {_key(key): _sorted(value[key]) for key in sorted(value, key=cbor2.dumps)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    if value is None or isinstance(value, bytes | str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and -(2**64) <= value < 2**64:
        return value
    raise TypeError(f"{type(value).__name__} {value!r:.40} is not used in signed objects")


def _key(key: object) -> object:
    if isinstance(key, bool) or not isinstance(key, int | str | bytes):
        raise TypeError("a map key must be an integer or a string")
    return key
