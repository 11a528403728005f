"""The label font inside a PDF: one subset with the glyphs that were used, written once at the end."""

from tracelib.labels.fonts import LabelFont
from tracelib.labels.pdf_file import PdfFile

_SYMBOLIC = 4
_ESCAPES = {byte: b"\\" + bytes([byte]) for byte in b"()\\"} | {0x0D: b"\\r"}
_MAP_HEAD = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_MAP_TAIL = b"""endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
_MAP_BLOCK = 100
"""Entries a block in a CMap (Adobe technical note 5014)."""


class EmbeddedFont:
    """Numbers the glyphs in the order of their first use, so that pages can go out before the font."""

    def __init__(self, font: LabelFont, pdf: PdfFile) -> None:
        self.number = pdf.reserve()
        self._font = font
        self._pdf = pdf
        self._codes: dict[str, bytes] = {}
        self._by_glyph: dict[int, int] = {}
        self._characters: list[str] = []

    def string(self, text: str) -> bytes:
        """``text`` as a PDF string operand, two bytes a character.

        Raises:
            GlyphMissingError: a character that the font lacks.
        """
        codes = self._codes
        try:
            return b"(" + b"".join([codes[c] for c in text]) + b")"
        except KeyError:
            for character in text:
                if character not in codes:
                    codes[character] = self._code(character, text)
            return self.string(text)

    def _code(self, character: str, text: str) -> bytes:
        glyph = self._font.glyph(character, text)
        if glyph not in self._by_glyph:
            self._characters.append(character)
            self._by_glyph[glyph] = len(self._characters)
        number = self._by_glyph[glyph].to_bytes(2, "big")
        return b"".join(_ESCAPES.get(byte, bytes([byte])) for byte in number)

    def write(self) -> None:
        """Write subset, widths and the map back to Unicode (ISO 32000-1, 9.7 and 9.10.3)."""
        face, pdf = self._font.face, self._pdf
        name = b"AAAAAA+" + self._font.name.encode("ascii", "ignore").replace(b" ", b"")
        subset = bytes(face.makeSubset([ord(c) for c in self._characters]))
        file = pdf.put_stream(subset, b"/Length1 %d" % len(subset))
        box = b" ".join(b"%d" % round(edge) for edge in face.bbox)
        descriptor = pdf.put(
            b"<</Type/FontDescriptor/FontName/%b/Flags %d/FontBBox[%b]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d"
            b"/StemV 80/FontFile2 %d 0 R>>"
            % (name, _SYMBOLIC, box, round(face.ascent), round(face.descent), round(face.ascent), file)
        )
        widths = b" ".join(b"%d" % round(face.charWidths[ord(c)]) for c in self._characters)
        descendant = pdf.put(
            b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%b/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            b"/Supplement 0>>/FontDescriptor %d 0 R/DW 1000/W[1[%b]]/CIDToGIDMap/Identity>>"
            % (name, descriptor, widths)
        )
        back = pdf.put_stream(self._to_unicode())
        pdf.put(
            b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>"
            % (name, descendant, back),
            self.number,
        )

    def _to_unicode(self) -> bytes:
        entries = [
            b"<%04X> <%b>\n" % (n, c.encode("utf-16-be").hex().upper().encode())
            for n, c in enumerate(self._characters, 1)
        ]
        blocks = [entries[i : i + _MAP_BLOCK] for i in range(0, len(entries), _MAP_BLOCK)]
        body = b"".join(b"%d beginbfchar\n%bendbfchar\n" % (len(block), b"".join(block)) for block in blocks)
        return _MAP_HEAD + body + _MAP_TAIL
