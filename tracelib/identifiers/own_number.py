"""Own numbers: what a party numbers for itself (lots, products, parties, brands) in the shape that codes can carry."""

import re

from tracelib.identifiers.digits import require_ascii
from tracelib.identifiers.errors import OwnNumberError

OWN_NUMBER_PATTERN = r"[0-9A-Z](?:[0-9A-Z.-]{0,18}[0-9A-Z])?"
"""docs/code-format.md: 1 to 20 characters; never ``.`` or ``..``, which URL software removes."""

_OWN_NUMBER = re.compile(OWN_NUMBER_PATTERN)


def parse_own_number(text: str, what: str) -> str:
    """``text`` if it has the shape of an own number; ``what`` says in the message what it should be.

    Case is not folded: one thing has one spelling. Known words for ``what`` (they have a translation): "lot",
    "product number", "party id", "brand id", "certification id", "authorization id".
    """
    require_ascii(text, what)
    if not _OWN_NUMBER.fullmatch(text):
        raise OwnNumberError(what=what, given=text)
    return text
