"""How well a symbol that was read stands in a picture: size of its modules, contrast, tilt, blur, wrong modules.

All of it is **estimated**: a camera gives grey values, no calibrated reflectance, so the contrast is shaped like the
symbol contrast of ISO/IEC 15415, with its limits, and is no grade of that standard.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracelib_scanner.decoders.opencv import load
from tracelib_scanner.decoders.symbol import Image

SCALE = 8
"""Pixels of a module in the straight view that is measured."""
MARGIN = 2
"""Modules around the symbol in that view."""
GRADES = ((70, "A"), (55, "B"), (40, "C"), (20, "D"))
"""Least symbol contrast in per cent for each letter, as in ISO/IEC 15415."""
_SIGMAS = np.arange(0.0, 1.21, 0.06)
"""Blur that is tried, in modules."""
_REFINING = 60

Corners = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of one symbol.

    ``module_px``: side of a module in pixels of the picture. ``contrast``: lightest minus darkest modules in per cent
    of the whole range. ``rotation``: turn clockwise in the plane of the picture, ``slant``: estimated angle between
    paper and picture, in degrees. ``blur``: standard deviation of the blur in modules; above half a module codes stop
    being read. ``wrong``: share of modules, in per cent, that look like the other colour. ``corners``: of the symbol.
    ``inverted``: light modules on dark ground; everything else is then measured with light and dark exchanged.
    ``mirrored``: seen as in a mirror, which readers take and people cannot read; measured as if it were not.
    """

    module_px: float
    contrast: float
    rotation: float
    slant: float
    blur: float
    wrong: float
    corners: tuple[tuple[float, float], ...]
    inverted: bool = False
    mirrored: bool = False

    @property
    def grade(self) -> str:
        """The letter for ``contrast``: A best, F worst."""
        return next((letter for least, letter in GRADES if self.contrast >= least), "F")


def measure(image: Image, corners: Corners, modules: "np.ndarray[Any, np.dtype[np.bool_]]") -> Quality | None:
    """Measure a symbol of known modules (True is dark) in a grey picture, near the corners that a reader gave.

    None where the corners are no square that can be looked at straight on.
    """
    cv2 = load()
    size = len(modules)
    if len(corners) != 4 or _area(corners) < size * size:
        return None
    inner = np.array([(0, 0), (size, 0), (size, size), (0, size)], np.float32)
    view = ((inner + MARGIN) * SCALE).astype(np.float32)
    side = (size + 2 * MARGIN) * SCALE
    ideal = _ideal(modules)
    starts = [cv2.getPerspectiveTransform(np.array(one, np.float32), view) for one in (corners, _mirrored(corners))]
    views = [_samples(cv2.warpPerspective(image, one, (side, side), borderValue=255), size) for one in starts]
    apart = [float(seen[~modules].mean() - seen[modules].mean()) for seen in views]
    mirrored = abs(apart[1]) > abs(apart[0])
    start, inverted = starts[mirrored], apart[mirrored] < 0
    if inverted:
        image = cv2.bitwise_not(image)
    to_view = _refined(image, start, ideal)
    straight = cv2.warpPerspective(image, to_view, (side, side), flags=cv2.INTER_LINEAR, borderValue=255)
    exact = cv2.perspectiveTransform(view[None], np.linalg.inv(to_view))[0]
    samples = _samples(straight, size)
    light, dark = np.percentile(samples[~modules], 90), np.percentile(samples[modules], 10)
    middle = (np.median(samples[~modules]) + np.median(samples[modules])) / 2
    edges = np.roll(exact, -1, axis=0) - exact
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    across, down = (lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2
    direction = edges[0] - edges[2]
    return Quality(
        module_px=float(lengths.mean() / size),
        contrast=float(max(0.0, light - dark) / 255 * 100),
        rotation=math.degrees(math.atan2(direction[1], direction[0])),
        slant=math.degrees(math.acos(min(across, down) / max(across, down))),
        blur=_blur(straight, ideal),
        wrong=float(np.mean((samples < middle) != modules) * 100),
        corners=tuple((float(x), float(y)) for x, y in exact),
        inverted=inverted,
        mirrored=mirrored,
    )


def _mirrored(corners: Corners) -> Corners:
    """The corners of a symbol that was read as in a mirror: readers name them as if rows were columns."""
    return (corners[0], *corners[:0:-1])


def locate(image: Image) -> list[Corners]:
    """Where something looks like a QR symbol, read or not: corners of each, in pixels."""
    cv2 = load()
    found, points = cv2.QRCodeDetector().detectMulti(image)
    if not found or points is None:
        return []
    return [tuple((int(x), int(y)) for x, y in quadrilateral) for quadrilateral in points]


def _area(corners: Corners) -> float:
    x, y = np.array(corners, float).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _ideal(modules: "np.ndarray[Any, np.dtype[np.bool_]]") -> Image:
    """The symbol as it should look in the straight view, from 0 dark to 1 light."""
    padded = np.pad(~modules, MARGIN, constant_values=True)
    return np.kron(padded, np.ones((SCALE, SCALE))).astype(np.float32)


def _refined(image: Image, start: Any, ideal: Image) -> Any:  # noqa: ANN401 - matrices of cv2
    """Corners from a reader are a pixel or two off: shift the straight view until it fits the symbol best."""
    cv2 = load()
    side = len(ideal)
    view = cv2.warpPerspective(image, start, (side, side), borderValue=255)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _REFINING, 1e-5)
    try:
        _, shift = cv2.findTransformECC(
            cv2.GaussianBlur(ideal, (0, 0), SCALE / 3),
            cv2.GaussianBlur(view, (0, 0), SCALE / 3).astype(np.float32),
            np.eye(3, dtype=np.float32),
            cv2.MOTION_HOMOGRAPHY,
            criteria,
        )
    except cv2.error:  # it does not converge: the reader's corners are all there is
        return start
    refined = np.linalg.inv(shift.astype(float)) @ start
    return refined if np.isfinite(refined).all() else start


def _samples(straight: Image, size: int) -> Any:  # noqa: ANN401
    """The mean grey of the inside of every module."""
    start, rim = MARGIN * SCALE, SCALE // 4
    inside = straight[start : start + size * SCALE, start : start + size * SCALE].astype(float)
    blocks = inside.reshape(size, SCALE, size, SCALE)[:, rim:-rim, :, rim:-rim]
    return blocks.mean(axis=(1, 3))


def _blur(straight: Image, ideal: Image) -> float:
    """The blur of the ideal symbol that comes nearest to the picture, whatever its brightness and contrast."""
    cv2 = load()
    seen = straight.astype(np.float32)
    seen = seen - seen.mean()
    errors = []
    for sigma in _SIGMAS:
        blurred = ideal if sigma == 0 else cv2.GaussianBlur(ideal, (0, 0), float(sigma) * SCALE)
        blurred = blurred - blurred.mean()
        power = float((blurred * blurred).sum())
        share = float((seen * blurred).sum()) / power if power else 0.0
        errors.append(float(((seen - share * blurred) ** 2).sum()))
    best = int(np.argmin(errors))
    if not 0 < best < len(errors) - 1:
        return float(_SIGMAS[best])
    before, at, after = errors[best - 1 : best + 2]
    curve = before - 2 * at + after
    return float(_SIGMAS[best] + (_SIGMAS[1] * (before - after) / (2 * curve) if curve else 0))
