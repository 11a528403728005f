"""The fields of a code, and the bytes of its signed payload.

docs/code-format.md, "Profile A" and "What is signed". A record that exists is one that a code may carry.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Self

from tracelib.codes import reasons
from tracelib.codes.errors import CodeFieldError
from tracelib.codes.serial import is_serial
from tracelib.errors import FormatError
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.own_number import parse_own_number
from tracelib.identifiers.sscc import Sscc

WEIGHT_UNIT_G = 10
LARGEST_WEIGHT_G = 0xFFFF * WEIGHT_UNIT_G
LARGEST_GRADE = 15
LARGEST_DAY = 0xFFFF

Kind = Literal["gtin", "product", "sscc", "unit"]


class Level(IntEnum):
    """What the code is stuck on. 4 to 15 are reserved: never written, read as unknown."""

    ITEM = 0
    INNER = 1
    CARTON = 2
    PALLET = 3


_LEVEL_NAMES = {level.value: level.name.lower() for level in Level}


def level_name(level: int) -> str:
    """``item``, ``inner``, ``carton``, ``pallet``, or ``unknown`` for a reserved level."""
    return _LEVEL_NAMES.get(level, "unknown")


def weight_field(weight_g: int | None) -> int:
    """Nominal net weight in units of 10 g as a code carries it; 0 where it cannot be stated.

    Not stated: None, no multiple of 10 g, above 655,350 g.
    """
    if not weight_g or weight_g < 0 or weight_g % WEIGHT_UNIT_G or weight_g > LARGEST_WEIGHT_G:
        return 0
    return weight_g // WEIGHT_UNIT_G


class _Fields(NamedTuple):
    gtin: str | None
    product: str | None
    sscc: str | None
    lot: str | None
    serial: str | None
    day: int
    weight_10g: int
    grade: int
    level: int


class CodeRecord(_Fields):
    """The signed fields of one code, in one of four shapes.

    * product with a GTIN: ``gtin`` (14 digits), ``lot``, ``serial``
    * product with the party's own number: ``product``, ``lot``, ``serial``
    * logistic unit with an SSCC: ``sscc`` (18 digits)
    * logistic unit without: ``serial`` alone

    ``day`` counts from 2020-01-01 in UTC+08:00; ``weight_10g`` is the nominal net weight in 10 g, 0 for not stated;
    ``grade`` 0 to 15; ``level`` 0 to 15, see :class:`Level`. Raises CodeFieldError.

    A named tuple and not a frozen dataclass: one is made for every code that is read, in a third of the time.
    """

    __slots__ = ()

    def __new__(  # noqa: PLR0913, PLR0917 - the nine fields of the format, as a dataclass would take them
        cls,
        gtin: str | None = None,
        product: str | None = None,
        sscc: str | None = None,
        lot: str | None = None,
        serial: str | None = None,
        day: int = 0,
        weight_10g: int = 0,
        grade: int = 0,
        level: int = 0,
    ) -> Self:
        """A record of checked fields."""
        kind = check_naming(gtin, product, sscc, lot)
        check_numbers(day, weight_10g, grade, level)
        if serial is None:
            if kind != "sscc":
                raise CodeFieldError(field="serial number", given=serial, reason=reasons.ONE_KIND)
        elif kind == "sscc":
            raise CodeFieldError(field="serial number", given=serial, reason=reasons.ONE_KIND)
        elif not is_serial(serial):
            raise CodeFieldError(field="serial number", given=serial, reason=reasons.SERIAL_CHECK)
        return tuple.__new__(cls, (gtin, product, sscc, lot, serial, day, weight_10g, grade, level))

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override]  # typeshed knows no subclass
        """Also what ``_replace`` makes is checked."""
        return cls(*iterable)

    @property
    def kind(self) -> Kind:
        """Which of the four shapes this is."""
        if self.gtin is not None:
            return "gtin"
        if self.product is not None:
            return "product"
        return "sscc" if self.sscc is not None else "unit"

    @property
    def unit_id(self) -> str:
        """What a unit of any kind is keyed by: its serial, or its SSCC."""
        unit_id = self.sscc or self.serial
        assert unit_id is not None  # noqa: S101 - __new__ made sure
        return unit_id

    @property
    def product_key(self) -> str | None:
        """The product as delegations and bundles name it: 14 digits or ``P/`` and the own number; None for units."""
        if self.gtin is not None:
            return self.gtin
        return f"P/{self.product}" if self.product is not None else None

    @property
    def attrs(self) -> int:
        """weight · 256 + grade · 16 + level, as the blob and the payload carry it."""
        return self.weight_10g << 8 | self.grade << 4 | self.level

    @property
    def path(self) -> str:
        """What follows the blob in the URL, without the leading slash."""
        if self.gtin is not None:
            return f"01/{self.gtin}/10/{self.lot}/21/{self.serial}"
        if self.product is not None:
            return f"P/{self.product}/10/{self.lot}/21/{self.serial}"
        return f"00/{self.sscc}" if self.sscc is not None else f"U/{self.serial}"

    def payload(self) -> bytes:
        """The signed payload in deterministic CBOR (RFC 8949, 4.2.1).

        Put together by hand: a verifier does this for every code.

        >>> CodeRecord(serial="7KQXET51NHQ4J7W", day=2506, level=3).payload().hex()
        'a3201909ca2103236f374b5158455435314e4851344a3757'
        """
        if self.sscc is not None:
            return b"\xa3\x00\x72" + self.sscc.encode() + _day_and_attrs(self.day, self.attrs)
        before, after = payload_around(self.gtin, self.product, self.lot, self.day, self.attrs)
        return before + (self.serial or "").encode() + after


# A batch repeats its GTIN, lot, day and attributes a thousand times: what was judged right once is remembered. The
# caches are bounded and hold pure results only; a fault raises and is not kept.


@lru_cache(maxsize=4096)
def check_naming(gtin: str | None, product: str | None, sscc: str | None, lot: str | None) -> Kind:
    """The kind of code that these fields make; raises CodeFieldError for a mixture or a wrong field."""
    if (gtin is not None) + (product is not None) + (sscc is not None) > 1:
        raise CodeFieldError(field="product", given=gtin or product, reason=reasons.ONE_KIND)
    if (lot is None) != (gtin is None and product is None):
        raise CodeFieldError(field="lot", given=lot, reason=reasons.ONE_KIND)
    if lot is not None and not _is_own_number(lot):
        raise CodeFieldError(field="lot", given=lot, reason=reasons.LOT_SHAPE)
    if gtin is not None:
        if not _is_gtin14(gtin):
            raise CodeFieldError(field="GTIN", given=gtin, reason=reasons.GTIN_CHECK)
        return "gtin"
    if product is not None:
        if not _is_own_number(product):
            raise CodeFieldError(field="product number", given=product, reason=reasons.LOT_SHAPE)
        return "product"
    if sscc is None:
        return "unit"
    if not _is_sscc(sscc):
        raise CodeFieldError(field="SSCC", given=sscc, reason=reasons.SSCC_CHECK)
    return "sscc"


@lru_cache(maxsize=4096)
def check_numbers(day: int, weight_10g: int, grade: int, level: int) -> None:
    """Raise CodeFieldError for a number that its field cannot hold."""
    if not 0 <= day <= LARGEST_DAY:
        raise CodeFieldError(field="day", given=day, reason=reasons.OUT_OF_RANGE)
    if not 0 <= weight_10g <= 0xFFFF:
        raise CodeFieldError(field="weight", given=weight_10g, reason=reasons.OUT_OF_RANGE)
    if not (0 <= grade <= LARGEST_GRADE and 0 <= level <= 15):
        raise CodeFieldError(field="grade or level", given=f"{grade}, {level}", reason=reasons.OUT_OF_RANGE)


def _is_gtin14(text: str) -> bool:
    try:
        Gtin(text)
    except FormatError:
        return False
    return True


def _is_own_number(text: str) -> bool:
    try:
        parse_own_number(text, "lot")
    except FormatError:
        return False
    return True


def _is_sscc(text: str) -> bool:
    try:
        Sscc(text)
    except FormatError:
        return False
    return True


@lru_cache(maxsize=4096)
def payload_around(gtin: str | None, product: str | None, lot: str | None, day: int, attrs: int) -> tuple[bytes, bytes]:
    """What stands in a payload before and after the serial: the same for all codes of a batch."""
    numbers = _day_and_attrs(day, attrs)
    if gtin is not None:
        return b"\xa5\x01" + _text(gtin) + b"\x0a" + _text(lot or "") + b"\x15\x6f", numbers
    if product is not None:
        return b"\xa5\x0a" + _text(lot or "") + b"\x15\x6f", numbers + b"\x22" + _text(product)
    return b"\xa3" + numbers + b"\x23\x6f", b""


def _day_and_attrs(day: int, attrs: int) -> bytes:
    return b"\x20" + _unsigned(day) + b"\x21" + _unsigned(attrs)


def _text(text: str) -> bytes:
    """A CBOR text string of fewer than 24 ASCII characters."""
    return bytes((0x60 + len(text),)) + text.encode()


def _unsigned(value: int) -> bytes:
    """A CBOR unsigned integer below 2 ** 32 in its shortest form."""
    if value < 24:
        return bytes((value,))
    if value < 0x100:
        return bytes((0x18, value))
    return b"\x19" + value.to_bytes(2, "big") if value < 0x10000 else b"\x1a" + value.to_bytes(4, "big")
