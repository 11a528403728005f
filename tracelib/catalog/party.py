"""Party (主体): a co-operative, grower, packer, brand office: whoever answers for something."""

from typing import Annotated

from tracelib.catalog.fields import (
    LONGEST_TEXT,
    ChineseName,
    DivisionText,
    EnglishName,
    GlnText,
    PartyId,
    ShownFields,
    UsccText,
    ValidityFields,
    text_of,
)


class PartyFields(ShownFields, ValidityFields):
    """Fields of a party. ``contact`` may be personal data: it is stored and shown on request, never logged."""

    id: PartyId
    name_zh: ChineseName
    name_en: EnglishName = ""
    uscc: UsccText | None = None
    gln: GlnText | None = None
    division: DivisionText | None = None
    address: Annotated[str, text_of("address", 0, LONGEST_TEXT)] = ""
    contact: Annotated[str, text_of("contact", 0, LONGEST_TEXT)] = ""


class Party(PartyFields, frozen=True):
    """A party that has checked itself. ``id`` is chosen by the user and unique in the store."""
