"""What can be wrong with an entry of the catalogue, and what its rules forbid."""

from tracelib.errors import FormatError, RuleError, Translate
from tracelib.identifiers.errors import message_in_words


class EntryError(FormatError):
    """An entry has a field that is not what it should be. ``what`` is translated with the message."""

    code = "catalog.entry"
    template = "{what}: «{given}» is not valid."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class TextError(EntryError):
    """A text is empty, too long, or holds control characters."""

    code = "catalog.text"
    template = "{what}: «{given}» must be {lowest} to {highest} characters on one line, without control characters."


class NumberError(EntryError):
    """A number is outside its range."""

    code = "catalog.number"
    template = "{what}: {given} is outside {lowest} to {highest}."


class DayError(EntryError):
    """Not a day, or not in the one spelling."""

    code = "catalog.day"
    template = "{what}: «{given}» is not a day; write it like 2026-11-01."


class PictureNameError(EntryError):
    """Not the plain name of a picture file."""

    code = "catalog.picture_name"
    template = (
        "{what}: «{given}» is no file name such as QC5KG.jpg: letters, digits, hyphen, underscore and full stop, "
        "no folder, ending in .png, .jpg, .jpeg or .webp."
    )


class ValidityError(EntryError):
    """The last day lies before the first."""

    code = "catalog.validity"
    template = "{what}: the last day {valid_to} lies before the first day {valid_from}."


class LicenceWithoutGtinError(RuleError):
    """A licence was recorded for a GTIN that is not there."""

    code = "catalog.licence_without_gtin"
    template = (
        "Product {product} is marked as having a licensed GTIN but has no GTIN: give the GTIN or leave the mark out."
    )


class RestrictedGtinError(RuleError):
    """A restricted-circulation number on its way to a production label."""

    code = "catalog.gtin_restricted"
    template = (
        "GTIN {gtin} of product {product} is a restricted-circulation number (unique in one firm or region only) "
        "and must not stand on production labels: use a licensed GTIN, or a product without GTIN under its own number."
    )


class UnlicensedGtinError(RuleError):
    """A GTIN that the party has not recorded as licensed, on its way to a production label."""

    code = "catalog.gtin_unlicensed"
    template = (
        "GTIN {gtin} of product {product} is not recorded as licensed and must not stand on production labels: "
        "record the product with its licence, or without GTIN under its own number."
    )


class GradeGapError(RuleError):
    """Grades are numbered 1, 2, 3 … in the order in which they are added."""

    code = "catalog.grade_gap"
    template = (
        "Grade {given} of product {product} cannot be added: the next number is {expected}. "
        "Grades are appended, never renumbered."
    )
