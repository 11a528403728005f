"""A bitmap as ZPL II: one graphic field in compressed hexadecimal (``^GFA``, ZPL II Programming Guide).

The bitmap is right on every printer. Native QR commands are not used: which of them keep two segments differs from
printer to printer, and the printer's own fonts mostly lack Chinese.
"""

from itertools import groupby

from tracelib.labels.raster import Bitmap

_UNITS = "GHIJKLMNOPQRSTUVWXY"
"""One letter for 1 to 19 repeats of the digit that follows."""
_TWENTIES = "ghijklmnopqrstuvwxyz"
"""One letter for 20, 40 … 400 repeats."""
_MOST = 419


def as_zpl(bitmap: Bitmap, copies: int = 1) -> str:
    """A bitmap as one label format, ready to be sent to a printer of the bitmap's resolution."""
    rows = [bitmap.rows[i : i + bitmap.row_bytes].hex().upper() for i in range(0, len(bitmap.rows), bitmap.row_bytes)]
    total = len(bitmap.rows)
    data = "".join(_packed(row, rows[n - 1] if n else None) for n, row in enumerate(rows))
    return (
        f"^XA\n^PW{bitmap.width}\n^LL{bitmap.height}\n^LH0,0\n"
        f"^FO0,0^GFA,{total},{total},{bitmap.row_bytes},{data}^FS\n^PQ{copies}\n^XZ\n"
    )


def _packed(row: str, above: str | None) -> str:
    """One row of digits: ``:`` repeats the row above, ``,`` and ``!`` fill up with 0 and F."""
    if row == above:
        return ":"
    for digit, filler in (("0", ","), ("F", "!")):
        stripped = row.rstrip(digit)
        if len(row) - len(stripped) > 1:
            return _counted(stripped) + filler
    return _counted(row)


def _counted(digits: str) -> str:
    out = []
    for digit, same in groupby(digits):
        count = len(list(same))
        while count > 0:
            part = min(count, _MOST)
            count -= part
            twenties, units = divmod(part, 20)
            if part == 1:
                out.append(digit)
                continue
            out.append((_TWENTIES[twenties - 1] if twenties else "") + (_UNITS[units - 1] if units else "") + digit)
    return "".join(out)
