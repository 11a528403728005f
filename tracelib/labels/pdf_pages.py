"""Whole pages of dots as PDF: each page one picture of two colours at true size."""

import zlib
from collections.abc import Sequence
from pathlib import Path

from tracelib.labels.files import whole_file
from tracelib.labels.pdf_file import PdfFile, text_string
from tracelib.labels.raster import Bitmap
from tracelib.labels.template import POINTS_PER_MM


def write_pages(pages: Sequence[Bitmap], out: Path, title: str) -> int:
    """Write pages to ``out``; the size of the file in bytes.

    Raises:
        LabelFileError: the file cannot be written; what was there stays.
    """
    with whole_file(out) as stream:
        pdf = PdfFile(stream)
        tree = pdf.reserve()
        kids = [_page(pdf, tree, bitmap) for bitmap in pages]
        pdf.put(b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids)), tree)
        catalog = pdf.put(b"<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>" % tree)
        pdf.close(catalog, pdf.put(b"<</Title %b/Producer(tracelib)>>" % text_string(title)))
        return pdf.size


def _page(pdf: PdfFile, tree: int, bitmap: Bitmap) -> int:
    width, height = (side / bitmap.dots_per_mm * POINTS_PER_MM for side in (bitmap.width, bitmap.height))
    packed = zlib.compress(bitmap.rows, 9)
    image = pdf.put(
        b"<</Type/XObject/Subtype/Image/ImageMask true/Width %d/Height %d/BitsPerComponent 1/Decode[1 0]"
        b"/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (bitmap.width, bitmap.height, len(packed), packed)
    )
    content = pdf.put_stream(b"%.4f 0 0 %.4f 0 0 cm/I Do" % (width, height))
    return pdf.put(
        b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.3f %.3f]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>"
        % (tree, width, height, content, image)
    )
