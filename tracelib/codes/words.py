"""The verdicts in words for people. Never "genuine": a signature speaks of the code, not of the box.

The English phrases are looked up through gettext by whoever shows them; JSON never carries them.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from tracelib.clock import wall_text
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.codes.verdict import Inspection, StepName, Verdict
from tracelib.text import phrase

Tone = Literal["good", "caution", "bad"]
Say = Callable[..., str]
"""A phrase in the reader's language, its placeholders filled (``Context.say`` of the command line)."""


class Words(NamedTuple):
    """A verdict as people read it: two or three words, one sentence, and how it is meant (for the colour)."""

    short: str
    sentence: str
    tone: Tone


WORDS: dict[Verdict, Words] = {
    Verdict.SIGNATURE_VALID: Words(
        "signature valid",
        "The named issuer signed this code. Whether it is registered and active could not be confirmed here.",
        "good",
    ),
    Verdict.REGISTERED: Words(
        "registered", "The code was issued and stands in the register. It has not been activated yet.", "good"
    ),
    Verdict.ACTIVE: Words(
        "active", "The named issuer signed this code, and its line activated it when it was packed.", "good"
    ),
    Verdict.RECALLED: Words(
        "recalled", "These goods are being called back: do not sell them or eat them. Ask the issuer.", "bad"
    ),
    Verdict.VOIDED: Words("void", "This code was made void by its issuer and is no longer in use.", "bad"),
    Verdict.OVER_QUOTA: Words("over quota", "The issuer was not allowed this many codes.", "bad"),
    Verdict.REVOKED: Words(
        "revoked", "The key that signed this code is revoked, and the code was not registered before.", "bad"
    ),
    Verdict.OUTSIDE_DELEGATION: Words(
        "not allowed to this issuer", "The key that this code names may not sign such a code.", "bad"
    ),
    Verdict.BAD_SIGNATURE: Words(
        "signature wrong", "The code was altered or invented: its signature does not fit.", "bad"
    ),
    Verdict.KEY_UNKNOWN: Words(
        "issuer unknown", "No issuer that is trusted here has signed this code. Is the trust bundle up to date?", "bad"
    ),
    Verdict.KEY_NOT_VALID_THAT_DAY: Words(
        "issuer not valid that day", "The issuer's key was not valid on the day that stands in the code.", "bad"
    ),
    Verdict.KEY_RETIRED_CHECK_ONLINE: Words(
        "key no longer in use: check online",
        "The key that signed this code is no longer in use. Only the register can say whether the code counts.",
        "caution",
    ),
    Verdict.MALFORMED: Words("code damaged", "This was one of our codes, but it is damaged or was altered.", "bad"),
    Verdict.UNKNOWN_FORMAT: Words(
        "unknown format: update", "This code is newer than this program: update the program.", "caution"
    ),
    Verdict.NOT_OURS: Words(
        "not one of our codes", "This is some other text or link. It says nothing about the goods.", "caution"
    ),
    Verdict.IDENTIFIED: Words(
        "identified, not verified",
        "The number says which batch this should be. It proves nothing by itself.",
        "caution",
    ),
}


NOT_REGISTERED = Words(
    "signature valid",
    "The named issuer signed this code, but the register does not hold it. Ask the seller where it comes from.",
    "caution",
)
"""A good signature that stands in no accepted manifest: issued off the books, or the register is behind."""


def words_of(inspection: Inspection) -> Words:
    """The words for an answer: those of its verdict, but for a signed code that the register does not hold."""
    registration = next(step.ok for step in inspection.steps if step.name is StepName.REGISTRATION)
    if inspection.verdict is Verdict.SIGNATURE_VALID and registration is False:
        return NOT_REGISTERED
    return WORDS[inspection.verdict]


def failed_reason(inspection: Inspection) -> str | None:
    """The English phrase for what failed; None where nothing did. Look it up under the context ``code.reason``."""
    return next((step.detail for step in inspection.steps if step.ok is False), None)


def is_proven(inspection: Inspection) -> bool:
    """Whether what the code says was signed by the key that it names. Otherwise it only claims it."""
    return any(step.name is StepName.SIGNATURE and step.ok for step in inspection.steps)


def checks_in_words(inspection: Inspection, say: Say) -> str | None:
    """*First check*, or *checked N times, first at …*; None where checks are not counted."""
    checks = inspection.checks
    if checks is None or not inspection.accepted:
        return None
    if checks.count == 0 or checks.first_at is None:
        return say("first check")
    return say("checked {count} times, first at {first}", count=checks.count, first=wall_text(checks.first_at))


def warnings_in_words(inspection: Inspection, say: Say) -> list[str]:
    """What stands beside the verdict: test root, unpinned trust, age of the bundle, clock, unlisted address."""
    bundle = {
        "stale": "The trust bundle is more than 7 days old: newer recalls are not known here.",
        "old": "The trust bundle is more than 30 days old: newer recalls are not known here.",
        "clock_wrong": "The clock of this machine is behind: times and ages cannot be trusted.",
    }
    warnings = []
    if inspection.environment == "test":
        warnings.append(say("Test root: this is a trial, not a real product."))
    if not inspection.pinned:
        warnings.append(say("Unpinned: the root was not compared with a fingerprint from elsewhere (--root)."))
    if inspection.bundle_state in bundle:
        warnings.append(say(bundle[inspection.bundle_state]))
    if inspection.unlisted_host:
        warnings.append(say("The web address printed in this code is not one that the brand has listed."))
    return warnings


def serial_in_words(inspection: Inspection) -> str | None:
    """The serial as it is printed for people, or the SSCC."""
    record = inspection.record
    if record is not None and record.sscc is not None:
        return record.sscc
    return serial_as_printed(inspection.serial)


def serial_as_printed(unit_id: str | None) -> str | None:
    """A serial in its three groups, an SSCC as it is; None for None."""
    return grouped(unit_id) if unit_id and len(unit_id) == SERIAL_LENGTH else unit_id


def replacement_in_words(inspection: Inspection) -> list[tuple[str, str]]:
    """What the register knows of a replacement, as (English name, serial as it is printed)."""
    state = inspection.state
    if state is None:
        return []
    pairs = ((phrase("Replaced by"), state.replaced_by), (phrase("Replaces"), state.replaces))
    return [(name, serial_as_printed(unit) or "") for name, unit in pairs if unit]
