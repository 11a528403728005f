"""The page's words beside those of the verdicts (``tracelib.codes.words``): headline, steps, levels, bundle states."""

from collections.abc import Callable
from functools import partial

from tracelib.codes.verdict import StepName, Verdict
from tracelib.codes.words import WORDS
from tracelib.text import Language, phrase, phrases, translator

Say = Callable[[str], str]


def saying(language: Language) -> Say:
    """English words of the page to the reader's language; the page's own Chinese, under the context "web"."""
    return partial(translator(language), "web")


_LADDER = (Verdict.SIGNATURE_VALID, Verdict.REGISTERED, Verdict.ACTIVE)


def headline(verdict: Verdict, language: Language, *, registered: bool) -> str:
    """The verdict in two or three words; an accepted one names all that holds: signature valid, registered, active.

    ``registered`` is whether the step *registration* passed: an active code's may be open.
    """
    say = phrases(language)
    held = _LADDER[: _LADDER.index(verdict) + 1] if verdict in _LADDER else (verdict,)
    held = tuple(one for one in held if registered or one is not Verdict.REGISTERED)
    text = ("，" if language == "zh" else ", ").join(say(WORDS[one].short) for one in held)
    return text[:1].upper() + text[1:]


STEPS: dict[StepName, str] = {
    StepName.FORMAT: phrase("The code is well formed"),
    StepName.KEY: phrase("The key is known"),
    StepName.DELEGATION: phrase("The key may sign this"),
    StepName.SIGNATURE: phrase("The signature fits"),
    StepName.REVOCATION: phrase("Not revoked or recalled"),
    StepName.REGISTRATION: phrase("It is in the register"),
    StepName.QUOTA: phrase("Within the quota"),
    StepName.ACTIVATION: phrase("Put to use by the line"),
    StepName.STATE: phrase("Not void"),
    StepName.CHECKS: phrase("Checks are counted"),
}

LEVELS: dict[str, str] = {
    "item": phrase("item"),
    "inner": phrase("inner pack"),
    "carton": phrase("carton"),
    "pallet": phrase("pallet"),
    "unknown": phrase("unknown"),
}

BUNDLE_STATES: dict[str, str] = {
    "fresh": phrase("fresh"),
    "stale": phrase("older than 7 days"),
    "old": phrase("older than 30 days"),
    "clock_wrong": phrase("this machine's clock is wrong"),
    "none": phrase("none"),
}
