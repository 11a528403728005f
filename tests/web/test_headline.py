"""The page's headline names only what was shown."""

import pytest

from tracelib.codes.verdict import Verdict
from tracelib.web.words import headline


@pytest.mark.parametrize(
    ("verdict", "registered", "words"),
    [
        (Verdict.ACTIVE, True, "Signature valid, registered, active"),
        (Verdict.ACTIVE, False, "Signature valid, active"),  # without the serial key registration stays open
        (Verdict.REGISTERED, True, "Signature valid, registered"),
        (Verdict.SIGNATURE_VALID, False, "Signature valid"),
        (Verdict.REVOKED, False, "Revoked"),
    ],
)
def test_headline_names_what_holds(verdict: Verdict, registered: bool, words: str) -> None:
    assert headline(verdict, "en", registered=registered) == words
