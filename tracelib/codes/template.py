"""What the codes of one range have in common."""

from dataclasses import dataclass

from tracelib.codes import reasons
from tracelib.codes.errors import CodeFieldError
from tracelib.codes.record import CodeRecord, Kind, Level, check_naming, check_numbers
from tracelib.identifiers.sscc import Sscc

SSCC_COUNTERS = 10**17
"""For SSCC the first 17 digits stand for the counter (docs/code-format.md, "Manifest")."""


@dataclass(frozen=True, slots=True)
class CodeTemplate:
    """A code without its serial or SSCC: one for each range.

    With ``gtin`` or ``product`` and a ``lot`` the codes are products; without, they are logistic units, numbered by
    SSCC where ``with_sscc`` is set. Numbers as in :class:`~tracelib.codes.record.CodeRecord`. Raises CodeFieldError,
    also for a reserved level, which is never written.
    """

    gtin: str | None = None
    product: str | None = None
    lot: str | None = None
    day: int = 0
    weight_10g: int = 0
    grade: int = 0
    level: int = Level.CARTON
    with_sscc: bool = False

    def __post_init__(self) -> None:
        kind = check_naming(self.gtin, self.product, None, self.lot)
        if self.with_sscc and kind != "unit":
            raise CodeFieldError(field="SSCC", given=self.gtin or self.product, reason=reasons.ONE_KIND)
        check_numbers(self.day, self.weight_10g, self.grade, self.level)
        if self.level > Level.PALLET:
            raise CodeFieldError(field="level", given=self.level, reason=reasons.RESERVED_LEVEL)

    @property
    def kind(self) -> Kind:
        """Which of the four shapes the codes have."""
        if self.gtin is not None:
            return "gtin"
        if self.product is not None:
            return "product"
        return "sscc" if self.with_sscc else "unit"

    def record(self, unit_id: str) -> CodeRecord:
        """The code whose serial, or SSCC, is ``unit_id``."""
        return CodeRecord(
            gtin=self.gtin,
            product=self.product,
            sscc=unit_id if self.with_sscc else None,
            lot=self.lot,
            serial=None if self.with_sscc else unit_id,
            day=self.day,
            weight_10g=self.weight_10g,
            grade=self.grade,
            level=self.level,
        )


def sscc_of(counter: int) -> str:
    """The SSCC whose first 17 digits are ``counter``."""
    if not 0 <= counter < SSCC_COUNTERS:
        raise CodeFieldError(field="counter", given=counter, reason=reasons.OUT_OF_RANGE)
    return Sscc.compose(f"{counter:017d}").value
