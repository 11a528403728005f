"""Deterministic CBOR (RFC 8949, 4.2.1): one value has one encoding, and nothing else is read.

Only what signed objects hold: integers, byte and text strings, arrays, maps, true, false and null. No floats, no tags
but the one COSE tag that is asked for, no indefinite lengths.
"""

from io import BytesIO

import cbor2

from tracelib.trust.errors import CborError

LARGEST = 64 * 1024 * 1024
DEEPEST = 16

Value = int | bytes | str | bool | None | list["Value"] | dict["Value", "Value"]


def encode(value: object) -> bytes:
    """The deterministic encoding of a value; maps sorted by their encoded keys."""
    return cbor2.dumps(_sorted(value))


def decode(data: bytes, *, largest: int = LARGEST) -> object:
    """A value from its one encoding; CborError for anything else: trailing bytes, other spellings, depth, size."""
    if len(data) > largest:
        raise CborError(reason=f"{len(data)} bytes, at most {largest} expected")
    try:
        stream = BytesIO(data)
        value = _plain(cbor2.CBORDecoder(stream).decode(), 0)
        if stream.read(1):
            raise CborError(reason="bytes after the end")
        again = encode(value)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise CborError(reason=str(error) or type(error).__name__) from None
    if again != data:
        raise CborError(reason="not the deterministic encoding")
    return value


def _plain(value: object, depth: int) -> object:
    """``value`` with lists for arrays (cbor2 makes tuples inside tags and keys), refused where a type is not ours."""
    if depth > DEEPEST:
        raise CborError(reason=f"nested deeper than {DEEPEST}")
    if isinstance(value, int) and not -(2**64) <= value < 2**64:
        raise CborError(reason="a number beyond 64 bits (a tag)")
    if value is None or isinstance(value, int | bytes | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    raise CborError(reason=f"a {type(value).__name__} is not used in signed objects")


def _key(key: object) -> object:
    if isinstance(key, bool) or not isinstance(key, int | str | bytes):
        raise CborError(reason="a map key must be an integer or a string")
    return key


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=cbor2.dumps)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    return value
