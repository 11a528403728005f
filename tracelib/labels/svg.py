"""Labels and symbols as SVG: one path for the symbol, text as text."""

from itertools import groupby
from xml.sax.saxutils import escape

from tracelib.labels.bars import PlacedBars, place_bars
from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont
from tracelib.labels.layout import lay_out
from tracelib.labels.symbol import QUIET_ZONE, Symbol, encode_symbol
from tracelib.labels.template import POINTS_PER_MM, Template

_FAMILIES = "WenQuanYi Micro Hei, Microsoft YaHei, SimHei, PingFang SC, Heiti SC, Noto Sans CJK SC, sans-serif"


def symbol_svg(symbol: Symbol, module_mm: float = 0.5) -> str:
    """A symbol with its quiet zone; the user unit is one module."""
    side = symbol.size + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side * module_mm:g}mm" height="{side * module_mm:g}mm" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path fill="#000" d="{_path(symbol, QUIET_ZONE)}"/></svg>\n'
    )


def label_svg(content: LabelContent, template: Template, font: LabelFont) -> str:
    """One label; the user unit is one millimetre. Text keeps its measured width whatever font the reader has.

    Raises:
        LabelCodeError, GlyphMissingError, LabelTextTooLongError: a label that cannot be printed as it is.
    """
    layout = lay_out(content, template, font)
    width, height = template.label
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" xml:lang="zh-Hans">',
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
    ]
    parts += [
        f'<rect x="{_mm(bar.left)}" y="{_mm(bar.top)}" width="{_mm(bar.width)}" height="{_mm(bar.height)}"/>'
        for bar in layout.bars
    ]
    parts.append(f'<g font-family="{_FAMILIES}">')
    for run in layout.all_runs(content, font):
        drawn = font.width(run.text, run.size)
        parts.append(
            f'<text x="{_mm(run.left)}" y="{_mm(run.baseline)}" font-size="{_mm(run.size)}" '
            f'textLength="{_mm(drawn)}" lengthAdjust="spacingAndGlyphs" fill="{"#fff" if run.inverse else "#000"}">'
            f"{escape(run.text)}</text>"
        )
    symbol = encode_symbol(content.url)
    module = template.require_module(symbol.size) / template.dots_per_mm
    box = template.symbol_box
    left = box.left + (box.width - symbol.size * module) / 2
    top = box.top + (box.height - symbol.size * module) / 2
    parts.append(
        f'</g><g transform="translate({left:.4f} {top:.4f}) scale({module:.6f})" shape-rendering="crispEdges">'
        f'<path d="{_path(symbol, 0)}"/></g>'
    )
    bars = place_bars(content.unit_id, template)
    if bars is not None:
        parts.append(_bars(bars))
    return "".join((*parts, "</svg>\n"))


def _bars(bars: PlacedBars) -> str:
    """The bar code as one path of upright rectangles."""
    parts, x = [], 0
    for dark, same in groupby(bars.modules):
        count = len(list(same))
        if dark:
            parts.append(f"M{x} 0h{count}v1h-{count}z")
        x += count
    box, module = bars.box, bars.box.width / len(bars.modules)
    return (
        f'<g transform="translate({box.left:.4f} {box.top:.4f}) scale({module:.6f} {box.height:g})" '
        f'shape-rendering="crispEdges"><path d="{"".join(parts)}"/></g>'
    )


def _mm(points: float) -> str:
    return f"{points / POINTS_PER_MM:.3f}"


def _path(symbol: Symbol, offset: int) -> str:
    """Dark runs of each row as rectangles of one module's height."""
    parts = []
    for y, row in enumerate(symbol.modules.tolist()):
        x = 0
        for dark, same in groupby(row):
            count = len(list(same))
            if dark:
                parts.append(f"M{x + offset} {y + offset}h{count}v1h-{count}z")
            x += count
    return "".join(parts)
