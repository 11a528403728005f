"""Draws the pictures of the sample county: ``python examples/county/make_pictures.py`` writes them anew.

Every picture is a scene of plain shapes, drawn at three times its size and made smaller, which smooths the edges. They
are drawings, so that nobody takes a sample product for a real one.
"""

import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

HERE = Path(__file__).parent
SIZE = (800, 600)
SCALE = 3
Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw


def rgb(text: str) -> Colour:
    """``#f39a2d`` as numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


class Scene:
    """A picture being drawn, in units of the finished picture (800 x 600)."""

    def __init__(self, sky: str, haze: str) -> None:
        width, height = (side * SCALE for side in SIZE)
        top, low = rgb(sky), rgb(haze)
        column = Image.new("RGB", (1, height))
        for y in range(height):
            t = y / height
            column.putpixel((0, y), tuple(round(a + (b - a) * t) for a, b in zip(top, low, strict=True)))
        self.image = column.resize((width, height))
        self.draw = ImageDraw.Draw(self.image)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: str) -> None:
        """A filled ellipse around (x, y)."""
        self.draw.ellipse([(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE], fill=rgb(colour))

    def shape(self, points: list[tuple[float, float]], colour: str) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=rgb(colour))

    def box(self, x: float, y: float, w: float, h: float, colour: str, r: float = 0) -> None:
        """A box with round corners, (x, y) its upper left."""
        corners = [x * SCALE, y * SCALE, (x + w) * SCALE, (y + h) * SCALE]
        self.draw.rounded_rectangle(corners, r * SCALE, fill=rgb(colour))

    def line(self, points: list[tuple[float, float]], colour: str, width: float) -> None:
        """A line through points, with round ends."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=rgb(colour), width=round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, width / 2, colour)

    def hills(self, base: float, height: float, colour: str, seed: int) -> None:
        """A range of hills from edge to edge, above ``base``."""
        chosen = random.Random(seed)
        waves = [(chosen.uniform(0.6, 2.4), chosen.uniform(0, 6.28), chosen.uniform(0.3, 1)) for _ in range(4)]
        points: list[tuple[float, float]] = [(0, 600)]
        for x in range(0, 801, 4):
            lift = sum(math.sin(x / 800 * 6.28 * f + p) * a for f, p, a in waves) / 4
            points.append((x, base - height * (0.5 + lift)))
        self.shape([*points, (800, 600)], colour)

    def leaf(self, x: float, y: float, length: float, angle: float, colour: str, wide: float = 0.28) -> None:
        """A leaf whose stalk is at (x, y)."""
        a = math.radians(angle)
        side = [(t / 20, math.sin(math.pi * t / 20) * wide) for t in range(21)]
        outline = side + [(u, -v) for u, v in reversed(side)]
        turned = [
            (x + length * (u * math.cos(a) - v * math.sin(a)), y + length * (u * math.sin(a) + v * math.cos(a)))
            for u, v in outline
        ]
        self.shape(turned, colour)
        tip = (x + length * 0.85 * math.cos(a), y + length * 0.85 * math.sin(a))
        self.line([(x, y), tip], "#dff0c4", 1.6)

    def shadow(self, x: float, y: float, rx: float, ry: float) -> None:
        """A soft shadow on the ground."""
        mask = Image.new("L", self.image.size, 255)
        ImageDraw.Draw(mask).ellipse([(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE], fill=150)
        mask = mask.filter(ImageFilter.GaussianBlur(10 * SCALE))
        self.image = ImageChops.multiply(self.image, Image.merge("RGB", [mask] * 3))
        self.draw = ImageDraw.Draw(self.image)

    def save(self, path: Path) -> None:
        """The finished picture."""
        self.image.resize(SIZE, Image.Resampling.LANCZOS).save(path, "WEBP", quality=86, method=6)


def citrus(scene: Scene, x: float, y: float, r: float, peel: str, dark: str, *, squat: float = 1.0) -> None:
    """A citrus fruit with its light and its navel."""
    scene.ellipse(x, y, r, r * squat, dark)
    scene.ellipse(x - r * 0.06, y - r * 0.07, r * 0.93, r * 0.92 * squat, peel)
    chosen = random.Random(int(x * 7 + y))
    for _ in range(34):
        a, d = chosen.uniform(0, 6.28), r * math.sqrt(chosen.uniform(0, 0.7))
        scene.ellipse(x + d * math.cos(a), y + d * math.sin(a) * squat, r * 0.013, r * 0.013, dark)
    scene.ellipse(x - r * 0.38, y - r * 0.42 * squat, r * 0.2, r * 0.13 * squat, "#fff0cf")


def half(scene: Scene, x: float, y: float, r: float, peel: str, flesh: str) -> None:
    """A fruit cut in half."""
    scene.ellipse(x, y, r, r, peel)
    scene.ellipse(x, y, r * 0.92, r * 0.92, "#fff3d9")
    for n in range(10):
        a = math.radians(36 * n + 8)
        b = math.radians(36 * n + 38)
        arc = [
            (x + r * 0.84 * math.cos(a + (b - a) * t / 8), y + r * 0.84 * math.sin(a + (b - a) * t / 8))
            for t in range(9)
        ]
        middle = (x + r * 0.12 * math.cos((a + b) / 2), y + r * 0.12 * math.sin((a + b) / 2))
        scene.shape([middle, *arc], flesh)


def ground(sky: str, haze: str, far: str, near: str, earth: str, seed: int) -> Scene:
    """Sky, sun, two ranges of hills and a table in front."""
    scene = Scene(sky, haze)
    scene.ellipse(640, 130, 62, 62, "#fff6d8")
    scene.hills(400, 190, far, seed)
    scene.hills(450, 130, near, seed + 1)
    scene.shape([(0, 440), (800, 425), (800, 600), (0, 600)], earth)
    return scene


def navel_orange(scene: Scene) -> None:
    """Three oranges and a half one."""
    scene.shadow(400, 520, 300, 34)
    citrus(scene, 265, 395, 108, "#f59a2c", "#d9761a")
    citrus(scene, 545, 400, 104, "#f3922a", "#d36f16")
    scene.leaf(265, 292, 120, -28, "#4f9a45")
    scene.leaf(268, 292, 90, -150, "#3f8440")
    half(scene, 405, 445, 100, "#ee8a22", "#f8a93c")


def mandarin(scene: Scene) -> None:
    """Small flat mandarins."""
    scene.shadow(400, 520, 280, 30)
    for x, y, r in ((290, 440, 82), (500, 440, 84), (395, 455, 88), (345, 330, 76), (455, 335, 74)):
        citrus(scene, x, y, r, "#f27d24", "#cc5a12", squat=0.82)
        scene.leaf(x, y - r * 0.8, r * 0.75, -30 + (x % 5) * 12, "#4b9446")


def pomelo_mandarin(scene: Scene) -> None:
    """Large yellow fruits."""
    scene.shadow(400, 525, 280, 34)
    citrus(scene, 300, 390, 122, "#f2c33c", "#d19c1f")
    citrus(scene, 505, 410, 110, "#efba32", "#c9921b")
    scene.leaf(300, 272, 130, -20, "#5aa04a")
    scene.leaf(505, 302, 100, -150, "#468c43")


def lily(scene: Scene) -> None:
    """Bulbs of scales, and a flower."""
    scene.shadow(400, 520, 290, 32)
    for x, y, r in ((285, 430, 105), (520, 440, 96)):
        for ring, tint in ((1.0, "#e3d3ae"), (0.8, "#efe3c6"), (0.58, "#f8f0dc"), (0.34, "#fffaf0")):
            for n in range(-3, 4):
                tilt = n * 16 * ring
                scene.leaf(
                    x + n * r * 0.13 * ring, y + r * 0.72, r * 1.55 * (0.62 + 0.38 * ring), -90 + tilt, tint, 0.25
                )
    scene.line([(405, 520), (400, 330), (420, 210)], "#5c9a4c", 8)
    for angle in (-160, -125, -90, -55, -20):
        scene.leaf(420, 225, 115, angle, "#fffdf6" if angle % 2 else "#f6efe2", 0.2)
    for angle in (-108, -90, -72):
        tip = (420 + 62 * math.cos(math.radians(angle)), 225 + 62 * math.sin(math.radians(angle)))
        scene.line([(420, 225), tip], "#d8a23c", 3)
        scene.ellipse(*tip, 6, 4, "#b5651d")


def bowl(scene: Scene, colour: str, rim: str, heap: Callable[[], None]) -> None:
    """A bowl, with something in it."""
    scene.shadow(400, 530, 240, 30)
    heap()
    points = [(180 + 440 * t / 40, 400 + 150 * math.sqrt(max(0, 1 - (2 * t / 40 - 1) ** 2))) for t in range(41)]
    scene.shape(points, colour)
    scene.box(172, 388, 456, 24, rim, 12)
    scene.box(330, 538, 140, 18, rim, 6)


def rice(scene: Scene) -> None:
    """A bowl of rice and ears of it."""

    def heap() -> None:
        scene.ellipse(400, 395, 205, 105, "#f7f3e6")
        chosen = random.Random(4)
        for _ in range(420):
            a, d = chosen.uniform(math.pi, 2 * math.pi), math.sqrt(chosen.uniform(0, 1))
            x, y = 400 + 196 * d * math.cos(a), 395 + 98 * d * math.sin(a)
            scene.ellipse(x, y, 6, 3.2, chosen.choice(["#ffffff", "#efe8d2", "#fbf8ee"]))

    bowl(scene, "#3d6f8f", "#5f93b2", heap)
    for start, bend in ((90, 1), (120, 1), (700, -1)):
        scene.line([(start, 560), (start + 10 * bend, 330), (start + 60 * bend, 200)], "#a9a13f", 5)
        for n in range(9):
            scene.leaf(start + (18 + n * 5) * bend, 300 - n * 12, 34, -60 if bend > 0 else -120, "#e0b94a", 0.22)


def edamame(scene: Scene) -> None:
    """Pods in a basket."""

    def heap() -> None:
        for x, y, angle in (
            (270, 380, -30),
            (360, 350, 15),
            (470, 355, -20),
            (540, 385, 30),
            (400, 395, -5),
            (320, 400, 20),
        ):
            a = math.radians(angle)
            scene.leaf(x - 95 * math.cos(a), y - 95 * math.sin(a), 190, angle, "#6fae45", 0.19)
            for n in (-1, 0, 1):
                scene.ellipse(x + n * 42 * math.cos(a), y + n * 42 * math.sin(a), 22, 20, "#8cc95b")

    bowl(scene, "#b98a4e", "#8f6533", heap)
    for row in range(4):
        scene.line([(205 + row * 30, 428 + row * 30), (595 - row * 30, 428 + row * 30)], "#8f6533", 4)


def bottle(scene: Scene, oil: str, cap: str) -> None:
    """A bottle of oil, its fruits and a flower beside it."""
    scene.shadow(400, 530, 210, 28)
    scene.box(325, 240, 150, 295, oil, 34)
    scene.box(368, 150, 64, 120, oil, 16)
    scene.box(360, 128, 80, 46, cap, 10)
    scene.box(345, 345, 110, 120, "#fff8e4", 10)
    scene.ellipse(400, 395, 28, 28, cap)
    scene.leaf(400, 395, 40, -60, "#6aa84f")
    scene.box(340, 260, 14, 240, "#fff3c4", 7)
    for x, y, r in ((235, 490, 42), (180, 512, 30), (570, 500, 38), (620, 515, 28)):
        citrus(scene, x, y, r, "#8a4b2a", "#5f2f18")
    for n in range(6):
        a = math.radians(60 * n)
        scene.ellipse(595 + 36 * math.cos(a), 400 + 36 * math.sin(a), 28, 28, "#fffdf8")
    scene.ellipse(595, 400, 22, 22, "#f2c33c")


def camellia_oil(scene: Scene) -> None:
    """Camellia oil."""
    bottle(scene, "#e0a42a", "#7d3b1d")


def tea_oil(scene: Scene) -> None:
    """Camellia oil of Gannan, in a dark bottle."""
    bottle(scene, "#5d6b2c", "#b8862b")


def honey(scene: Scene) -> None:
    """A jar of honey before combs."""
    for row in range(4):
        for column in range(6):
            x, y = 90 + column * 130 + (row % 2) * 65, 60 + row * 112
            outline = [
                (x + 70 * math.cos(math.radians(60 * n + 30)), y + 70 * math.sin(math.radians(60 * n + 30)))
                for n in range(6)
            ]
            scene.shape(outline, "#f6c445" if (row + column) % 3 else "#efb32f")
            inner = [
                (x + 58 * math.cos(math.radians(60 * n + 30)), y + 58 * math.sin(math.radians(60 * n + 30)))
                for n in range(6)
            ]
            scene.shape(inner, "#fbd872" if (row + column) % 2 else "#f8cd5b")
    scene.shadow(400, 535, 200, 26)
    scene.box(270, 250, 260, 285, "#fff4d6", 40)
    scene.box(286, 300, 228, 222, "#d98a16", 30)
    scene.box(262, 205, 276, 62, "#7d4a1e", 14)
    scene.box(330, 360, 140, 96, "#fff8e4", 12)
    scene.ellipse(400, 408, 30, 22, "#f2b632")
    scene.line([(392, 388), (392, 428)], "#4a3015", 7)
    scene.line([(408, 388), (408, 428)], "#4a3015", 7)
    scene.ellipse(384, 384, 14, 10, "#e9f2f5")
    scene.ellipse(416, 384, 14, 10, "#e9f2f5")


def cake(scene: Scene) -> None:
    """Slices of fruit cake and the fruit."""
    scene.shadow(400, 520, 300, 30)
    for x, y, tint in ((180, 400, "#b8641f"), (300, 370, "#c9752a"), (430, 390, "#b8641f"), (330, 450, "#d2843a")):
        scene.box(x, y, 190, 78, "#8d4715", 14)
        scene.box(x, y - 8, 190, 74, tint, 14)
        scene.box(x + 14, y + 2, 80, 9, "#e9ab63", 4)
    for x, y in ((620, 480), (680, 500), (655, 430)):
        citrus(scene, x, y, 34, "#d9a636", "#a97a1c", squat=1.15)
        scene.leaf(x, y - 36, 44, -35, "#5b9a48")


def noodles(scene: Scene) -> None:
    """A bowl of rice noodles."""

    def heap() -> None:
        chosen = random.Random(9)
        scene.ellipse(400, 395, 205, 88, "#f4ead2")
        for _ in range(54):
            x, w = chosen.uniform(240, 520), chosen.uniform(40, 110)
            y = chosen.uniform(330, 395)
            points = [(x + w * t / 12 - w / 2, y + 26 * math.sin(t / 12 * 6.28 + x)) for t in range(13)]
            scene.line(points, chosen.choice(["#fffaf0", "#f8efdb", "#efe2c4"]), 5)
        for x, y in ((330, 345), (455, 335), (400, 365)):
            scene.leaf(x, y, 52, -20 + x % 40, "#6aa84f")
        scene.ellipse(520, 360, 34, 30, "#fffdf8")
        scene.ellipse(522, 358, 16, 15, "#f0a830")

    bowl(scene, "#a63d2f", "#c75b49", heap)
    scene.line([(470, 300), (690, 130)], "#7a4a25", 9)
    scene.line([(500, 315), (715, 155)], "#7a4a25", 9)


def powder(scene: Scene) -> None:
    """Lily powder: a bag, a bowl and scales of the bulb."""

    def heap() -> None:
        scene.ellipse(400, 392, 200, 62, "#fffdf4")
        scene.ellipse(400, 372, 120, 46, "#ffffff")

    bowl(scene, "#7c9a83", "#9db8a2", heap)
    for n in range(5):
        scene.leaf(110 + n * 22, 540 - n * 6, 90, -110 + n * 22, "#f3e8cd" if n % 2 else "#fbf5e6", 0.3)
    for n in range(4):
        scene.leaf(660 + n * 18, 545 - n * 5, 80, -120 + n * 24, "#efe3c4" if n % 2 else "#fbf5e6", 0.3)


def terraces(scene: Scene) -> None:
    """Fields in steps, a house under a tree."""
    for n in range(7):
        scene.hills(470 + n * 26, 46, ("#7fb069", "#97c47b", "#6aa05a", "#b4d28a")[n % 4], 40 + n)
    scene.box(150, 330, 120, 80, "#f7efe0")
    scene.shape([(130, 335), (210, 275), (290, 335)], "#4a5a63")
    scene.box(196, 362, 30, 48, "#8a5a33")
    scene.box(318, 330, 16, 90, "#7a5230", 6)
    for x, y, r in ((326, 300, 62), (290, 325, 40), (362, 325, 42)):
        scene.ellipse(x, y, r, r * 0.86, "#3f7d45")
    for x, y in ((310, 290), (345, 315), (285, 330), (330, 340), (365, 330)):
        scene.ellipse(x, y, 8, 8, "#f59a2c")


def seal(scene: Scene) -> None:
    """A seal of office over hills: for offices that own a brand."""
    scene.shadow(400, 330, 150, 150)
    scene.ellipse(400, 310, 150, 150, "#fff8ea")
    scene.ellipse(400, 310, 138, 138, "#b3392c")
    scene.ellipse(400, 310, 122, 122, "#fff8ea")
    citrus(scene, 400, 330, 66, "#f59a2c", "#d9761a")
    scene.leaf(402, 268, 78, -32, "#4f9a45")
    scene.leaf(400, 268, 60, -150, "#3f8440")


def lily_seal(scene: Scene) -> None:
    """The same with a lily."""
    scene.shadow(400, 330, 150, 150)
    scene.ellipse(400, 310, 150, 150, "#fff8ea")
    scene.ellipse(400, 310, 138, 138, "#2f6b4a")
    scene.ellipse(400, 310, 122, 122, "#fff8ea")
    for angle in (-165, -128, -90, -52, -15):
        scene.leaf(400, 375, 115, angle, "#efd9a6" if angle % 2 else "#f6e7c4", 0.22)


GREEN = ("#bfe3f2", "#fdf3d7", "#a9cfa4", "#7fb57a", "#dcebc3")
WARM = ("#ffe7c2", "#fff6e2", "#e9cf97", "#d3b06a", "#f6e6c6")
COOL = ("#cfe8ee", "#f5f3e4", "#9fc7b8", "#74a896", "#dbe9dc")
ROSE = ("#fde0d2", "#fff3e8", "#d9b7a4", "#b98d78", "#f3ded0")
PICTURES: dict[str, tuple[tuple[str, str, str, str, str], Callable[[Scene], None]]] = {
    "ganzhou/pictures/navel-orange.webp": (GREEN, navel_orange),
    "ganzhou/pictures/mandarin.webp": (ROSE, mandarin),
    "ganzhou/pictures/pomelo-mandarin.webp": (COOL, pomelo_mandarin),
    "ganzhou/pictures/tea-oil.webp": (WARM, tea_oil),
    "ganzhou/pictures/rice-noodles.webp": (COOL, noodles),
    "ganzhou/pictures/orchard.webp": (GREEN, terraces),
    "ganzhou/pictures/ganzhou-office.webp": (WARM, seal),
    "wanzai/pictures/lily.webp": (COOL, lily),
    "wanzai/pictures/lily-powder.webp": (ROSE, powder),
    "wanzai/pictures/rice.webp": (WARM, rice),
    "wanzai/pictures/edamame.webp": (GREEN, edamame),
    "wanzai/pictures/camellia-oil.webp": (GREEN, camellia_oil),
    "wanzai/pictures/jujube-cake.webp": (ROSE, cake),
    "wanzai/pictures/honey.webp": (WARM, honey),
    "wanzai/pictures/luocheng-noodles.webp": (WARM, noodles),
    "wanzai/pictures/terraces.webp": (COOL, terraces),
    "wanzai/pictures/wanzai-office.webp": (GREEN, lily_seal),
}


def main() -> None:
    """Write every picture."""
    for number, (name, (colours, paint)) in enumerate(PICTURES.items()):
        scene = ground(*colours, 11 + number * 3)
        paint(scene)
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        scene.save(path)


if __name__ == "__main__":
    main()
