"""Pictures of cartons with the faults of a packing hall, repeatable by their seed: tilt, grain, defocus, bad light."""

from typing import Any

import cv2
import numpy as np
import qrcode

Image = Any
WIDTH, HEIGHT = 1280, 720
ALPHABET = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def make_frames(count: int, seed: int = 7) -> list[tuple[str, Image]]:
    """(text, grey picture) ``count`` times; codes as long as real ones, 1.6 to 5 pixels a module."""
    rng = np.random.default_rng(seed)
    frames = []
    for number in range(count):
        blob = "".join(rng.choice(ALPHABET, 120))
        text = f"https://q.example.com/{blob}/P/ORANGE-5KG/10/GN-{number:04d}/21/7KQX9Y93Q6MJ608"
        frames.append((text, _frame(_symbol(text), rng)))
    return frames


def _symbol(text: str) -> Image:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=1)
    code.add_data(text)
    code.make()
    return (~np.array(code.get_matrix())).astype(np.uint8) * 255


def _frame(symbol: Image, rng: np.random.Generator) -> Image:
    modules = symbol.shape[0]
    size, side = modules * 8, modules * rng.uniform(1.6, 5)
    tilt, angle = rng.uniform(0, 0.35), np.deg2rad(rng.uniform(-45, 45))
    square = np.array([[tilt - 1, tilt / 2 - 1], [1 - tilt, tilt / 2 - 1], [1, 1], [-1, 1]]) * side / 2
    turned = square @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    place = [_within(rng, WIDTH, side), _within(rng, HEIGHT, side)]
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float32)
    transform = cv2.getPerspectiveTransform(corners, (turned + place).astype(np.float32))
    large = cv2.resize(symbol, (size, size), interpolation=cv2.INTER_NEAREST)
    carton: Image = np.full((HEIGHT, WIDTH), 165, np.uint8)
    carton = cv2.warpPerspective(
        large, transform, (WIDTH, HEIGHT), dst=carton, borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_AREA
    )
    return _faults(carton.astype(np.float32), rng)


def _faults(frame: Image, rng: np.random.Generator) -> Image:
    """Defocus, light that falls off to the right, darkness, grain."""
    blur, fall, light = rng.choice([0, 0.8, 1.4, 2.0]), rng.choice([0, 0.5, 0.85]), rng.choice([1, 0.6, 0.25, 0.12])
    if blur:
        frame = cv2.GaussianBlur(frame, (0, 0), float(blur))
    frame = frame * np.linspace(1, 1 - fall, WIDTH)[None, :] * light
    return np.clip(frame + rng.normal(0, rng.choice([2, 8, 20, 35]), frame.shape), 0, 255).astype(np.uint8)


def _within(rng: np.random.Generator, length: int, side: float) -> float:
    margin = side * 0.75
    return float(rng.uniform(margin, length - margin)) if 2 * margin < length else length / 2
