"""Kinds of fields that several entries share: own numbers, names, ranges, days of validity."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tracelib.catalog.errors import DayError, NumberError, PictureNameError, TextError, ValidityError
from tracelib.identifiers.digits import require_ascii
from tracelib.identifiers.division import DivisionCode
from tracelib.identifiers.gln import Gln
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.host import parse_host
from tracelib.identifiers.own_number import parse_own_number
from tracelib.identifiers.uscc import Uscc

LONGEST_NAME = 60
LONGEST_TEXT = 200
LONGEST_DESCRIPTION = 500
_PICTURE_NAME = re.compile(r"(?![.-])[\w.-]{1,80}\.(?:png|jpe?g|webp)", re.IGNORECASE)


def own_number(what: str) -> AfterValidator:
    """A validator for an own number; ``what`` as in :func:`tracelib.identifiers.own_number.parse_own_number`."""
    return AfterValidator(lambda text: parse_own_number(text, what))


def text_of(what: str, lowest: int, highest: int) -> AfterValidator:
    """A validator for one line of text of ``lowest`` to ``highest`` characters; spaces at the ends are cut."""

    def check(text: str) -> str:
        """Cut the spaces; raises TextError."""
        text = text.strip(" \u3000\u00a0")
        if not lowest <= len(text) <= highest or not text.isprintable():
            raise TextError(what=what, given=text, lowest=lowest, highest=highest)
        return text

    return AfterValidator(check)


def number_from(what: str, lowest: int, highest: int) -> AfterValidator:
    """A validator for a whole number from ``lowest`` to ``highest``."""

    def check(number: int) -> int:
        """Pass the number on; raises NumberError."""
        if not lowest <= number <= highest:
            raise NumberError(what=what, given=number, lowest=lowest, highest=highest)
        return number

    return AfterValidator(check)


def _spelled(parse: Callable[[str], object]) -> AfterValidator:
    return AfterValidator(lambda text: str(parse(text)))


def parse_day(text: str, what: str) -> date:
    """A day in its one spelling, ``2026-11-01``; raises DayError or an error of the digits."""
    require_ascii(text, what)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DayError(what=what, given=text) from None
    if day.isoformat() != text:  # 20261101 and 2026-W44-7 are ISO 8601 too
        raise DayError(what=what, given=text)
    return day


def parse_picture_name(text: str) -> str:
    """The name of a picture file, without any folder; empty for none. PictureNameError for anything else."""
    if text and (not _PICTURE_NAME.fullmatch(text) or ".." in text):
        raise PictureNameError(what="picture", given=text)
    return text


PartyId = Annotated[str, own_number("party id")]
BrandId = Annotated[str, own_number("brand id")]
ProductId = Annotated[str, own_number("product number")]
ChineseName = Annotated[str, text_of("Chinese name", 1, LONGEST_NAME)]
EnglishName = Annotated[str, text_of("English name", 0, LONGEST_NAME)]
Description = Annotated[str, text_of("description", 0, LONGEST_DESCRIPTION)]
PictureName = Annotated[str, AfterValidator(parse_picture_name)]
GtinText = Annotated[str, _spelled(Gtin.parse)]
GlnText = Annotated[str, _spelled(Gln.parse)]
UsccText = Annotated[str, _spelled(Uscc.parse)]
DivisionText = Annotated[str, _spelled(DivisionCode.parse)]
Host = Annotated[str, AfterValidator(parse_host)]
Hosts = Annotated[tuple[Host, ...], Field(strict=False)]
ProductIds = Annotated[tuple[ProductId, ...], Field(strict=False)]


class Fields(BaseModel):
    """Base of every list of fields: exact types, nothing unknown, nothing coerced."""

    model_config = ConfigDict(strict=True, extra="forbid")


class ShownFields(Fields):
    """What the public sees beside the name: a description in both languages, one line each, and a picture's file."""

    description_zh: Description = ""
    description_en: Description = ""
    picture: PictureName = ""


class ValidityFields(Fields):
    """The days between which an entry holds, both inclusive; None is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidityError(
                what="validity", given=self.valid_to, valid_from=self.valid_from, valid_to=self.valid_to
            )
        return self

    def holds_on(self, day: date) -> bool:
        """Whether the entry holds on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
