"""A QR symbol in the terminal: two modules in one character, black on white whatever the terminal's colours are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tracelib.errors import DeviceError

if TYPE_CHECKING:
    import numpy as np

WIDE_QUIET, NARROW_QUIET = 4, 2
"""Light modules around the symbol: as the standard has it, and what readers still take where a terminal is narrow."""
_BLACK, _WHITE = 16, 231
"""Of the 256 colours, those that no theme changes."""
_INK = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class NarrowTerminalError(DeviceError):
    """The symbol is wider than the terminal."""

    code = "label.terminal"
    template = (
        "The terminal is {columns} columns wide; this symbol needs {needed}. Make the window wider or its letters "
        "smaller, or open the picture with --open."
    )


def symbol_lines(modules: "np.ndarray[Any, np.dtype[np.bool_]]", columns: int, *, colours: bool) -> Iterator[str]:
    """The lines that show a symbol (True is dark) with its quiet zone.

    ``colours``: with escape sequences for a terminal; without them dark modules are ink, as on paper.

    Raises:
        NarrowTerminalError: wider than ``columns`` even with a narrow quiet zone.
    """
    import numpy as np

    size = len(modules)
    quiet = WIDE_QUIET if size + 2 * WIDE_QUIET <= columns else NARROW_QUIET
    if size + 2 * quiet > columns:
        raise NarrowTerminalError(columns=columns, needed=size + 2 * quiet)
    whole = np.pad(modules, quiet)
    if len(whole) % 2:
        whole = np.pad(whole, ((0, 1), (0, 0)))
    for upper, lower in zip(whole[::2], whole[1::2], strict=True):
        pairs = list(zip(upper.tolist(), lower.tolist(), strict=True))
        yield _coloured(pairs) if colours else "".join(_INK[pair] for pair in pairs).rstrip()


def _coloured(pairs: list[tuple[bool, bool]]) -> str:
    """Upper half block in the colour of the upper module on the colour of the lower one; colours only where new."""
    parts, before = [], None
    for pair in pairs:
        if pair != before:
            upper, lower = (_BLACK if dark else _WHITE for dark in pair)
            parts.append(f"\x1b[38;5;{upper};48;5;{lower}m")
            before = pair
        parts.append("▀")
    return "".join((*parts, "\x1b[0m"))
