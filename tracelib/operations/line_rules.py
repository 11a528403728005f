"""What a station expects beyond a good code: its batch, product, grade, season, and what is frozen.

One interface: a rule is called with the code's record and the time of the reading, and raises a RuleError or lets it
pass. Rules are values, know nothing of the store, and say nothing of logistic units, which name no product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from tracelib.clock import CHINA
from tracelib.codes.record import CodeRecord
from tracelib.errors import RuleError

LineRule = Callable[[CodeRecord, datetime], None]
"""(record, aware time of the reading) to nothing; raises a RuleError that says why not."""
OWN_PRODUCT = "P/"


class OtherBatchError(RuleError):
    """Another batch than the station works on."""

    code = "line.other_batch"
    template = "{unit} is of batch {lot}, and this line works on {expected}: is the right roll of labels in use?"


class OtherProductError(RuleError):
    """Another product than the station works on."""

    code = "line.other_product"
    template = "{unit} is product {product}, and this line works on {expected}: is the right roll of labels in use?"


class OtherGradeError(RuleError):
    """Another grade than the station works on."""

    code = "line.other_grade"
    template = "{unit} is of grade {grade}, and this line packs grade {expected}: put the carton with its own."


class FrozenBatchError(RuleError):
    """A batch that may not go on until somebody has decided."""

    code = "line.frozen"
    template = "{unit} is of batch {lot}, which is frozen: put the carton aside until the desk decides."


class BeforeSeasonError(RuleError):
    """The season has not begun."""

    code = "line.before_season"
    template = "{unit} comes on {day}, and the season begins on {begins}: nothing is packed before."


@dataclass(frozen=True, slots=True)
class ExpectBatches:
    """Only these lots."""

    lots: tuple[str, ...]

    def __call__(self, record: CodeRecord, at: datetime) -> None:
        """OtherBatchError for another lot."""
        if record.lot is not None and record.lot not in self.lots:
            raise OtherBatchError(unit=record.unit_id, lot=record.lot, expected=", ".join(self.lots))


@dataclass(frozen=True, slots=True)
class ExpectProducts:
    """Only these products, by own number or GTIN."""

    products: tuple[str, ...]

    def __call__(self, record: CodeRecord, at: datetime) -> None:
        """OtherProductError for another product."""
        if record.product_key is None:
            return
        product = record.product_key.removeprefix(OWN_PRODUCT)
        if product not in self.products:
            raise OtherProductError(unit=record.unit_id, product=product, expected=", ".join(self.products))


@dataclass(frozen=True, slots=True)
class ExpectGrades:
    """Only these grades, by number; 0 is not graded."""

    grades: tuple[int, ...]

    def __call__(self, record: CodeRecord, at: datetime) -> None:
        """OtherGradeError for another grade."""
        if record.lot is not None and record.grade not in self.grades:
            raise OtherGradeError(unit=record.unit_id, grade=record.grade, expected=", ".join(map(str, self.grades)))


@dataclass(frozen=True, slots=True)
class Frozen:
    """These lots wait for a decision."""

    lots: tuple[str, ...]

    def __call__(self, record: CodeRecord, at: datetime) -> None:
        """FrozenBatchError for one of them."""
        if record.lot in self.lots:
            raise FrozenBatchError(unit=record.unit_id, lot=record.lot)


@dataclass(frozen=True, slots=True)
class SeasonFrom:
    """Nothing is packed before this day, in UTC+08:00: early fruit is sold as the brand's, and is not."""

    begins: date

    def __call__(self, record: CodeRecord, at: datetime) -> None:
        """BeforeSeasonError for a reading before it."""
        day = at.astimezone(CHINA).date()
        if record.lot is not None and day < self.begins:
            raise BeforeSeasonError(unit=record.unit_id, day=day, begins=self.begins)
