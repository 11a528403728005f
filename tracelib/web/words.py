"""What a verdict means to a person: a headline, a sentence, a tone. True words, never "genuine"."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tracelib.codes.verdict import StepName, Verdict
from tracelib.text import Language, phrase, translator

Tone = Literal["good", "care", "bad", "plain"]
Say = Callable[[str], str]


def saying(language: Language) -> Say:
    """English words of the page to the reader's language; the page's own Chinese, under the context "web"."""
    return partial(translator(language), "web")


@dataclass(frozen=True, slots=True)
class Words:
    """English headline and sentence of a verdict, and the colour and sign that go with it."""

    tone: Tone
    headline: str
    sentence: str


WORDS: dict[Verdict, Words] = {
    Verdict.ACTIVE: Words(
        "good",
        phrase("Signature valid, registered, active"),
        phrase("The issuer signed this code, it is in the register, and the packing line has put it to use."),
    ),
    Verdict.REGISTERED: Words(
        "good",
        phrase("Signature valid, registered"),
        phrase("The issuer signed this code and it is in the register. The packing line has not put it to use yet."),
    ),
    Verdict.SIGNATURE_VALID: Words(
        "good",
        phrase("Signature valid"),
        phrase("The issuer signed this code. Whether it is in the register could not be checked here."),
    ),
    Verdict.RECALLED: Words(
        "bad",
        phrase("Recalled"),
        phrase("The signature is good, but these goods are called back. Do not eat them; ask the seller."),
    ),
    Verdict.VOIDED: Words(
        "bad",
        phrase("Void"),
        phrase("The issuer has made this code void. Goods should not carry it any more."),
    ),
    Verdict.OVER_QUOTA: Words(
        "bad",
        phrase("Over quota"),
        phrase("The signature is good, but the issuer was not allowed to make this many codes."),
    ),
    Verdict.REVOKED: Words(
        "bad",
        phrase("Key revoked"),
        phrase("The key that signed this code is revoked, and the code was not registered before."),
    ),
    Verdict.OUTSIDE_DELEGATION: Words(
        "bad",
        phrase("Not allowed to sign this"),
        phrase("The key that this code names may not sign codes for this product."),
    ),
    Verdict.BAD_SIGNATURE: Words(
        "bad",
        phrase("Signature does not fit"),
        phrase("Something in this code was changed, or the issuer did not make it."),
    ),
    Verdict.KEY_UNKNOWN: Words(
        "bad",
        phrase("Signed by nobody known here"),
        phrase("No issuer that is trusted here has the key that this code names."),
    ),
    Verdict.KEY_NOT_VALID_THAT_DAY: Words(
        "bad",
        phrase("Key not valid on that day"),
        phrase("The key was not allowed to sign on the day that stands in the code."),
    ),
    Verdict.KEY_RETIRED_CHECK_ONLINE: Words(
        "care",
        phrase("Key no longer in use: check online"),
        phrase("Only the register can tell whether this code was made in time, and it cannot be seen here."),
    ),
    Verdict.MALFORMED: Words(
        "bad",
        phrase("Damaged or altered code"),
        phrase("This looks like one of our codes, but something in it is wrong. Scan it again, clean and flat."),
    ),
    Verdict.UNKNOWN_FORMAT: Words(
        "care",
        phrase("Unknown format: update"),
        phrase("This code may be newer than this page. It says nothing for or against the code."),
    ),
    Verdict.NOT_OURS: Words(
        "plain",
        phrase("Not one of our codes"),
        phrase("This is some other text or link. It says nothing about the goods."),
    ),
    Verdict.IDENTIFIED: Words(
        "plain",
        phrase("Identified, not verified"),
        phrase("The number belongs to the batch below. A number can be copied by anyone; it proves nothing."),
    ),
}

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
