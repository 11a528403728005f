"""Grade list of a product: numbers 1 to 15 in the code, names here; append-only, never renumbered."""

import hashlib
from collections.abc import Sequence
from typing import Annotated

import cbor2

from tracelib.catalog.errors import GradeGapError
from tracelib.catalog.fields import ChineseName, EnglishName, Fields, PartyId, ProductId, number_from

HIGHEST_GRADE = 15


class GradeFields(Fields):
    """Fields of one grade of one product."""

    party_id: PartyId
    product_id: ProductId
    number: Annotated[int, number_from("grade number", 1, HIGHEST_GRADE)]
    name_zh: ChineseName
    name_en: EnglishName = ""


class Grade(GradeFields, frozen=True):
    """A grade that has checked itself. ``(party_id, product_id, number)`` is unique in the store."""


def check_grade_list(grades: Sequence[Grade]) -> None:
    """Raise GradeGapError unless the grades are numbered 1, 2, 3 … in their order."""
    for expected, grade in enumerate(grades, 1):
        if grade.number != expected:
            raise GradeGapError(given=grade.number, product=grade.product_id, expected=expected)


def grade_list_hash(grades: Sequence[Grade]) -> bytes:
    """SHA-256 (32 bytes) of the deterministic CBOR of ``[[number, name_zh, name_en], …]``, as manifests carry it.

    The list must be complete and in order (:func:`check_grade_list`); an empty list has a hash too.
    """
    check_grade_list(grades)
    rows = [[grade.number, grade.name_zh, grade.name_en] for grade in grades]
    return hashlib.sha256(cbor2.dumps(rows, canonical=True)).digest()
