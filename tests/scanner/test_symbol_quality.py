"""Measures of symbols in pictures that were made with known size, turn, slant, contrast and blur."""

import math

import cv2
import numpy as np
import pytest

from tracelib_scanner.decoders.cascade import decode
from tracelib_scanner.decoders.quality import Quality, locate, measure

SIZE = 49
TEXT = "https://q.example.com/" + "A2B3C4D5" * 15 + "/P/NAVEL-5KG/10/26A0137/21/7KQX9Y93Q6MJ608"


@pytest.fixture(scope="module")
def modules() -> np.ndarray:
    """A version-8 symbol drawn by another encoder."""
    import qrcode

    code = qrcode.QRCode(version=8, error_correction=qrcode.ERROR_CORRECT_M, border=0, mask_pattern=3)
    code.add_data(TEXT[:22].encode(), optimize=0)
    code.add_data(TEXT[22:], optimize=0)
    code.make(fit=False)
    return np.array(code.get_matrix(), bool)


def draw(modules: np.ndarray, module_px: int, dark: int = 0, light: int = 255, border: int = 12) -> np.ndarray:
    padded = np.pad(~modules, border, constant_values=True)
    return np.kron(np.where(padded, light, dark), np.ones((module_px, module_px))).astype(np.uint8)


def measured(image: np.ndarray, modules: np.ndarray) -> Quality:
    (symbol,) = decode(image)
    assert symbol.data.decode() == TEXT
    found = measure(image, symbol.corners, modules)
    assert found is not None
    return found


def turned(image: np.ndarray, degrees: float, light: int = 255) -> np.ndarray:
    """Clockwise, as one sees it, on a larger sheet."""
    side = int(len(image) * 1.5)
    matrix = cv2.getRotationMatrix2D((len(image) / 2, len(image) / 2), -degrees, 1)
    matrix[:, 2] = matrix[:, 2] + (side - len(image)) / 2
    return cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA, borderValue=light)


def slanted(image: np.ndarray, degrees: float) -> np.ndarray:
    """A sheet that leans back by so many degrees, seen by a camera ten sheets away."""
    half, far = len(image) / 2, len(image) * 10.0
    corners = []
    for x, y in ((-half, -half), (half, -half), (half, half), (-half, half)):
        height, depth = y * math.cos(math.radians(degrees)), -y * math.sin(math.radians(degrees))
        scale = far / (far + depth)
        corners.append((x * scale + half * 1.2, height * scale + half * 1.2))
    source = np.array([(0, 0), (len(image), 0), (len(image), len(image)), (0, len(image))], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    side = int(half * 2.4)
    return cv2.warpPerspective(image, matrix, (side, side), flags=cv2.INTER_AREA, borderValue=255)


@pytest.mark.parametrize("module_px", [3, 4, 6, 11])
def test_size_of_a_module(modules: np.ndarray, module_px: int) -> None:
    found = measured(draw(modules, module_px), modules)
    assert found.module_px == pytest.approx(module_px, rel=0.01)
    assert found.rotation == pytest.approx(0, abs=0.5)
    assert found.wrong == 0
    left, top = 12 * module_px, 12 * module_px
    side = SIZE * module_px
    expected = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
    for corner, wanted in zip(found.corners, expected, strict=True):
        assert corner == pytest.approx(wanted, abs=module_px / 3)


@pytest.mark.parametrize(
    ("dark", "light", "contrast", "grade"),
    [(0, 255, 100, "A"), (40, 220, 70.6, "A"), (60, 205, 56.9, "B"), (90, 200, 43.1, "C"), (100, 160, 23.5, "D"),
     (110, 150, 15.7, "F")],
)  # fmt: skip
def test_contrast_and_its_letter(modules: np.ndarray, dark: int, light: int, contrast: float, grade: str) -> None:
    found = measured(draw(modules, 6, dark, light), modules)
    assert found.contrast == pytest.approx(contrast, abs=1)
    assert found.grade == grade


@pytest.mark.parametrize("degrees", [-32, -11, 7, 20, 44])
def test_turn(modules: np.ndarray, degrees: float) -> None:
    found = measured(turned(draw(modules, 6), degrees), modules)
    assert found.rotation == pytest.approx(degrees, abs=0.5)
    assert found.module_px == pytest.approx(6, rel=0.01)


@pytest.mark.parametrize("degrees", [20, 35, 50])
def test_slant(modules: np.ndarray, degrees: float) -> None:
    assert measured(slanted(draw(modules, 9), degrees), modules).slant == pytest.approx(degrees, abs=3)


@pytest.mark.parametrize("sigma_px", [1.2, 2.0, 3.0])
def test_blur(modules: np.ndarray, sigma_px: float) -> None:
    blurred = cv2.GaussianBlur(draw(modules, 8), (0, 0), sigma_px)
    assert measured(blurred, modules).blur == pytest.approx(sigma_px / 8, rel=0.15)


def test_everything_at_once_as_jpeg(modules: np.ndarray) -> None:
    """Turned by 15 degrees, blurred by a quarter of a module, 40 % of the greys, grain, JPEG."""
    image = turned(draw(modules, 8, 100, 202), 15, 202)
    image = cv2.GaussianBlur(image, (0, 0), 2.0)
    grain = np.random.default_rng(137).normal(0, 3, image.shape)
    _, packed = cv2.imencode(".jpg", np.clip(image + grain, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 75])
    found = measured(np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)), modules)
    assert found.rotation == pytest.approx(15, abs=0.7)
    assert found.module_px == pytest.approx(8, rel=0.015)
    assert found.contrast == pytest.approx(40, abs=4)
    assert found.blur == pytest.approx(0.25, rel=0.2)
    assert found.wrong < 0.5


def test_wrong_modules_are_counted(modules: np.ndarray) -> None:
    """A blot over 8 x 8 modules: those that should be light are wrong."""
    image = draw(modules, 8)
    image[(12 + 20) * 8 : (12 + 28) * 8, (12 + 20) * 8 : (12 + 28) * 8] = 0
    wrong = (~modules[20:28, 20:28]).sum() / modules.size * 100
    assert measured(image, modules).wrong == pytest.approx(wrong, abs=0.01)


def test_what_cannot_be_looked_at_straight(modules: np.ndarray) -> None:
    image = draw(modules, 4)
    assert measure(image, (), modules) is None
    assert measure(image, ((5, 5), (6, 5), (6, 6), (5, 6)), modules) is None
    assert measure(image, ((5, 5),) * 4, modules) is None


def test_a_symbol_that_does_not_read_is_seen(modules: np.ndarray) -> None:
    spoilt = modules.copy()
    spoilt[10:48, 10:40] ^= np.random.default_rng(1).random((38, 30)) < 0.5
    image = draw(spoilt, 8)
    assert decode(image) == []
    (place,) = locate(image)
    across = [x for x, _ in place]
    assert min(across) == pytest.approx(96, abs=10)
    assert max(across) == pytest.approx(96 + 49 * 8, abs=10)
    assert locate(np.full((300, 300), 255, np.uint8)) == []
