"""Draws the pictures of docs/labels.md: each template at 203 or 300 dpi, and a reading report of a bad photograph.

python docs/pictures/make_labels.py
"""

import random
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tracelib.labels.content import LabelContent
from tracelib.labels.fonts import LabelFont, find_font
from tracelib.labels.raster import Bitmap, as_png, label_bitmap
from tracelib.labels.template_files import builtin_names, find_template
from tracelib.labels.trial import draw_trial_pages
from tracelib_cli.commands.label_check import write_picture
from tracelib_cli.reading import check_pictures

HERE = Path(__file__).parent
SSCC = "069012340000000016"


def content(unit_id: str, path: str) -> LabelContent:
    """A label of invented growers; its code is of the right length and signed by nobody."""
    chosen = random.Random(unit_id)  # noqa: S311 - a picture, no key
    blob = "CFLEOWVHKQE4UAPUCJAB" + "".join(chosen.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=100))
    return LabelContent(
        url=f"https://q.example.com/{blob}/{path}/{unit_id}",
        unit_id=unit_id,
        product="赣南脐橙（纽荷尔）",
        product_en="Gannan Newhall navel oranges",
        grade="一级",
        grade_en="First grade",
        weight_g=5000,
        lot="26A0137",
        uscc="91360722MA35EXAM0X",
        issuer="信丰县示例脐橙专业合作社",
        issuer_en="Xinfeng Example Navel Orange Co-operative",
        brand="赣南脐橙",
        brand_en="Gannan Navel Orange",
        origin="信丰县示例村 3 号地",
        produced_on="2026-11-20",
        host="q.example.com",
        test=True,
    )


def photograph(bitmap: Bitmap) -> np.ndarray:
    """A sheet with a blot on one code, aslant, a little out of focus, in dim light, with grain."""
    rows = np.frombuffer(bitmap.rows, np.uint8).reshape(bitmap.height, bitmap.row_bytes)
    sheet = np.where(np.unpackbits(rows, axis=1, count=bitmap.width), 0, 255).astype(np.uint8)
    height, width = sheet.shape
    cv2.circle(sheet, (round(width * 0.5), round(height * 0.56)), round(width * 0.075), 60, -1)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    target = np.array([(190, 90), (1990, 60), (2130, 2680), (60, 2760)], np.float32)
    seen = cv2.warpPerspective(
        sheet, cv2.getPerspectiveTransform(source, target), (2200, 2840), flags=cv2.INTER_AREA, borderValue=105
    )
    seen = cv2.GaussianBlur(seen, (0, 0), 0.9).astype(float) * 0.55 + 55
    return np.clip(seen + np.random.default_rng(7).normal(0, 4, seen.shape), 0, 255).astype(np.uint8)


def draw_labels(font: LabelFont) -> None:
    """``label-NAME.png`` for each template."""
    for name in builtin_names():
        template = find_template(name)
        carton = template.barcode is not None
        label = content(SSCC, "00") if carton else content("7KQX9Y93Q6MJ608", "P/NAVEL-5KG/10/26A0137/21")
        paper = template.at(203 if carton else 300)
        (HERE / f"label-{name}.png").write_bytes(as_png(label_bitmap(label, paper, font)))


def main() -> None:
    """All of them."""
    font = find_font()
    draw_labels(font)
    photo = HERE / "photo.png"
    cv2.imwrite(str(photo), photograph(draw_trial_pages(find_template("a4-24"), font, "q.example.com")[0]))
    try:
        out = HERE / "label-check.png"
        write_picture(photo, out, check_pictures([photo]))
        small = Image.open(out).convert("RGB").resize((740, 955), Image.Resampling.LANCZOS)
        small.quantize(48).save(out, optimize=True)
    finally:
        photo.unlink()


if __name__ == "__main__":
    main()
