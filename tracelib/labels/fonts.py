"""The font with Chinese glyphs: found in the usual places or named by the setting ``label.font``."""

import os
import struct
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase.ttfonts import TTFError, TTFontFile

from tracelib.labels.errors import FontMissingError, FontUnusableError, GlyphMissingError

_LINUX = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
_MACOS = (
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
)
_WINDOWS = ("msyh.ttc", "msyh.ttf", "simhei.ttf", "simsun.ttc", "Deng.ttf")
_PROBE = "中克橙0A-"
"""A font that lacks one of these is no font for our labels."""
UNITS = 1000
"""Widths are in thousandths of the size, as in PDF (ISO 32000-1, 9.2.4)."""


@dataclass(frozen=True, slots=True)
class LabelFont:
    """A TrueType font that can be measured, drawn with and embedded. Make one with :func:`find_font`."""

    path: Path
    face: TTFontFile = field(repr=False, compare=False)
    widths: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    """Widths that were already looked up, by character, in thousandths of the size."""

    @property
    def name(self) -> str:
        """The font's PostScript name."""
        name = self.face.name
        return name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)

    def glyph(self, character: str, text: str) -> int:
        """The font's glyph number for ``character``, which stands in ``text``.

        Raises:
            GlyphMissingError: the font has none; nothing is ever printed as a box.
        """
        glyph = int(self.face.charToGlyph.get(ord(character), 0))
        if glyph == 0 or not character.isprintable():
            raise GlyphMissingError(
                font=self.path.name, character=character, codepoint=f"{ord(character):04X}", text=text
            )
        return glyph

    def width(self, text: str, size: float) -> float:
        """The width of one line of ``text`` in the unit of ``size``.

        Raises:
            GlyphMissingError: a character that the font lacks.
        """
        widths = self.widths
        total = 0.0
        for character in text:
            width = widths.get(character)
            if width is None:
                self.glyph(character, text)
                width = widths[character] = float(self.face.charWidths[ord(character)])
            total += width
        return total * size / UNITS


def usual_places() -> list[Path]:
    """Where a font is looked for on this system, in order."""
    if sys.platform == "win32":
        folders = [Path(os.path.expandvars("%WINDIR%\\Fonts")), Path.home() / "AppData/Local/Microsoft/Windows/Fonts"]
        return [folder / name for name in _WINDOWS for folder in folders]
    if sys.platform == "darwin":
        return [Path(name) for name in _MACOS]
    return [Path(name) for name in _LINUX]


def find_font(named: Path | None = None) -> LabelFont:
    """The font that the settings name, else the first usable one in the usual places.

    Raises:
        FontUnusableError: the named file is missing, no TrueType font, or has no Chinese glyphs.
        FontMissingError: nothing in the usual places.
    """
    if named is not None:
        return _load(named)
    for path in usual_places():
        if path.is_file():
            try:
                return _load(path)
            except FontUnusableError:
                continue
    raise FontMissingError


@lru_cache(maxsize=4)
def _load(path: Path) -> LabelFont:
    if not path.is_file():
        raise FontUnusableError(path=path, detail="there is no such file")
    try:
        face = TTFontFile(str(path))
    except (TTFError, OSError, ValueError, LookupError, struct.error) as error:
        raise FontUnusableError(path=path, detail=error) from None
    lacking = [c for c in _PROBE if not face.charToGlyph.get(ord(c))]
    if lacking:
        raise FontUnusableError(path=path, detail=f"it has no glyph for «{lacking[0]}»")
    return LabelFont(path, face)
