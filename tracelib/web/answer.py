"""An inspection as a person reads it: headline, facts, steps, in one language."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracelib.clock import CHINA, wall_text
from tracelib.codes.verdict import StepName
from tracelib.codes.words import is_proven, replacement_in_words, words_of
from tracelib.text import Language, LocalizedText, phrases, translator
from tracelib.web.words import BUNDLE_STATES, LEVELS, STEPS, Say, headline, saying

if TYPE_CHECKING:
    from tracelib.codes.registry import Checks
    from tracelib.codes.verdict import Inspection
    from tracelib.trust.keyring import KeyRing

GROUP = 5
GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: ``mark`` is yes, no or open (could not be checked here)."""

    mark: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that the page shows, already in the reader's language."""

    tone: str
    headline: str
    other_headline: str
    sentence: str
    test: str = ""
    """What to say where everything was judged by a test root; empty under a production root."""

    checks: str = ""
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    claims: bool = False
    """Whether the facts are only what the code claims: no signature proves them."""

    steps: tuple[StepLine, ...] = ()
    status: str = ""
    verdict: str = field(default="")


def answer_of(
    inspection: "Inspection", ring: "KeyRing", checks: "Checks | None", language: Language, *, local: bool = False
) -> Answer:
    """The page's answer. ``checks`` counts those before this one; None where they are not counted.

    ``local`` says that the page was opened on this machine itself: then its address is nobody's trick.
    """
    say = saying(language)
    words = words_of(inspection)
    other: Language = "en" if language == "zh" else "zh"
    code = inspection.verified
    registered = code is not None and code.registered is True
    warnings = []
    if inspection.unlisted_host and not local:
        warnings.append(say("The web address in the code is not one that this brand has listed. Read the address bar."))
    if inspection.bundle_state == "clock_wrong":
        warnings.append(say("The clock of the machine that answers is wrong."))
    if not inspection.pinned:
        warnings.append(say("This page does not say which root it trusts: its answer is not pinned."))
    return Answer(
        tone=words.tone,
        headline=headline(inspection.verdict, language, registered=registered),
        other_headline=headline(inspection.verdict, other, registered=registered),
        sentence=phrases(language)(words.sentence),
        test=_test(inspection, say),
        checks=_checks(checks, say),
        warnings=tuple(warnings),
        facts=tuple(_facts(inspection, ring, language, say)),
        claims=inspection.record is not None and not is_proven(inspection),
        steps=tuple(_steps(inspection, checks is not None, language, say)),
        status=_status(inspection, say),
        verdict=inspection.verdict.value,
    )


def _test(inspection: "Inspection", say: Say) -> str:
    if inspection.environment != "test":
        return ""
    if inspection.trusted_key is None:
        return say("TEST: this page trusts a test root.")
    return say("TEST: this code was made under a test root. It is not for sale.")


def _checks(checks: "Checks | None", say: Say) -> str:
    if checks is None:
        return ""
    if not checks.count or checks.first_at is None:
        return say("First check of this code.")
    text = say("Checked {count} times before, first at {time}. A repeated check is no proof of a copy.")
    return text.format(count=checks.count, time=wall_text(checks.first_at))


def _facts(inspection: "Inspection", ring: "KeyRing", language: Language, say: Say) -> list[tuple[str, str]]:
    value = inspection.as_json()
    key = inspection.trusted_key if is_proven(inspection) or inspection.record is None else None
    facts: list[tuple[str, object]] = [
        (say("Product"), _product(inspection, ring, language) or value["gtin"] or value["product"]),
        (say("GTIN"), value["gtin"]),
        (say("Grade"), LocalizedText(*inspection.grade_name).pick(language) if inspection.grade_name else None),
        (say("Net weight"), _weight(value["net_weight_g"])),
        (say("Lot"), value["lot"] or (inspection.identified.lot if inspection.identified else None)),
        (say("Serial"), _grouped(value["serial"])),
        (say("Logistic unit"), value["sscc"]),
        (say("Level"), say(LEVELS[str(value["level"])]) if value["level"] else None),
        (say("Day of issue"), value["day"]),
    ]
    if key is not None:
        party = key.party
        facts.append((say("Issuer"), LocalizedText(party.name_zh, party.name_en).pick(language)))
        facts.append((say("统一社会信用代码"), party.uscc))
        if key.brand is not None:
            facts.append((say("Brand"), LocalizedText(key.brand.name_zh, key.brand.name_en).pick(language)))
    state = inspection.state
    if state is not None and state.activated_at is not None:
        facts.append((say("Put to use"), wall_text(state.activated_at)))
    if state is not None and state.voided_at is not None:
        facts.append((say("Void since"), state.voided_at.astimezone(CHINA).strftime("%Y-%m-%d")))
    facts += [(phrases(language)(name), unit) for name, unit in replacement_in_words(inspection)]
    return [(name, str(text)) for name, text in facts if text]


def _product(inspection: "Inspection", ring: "KeyRing", language: Language) -> str | None:
    key, record, named = inspection.trusted_key, inspection.record, inspection.identified
    party = key.delegation.subject if key else named.party_id if named else ""
    entry = (
        None
        if record and not is_proven(inspection)
        else ring.product_entry(party, (record.product_key if record else named.product_key if named else None) or "")
    )
    return LocalizedText(entry.name_zh, entry.name_en).pick(language) if entry else None


def _weight(grams: object) -> str | None:
    if not isinstance(grams, int):
        return None
    kilograms, rest = divmod(grams, GRAMS_PER_KG)
    return f"{kilograms}.{rest:03}".rstrip("0").rstrip(".") + " kg" if kilograms else f"{grams} g"


def _grouped(serial: object) -> str | None:
    text = str(serial or "")
    return "-".join(text[i : i + GROUP] for i in range(0, len(text), GROUP)) or None


def _steps(inspection: "Inspection", counted: bool, language: Language, say: Say) -> list[StepLine]:
    reason = translator(language)
    marks = {True: "yes", False: "no", None: "open"}
    lines = []
    for step in inspection.steps:
        detail = reason("code.reason", step.detail) if step.detail else ""
        if not detail and step.ok is None and not (step.name is StepName.CHECKS and counted):
            detail = say("could not be checked here")
        ok = True if step.name is StepName.CHECKS and counted else step.ok
        lines.append(StepLine(marks[ok], say(STEPS[step.name]), detail))
    return lines


def _status(inspection: "Inspection", say: Say) -> str:
    bundle = inspection.as_json()["bundle"]
    seq = bundle.get("seq") if isinstance(bundle, dict) else None
    state = say(BUNDLE_STATES[inspection.bundle_state])
    return say("Trust bundle {seq}: {state}.").format(seq=seq or "–", state=state)
