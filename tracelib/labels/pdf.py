"""Labels as PDF, sheet or roll, at true size; any number of them in little memory.

Each symbol is a 1-bit inline image mask (ISO 32000-1, 8.9.7) whose modules are whole dots of the template's printer
and lie on its grid. The text that labels share is written once and referred to; a label adds its symbol and its serial.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tracelib.labels.bars import PlacedBars, place_bars
from tracelib.labels.content import LabelContent
from tracelib.labels.errors import NoLabelsError
from tracelib.labels.files import whole_file
from tracelib.labels.fonts import LabelFont
from tracelib.labels.layout import Bar, Layout, Run, lay_out, shared_key
from tracelib.labels.pdf_file import PdfFile, text_string
from tracelib.labels.pdf_font import EmbeddedFont
from tracelib.labels.symbol import Symbol, encode_symbol
from tracelib.labels.template import POINTS_PER_MM, Template

Progress = Callable[[int], None]
"""Called with the number of labels written so far."""


class PdfSize(NamedTuple):
    """What was written: labels, pages, bytes."""

    labels: int
    pages: int
    size: int


@dataclass(frozen=True, slots=True)
class _Shared:
    """The part that labels have in common: its layout, and the name and number of its form in the file."""

    layout: Layout
    name: bytes
    number: int


def write_pdf(
    labels: Iterable[LabelContent],
    template: Template,
    font: LabelFont,
    out: Path,
    progress: Progress | None = None,
    title: str = "",
) -> PdfSize:
    """Write ``labels`` in their order to ``out``, which appears when it is complete.

    Raises:
        LabelCodeError, GlyphMissingError, LabelTextTooLongError: a label that cannot be printed as it is.
        NoLabelsError: ``labels`` is empty.
        LabelFileError: the file cannot be written.
    """
    with whole_file(out) as stream:
        sheets = _Sheets(PdfFile(stream), template, font)
        remaining = iter(labels)
        while page := list(islice(remaining, template.per_page)):
            sheets.page(page)
            if progress is not None:
                progress(sheets.labels)
        if not sheets.labels:
            raise NoLabelsError(detail="the range is empty")
        size = sheets.close(title)
    return PdfSize(sheets.labels, len(sheets.pages), size)


class _Sheets:
    """A PDF of labels under way: what is remembered from page to page."""

    def __init__(self, pdf: PdfFile, template: Template, font: LabelFont) -> None:
        self.labels = 0
        self.pages: list[int] = []
        self._pdf = pdf
        self._template = template
        self._font = font
        self._embedded = EmbeddedFont(font, pdf)
        self._tree = pdf.reserve()
        self._shared: dict[tuple[object, ...], _Shared] = {}
        self._corners = [
            (left * POINTS_PER_MM, (template.page[1] - top) * POINTS_PER_MM)
            for left, top in (template.corner(slot) for slot in range(template.per_page))
        ]

    def page(self, contents: list[LabelContent]) -> None:
        """Write one page."""
        drawn: list[bytes] = []
        for content, (left, top) in zip(contents, self._corners, strict=False):
            shared = self._shared_of(content)
            drawn.append(b"q 1 0 0 1 %.2f %.2f cm/%b Do" % (left, top, shared.name))
            for unit in shared.layout.unit_runs(content, self._font):
                drawn.append(b" BT%b ET" % _text(unit, self._embedded))
            drawn.append(b" Q\n")
            drawn.append(self._image(encode_symbol(content.url), left, top))
            bars = place_bars(content.unit_id, self._template)
            if bars is not None:
                drawn.append(self._bars(bars, left, top))
        content_number = self._pdf.put_stream(b"".join(drawn))
        self.pages.append(self._pdf.put(b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (self._tree, content_number)))
        self.labels += len(contents)

    def close(self, title: str) -> int:
        """Write font, page tree and tables; the size of the file is returned."""
        pdf, template = self._pdf, self._template
        self._embedded.write()
        kids = b" ".join(b"%d 0 R" % number for number in self.pages)
        forms = b"".join(b"/%b %d 0 R" % (shared.name, shared.number) for shared in self._shared.values())
        resources = b"/Font<</T %d 0 R>>/XObject<<%b>>" % (self._embedded.number, forms)
        # Cut, not rounded: a renderer that counts up to whole dots must not find one dot too many.
        width, height = (int(side * POINTS_PER_MM * 1000) / 1000 for side in template.page)
        box = b"0 0 %.3f %.3f" % (width, height)
        pdf.put(  # pages inherit what stands here (ISO 32000-1, 7.7.3.4)
            b"<</Type/Pages/Count %d/Kids[%b]/MediaBox[%b]/Resources<<%b>>>>" % (len(self.pages), kids, box, resources),
            self._tree,
        )
        # Without scaling: a label that is shrunk to the printer's margins no longer has whole dots a module.
        catalog = pdf.put(
            b"<</Type/Catalog/Pages %d 0 R/Lang(zh-Hans)/ViewerPreferences<</PrintScaling/None>>>>" % self._tree
        )
        info = pdf.put(b"<</Title %b/Producer(tracelib)>>" % text_string(title or f"{template.name} × {self.labels}"))
        pdf.close(catalog, info)
        return pdf.size

    def _shared_of(self, content: LabelContent) -> _Shared:
        key = shared_key(content)
        shared = self._shared.get(key)
        if shared is None:
            layout = lay_out(content, self._template, self._font)
            name = b"L%d" % len(self._shared)
            shared = self._shared[key] = _Shared(layout, name, self._form(layout))
        return shared

    def _form(self, layout: Layout) -> int:
        """The shared part as a form (ISO 32000-1, 8.10), its origin at the label's top left corner."""
        template = self._template
        drawn = [b"%.2f %.2f %.2f %.2f re\n" % _rectangle(bar) for bar in layout.bars]
        drawn += [b"f\n"] if drawn else []
        drawn.append(b"BT\n")
        drawn += [b"%d g%b\n" % (run.inverse, _text(run, self._embedded)) for run in layout.runs]
        drawn.append(b"ET\n")
        return self._pdf.put_stream(
            b"".join(drawn),
            b"/Type/XObject/Subtype/Form/BBox[0 %.2f %.2f 0]/Resources<</Font<</T %d 0 R>>>>"
            % (-template.label[1] * POINTS_PER_MM, template.label[0] * POINTS_PER_MM, self._embedded.number),
        )

    def _image(self, symbol: Symbol, left: float, top: float) -> bytes:
        """The symbol as an inline image mask, its corner on a dot of the printer."""
        template = self._template
        dot = POINTS_PER_MM / template.dots_per_mm
        dots = template.require_module(symbol.size) * symbol.size
        box = template.symbol_box
        side = dots * dot
        x = round((left + (box.left * POINTS_PER_MM + (box.width * POINTS_PER_MM - side) / 2)) / dot) * dot
        y = round((top - (box.top * POINTS_PER_MM + (box.height * POINTS_PER_MM + side) / 2)) / dot) * dot
        return b"q %.4f 0 0 %.4f %.4f %.4f cm BI/IM true/W %d/H %d/BPC 1/D[1 0]/L %d ID %b\nEI Q\n" % (
            side, side, x, y, symbol.size, symbol.size, len(symbol.rows), symbol.rows,
        )  # fmt: skip

    def _bars(self, bars: PlacedBars, left: float, top: float) -> bytes:
        """The bar code as an inline image mask of one row, its corner on a dot of the printer."""
        box, dot, count = bars.box, POINTS_PER_MM / self._template.dots_per_mm, len(bars.modules)
        width, height = bars.dots * count * dot, box.height * POINTS_PER_MM
        x = round((left + box.left * POINTS_PER_MM) / dot) * dot
        y = round((top - box.top * POINTS_PER_MM - height) / dot) * dot
        row = int("".join("1" if dark else "0" for dark in bars.modules).ljust(-(-count // 8) * 8, "0"), 2)
        data = row.to_bytes(-(-count // 8), "big")
        return b"q %.4f 0 0 %.4f %.4f %.4f cm BI/IM true/W %d/H 1/BPC 1/D[1 0]/L %d ID %b\nEI Q\n" % (
            width, height, x, y, count, len(data), data,
        )  # fmt: skip


def _text(run: Run, embedded: EmbeddedFont) -> bytes:
    return b"/T %.4g Tf 1 0 0 1 %.2f %.2f Tm %b Tj" % (run.size, run.left, -run.baseline, embedded.string(run.text))


def _rectangle(bar: Bar) -> tuple[float, float, float, float]:
    return bar.left, -bar.top - bar.height, bar.width, bar.height
