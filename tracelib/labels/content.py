"""What stands on a label: plain data, joined by whoever knows the catalogue."""

from dataclasses import dataclass

SERIAL_LENGTH = 15
SERIAL_GROUP = 5
SSCC_LENGTH = 18
GRAMS_PER_KG = 1000


def is_sscc(unit_id: str) -> bool:
    """Whether a unit's id is an SSCC: 18 digits. A serial has 15 characters."""
    return len(unit_id) == SSCC_LENGTH and unit_id.isascii() and unit_id.isdecimal()


def grouped_unit_id(unit_id: str) -> str:
    """A unit's id as people read and type it: ``7KQX9-Y93Q6-MJ608``, or ``(00) 069012340000000016`` for an SSCC.

    The dashes are dropped again when a serial is typed (code format, serial, typed form); an SSCC is written as its
    element string in human-readable form (GS1 General Specifications, 4.14).
    """
    if len(unit_id) == SERIAL_LENGTH:
        return "-".join(unit_id[i : i + SERIAL_GROUP] for i in range(0, SERIAL_LENGTH, SERIAL_GROUP))
    if is_sscc(unit_id):
        return f"(00) {unit_id}"
    return unit_id


def weight_text(weight_g: int) -> str:
    """A weight in grams as it stands on a label: ``5 kg``, ``2.5 kg``, ``850 g``; never rounded."""
    if weight_g < GRAMS_PER_KG:
        return f"{weight_g} g"
    whole, rest = divmod(weight_g, GRAMS_PER_KG)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".") + " kg"


@dataclass(frozen=True, slots=True)
class LabelContent:
    """One label. Everything is text as it is printed; an empty field (or ``weight_g`` None) has no line.

    ``url`` is the code exactly as issued and is what the symbol holds. ``unit_id`` is the 15 characters of the
    serial or the 18 digits of the SSCC, ungrouped. ``product``, ``grade``, ``issuer`` and ``brand`` are the Chinese
    names, those with ``_en`` the English ones. ``produced_on`` is the day of harvest or production as YYYY-MM-DD,
    ``origin`` the place in words, ``host`` the official host that people are to look for.
    ``weight_g`` is the nominal net weight in grams. ``test`` prints the mark 测试 / TEST: it must be true for every
    code whose root is a test root.
    """

    url: str
    unit_id: str
    product: str
    grade: str = ""
    weight_g: int | None = None
    lot: str = ""
    uscc: str = ""
    issuer: str = ""
    test: bool = False
    brand: str = ""
    origin: str = ""
    produced_on: str = ""
    host: str = ""
    product_en: str = ""
    grade_en: str = ""
    issuer_en: str = ""
    brand_en: str = ""
