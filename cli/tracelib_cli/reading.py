"""What a photograph or scan of labels tells: which codes read, which of those expected do not, and how well."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tracelib_scanner.decoders.cascade import Cascade
from tracelib_scanner.decoders.opencv import carried_over, picture_dpi, read_image
from tracelib_scanner.decoders.quality import Corners, Quality, locate, measure
from tracelib_scanner.errors import PictureError

if TYPE_CHECKING:
    from tracelib.labels.trial import TrialSheet
    from tracelib_scanner.decoders.symbol import Image, Symbol

Fault = Literal["inverted", "mirrored", "contrast", "module"]
"""What can be wrong with a code that reads: light and dark exchanged, too pale, modules too small."""
BUDGET_MS = 6000.0
"""Longest time for the dear tries on one picture."""
MM_PER_INCH = 25.4
TRUE_SIZE = 0.02
"""A print may be so much larger or smaller than meant; more is a print dialogue that scales."""
MEASURED_WITHIN = 0.01
"""A module is measured to about a per cent; one that much under the least size is not called too small."""
MOST_WRONG = 1.5
"""Per cent of wrong modules from which a print is spotted or streaked. With 8 modules a codeword, more than a tenth of
the codewords are then wrong: three quarters of what level M puts right (grade F of unused error correction)."""
FEWEST, SPREAD_MM = 4, 100.0
"""Codes that scales across and down are measured by, and how far apart they must be."""
SHARP = 0.5
"""Blur in modules up to which wrong modules are the print's; above, the picture's."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One symbol in a picture. ``text`` None: it is seen, but does not read.

    ``name`` is what people call it: size on a test sheet, serial or SSCC on a label. ``module_mm`` is measured (None:
    the picture's resolution is not known), ``nominal_mm`` what a test sheet says. ``must_read`` is False for sizes of a
    test sheet that labels never have.
    """

    picture: Path
    text: str | None
    name: str
    corners: Sequence[tuple[float, float]]
    engine: str = ""
    quality: Quality | None = None
    module_mm: float | None = None
    nominal_mm: float | None = None
    must_read: bool = True

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with a code that reads, though this reader took it.

        Contrast: below 20 per cent, grade F of symbol contrast in ISO/IEC 15415, with which a symbol fails whatever
        its other grades are. Module: smaller than labels may have (``LEAST_MODULE_MM``), where millimetres are known.
        """
        from tracelib.labels.template import LEAST_MODULE_MM

        quality, least_mm = self.quality, LEAST_MODULE_MM * (1 - MEASURED_WITHIN)
        if quality is None or not self.must_read:
            return ()
        found: dict[Fault, bool] = {
            "inverted": quality.inverted,
            "mirrored": quality.mirrored,
            "contrast": quality.grade == "F",
            "module": self.module_mm is not None and self.module_mm < least_mm,
        }
        return tuple(fault for fault, is_so in found.items() if is_so)

    @property
    def spotted(self) -> bool:
        """Whether so many modules are wrong that dirt or a worn head is likely: advice, no fault, for it reads."""
        quality = self.quality
        return quality is not None and quality.wrong >= MOST_WRONG and quality.blur <= SHARP


@dataclass(frozen=True, slots=True)
class Missing:
    """A code that was expected and did not read in any picture. ``must_read`` as in :class:`Reading`.

    ``corners`` are where it must stand in ``picture``, as the layout of a test sheet says; empty where nobody can say.
    """

    name: str
    must_read: bool = True
    picture: Path | None = None
    corners: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All pictures together. ``other`` are names that read and were not expected.

    ``unread`` are places where a symbol is seen that does not read, with the picture. ``blank`` are pictures in which
    nothing reads.
    """

    readings: tuple[Reading, ...]
    missing: tuple[Missing, ...]
    other: tuple[str, ...]
    unread: tuple[Reading, ...] = ()
    blank: tuple[Path, ...] = ()

    @property
    def good(self) -> bool:
        """Whether everything that must read does, without a fault, at its true size, and something in each picture."""
        lacking = any(reading.text is None and reading.must_read for reading in self.readings)
        lacking = lacking or any(missing.must_read for missing in self.missing)
        return bool(self.readings) and not (lacking or self.blank or self.other or self.faults or self.is_scaled)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every kind of fault that a code has."""
        return tuple(sorted({fault for reading in self.readings for fault in reading.faults}))

    @property
    def is_scaled(self) -> bool:
        """Whether a test sheet is printed larger or smaller than meant."""
        return any(abs(scale - 1) > TRUE_SIZE for scale in self.scales)

    @property
    def scales(self) -> tuple[float, ...]:
        """Every scale that is known: of the symbols, across the page and down."""
        return (*([self.scale] if self.scale else []), *(self.axes or ()))

    @property
    def axes(self) -> tuple[float, float] | None:
        """Printed by meant distance across and down the page of a scanned test sheet, from where its codes stand."""
        import numpy as np

        from tracelib.labels.trial import places, read_trial_code

        meant, real = [], []
        for reading in self.readings:
            trial = read_trial_code(reading.text or "")
            if trial is None or not reading.module_mm or reading.quality is None or places(trial[0])[trial[1]].page:
                continue
            sheet, place = trial[0], places(trial[0])[trial[1]]
            px_per_mm = reading.quality.module_px / reading.module_mm
            meant.append([*(side / sheet.dots_per_mm for side in _centre(place.corners)), 1.0])
            real.append([side / px_per_mm for side in _centre(reading.corners)])
        if len(meant) < FEWEST or np.ptp(meant, axis=0)[:2].min() < SPREAD_MM:
            return None
        fit = np.linalg.lstsq(np.array(meant), np.array(real), rcond=None)[0]
        return float(np.hypot(*fit[0])), float(np.hypot(*fit[1]))

    @property
    def scale(self) -> float | None:
        """Printed size by meant size over the codes of a test sheet, where the resolution is known."""
        pairs = [(r.module_mm, r.nominal_mm) for r in self.readings if r.module_mm and r.nominal_mm]
        return sum(real for real, _ in pairs) / sum(meant for _, meant in pairs) if pairs else None


def check_pictures(paths: Sequence[Path], expected: Sequence[str] = (), dpi: float | None = None) -> Report:
    """Read every picture. ``expected`` are the codes that should be there; a test sheet says it itself.

    ``dpi`` is the resolution of a scan; without it the one in the file is taken, where a scanner wrote it.

    Raises:
        FileNotFoundError: a file is not there.
        PictureError: a file is no picture.
        MissingExtraError: the decoders are not installed.
    """
    found = [reading for path in paths for reading in read_picture(path, dpi or picture_dpi(path))]
    read = {reading.text for reading in found if reading.text is not None}
    missing = [Missing(_name(code)) for code in expected if code not in read]
    missing += [_placed(one, found) for one in _missing_of_sheets(read)]
    other = [_name(text) for text in sorted(read) if expected and text not in expected]
    unread = tuple(reading for reading in found if reading.text is None)
    reads = {reading.picture for reading in found if reading.text is not None}
    blank = tuple(path for path in paths if path not in reads)
    # What is seen and does not read is already told by name where it is known how many there should be.
    if expected or any(reading.nominal_mm for reading in found):
        found = [reading for reading in found if reading.text is not None]
    return Report(tuple(found), tuple(missing), tuple(other), unread, blank)


def read_picture(path: Path, dpi: float | None) -> list[Reading]:
    """The symbols of one picture from top to bottom, those that do not read at the end. Raises as above."""
    path.stat()  # a file that is not there is told as such
    image = read_image(path)
    if image is None:
        raise PictureError(file=path)
    places = locate(image)
    cascade = Cascade()
    symbols = cascade.decode(image, budget_ms=0, expected=0)
    if not symbols or _unread(places, symbols) or _sheets_lack({s.data.decode("utf-8", "replace") for s in symbols}):
        symbols = cascade.decode(image, budget_ms=BUDGET_MS, expected=0)
    readings = [_reading(path, image, symbol, dpi) for symbol in symbols]
    readings.sort(key=_order)
    return readings + [Reading(path, None, "", corners) for corners in _unread(places, symbols)]


def _order(reading: Reading) -> tuple[float, float, float]:
    """Test codes from the largest down, others as one reads: rows of about a symbol's height, from the left."""
    from tracelib.labels.trial import read_trial_code

    if not reading.corners:
        return (1e9, 0.0, 0.0)
    trial = read_trial_code(reading.text or "")
    if trial is not None:
        return (float(trial[1]), 0.0, 0.0)
    x, y = _centre(reading.corners)
    side = max(1.0, abs(reading.corners[0][0] - reading.corners[2][0]))
    return (1e6, y // side, x)


def _reading(path: Path, image: "Image", symbol: "Symbol", dpi: float | None) -> Reading:
    from tracelib.labels.errors import LabelCodeError
    from tracelib.labels.symbol import encode_symbol
    from tracelib.labels.trial import places, read_trial_code

    text = symbol.data.decode("utf-8", "replace")
    try:
        quality = measure(image, symbol.corners, encode_symbol(text).modules)
    except LabelCodeError:
        quality = None  # somebody else's code: how its modules should look is not known
    trial = read_trial_code(text)
    nominal, must_read = None, True
    if trial is not None:
        sheet, number = trial
        dots = places(sheet)[number].dots
        nominal, must_read = dots / sheet.dots_per_mm, sheet.is_used(dots)
    corners = quality.corners if quality else symbol.corners
    module_mm = quality.module_px / dpi * MM_PER_INCH if quality and dpi else None
    return Reading(path, text, _name(text), corners, symbol.engine, quality, module_mm, nominal, must_read)


def _name(text: str) -> str:
    """Serial, SSCC or size of a test code; the text itself of anything else."""
    from tracelib.codes.errors import CodeFormatError
    from tracelib.codes.sticker import UnverifiedSticker
    from tracelib.codes.url import read_code
    from tracelib.labels.content import grouped_unit_id
    from tracelib.labels.trial import read_trial_code

    trial = read_trial_code(text)
    if trial is not None:
        sheet, number = trial
        return sheet.name(number)
    try:
        read = read_code(text)
    except CodeFormatError:
        return text
    return grouped_unit_id(read.serial if isinstance(read, UnverifiedSticker) else read.record.unit_id)


def _missing_of_sheets(read: set[str]) -> "list[tuple[TrialSheet, int]]":
    """Codes of the test sheets in the pictures that did not read: sheet and number."""
    from tracelib.labels.trial import places, read_trial_code

    seen = {trial for text in read if (trial := read_trial_code(text)) is not None}
    sheets = sorted({sheet for sheet, _ in seen}, key=str)
    return [(sheet, n) for sheet in sheets for n in range(len(places(sheet))) if (sheet, n) not in seen]


def _sheets_lack(read: set[str]) -> bool:
    from tracelib.labels.trial import places

    return any(sheet.is_used(places(sheet)[number].dots) for sheet, number in _missing_of_sheets(read))


def _placed(code: "tuple[TrialSheet, int]", found: Sequence[Reading]) -> Missing:
    """A missing code of a test sheet with its place, from the codes of its page that read. What a picture leaves out of
    the rest of the page need not read.
    """
    from PIL import Image as Pictures

    from tracelib.labels.trial import places, read_trial_code

    sheet, number = code
    place, name = places(sheet)[number], sheet.name(number)
    must_read = sheet.is_used(place.dots)
    pairs: dict[Path, list[tuple[Sequence[tuple[float, float]], Sequence[tuple[float, float]]]]] = {}
    for reading in found:
        trial = read_trial_code(reading.text or "")
        if trial is not None and trial[0] == sheet and places(sheet)[trial[1]].page == place.page:
            pairs.setdefault(reading.picture, []).append((places(sheet)[trial[1]].corners, reading.corners))
    for picture, known in pairs.items():
        on_page = [corner for corners, _ in known for corner in corners]
        corners = carried_over(place.corners, on_page, [corner for _, corners in known for corner in corners])
        if corners is None:
            continue
        with Pictures.open(picture) as opened:
            inside = all(0 <= x < opened.width and 0 <= y < opened.height for x, y in corners)
        if inside:
            return Missing(name, must_read, picture, corners)
        must_read = must_read and number < len(sheet.sizes)
    return Missing(name, must_read)


def _unread(places: Sequence[Corners], symbols: "Sequence[Symbol]") -> list[Corners]:
    """Places where a symbol is seen and none was read."""
    centres = [_centre(symbol.corners) for symbol in symbols if symbol.corners]
    return [place for place in places if not any(_inside(place, centre) for centre in centres)]


def _centre(corners: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def _inside(place: Corners, point: tuple[float, float]) -> bool:
    across, down = [x for x, _ in place], [y for _, y in place]
    return min(across) <= point[0] <= max(across) and min(down) <= point[1] <= max(down)
