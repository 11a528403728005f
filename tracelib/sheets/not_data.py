"""Rows between and under the rows of a table that are none of it: totals, notes, bands, repeated headers.

A row is only left out where it cannot be a batch, and it is always told.
"""

import re
from collections.abc import Mapping, Sequence

from tracelib.sheets.cells import Cells
from tracelib.sheets.column import fold
from tracelib.sheets.merges import Merge

_TOTALS = frozenset(
    ("合计", "总计", "小计", "共计", "累计", "本页合计", "本月合计", "total", "totals", "subtotal", "sum", "grandtotal")
)
_NOTE = re.compile(
    r"共 ?[0-9]{1,6} ?[批户条车行个]"
    r"|(?:备注|注|附注|说明|填表|制表|审核|复核|经办|负责人|联系|填报|单位盖章|盖章|签字|打印|note|remark|prepared|checked)"
    r".{0,12}?[:：]",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\([^()]*\)(?=:?$)")
_BAND = 3
"""A text in a row of its own, merged over so many columns, is a title."""
_LONGEST_TOTAL = 16
_FEW = 3
"""A note has at most so many cells: who filled in, who checked, the day."""


def reason(cells: Cells, merged: Sequence[Merge]) -> str | None:
    """The text by which a row with required cells missing is known to be none of the table; None for one that is."""
    first = next(iter(cells.values()), "")
    text = first if isinstance(first, str) else ""
    total = next((cell for cell in cells.values() if isinstance(cell, str) and _is_total(cell)), None)
    if total is not None:
        return total
    if len(cells) <= _FEW and _NOTE.match(text):
        return text
    if len(cells) == 1 and any(merge.right - merge.left + 1 >= _BAND for merge in merged):
        return text or None
    return None


def is_header(cells: Cells, header: Mapping[int, str]) -> bool:
    """Whether a row says the header once more, as where pages were pasted one under the other."""
    return len(cells) > 1 and all(cell == header.get(index) for index, cell in cells.items())


def _is_total(text: str) -> bool:
    """A word for a total, maybe with a remark in brackets: 合计（2 批）："""
    return len(text) < _LONGEST_TOTAL and _REMARK.sub("", fold(text)).rstrip(":") in _TOTALS
