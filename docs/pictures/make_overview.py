"""Makes docs/pictures/overview.png from what ``make demo`` left: labels, a camera frame, the page.

tracelib demo --dir demo
tracelib -w demo/workspace serve --port 8765 &      (with the passphrase that the demo names)
chromium --headless --window-size=360,1120 --screenshot=page.png ADDRESS-OF-A-CODE
python docs/pictures/make_overview.py demo/labels.pdf page.png
"""

import sys
from pathlib import Path

from PIL import Image

from tracelib.labels.template_files import find_template
from tracelib_cli.demo.camera import crop_mm, pages_as_pictures, photograph

HEIGHT, GAP, WIDTH_OF_LABELS = 795, 28, 700


def main() -> None:
    """Three pictures side by side on paper grey."""
    sheet = next(pages_as_pictures(Path(sys.argv[1]), 200, 1))
    labels = crop_mm(sheet, (0, 0, 140, 74.5), 200).resize((WIDTH_OF_LABELS, 373), Image.Resampling.LANCZOS)
    paper = find_template("a4-24")
    x, y = paper.corner(4)
    one = crop_mm(sheet, (x, y, x + paper.label[0], y + paper.label[1]), 200)
    frame = photograph(one, seed=7).resize((WIDTH_OF_LABELS, 394), Image.Resampling.LANCZOS)
    page = Image.open(sys.argv[2]).convert("RGB")
    page = page.resize((round(page.width * HEIGHT / page.height), HEIGHT), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", (WIDTH_OF_LABELS + page.width + 3 * GAP, HEIGHT + 2 * GAP), (222, 220, 212))
    picture.paste(labels, (GAP, GAP))
    picture.paste(frame, (GAP, GAP + HEIGHT - frame.height))
    picture.paste(page, (WIDTH_OF_LABELS + 2 * GAP, GAP))
    picture.save(Path(__file__).parent / "overview.png", optimize=True)


if __name__ == "__main__":
    main()
