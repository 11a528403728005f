"""GS1 application identifiers: which there are, whether a value fits, which of them belong together.

Formats and dates come from ``biip``, which is loaded on first use. Where ``biip`` is laxer than GS1's own engine, this
module refuses: wrong check digits, empty values, text that is not ASCII. Lists of countries and currencies and the
check pair of a GMN (AI 8013) are not judged. The pairing rules are those of the GS1 Syntax Dictionary (2025: attributes
``req`` and ``ex``); in them ``n`` is any digit, a comma means or, ``+`` means and.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tracelib.identifiers.digits import require_ascii, require_digits, require_gs1_check_digit
from tracelib.identifiers.errors import IdentifierError

if TYPE_CHECKING:
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

CSET_82 = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+""")
"""GS1 General Specifications, section 7.11: the 82 characters of lots, serials and the like."""

_LENGTH_FIRST_CHECKED = {"253": 13, "255": 13, "402": 17, "8003": 14, "8006": 14, "8026": 14, "8017": 18, "8018": 18}
_LENGTH_FIRST_CHECKED |= {"00": 18, "01": 14, "02": 14, "03": 14} | dict.fromkeys(map(str, range(410, 418)), 13)
_TEXT_20 = frozenset({"10", "21", "22", "254"})
_TRADE_ITEM = "01,02,03,8006,8026"
_MEASURES = "30,31nn,32nn,35nn,36nn"
_REQUIRES = (
    ("02 8026", "37"),
    ("10 11 13 15 16", _TRADE_ITEM),
    ("17", _TRADE_ITEM + ",255"),
    ("12", "8020"),
    ("20 240 241 242 422 7001", "01,02,8006,8026"),
    ("21", "01,03,8006"),
    ("22 235 243 337n 710 711 712 713 714 715 716 8001 8014 8200 7004 392n", "01"),
    ("250 251 7020 7021 7240 8012", "01,8006"),
    ("250", "21"),
    ("254", "414"),
    ("30 310n 311n 312n 313n 314n 315n 316n 320n 321n 322n 323n 324n 325n 326n 327n 328n 329n", "01,02"),
    ("350n 351n 352n 356n 357n 360n 361n 364n 365n 366n 423 424 425 426 427 8005 8008", "01,02"),
    ("7002 7003 7005 7006 7007 7008 7009 7010 7011 703n", "01,02"),
    ("330n 331n 332n 333n 334n 335n 336n 340n 341n 342n 343n 344n 345n 346n 347n 348n 349n", "00,01"),
    ("353n 354n 355n 362n 363n 367n 368n 369n 8009", "00,01"),
    ("37 403 4300 4301 4302 4304 4305 4306 4307 4308 4309 4310 4311 4312 4314 4315 4316 4317 4318 4319", "00"),
    ("432n 433n 7041", "00"),
    ("37", "02,8026"),
    ("390n", "255,8020"),
    ("391n 415", "8020"),
    ("392n 393n 395n", _MEASURES),
    ("394n 8111", "255"),
    ("427", "422"),
    ("4303", "4302"),
    ("4313", "4312"),
    ("7004", "10"),
    ("7020", "416"),
    ("7022", "7021"),
    ("723n", "01,8004"),
    ("7241 7242 7253 7254 7255 7256 8019", "8017,8018"),
    ("7250 7251 7252 7257 7259", "8018"),
    ("7258", "8018+7259"),
    ("8007 8020", "415"),
    ("8011", "8010"),
    ("8030", "00,01+21,253,255,8003,8004,8006+21,8010+8011,8017,8018"),
)
_EXCLUDES = (
    ("01", "255,37"),
    ("02", "01,03"),
    ("03", "01,02,37"),
    ("21", "235"),
    ("255", "01,02,415,8006,8020,8026"),
    ("390n", "390n,391n,394n,8111"),
    ("391n", "391n"),
    ("392n", "392n,393n"),
    ("393n", "393n"),
    ("394n", "394n,8111"),
    ("395n", "392n,393n,395n,8005"),
    ("420", "421"),
    ("421", "4307"),
    ("422 423 424 425", "426"),
    ("4330", "4331"),
    ("4332", "4333"),
    ("7250", "7251"),
    ("7253 7254 7255", "7256,7259"),
    ("7259", "7256"),
    ("8006", "01,37"),
    ("8017", "8018"),
    ("8026", "02,8006"),
)
_ONCE_PER_MEASURE = re.compile(r"3[1-6]\d\d")


class UnknownAiError(IdentifierError):
    """A number that is no application identifier."""

    code = "gs1.unknown_ai"
    template = "{what}: «{given}» does not begin with an application identifier of GS1."


class AiValueError(IdentifierError):
    """A value that does not fit its application identifier."""

    code = "gs1.value"
    template = "{what}: «{given}» does not fit application identifier ({ai}), which takes {expected}."


class RepeatedAiError(IdentifierError):
    """One application identifier twice."""

    code = "gs1.repeated_ai"
    template = "{what}: application identifier ({ai}) stands there twice, as «{given}» and as «{other}»."


class MissingAiError(IdentifierError):
    """An application identifier that says nothing without another."""

    code = "gs1.missing_ai"
    template = "{what}: application identifier ({ai}) needs one of {expected} beside it."


class ExcludedAiError(IdentifierError):
    """Two application identifiers that exclude each other."""

    code = "gs1.excluded_ai"
    template = "{what}: application identifiers ({ai}) and ({other}) exclude each other."


class Element(NamedTuple):
    """One application identifier and its value."""

    ai: str
    value: str


def is_known(ai: str) -> bool:
    """Whether there is such an application identifier."""
    definition = _definition(ai)
    return definition is not None and definition.ai == ai


def check_value(ai: str, value: str, what: str) -> Element:
    """The element, if the value fits the application identifier; ``what`` names the surroundings in messages.

    Raises UnknownAiError, AiValueError, CheckDigitError and the errors of :mod:`tracelib.identifiers.digits`.
    """
    require_ascii(value, what)
    if ai in _LENGTH_FIRST_CHECKED:
        checked = _LENGTH_FIRST_CHECKED[ai]
        require_gs1_check_digit(require_digits(value[:checked], f"({ai})", checked), f"({ai})")
        if len(value) == checked and ai != "8003":
            return Element(ai, value)
    elif ai in _TEXT_20:
        if not (len(value) <= 20 and CSET_82.fullmatch(value)):
            raise AiValueError(what=what, ai=ai, given=value, expected="X..20")
        return Element(ai, value)
    return _check_with_biip(ai, value, what)


def check_pairs(elements: Iterable[Element], what: str) -> None:
    """Raise unless every element has beside it what it requires and nothing that it excludes.

    The rules hold for all symbols of one physical item together: for one symbol of several, do not ask.
    """
    present = [element.ai for element in elements]
    for ai in present:
        for alternatives in _required(ai):
            if not any(_all_there(alternative, present) for alternative in alternatives):
                raise MissingAiError(what=what, ai=ai, expected=" ".join(f"({a})" for a in alternatives))
        for other in present:
            excluded = any(_matches(pattern, other) for pattern in _excluded(ai))
            same_measure = _ONCE_PER_MEASURE.fullmatch(ai) and ai[:3] == other[:3] and len(ai) == len(other)
            if other != ai and (excluded or same_measure):
                raise ExcludedAiError(what=what, ai=ai, other=other)


def definition_at(text: str, what: str) -> "GS1ApplicationIdentifier":
    """The application identifier (biip's record) that ``text`` begins with; raises UnknownAiError."""
    definition = _definition(text[:4])
    if definition is None:
        raise UnknownAiError(what=what, given=text[:8])
    return definition


@lru_cache(maxsize=1_024)
def _required(ai: str) -> list[list[str]]:
    return [right.split(",") for left, right in _REQUIRES if any(_matches(p, ai) for p in left.split())]


@lru_cache(maxsize=1_024)
def _excluded(ai: str) -> list[str]:
    return [p for left, right in _EXCLUDES if any(_matches(p, ai) for p in left.split()) for p in right.split(",")]


def _all_there(alternative: str, present: list[str]) -> bool:
    return all(any(_matches(pattern, ai) for ai in present) for pattern in alternative.split("+"))


def _matches(pattern: str, ai: str) -> bool:
    return len(pattern) == len(ai) and all(p in ("n", c) for p, c in zip(pattern, ai, strict=True))


@lru_cache(maxsize=1_024)
def _definition(beginning: str) -> "GS1ApplicationIdentifier | None":
    """The identifier that the text begins with; none is the beginning of another, and none is longer than four."""
    from biip import ParseError
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        return GS1ApplicationIdentifier.extract(beginning)
    except ParseError:
        return None


def _check_with_biip(ai: str, value: str, what: str) -> Element:
    from biip import ParseError
    from biip.gs1_element_strings import GS1ElementString

    definition = _definition(ai)
    if definition is None or definition.ai != ai:
        raise UnknownAiError(what=what, given=ai)
    try:
        parsed = GS1ElementString.parse(ai + value)
    except ParseError:
        parsed = None
    faults = parsed and (parsed.gtin_error or parsed.sscc_error or parsed.gln_error)
    # biip takes empty numbers for a few identifiers, and reads the longest prefix where it should read all
    if not value or parsed is None or faults or parsed.ai.ai != ai or parsed.value != value:
        raise AiValueError(what=what, ai=ai, given=value, expected=definition.format.partition("+")[2])
    return Element(ai, value)
