"""What a recall refuses."""

from collections.abc import Sequence

from tracelib.errors import FormatError, NotFoundError, RuleError


class RecallReasonError(FormatError):
    """A reason that is no line of text."""

    code = "recall.reason"
    template = "The reason «{given}» cannot be kept: expected one line of 1 to {most} characters."


class RecallNoteError(FormatError):
    """A note, a place or a name that is no line of text."""

    code = "recall.note"
    template = "«{given}» cannot be kept: expected one line of at most {most} characters."


class RecallNameError(FormatError):
    """A text that should name a recall does not."""

    code = "recall.name"
    template = "«{given}» names no recall: expected a number such as R261126-1, or D261126-1 for a drill."


class RecallNotFoundError(NotFoundError):
    """There is no such recall."""

    code = "recall.unknown"
    template = "There is no recall «{given}». Recalls are shown by: tracelib recall list --all"


class AmbiguousRecallError(RuleError):
    """Several parties of the workspace have a recall of this number."""

    code = "recall.ambiguous"
    template = "Several parties have a recall {given}: {parties}. Write PARTY/{given}."


class RecallOpenError(RuleError):
    """The batch is called back already."""

    code = "recall.open"
    template = (
        "{batch} is called back already: {number}, opened {at} by {operator}. Nothing was written. "
        "See: tracelib recall show {number}"
    )


class RecalledBatchError(RuleError):
    """Codes or another batch would be made of a batch that is called back."""

    code = "recall.batch"
    template = (
        "{batch} is called back under {number} («{reason}»): it gets no new codes, and nothing is made of it. "
        "Nothing was written. See: tracelib recall show {number}"
    )


class RecalledGoodsError(RuleError):
    """Goods that are called back would be shipped or sold."""

    code = "recall.goods"
    template = (
        "{what} is called back under {number} (batch {batch}), so it is neither sold nor shipped to customers. Nothing "
        "was written. Cartons named or inside that are called back: {count}. To send goods back, or away to be "
        "destroyed: tracelib event ship … --recalled"
    )


class RecallClosedError(RuleError):
    """The recall is closed, so nothing can be added."""

    code = "recall.closed"
    template = "{number} was closed on {at} by {operator}. Nothing was written."


class RecallCountError(RuleError):
    """Counts that cannot be; ``faults`` are the single ones, each of them one of the errors below."""

    code = "recall.counts"
    template = "The counts of {number} do not add up; nothing was written. What does not fit stands above."

    def __init__(self, faults: Sequence[RuleError], number: str) -> None:
        self.faults = tuple(faults)
        super().__init__(number=number)


class TooManyReturnedError(RuleError):
    """More came back than was sent."""

    code = "recall.returned_too_many"
    template = "{given} came back, but only {most} ever left."


class TooManyLostError(RuleError):
    """More is written off than is out."""

    code = "recall.lost_too_many"
    template = "{given} written off as lost, but only {most} still out."


class TooManyDestroyedError(RuleError):
    """More was destroyed than was here."""

    code = "recall.destroyed_too_many"
    template = "{given} destroyed, but only {most} here or came back."


class FewerReturnedError(RuleError):
    """Less came back than is on record."""

    code = "recall.returned_below_record"
    template = "{given} came back, but {most} on record as returned already. Give the total."


class FewerDestroyedError(RuleError):
    """Less was destroyed than is on record."""

    code = "recall.destroyed_below_record"
    template = "{given} destroyed, but {most} on record as destroyed already. Give the total."


class RecallUnexplainedError(RuleError):
    """Goods are neither back nor destroyed nor lost, and nobody says why the recall ends all the same."""

    code = "recall.unexplained"
    template = (
        "{number} cannot be closed without a word: {units} units and {weight_kg} kg neither came back nor were written "
        'off as lost. Count again, or say why it ends all the same: --note "…". Nothing was written.'
    )


class NoRecallKeyError(NotFoundError):
    """No key of this workspace may revoke the codes."""

    code = "recall.no_key"
    template = (
        "Nobody here can revoke the codes of {batch}: they were signed by key {key}, and neither it nor one above it "
        "is in this workspace. Nothing was written. Open the recall all the same with --unsigned (lists and notices "
        "are made, codes still verify), and let the holder of such a key run: tracelib key revoke {key} --by NAME "
        "--reason recall --product {product} --lot {lot}"
    )
