"""Texts and times that signed objects carry to other people's screens."""

import re

LAST_SECOND = 253_370_764_800
"""9999-01-01 00:00 UTC in seconds since 1970: no time in a signed object is later, so that every one can be shown."""

_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""A fixed list, not one of a Unicode version: what counts must not depend on the verifier's Python."""


def is_plain(text: str, longest: int) -> bool:
    """Whether a text has at most ``longest`` characters and none that steers a terminal, hides, breaks the line or
    turns the direction of writing.
    """
    return len(text) <= longest and not _STEERING.search(text)
