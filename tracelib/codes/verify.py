"""What a verifier says about a code, step by step.

docs/code-format.md, "What a verifier says", holds the rules. The steps and their numbers:

1. *format*: the text is a code, check digits and check characters fit (``url``).
2. *key*: trusted keys have this key id. Each is tried; the answer is that of the one that gets farthest.
3. *delegation*: the key may sign this product, prefix, SSCC, level, suite and day (``policy``).
4. *signature*: it fits.
5. *revocation*: no recall; nothing stolen, over quota or superseded, unless it was registered before (``history``).
6. *registration*: a manifest in the registry holds the code.
7. *quota*: the counter, or the issuer's running total, is within what is allowed.
8. *activation*: the unit was released by its line.
9. *state*: it is not void.
10. *checks*: how often it was checked; informs, never decides.

A good signature and an accepted signer are two questions: the key ring answers who is trusted (its chains are
verified when it is built), ``policy`` and ``history`` what that trust covers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.codes import reasons
from tracelib.codes.asked import Asked
from tracelib.codes.errors import (
    CodeFormatError,
    CodeRefusedError,
    MalformedCodeError,
    NotOurCodeError,
    UnknownCodeFormatError,
)
from tracelib.codes.history import judge_history
from tracelib.codes.identify import judge_sticker
from tracelib.codes.policy import counter_outside_window, delegation_fault
from tracelib.codes.registry import Registry
from tracelib.codes.serial import PREFIX_LENGTH, parse_typed_serial
from tracelib.codes.signing import signed_bytes
from tracelib.codes.sticker import UnverifiedSticker
from tracelib.codes.url import UnverifiedCode, read_code
from tracelib.codes.verdict import SEAL, Inspection, Judgement, Step, StepName, Verdict, VerifiedCode, failed
from tracelib.errors import FormatError

if TYPE_CHECKING:
    from tracelib.trust.keyring import KeyRing, TrustedKey

__all__ = ["Inspection", "Step", "StepName", "Verdict", "VerifiedCode", "inspect_code", "verify_code"]

LONGEST_TYPED = 64
"""A serial with its spaces and dashes; longer text is not looked at as something typed."""
_NO_KEYS: Mapping[bytes, bytes] = {}


def inspect_code(
    text: str,
    keyring: "KeyRing",
    *,
    registry: Registry | None,
    now: datetime,
    serial_keys: Mapping[bytes, bytes] = _NO_KEYS,
) -> Inspection:
    """The full answer for whatever text a scanner or a person gave. Never raises for a text.

    ``registry`` is None where none can be asked; ``now`` is aware. ``serial_keys`` holds the serial keys K by their
    ``k_hash``: with them counters are read back and stickers judged. Nothing is changed, no check is counted.
    """
    try:
        code = read_code(text)
    except CodeFormatError as error:
        return _unreadable(text, error, Asked(keyring, registry, now, serial_keys))
    asked = Asked(keyring, registry, now, serial_keys)
    if isinstance(code, UnverifiedSticker):
        return _inspected_sticker(text, code, asked)
    return Inspection(SEAL, text, _judge(code, asked), keyring, now, code.record)


def verify_code(
    text: str,
    keyring: "KeyRing",
    *,
    registry: Registry | None,
    now: datetime,
    serial_keys: Mapping[bytes, bytes] = _NO_KEYS,
) -> VerifiedCode:
    """The verified code; raises CodeRefusedError with the verdict of ``inspect_code`` where that does not accept."""
    inspection = inspect_code(text, keyring, registry=registry, now=now, serial_keys=serial_keys)
    verified = inspection.verified
    if verified is None:
        raise CodeRefusedError(given=text, verdict=inspection.verdict.value)
    return verified


def _judge(code: UnverifiedCode, asked: Asked) -> Judgement:
    """The judgement of the candidate that gets farthest; of equals the first."""
    candidates = asked.keyring.candidates(code.key_id)
    if len(candidates) == 1:
        return _judge_with(code, candidates[0], asked)
    if not candidates:
        return failed(Verdict.KEY_UNKNOWN, StepName.KEY, reasons.NO_SUCH_KEY, None)
    return max((_judge_with(code, key, asked) for key in candidates), key=lambda judgement: judgement.passed)


def _judge_with(code: UnverifiedCode, key: "TrustedKey", asked: Asked) -> Judgement:
    fault = delegation_fault(code, key.delegation, asked.today)
    if fault is not None:
        return failed(fault[0], StepName.DELEGATION, fault[1], key)
    counter = asked.counter_of(code.record.serial, key.delegation) if asked.serial_keys else None
    if counter is not None and counter_outside_window(counter, key):
        return failed(Verdict.OUTSIDE_DELEGATION, StepName.DELEGATION, reasons.COUNTER_WINDOW, key, counter)
    if not key.public.verify(signed_bytes(code.suite, code.key_id, code.record), code.signature):
        return failed(Verdict.BAD_SIGNATURE, StepName.SIGNATURE, reasons.SIGNATURE, key, counter)
    return judge_history(code.record, key, counter, asked)


def _unreadable(text: str, error: CodeFormatError, asked: Asked) -> Inspection:
    verdicts: dict[type[CodeFormatError], Verdict] = {
        NotOurCodeError: Verdict.NOT_OURS,
        MalformedCodeError: Verdict.MALFORMED,
        UnknownCodeFormatError: Verdict.UNKNOWN_FORMAT,
    }
    verdict = verdicts[type(error)]
    if verdict is Verdict.NOT_OURS:
        typed = _typed(text)
        if typed is not None:
            return _inspected_sticker(text, typed, asked)
    reason = str(error.params.get("reason", reasons.FORMAT_UNKNOWN))
    judgement = failed(verdict, StepName.FORMAT, reason, None)
    return Inspection(SEAL, text, judgement, asked.keyring, asked.now)


def _typed(text: str) -> UnverifiedSticker | None:
    """A serial typed by hand, if that is what the text is."""
    if len(text) > LONGEST_TYPED:
        return None
    try:
        return UnverifiedSticker(parse_typed_serial(text))
    except FormatError:
        return None


def _inspected_sticker(text: str, sticker: UnverifiedSticker, asked: Asked) -> Inspection:
    """A sticker; or a bare serial, which is only ours if its prefix belongs to a trusted delegation.

    Any fifteen characters, typed or at the end of a foreign link, pass as a serial once in 32 times.
    """
    if sticker.mac is None and not asked.keyring.keys_of_prefix(sticker.serial[:PREFIX_LENGTH]):
        judgement = failed(Verdict.NOT_OURS, StepName.FORMAT, reasons.NO_BLOB, None)
        return Inspection(SEAL, text, judgement, asked.keyring, asked.now)
    judgement = judge_sticker(sticker, asked)
    return Inspection(SEAL, text, judgement, asked.keyring, asked.now, serial=sticker.serial)
