"""OpenCV: picture files in, preparations that give the engines a second chance, QR corners for a straight view."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.errors import MissingExtraError
from tracelib_scanner.decoders.symbol import Image

if TYPE_CHECKING:
    from types import ModuleType

LARGEST_FILE = 64 << 20
LARGEST_PIXELS = 80_000_000
STRAIGHT_PX = 700
MARGIN_PX = 60
SMALLEST_AREA_PX = 400.0
PLATE, WIDEST_PLATE = 0.2, 0.8
"""Of a symbol's side: how high its name is written on it, and how wide at most."""


def load() -> "ModuleType":
    """The library; raises ``MissingExtraError``."""
    try:
        import cv2
    except ModuleNotFoundError:
        raise MissingExtraError(what="reading pictures", extra="scanner") from None
    module: ModuleType = cv2
    return module


def read_image(path: Path) -> Image | None:
    """A picture file as a grey array, or None for anything that is no whole picture of a sensible size."""
    import numpy as np
    from PIL import Image as Pictures

    cv2 = load()
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        with Pictures.open(path) as header:
            if header.width * header.height > LARGEST_PIXELS:
                return None
        data = np.fromfile(path, dtype=np.uint8)
        image: Image | None = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError, cv2.error):
        return None
    return image


def picture_dpi(path: Path) -> float | None:
    """Dots an inch as a scanner wrote them into the file; None where it says nothing, or where a camera took it.

    A camera writes a number too, but it knows nothing of the paper.
    """
    from PIL import Image as Pictures

    maker_tag, least = 271, 100
    try:
        with Pictures.open(path) as header:
            across = float(header.info.get("dpi", (0, 0))[0])
            return across if across >= least and not header.getexif().get(maker_tag) else None
    except (OSError, ValueError, TypeError, LookupError, SyntaxError, Pictures.DecompressionBombError):
        return None


Points = Sequence[tuple[float, float]]


def carried_over(points: Points, known: Points, seen: Points) -> Points | None:
    """Where ``points`` of a flat page stand in its picture; there the points ``known`` of the page stand at ``seen``.

    None where these say nothing: fewer than four, or all on a line.
    """
    import numpy as np

    cv2 = load()
    if len(known) != len(seen) or len(known) < 4:
        return None
    matrix, _ = cv2.findHomography(np.array(known, np.float32), np.array(seen, np.float32))
    if matrix is None:
        return None
    found = cv2.perspectiveTransform(np.array([points], np.float32), matrix)[0]
    return [(float(x), float(y)) for x, y in found]


def annotated(image: Image, marks: Sequence[tuple[Sequence[tuple[float, float]], str, bool]]) -> bytes:
    """The picture as PNG with a frame around each symbol and its name on it: green where it is good, else red.

    Outside the frames nothing is drawn: what stands between symbols (fine lines, a ruler) is looked at too.
    """
    import numpy as np

    cv2 = load()
    picture = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    thick = max(2, round(max(image.shape) / 700))
    for corners, name, good in marks:
        colour = (40, 150, 20) if good else (30, 30, 220)
        frame = np.array(corners, np.int32)
        cv2.polylines(picture, [frame], isClosed=True, color=colour, thickness=thick)
        _put_name(picture, name, frame, colour)
    return bytes(cv2.imencode(".png", picture)[1])


def _put_name(picture: Image, name: str, frame: Image, colour: tuple[int, int, int]) -> None:
    """Write a name in white on a plate in the middle of a frame, whichever way that is turned."""
    import numpy as np

    cv2 = load()
    font, side = cv2.FONT_HERSHEY_SIMPLEX, float(np.linalg.norm(frame[0] - frame[1]))
    (wide, high), _ = cv2.getTextSize(name, font, 1.0, 2)
    scale = min(side * PLATE / high, side * WIDEST_PLATE / wide)
    wide, high, pad = round(wide * scale), round(high * scale), round(high * scale / 3)
    x, y = (round(float(middle)) for middle in frame.mean(axis=0))
    left, low = x - wide // 2, y + high // 2
    cv2.rectangle(picture, (left - pad, low - high - pad), (left + wide + pad, low + pad), colour, cv2.FILLED)
    cv2.putText(picture, name, (left, low), font, scale, (255, 255, 255), max(1, round(2 * scale)), cv2.LINE_AA)


def as_grey(image: Image) -> Image:
    """Grey, whatever it was."""
    cv2 = load()
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def enlarged(image: Image, factor: int) -> Image:
    """Larger by a whole factor: small modules."""
    cv2 = load()
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def sharpened(image: Image) -> Image:
    """Unsharp mask: defocus and motion."""
    cv2 = load()
    return cv2.addWeighted(image, 2.0, cv2.GaussianBlur(image, (0, 0), 2.0), -1.0, 0)


def smoothed(image: Image, sigma: float) -> Image:
    """Gaussian blur of ``sigma`` pixels: grain."""
    cv2 = load()
    return cv2.GaussianBlur(image, (0, 0), sigma)


def cleared(image: Image) -> Image:
    """Difference of two blurs: what is finer than a module goes, edges of modules stay; grain together with defocus."""
    cv2 = load()
    return cv2.addWeighted(smoothed(image, 1.0), 3.0, smoothed(image, 4.0), -2.0, 0)


def despeckled(image: Image) -> Image:
    """Median of 3 x 3: single wrong pixels, dust."""
    cv2 = load()
    return cv2.medianBlur(image, 3)


def brightened(image: Image) -> Image:
    """Gamma 0.5: dark pictures."""
    import numpy as np

    cv2 = load()
    table = (np.sqrt(np.arange(256) / 255.0) * 255).astype(np.uint8)
    return cv2.LUT(image, table)


def straightened(image: Image) -> Sequence[Image]:
    """Every QR symbol that can be located, as if seen from straight ahead, with a quiet zone."""
    import numpy as np

    cv2 = load()
    try:
        found, corners = cv2.QRCodeDetectorAruco().detectMulti(image)
    except cv2.error:
        return []
    if not found:
        return []
    low, high = MARGIN_PX, STRAIGHT_PX - MARGIN_PX
    target = np.array([[low, low], [high, low], [high, high], [low, high]], dtype=np.float32)
    views = []
    for quadrilateral in corners:
        if abs(cv2.contourArea(quadrilateral.astype(np.float32))) < SMALLEST_AREA_PX:
            continue
        transform = cv2.getPerspectiveTransform(quadrilateral.astype(np.float32), target)
        views.append(cv2.warpPerspective(image, transform, (STRAIGHT_PX, STRAIGHT_PX), borderValue=255))
    return views
