"""What a line tells the operator, as English phrases: outcomes, states of devices, why, and what to do.

The one list from which the line's report, its status, its screen and its terminal view speak. Whoever shows them looks
up the Chinese; the words of the verdicts themselves stand in ``tracelib.codes.words``.
"""

from tracelib.codes.verdict import Verdict
from tracelib.codes.words import WORDS
from tracelib.text import Language, phrases

STATES = {"probing": "looked for", "up": "ready", "degraded": "works badly", "down": "away", "ended": "ended"}
"""The states of a device."""
OUTCOMES = {
    "activated": "activated",
    "packed": "pallet packed",
    "checked": "good",
    "shipped": "shipped",
    "received": "received",
    "returned": "taken back",
    "voided": "made void",
    "refused": "REFUSED",
    "repeat": "same again",
    "nothing": "nothing read",
}
KINDS = {
    "no_read": "the reader read nothing",
    "unreadable": "no readable code in the picture",
    "torn": "a code that was cut off",
    "too_long": "too many characters without an end",
    "activation.already_active": "already active: a copy, or the same carton again",
    "activation.other_party": "a code of another party",
    "activation.not_registered": "in no registered manifest: issued off the books",
    "activation.batch_unknown": "a batch that is not registered here",
    "activation.void": "void: the code may not be used",
    "activation.not_an_item": "a logistic unit where a product is expected",
    "activation.no_home": "a key that was delegated without a host",
    "packing.not_a_pallet": "a pallet's code is expected",
    "packing.not_full": "the pallet's code came before all its cartons",
    "packing.nothing": "a pallet's code, and no carton waits",
    "packing.pallet_used": "the pallet is packed already",
    "line.no_weight": "no weight: the scale moves, shows nothing, or is away",
    "line.other_batch": "another batch than this line works on",
    "line.other_product": "another product than this line works on",
    "line.other_grade": "another grade than this line packs",
    "line.frozen": "a batch that is frozen",
    "line.before_season": "before the season",
    "line.no_packing": "a pallet's code on a line that only activates",
    "line.never_activated": "a good code that no line has activated",
    "line.no_serial_key": "this line may not make codes void",
    "event.never_active": "never activated",
    "event.never_packed": "nothing was ever packed into it",
    "event.never_received": "goods of another party that were never received",
    "event.ended_void": "void: the code may not be used",
    "event.ended_destroyed": "it was destroyed",
    "event.ended_used_up": "other goods were made of it",
    "event.in_transit": "it is on its way already",
    "event.already_received": "it was received already",
    "event.handed_over": "another party has received it",
    "event.sold": "it was sold",
    "event.never_left": "it never left, so it cannot come back",
    "event.still_inside": "it lies on a pallet",
    "recall.goods": "called back",
}
"""Kinds of failed readings and rules."""
ASIDE = "Put the carton aside and tell the desk."
"""What is right whatever it was."""
TO_DO = {
    "no_read": "Turn the label to the reader and scan again.",
    "unreadable": "Turn the label to the camera, clean it, give it light.",
    "torn": "Scan again. If it comes back: look at the reader's cable.",
    "too_long": "Scan again. If it comes back: check the reader's suffix.",
    "activation.already_active": ASIDE,
    "activation.other_party": "Put the carton aside: it is not of this party.",
    "activation.not_registered": ASIDE,
    "activation.batch_unknown": "Let the desk register the batch, then scan again.",
    "activation.void": "Take the carton out and give it a new label.",
    "activation.not_an_item": "Scan the carton's label.",
    "activation.no_home": "Stop, and tell the desk.",
    "packing.not_a_pallet": "Scan the pallet's label.",
    "packing.not_full": "Scan the missing cartons, then the pallet again.",
    "packing.nothing": "Scan cartons first, then the pallet.",
    "packing.pallet_used": "Take the next pallet label.",
    "line.no_weight": "Let the scale stand still with the carton on it, then scan again.",
    "line.other_batch": "Stop: look whether the right roll of labels is in use.",
    "line.other_product": "Stop: look whether the right roll of labels is in use.",
    "line.other_grade": "Put the carton with its own grade.",
    "line.frozen": "Put the carton aside until the desk decides.",
    "line.before_season": "Stop, and tell the desk.",
    "line.no_packing": "Scan cartons only.",
    "line.never_activated": "Put the carton aside: it did not go through the packing line.",
    "line.no_serial_key": "Let the desk make the code void.",
    "event.never_active": "Scan it on the packing line first.",
    "event.never_packed": "Scan it on the packing line first.",
    "event.never_received": "Receive it first.",
    "event.ended_void": "Take the carton out and give it a new label.",
    "event.ended_destroyed": ASIDE,
    "event.ended_used_up": ASIDE,
    "event.in_transit": "Receive it first.",
    "event.already_received": "Put it with those that were received.",
    "event.handed_over": ASIDE,
    "event.sold": "Take it back first.",
    "event.never_left": ASIDE,
    "event.still_inside": "Scan the pallet, or let the desk take the carton off it.",
    "recall.goods": "Put the carton aside: it must not leave.",
    Verdict.RECALLED: "Put the carton aside: it must not leave.",
    Verdict.VOIDED: "Take the carton out and give it a new label.",
    Verdict.OVER_QUOTA: ASIDE,
    Verdict.REVOKED: ASIDE,
    Verdict.OUTSIDE_DELEGATION: ASIDE,
    Verdict.BAD_SIGNATURE: "Put the carton aside: it may be a forgery. Tell the desk.",
    Verdict.KEY_UNKNOWN: "Put the carton aside; let the desk fetch a new trust bundle.",
    Verdict.KEY_NOT_VALID_THAT_DAY: ASIDE,
    Verdict.KEY_RETIRED_CHECK_ONLINE: "Put the carton aside; let the desk look the code up.",
    Verdict.MALFORMED: "Scan again. If it comes back: give the carton a new label.",
    Verdict.UNKNOWN_FORMAT: "Put the carton aside; let the desk update the program.",
    Verdict.NOT_OURS: "Scan our own code on the label.",
    Verdict.IDENTIFIED: "Scan the large code on the label.",
}
"""What the operator does about it, by reason."""

KNOWN_REASONS = frozenset({*KINDS, *Verdict})
"""What :func:`what_happened` has words for."""


def what_happened(reason: str) -> str:
    """A verdict, a kind of failed reading or a rule in a few English words; another error's code as it is."""
    if reason in KINDS:
        return KINDS[reason]
    return WORDS[Verdict(reason)].short if reason in list(Verdict) else reason


def what_to_do(reason: str) -> str:
    """The English advice for a reason; empty for none."""
    return TO_DO.get(reason, ASIDE) if reason else ""


def both(text: str) -> dict[Language, str]:
    """An English phrase in both languages, for what shows both at once."""
    return {"zh": phrases("zh")(text), "en": text}
