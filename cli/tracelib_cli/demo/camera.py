"""Photographs of labels as a bad camera takes them: perspective, noise, poor light.

Not pictures of a real camera, but the faults that a belt shows, all at once and repeatable by their seed.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

FRAME_WIDTH, FRAME_HEIGHT = 1280, 720
BACKGROUND = 86
"""Cardboard, as grey as a line camera sees it."""


def pages_as_pictures(pdf: Path, dpi: int, last: int) -> Iterator[Image.Image]:
    """The first ``last`` pages of a PDF as grey pictures at ``dpi``."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        for index in range(min(last, len(document))):
            yield document[index].render(scale=dpi / 72).to_pil().convert("L")


def crop_mm(page: Image.Image, box_mm: tuple[float, float, float, float], dpi: int) -> Image.Image:
    """A rectangle (left, top, right, bottom in millimetres from the top left) of a page."""
    left, top, right, bottom = (round(edge / 25.4 * dpi) for edge in box_mm)
    return page.crop((left, top, right, bottom))


def photograph(label: Image.Image, seed: int) -> Image.Image:
    """One frame of 1280 x 720 with the label somewhere in it: tilted, in uneven light, noisy, a little out of focus."""
    rng = random.Random(seed)  # noqa: S311 - pictures, not secrets; the seed makes a run repeatable
    frame = Image.new("L", (FRAME_WIDTH, FRAME_HEIGHT), BACKGROUND)
    width = rng.randint(760, 980)
    height = round(width * label.height / label.width)
    if height > FRAME_HEIGHT - 60:
        height = FRAME_HEIGHT - 60
        width = round(height * label.width / label.height)
    left = rng.randint(30, FRAME_WIDTH - width - 30)
    top = rng.randint(10, FRAME_HEIGHT - height - 10)
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    skew = width * 0.05
    target = [(x + rng.uniform(-skew, skew), y + rng.uniform(-skew, skew)) for x, y in corners]
    source = [(0.0, 0.0), (label.width, 0.0), (label.width, label.height), (0.0, label.height)]
    coefficients = _perspective(target, source)
    size = (FRAME_WIDTH, FRAME_HEIGHT)
    warped = label.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    mask = Image.new("L", label.size, 255).transform(size, Image.Transform.PERSPECTIVE, coefficients)
    frame.paste(warped, (0, 0), mask)
    return _bad_light(frame.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9))), rng)


def torn(label: Image.Image) -> Image.Image:
    """The label with its middle ripped away: no decoder may read it."""
    copy = label.copy()
    copy.paste(BACKGROUND, (0, label.height // 3, label.width, label.height))
    return copy


def _perspective(target: list[tuple[float, float]], source: list[tuple[float, float]]) -> list[float]:
    """The eight coefficients that Pillow wants: where in the source each point of the frame comes from."""
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(c) for c in np.linalg.solve(np.array(rows), np.array(values))]


def _bad_light(frame: Image.Image, rng: random.Random) -> Image.Image:
    pixels = np.asarray(frame, dtype=np.float32)
    across = np.linspace(rng.uniform(0.35, 0.7), rng.uniform(0.6, 1.0), FRAME_WIDTH, dtype=np.float32)
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(pixels.shape, dtype=np.float32)
    dim = pixels * across + noise * rng.uniform(4, 11)
    return Image.fromarray(np.clip(dim, 0, 255).astype(np.uint8))
