"""Why a step cannot be written as an event, each with what to do instead."""

from collections.abc import Sequence

from tracelib.errors import FormatError, NotFoundError, RuleError, TraceError
from tracelib.operations.units import UnitLineError


class NoNameError(RuleError):
    """Things of a party that has no host have no name outside this workspace."""

    code = "event.no_home"
    template = (
        "{party} has no delegation that names a host, so {what} has no name in events: ask the brand office for one "
        "(tracelib delegate request), or for a test workspace see tracelib init --trial."
    )


class UnknownNameError(FormatError):
    """Text that can be neither a unit nor a lot."""

    code = "event.name"
    template = (
        "«{given}» names nothing: expected a serial number, a code, an SSCC, a strip as FIRST..LAST, LOT:FROM-TO, a "
        "lot, or a file that lists them."
    )


class QuantityError(FormatError):
    """How much of a lot, in words that are none."""

    code = "event.quantity"
    template = (
        "«{given}» is no part of a lot: expected LOT, LOT=WEIGHT with its unit (26A0137=500kg), or LOT=COUNT "
        "with pcs (26A0137=40pcs)."
    )


class TooManyError(RuleError):
    """More units in one command than one transaction should hold."""

    code = "event.too_many"
    template = "{count} units are named and one command takes {most}: name the pallets that they lie on, or fewer."


class NameLineError(UnitLineError):
    """One entry of a list names nothing; ``fault`` says why."""

    code = "event.line"


class NamesError(FormatError):
    """Several names are wrong; ``faults`` holds the first of them. Nothing was written."""

    code = "event.names"
    template = "{count} of {total} names cannot be understood; nothing was written. The faults stand above."

    def __init__(self, faults: Sequence[TraceError], count: int, total: int) -> None:
        self.faults = tuple(faults)
        super().__init__(count=count, total=total)


class RefusedError(RuleError):
    """Several units cannot take the step; ``faults`` holds the first of them. Nothing was written."""

    code = "event.refused"
    template = "{count} of {total} units cannot take this step; nothing was written. The reasons stand above."

    def __init__(self, faults: Sequence[TraceError], count: int, total: int) -> None:
        self.faults = tuple(faults)
        super().__init__(count=count, total=total)


class NeverActiveError(RuleError):
    """A code that was issued and never stuck on anything."""

    code = "event.never_active"
    template = "{unit} was never activated: scan it on a line first (tracelib line run), then it can be worked with."


class NeverPackedError(RuleError):
    """A logistic unit of one's own that holds nothing."""

    code = "event.never_packed"
    template = "Nothing was ever packed into {unit}: pack it first (tracelib event pack {unit} CARTONS…)."


class NeverReceivedError(RuleError):
    """Goods of somebody else of which nothing is known here."""

    code = "event.never_received"
    template = "{unit} is not from {party} and was never received: tracelib event receive {unit} comes first."


class EndedError(RuleError):
    """The unit's life is over."""

    code = "event.ended_void"
    template = "{unit} is void since {since}: nothing follows. Give the carton a new code (tracelib code replace)."


class DestroyedError(RuleError):
    """The unit was destroyed."""

    code = "event.ended_destroyed"
    template = "{unit} was destroyed on {since}: nothing follows. If it is still there, two cartons have this code."


class UsedUpError(RuleError):
    """The unit went into something else."""

    code = "event.ended_used_up"
    template = "{unit} was used up on {since}: nothing follows."


class InTransitError(RuleError):
    """The unit is on its way."""

    code = "event.in_transit"
    template = "{unit} was shipped on {since} and has not been received: tracelib event receive comes first."


class AlreadyReceivedError(RuleError):
    """The unit was received before."""

    code = "event.already_received"
    template = "{unit} was received on {since} already."


class HandedOverError(RuleError):
    """The unit was shipped, and another party's book says that it has arrived there."""

    code = "event.handed_over"
    template = (
        "{unit} was received by {party} on {since}, so it is no longer yours to pass on. If it came back, note that "
        "first (tracelib event return)."
    )


class SoldError(RuleError):
    """The unit was sold."""

    code = "event.sold"
    template = "{unit} was sold on {since}: what comes back is noted with tracelib event return."


class NeverLeftError(RuleError):
    """What never left cannot come back."""

    code = "event.never_left"
    template = "{unit} was neither shipped nor sold, so it cannot come back: note first how it left (--at TIME)."


class StillInsideError(RuleError):
    """A unit that lies in another goes with that one."""

    code = "event.still_inside"
    template = "{unit} lies in {parent}: name {parent}, or take it out of there first (--unpack does both)."


class LotGoneError(RuleError):
    """Nothing of a lot is here any more."""

    code = "event.lot_gone"
    template = (
        "Nothing is left of {lot}: of {had} kg everything was shipped, sold, destroyed or made into other batches. If "
        "an entry was wrong, see tracelib event list --object; if more came, note that first (receive, return)."
    )


class LotTooMuchError(RuleError):
    """More of a lot than there is."""

    code = "event.lot_too_much"
    template = "{given} kg of {lot} cannot be: {left} kg are left. Write how much it was, as {lot}=WEIGHT."


class LotBackError(RuleError):
    """More of a lot comes back than ever left."""

    code = "event.lot_back"
    template = (
        "So much of {lot} cannot come back: at most {most} kg of it are out. Note first how it left (--at TIME), or "
        "write how much came back, as {lot}=WEIGHT."
    )


class FutureEventError(RuleError):
    """An event that has not happened yet."""

    code = "event.future"
    template = "{at} lies in the future (it is {now}): an event tells what has happened. Correct the time or the clock."


class HarvestToldError(RuleError):
    """The harvest of a lot has been told."""

    code = "event.harvest_told"
    template = "That {batch} came into the world is told already, by event {event}."


class NotHarvestedError(RuleError):
    """A lot that was made of other lots."""

    code = "event.not_harvested"
    template = "{batch} was made of other batches, so it was not harvested itself: see tracelib batch show {batch}"


class WholeLotsError(FormatError):
    """A harvest is about whole batches."""

    code = "event.whole_lots"
    template = "«{given}» is no whole batch: a harvest is told of batches as they were registered, as LOT."


class OneThingError(FormatError):
    """A packing step that is about anything but one unit."""

    code = "event.one_thing"
    template = "«{given}» is not one unit: expected the serial number, code or SSCC of one pallet, case or carton."


class PartyUnknownError(NotFoundError):
    """Somebody who is neither in the catalogue nor a URI."""

    code = "event.party_unknown"
    template = (
        "There is no party «{given}» in the catalogue: add it (tracelib party add), or write its GLN of 13 digits or "
        "its URI."
    )


class NoActingPartyError(RuleError):
    """Nobody is said to act, and what was named belongs to several parties or to nobody here."""

    code = "event.no_party"
    template = "Who does this? What was named belongs to: {owners}. Give --party ID, or set «party» in tracelib.toml."


class PlaceError(FormatError):
    """A place in words that no event can carry."""

    code = "event.place"
    template = "«{given}» is no name of a place: expected 1 to 20 of 0-9 A-Z . - such as COLD-1, or the place's URI."


class UriError(FormatError):
    """Something with a colon that is no URI."""

    code = "event.uri"
    template = "«{given}» is no URI: expected one like https://id.gs1.org/414/6901234567892, in ASCII without spaces."


class PaperError(FormatError):
    """The number of an order or waybill that cannot be kept."""

    code = "event.paper"
    template = "«{given}» is no number of a paper: expected one line of 1 to {most} characters."
