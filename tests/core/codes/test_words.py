"""The words of verdicts and reasons: complete, in both languages, and never a promise about the goods."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tracelib.codes import reasons
from tracelib.codes.registry import Checks, UnitState
from tracelib.codes.verify import Verdict, inspect_code
from tracelib.codes.words import (
    NOT_REGISTERED,
    WORDS,
    checks_in_words,
    failed_reason,
    serial_in_words,
    warnings_in_words,
    words_of,
)
from tracelib.text import phrases, translator

World = Any  # the class in conftest.py
Registry = Any  # FakeRegistry in conftest.py
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
REASONS = {value for name, value in vars(reasons).items() if name.isupper()}


def say(text: str, **values: object) -> str:
    return text.format(**values)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_in_both_languages(verdict: Verdict) -> None:
    words = WORDS[verdict]
    chinese = phrases("zh")
    for text in (words.short, words.sentence):
        assert chinese(text) != text
        for promise in ("genuine", "authentic", "正品", "真品", "保真"):
            assert promise not in text + chinese(text)
    assert (words.tone == "good") is verdict.accepted


def test_words_that_the_format_names() -> None:
    shorts = {words.short for words in WORDS.values()}
    named = {
        *("signature valid", "registered", "active", "recalled", "void", "over quota", "unknown format: update"),
        *("not one of our codes", "identified, not verified"),
    }
    assert named <= shorts


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_has_a_translation(reason: str) -> None:
    assert translator("zh")("code.reason", reason) != reason


def test_checks(world: World, registry: Registry) -> None:
    ring, unit = world.ring(), ("COOP", world.cipher.serial_of(5))
    registry.states[unit] = UnitState("active", NOW)
    registry.counts[unit] = Checks(0, None)
    first = inspect_code(world.code(), ring, registry=registry, now=NOW)
    assert checks_in_words(first, say) == "first check"
    registry.counts[unit] = Checks(4, NOW)
    later = inspect_code(world.code(), ring, registry=registry, now=NOW)
    assert checks_in_words(later, say) == "checked 4 times, first at 2026-11-23 12:00"
    assert checks_in_words(inspect_code(world.code(), ring, registry=None, now=NOW), say) is None


def test_warnings_and_reasons(world: World) -> None:
    text = world.code().replace("q.example.com", "q.example.org")
    found = inspect_code(text, world.ring(pinned=False, issued_day=2480), registry=None, now=NOW)
    assert [warning.split(":")[0].split(" ")[0] for warning in warnings_in_words(found, say)] == [
        *("Test", "Unpinned", "The", "The"),
    ]
    assert failed_reason(found) is None
    assert serial_in_words(found) == "-".join(found.serial[i : i + 5] for i in (0, 5, 10)) if found.serial else ""
    wrong = inspect_code(text.replace("26A0137", "26A0138"), world.ring(), registry=None, now=NOW)
    assert failed_reason(wrong) == reasons.SIGNATURE


def test_signed_but_not_in_the_register_is_not_called_good(world: World, registry: Registry) -> None:
    ring = world.ring()
    unseen = inspect_code(world.code(), ring, registry=None, now=NOW)
    assert words_of(unseen) is WORDS[Verdict.SIGNATURE_VALID]
    assert unseen.trusted_key is not None
    registry.covered.add(unseen.trusted_key.public.hash)
    missing = inspect_code(world.code(), ring, registry=registry, now=NOW)
    assert missing.verdict is Verdict.SIGNATURE_VALID
    assert words_of(missing) is NOT_REGISTERED
    assert phrases("zh")(NOT_REGISTERED.sentence) != NOT_REGISTERED.sentence
