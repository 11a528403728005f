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
