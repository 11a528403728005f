"""A reader at the other end of a pseudo-terminal, and pictures of codes with the faults of a packing hall."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracelib_scanner.fake_reader import FakeReader

Image = Any


@pytest.fixture
def reader() -> Iterator[FakeReader]:
    with FakeReader() as made:
        yield made


def _picture(
    text: str, px: float = 4.0, tilt: float = 0.0, noise: float = 0.0, light: float = 1.0, blur: float = 0.0
) -> Image:
    """A carton with a QR code, 960 x 720: ``px`` pixels a module, ``tilt`` of perspective (0–1), ``noise`` sigma."""
    import cv2
    import numpy as np
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=1)
    code.add_data(text)
    code.make()
    modules = (~np.array(code.get_matrix())).astype(np.uint8) * 255
    size = modules.shape[0] * 8
    large = cv2.resize(modules, (size, size), interpolation=cv2.INTER_NEAREST)
    side = modules.shape[0] * px / 2
    square = np.array([[-1 + tilt, -1 + tilt / 2], [1 - tilt, -1], [1, 1], [-1, 1]]) * side + [480, 360]
    corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float32)
    transform = cv2.getPerspectiveTransform(corners, square.astype(np.float32))
    carton: Image = np.full((720, 960), 165, np.uint8)
    carton = cv2.warpPerspective(
        large, transform, (960, 720), dst=carton, borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_AREA
    )
    frame: Image = carton.astype(np.float32)
    if blur:
        frame = cv2.GaussianBlur(frame, (0, 0), blur)
    frame = frame * light + np.random.default_rng(5).normal(0, noise, frame.shape)
    return np.clip(frame, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def picture() -> Callable[..., Image]:
    return _picture


@pytest.fixture(scope="session")
def save() -> Callable[[Path, Image], None]:
    """Write a picture as a program that puts it into a folder would: under another name, then moved."""
    import cv2

    def write(path: Path, image: Image) -> None:
        hidden = path.with_name(f".{path.name}.part")
        ok, data = cv2.imencode(path.suffix, image)
        assert ok
        hidden.write_bytes(data.tobytes())
        hidden.rename(path)

    return write
