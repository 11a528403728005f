"""What a verifier says: verdicts, steps, and the two types that only verification makes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tracelib.clock import date_of_day
from tracelib.codes.reasons import HOST_UNLISTED
from tracelib.codes.record import WEIGHT_UNIT_G, CodeRecord, level_name
from tracelib.codes.url import scanned_host

if TYPE_CHECKING:
    from tracelib.codes.registry import Checks, Identified, Registration, UnitState
    from tracelib.trust.keyring import KeyRing, TrustedKey


class Verdict(StrEnum):
    """The answer for one code (docs/code-format.md, last section). Never *genuine*: it speaks of the code."""

    SIGNATURE_VALID = "signature_valid"
    REGISTERED = "registered"
    ACTIVE = "active"
    RECALLED = "recalled"
    VOIDED = "voided"
    OVER_QUOTA = "over_quota"
    REVOKED = "revoked"
    OUTSIDE_DELEGATION = "outside_delegation"
    BAD_SIGNATURE = "bad_signature"
    KEY_UNKNOWN = "key_unknown"
    KEY_NOT_VALID_THAT_DAY = "key_not_valid_that_day"
    KEY_RETIRED_CHECK_ONLINE = "key_retired_check_online"
    MALFORMED = "malformed"
    UNKNOWN_FORMAT = "unknown_format"
    NOT_OURS = "not_ours"
    IDENTIFIED = "identified"

    @property
    def accepted(self) -> bool:
        """Whether a line may use the code: ``signature_valid``, ``registered`` or ``active``."""
        return self is Verdict.SIGNATURE_VALID or self is Verdict.REGISTERED or self is Verdict.ACTIVE


class StepName(StrEnum):
    """The steps of verification, in their order."""

    FORMAT = "format"
    KEY = "key"
    DELEGATION = "delegation"
    SIGNATURE = "signature"
    REVOCATION = "revocation"
    REGISTRATION = "registration"
    QUOTA = "quota"
    ACTIVATION = "activation"
    STATE = "state"
    CHECKS = "checks"


STEP_NAMES = tuple(StepName)
STEP_AT = {name: position for position, name in enumerate(STEP_NAMES)}


class Step(NamedTuple):
    """One step: True passed, False failed, None could not be done here (or after a failed one).

    ``detail`` is an English phrase from :mod:`tracelib.codes.reasons`, or None.
    """

    name: StepName
    ok: bool | None
    detail: str | None = None


Oks = tuple[bool | None, ...]


class Judgement(NamedTuple):
    """What came out for one candidate key: the verdict, ten answers in the order of the steps, and why."""

    verdict: Verdict
    oks: Oks
    details: Mapping[StepName, str]
    key: "TrustedKey | None" = None
    counter: int | None = None
    registration: "Registration | None" = None
    identified: "Identified | None" = None
    state: "UnitState | None" = None
    checks: "Checks | None" = None

    @property
    def passed(self) -> int:
        """How far it got: the steps before the first false one."""
        return self.oks.index(False) if False in self.oks else len(self.oks)


_FAILED_OKS = {
    name: tuple([True] * position + [False] + [None] * (len(STEP_NAMES) - 1 - position))
    for name, position in STEP_AT.items()
}


def failed(
    verdict: Verdict, step: StepName, reason: str, key: "TrustedKey | None", counter: int | None = None
) -> Judgement:
    """The judgement that a step failed for ``reason``: those before it passed, those after it are null."""
    return Judgement(verdict, _FAILED_OKS[step], {step: reason}, key, counter)


SEAL = object()
"""Who holds it may make an Inspection. :mod:`tracelib.codes.verify` alone uses it."""


class VerifiedCode:
    """A code that was accepted: the only thing that activation, packing and capture take.

    Comes from ``verify_code`` or ``Inspection.verified`` and from nowhere else: it has no public constructor and is
    not copied or pickled.
    """

    __slots__ = ("record", "registered", "trusted_key", "verdict")

    record: CodeRecord
    trusted_key: "TrustedKey"
    verdict: Verdict
    registered: bool | None
    """The step *registration*: False means signed by a real key and yet in no manifest; None, not told here."""

    def __init__(
        self,
        seal: object,
        record: CodeRecord,
        trusted_key: "TrustedKey",
        verdict: Verdict,
        registered: bool | None = None,
    ) -> None:
        if seal is not SEAL:
            raise TypeError("a VerifiedCode comes from verify_code or inspect_code alone")
        values = {"record": record, "trusted_key": trusted_key, "verdict": verdict, "registered": registered}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a VerifiedCode does not change: {name}")

    def __reduce__(self) -> str:
        raise TypeError("a VerifiedCode is neither copied nor pickled: verify its text again")

    def __repr__(self) -> str:
        return f"VerifiedCode({self.record!r}, {self.verdict.value})"


class Inspection:
    """The full answer for one text: verdict, steps, and what is known about code, issuer and trust.

    ``record`` is None where the text could not be read as profile A; ``serial`` is also set for stickers and typed
    serials. ``trusted_key`` is the key of the candidate that got farthest. ``checks`` counts those before this one.
    """

    __slots__ = ("_judgement", "_keyring", "_now", "_serial", "record", "text")

    def __init__(
        self,
        seal: object,
        text: str,
        judgement: Judgement,
        keyring: "KeyRing",
        now: datetime,
        record: CodeRecord | None = None,
        *,
        serial: str | None = None,
    ) -> None:
        if seal is not SEAL:
            raise TypeError("an Inspection comes from inspect_code alone")
        self.text = text
        self.record = record
        self._serial = serial
        self._judgement = judgement
        self._keyring = keyring
        self._now = now

    @property
    def verdict(self) -> Verdict:
        """The answer in one word."""
        return self._judgement.verdict

    @property
    def serial(self) -> str | None:
        """The serial of a code, a sticker, or what was typed; None for an SSCC and for what could not be read."""
        return self.record.serial if self.record is not None else self._serial

    @property
    def accepted(self) -> bool:
        """Whether the verdict is ``signature_valid``, ``registered`` or ``active``."""
        return self._judgement.verdict.accepted

    @property
    def verified(self) -> VerifiedCode | None:
        """The verified code if it was accepted, else None."""
        judgement = self._judgement
        if not judgement.verdict.accepted or self.record is None or judgement.key is None:
            return None
        registered = judgement.oks[STEP_AT[StepName.REGISTRATION]]
        return VerifiedCode(SEAL, self.record, judgement.key, judgement.verdict, registered)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All ten steps in the order of the format."""
        details = self._judgement.details
        if self.unlisted_host and StepName.FORMAT not in details:
            details = {**details, StepName.FORMAT: HOST_UNLISTED}
        return tuple(
            Step(name, ok, details.get(name)) for name, ok in zip(STEP_NAMES, self._judgement.oks, strict=True)
        )

    @property
    def trusted_key(self) -> "TrustedKey | None":
        """The trusted key that the answer speaks of."""
        return self._judgement.key

    @property
    def counter(self) -> int | None:
        """The counter behind the serial, where its key K is held."""
        return self._judgement.counter

    @property
    def registration(self) -> "Registration | None":
        """The manifest that holds the code, as the registry answered."""
        return self._judgement.registration

    @property
    def identified(self) -> "Identified | None":
        """The batch that a sticker or a typed serial names, as the registry answered."""
        return self._judgement.identified

    @property
    def state(self) -> "UnitState | None":
        """What happened to the code, as the registry answered."""
        return self._judgement.state

    @property
    def checks(self) -> "Checks | None":
        """Checks before this one, as the registry answered."""
        return self._judgement.checks

    @property
    def unlisted_host(self) -> bool:
        """Whether hosts are listed for the key's brand, and the scanned one (without its port) is not: a warning.

        Another brand's host is as foreign as any. Only where no brand is known, every brand's hosts are good.
        """
        key = self._judgement.key
        hosts = self._keyring.hosts if key is None else self._keyring.hosts_of(key)
        return self.record is not None and bool(hosts) and scanned_host(self.text) not in hosts

    @property
    def environment(self) -> str:
        """``production`` or ``test``, of the root that everything was judged by."""
        return str(self._keyring.environment)

    @property
    def pinned(self) -> bool:
        """Whether that root's fingerprint came from elsewhere than the bundle."""
        return self._keyring.pinned

    @property
    def bundle_state(self) -> str:
        """``fresh``, ``stale``, ``old`` or ``clock_wrong`` at the time of the inspection."""
        return str(self._keyring.state(self._now))

    @property
    def grade_name(self) -> tuple[str, str] | None:
        """The grade's Chinese and English name, as the bundle lists it; None for not graded or not listed."""
        record, key = self.record, self._judgement.key
        if record is None or key is None or not record.grade or record.product_key is None:
            return None
        entry = self._keyring.product_entry(key.delegation.subject, record.product_key)
        for number, zh, en in entry.grades if entry is not None else ():
            if number == record.grade:
                return zh, en
        return None

    def as_json(self) -> dict[str, object]:
        """The object that ``tracelib code verify --json`` prints; never translated, null where the code lacks it."""
        record, keyring = self.record, self._keyring
        grade = self.grade_name
        issued = keyring.bundle_issued
        return {
            "code": self.text,
            "verdict": self.verdict.value,
            "environment": self.environment,
            "trust": "pinned" if self.pinned else "unpinned",
            "bundle": {"seq": keyring.bundle_seq, "issued": issued, "state": self.bundle_state},
            "steps": [{"name": step.name.value, "ok": step.ok, "detail": step.detail} for step in self.steps],
            "gtin": record.gtin if record else None,
            "product": record.product if record else None,
            "sscc": record.sscc if record else None,
            "lot": record.lot if record else None,
            "serial": self.serial,
            "day": date_of_day(record.day).isoformat() if record else None,
            "net_weight_g": (record.weight_10g * WEIGHT_UNIT_G or None) if record else None,
            "grade": (record.grade or None) if record else None,
            "grade_name": (grade[0] or grade[1]) if grade else None,
            "level": level_name(record.level) if record else None,
            "issuer": self._issuer(),
            "brand": self._brand(),
            "replaced_by": self.state.replaced_by if self.state else None,
            "replaces": self.state.replaces if self.state else None,
        }

    def _issuer(self) -> dict[str, object] | None:
        key = self._judgement.key
        if key is None:
            return None
        party = key.party
        return {"name": party.name_zh or party.name_en, "uscc": party.uscc, "key": key.public.hash.hex()}

    def _brand(self) -> dict[str, object] | None:
        key = self._judgement.key
        if key is None or key.brand is None:
            return None
        return {"id": key.brand.id, "name": key.brand.name_zh, "name_en": key.brand.name_en}
