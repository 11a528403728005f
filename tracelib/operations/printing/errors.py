"""What can be wrong with a print, and with what somebody says became of its labels."""

from typing import ClassVar

from tracelib.errors import FormatError, RuleError, Translate, shown
from tracelib.text import phrase

_UNITS_CONTEXT = "print.units"
_UNITS, _UNIT = phrase("the logistic units of {party}"), phrase("a logistic unit")


class AboutBatch:
    """Speaks of a ``batch`` as PARTY/PRODUCT/LOT, or of a party's logistic units, which have none: then of the party.

    ``found``, where there is one, is written alike; empty for a unit whose party is not known. Stands before RuleError
    among the bases of an error.
    """

    params: dict[str, object]
    code: ClassVar[str]
    template: ClassVar[str]

    def message(self, translate: Translate | None = None) -> str:
        """The text for people, logistic units named as such."""
        words = {name: shown(value) for name, value in self.params.items()}
        for name in ("batch", "found"):
            party = words.get(name, "/")
            if "/" not in party:
                template = _UNITS if party else _UNIT
                said = translate(_UNITS_CONTEXT, template) if translate else template
                words[name] = said.format(party=party)
        around = translate(self.code, self.template) if translate else self.template
        return around.format(**words)


class PrintedBeforeError(AboutBatch, RuleError):
    """Some of the codes were printed already, or are being printed."""

    code = "print.before"
    template = (
        "{count} of the codes asked for ({first} to {last} of {batch}) were printed before; prints so far: {times}, "
        "the last on {at} by {operator} ({what}). Two labels with one code cannot be told apart. If it must be: "
        "--reprint --reason TEXT"
    )


class PrintUnderWayError(AboutBatch, RuleError):
    """The codes are being printed at this moment, by another process."""

    code = "print.under_way"
    retryable = True
    template = (
        "{operator} has been printing codes {first} to {last} of {batch} since {at} ({what}), and it has not ended. "
        "Nothing was printed here. Wait until it ends, then look at what it made."
    )


class PrintBrokenOffError(AboutBatch, RuleError):
    """The codes went to a printer in a job that never ended."""

    code = "print.broken_off"
    template = (
        "A print of {first} to {last} of {batch} to {what}, begun on {at} by {operator}, did not end: any of these "
        "labels may be out. Nothing was printed now. Look at the last label that came out and print on after it: "
        "--from NUMBER --reprint --reason TEXT"
    )


class UncomparedPrintError(AboutBatch, RuleError):
    """Codes of a list that cannot be compared with the log, of a batch of which labels may be out."""

    code = "print.uncompared"
    template = (
        "{unknown} of the {count} codes cannot be compared with the print log of {batch}, which has {times} prints, "
        "the last on {at} by {operator} ({what}): they may be printed already. Nothing was printed. Give the "
        "passphrase of the serial key (TRACELIB_PASSPHRASE), then they are compared. If you are sure: "
        "--reprint --reason TEXT"
    )


class EarlierUncomparedError(AboutBatch, RuleError):
    """Labels of the batch were printed from a list, and nobody knows which codes these were."""

    code = "print.earlier_unknown"
    template = (
        "On {at} {operator} printed {count} labels of {batch} from a list ({what}) that could not be compared: nobody "
        "knows whether the codes asked for are among them. Nothing was printed. If you know that they are not, or if "
        "it must be: --reprint --reason TEXT"
    )


class ReasonMissingError(RuleError):
    """Something that needs a reason has none."""

    code = "print.reason"
    template = "{what} needs a reason: --reason TEXT (one line of 1 to {longest} characters)."


class NotDeliveredError(RuleError):
    """Labels that nobody has received."""

    code = "print.not_delivered"
    template = "{order} has not been delivered: note that first with tracelib print receive {order}"


class OutsideOrderError(RuleError):
    """Codes that are not on the roll or in the order that was named."""

    code = "print.outside"
    template = "«{given}» names {count} codes that are not on {order}: tracelib print show {order}"


class RollMissingError(RuleError):
    """Labels of a roll that never arrived: nothing became of them, but their codes are still valid."""

    code = "print.roll_missing"
    template = (
        "Roll {order} is noted as missing, so nothing became of its labels. If it is lost for good, make its codes "
        "void: {void}. If it arrived after all: tracelib print receive {number} --roll {roll}"
    )


class AccountedBeforeError(RuleError):
    """Codes of which it was said before what became of them."""

    code = "print.accounted_before"
    template = (
        "{count} of the labels were accounted for before: positions {places}. If that was wrong, take it back first, "
        "with a minus before the positions: --{fate} -{first}-{last} --reason TEXT"
    )


class NotNotedError(RuleError):
    """A correction that takes back what was never noted so."""

    code = "print.not_noted"
    template = "{count} of the labels in «--{fate} {given}» were not noted so by name. See tracelib print show {number}"


class NameBackError(RuleError):
    """A correction by number alone, where labels were named and it cannot be told which of them are meant."""

    code = "print.name_back"
    template = (
        "«--{fate} {given}» does not say which labels were noted wrongly: positions {places} of {order} were noted by "
        "name. Name them, with a minus before the positions: --{fate} -FROM-TO --reason TEXT"
    )


class TooManyError(RuleError):
    """More labels than were delivered."""

    code = "print.too_many"
    template = (
        "That is {over} more than there are on {order}: {delivered} labels were delivered, and {left} of them are not "
        "accounted for yet. Check the number; an earlier entry is corrected with a minus and --reason."
    )


class SumError(RuleError):
    """A correction that takes back more than there is."""

    code = "print.sum"
    template = "That would leave {sum} {what} labels on {order}. See tracelib print show."


class WhichLabelsError(RuleError):
    """«all» of a roll shall become void, but which of its labels are left cannot be told."""

    code = "print.which"
    template = (
        "{open} labels of {order} are left, but {codes} of its codes were never named, so it can't be told which must "
        "become void: name them, FROM-TO or FIRST..LAST."
    )


class AmountTextError(FormatError):
    """Text that names no labels."""

    code = "print.amount"
    template = (
        "«{given}» does not say which labels: expected a count such as 40, positions of the batch as FROM-TO (a single "
        "one as 1601-1601), a serial number, FIRST..LAST (two serial numbers), or all. A minus before a count, "
        "positions or serial numbers takes them back; before all it cannot stand."
    )


class NothingLeftError(RuleError):
    """All that is left, where nothing is."""

    code = "print.nothing_left"
    template = (
        "Nothing is left of {order}: what became of its {delivered} delivered labels is noted already. Nothing was "
        "written. See tracelib print show {order}"
    )


class NothingToAccountError(FormatError):
    """Nothing was said."""

    code = "print.nothing"
    template = "Say what became of the labels: --used, --torn, --lost, --misprint or --returned."
