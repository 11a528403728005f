"""What a verifier says: verdicts, steps, and the two types that only verification makes."""

from enum import StrEnum


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
        return self in ACCEPTED


ACCEPTED = frozenset({Verdict.SIGNATURE_VALID, Verdict.REGISTERED, Verdict.ACTIVE})


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
