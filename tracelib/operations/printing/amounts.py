"""How people write what became of labels: a count, positions, a serial, a strip, all; a minus takes it back."""

import re
from collections.abc import Mapping, Sequence

from tracelib.batches.print_account import SPENT
from tracelib.batches.prints import Verb

ALL = "all"
MINUS = "-"
"""Before a count or a name it takes an earlier entry back."""
COUNT = re.compile(r"[+-]?\d{1,9}")
POSITIONS = re.compile(r"(\d{1,12})-(\d{1,12})")

Amounts = Mapping[Verb, Sequence[str]]
"""What became of how many: a count, positions ``FROM-TO``, a serial, ``SERIAL..SERIAL``, or ``all`` that is left.

With a minus before it (``-20``, ``-300-320``) it is a correction: that was noted wrongly.
"""


def needs_keys(amounts: Amounts) -> bool:
    """Whether serials have to be computed: for what is named by serial, and for what becomes void."""
    for verb, texts in amounts.items():
        for text in map(str.strip, texts):
            by_place = text == ALL or POSITIONS.fullmatch(text.removeprefix(MINUS))
            stays = verb not in SPENT or text.startswith(MINUS)
            if not COUNT.fullmatch(text) and not (by_place and stays):
                return True
    return False


def turn_of(text: str) -> int:
    """Corrections first, for they free labels; «all» last, for what is left is known last."""
    return 0 if text.startswith(MINUS) else 2 if text == ALL else 1
