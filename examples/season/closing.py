"""The season ends: a test print is read back, the batch is closed, the catalogue is published, the books are read."""

from pathlib import Path

from desk import Desk, Say
from harvest import CARTON_G, MAIN

PHOTO_SCALE = 300 / 72
"""A page of a PDF as a picture of 300 dots an inch."""


def check_a_print(coop: Desk, folder: Path, say: Say) -> None:
    """The test sheet as a picture, and what reads from it."""
    import pypdfium2

    say("A test sheet is printed and scanned; every code on it that labels use must read.")
    sheet, scan = folder / "test.pdf", folder / "test.png"
    coop.run("label", "test", "--template", "a4-24", "--out", sheet)
    with pypdfium2.PdfDocument(sheet) as document:
        document[0].render(scale=PHOTO_SCALE).to_pil().save(scan, dpi=(300, 300))
    coop.run("label", "check", scan, "--out", folder / "test-report.png")


def close_season(county: Desk, coop: Desk, folder: Path, codes: int, say: Say) -> None:
    """Every batch is closed, every kilogram has a place, and the world sees the catalogue."""
    say("The book of the main lot: what came in, what went out, how often it was printed, who did what.")
    report = coop.run("batch", "report", MAIN)
    assert report["weight_g"] >= codes * CARTON_G
    coop.run("batch", "close", MAIN, "--reason", "采收季结束")
    coop.refused("batch.closed", "code", "issue", MAIN, "--count", 1, "--level", "carton")
    assert all(found["ok"] for found in coop.run("db", "check"))

    say("The county publishes its catalogue: pages for everybody, data with the brand's signature.")
    site = folder / "site"
    county.run("catalog", "publish", site, "--title-zh", "赣州农品", "--title-en", "Farm products of Ganzhou",
               "--sign", "brand")  # fmt: skip
    assert (site / "index.html").is_file()
    who = {change["operator"] for change in coop.run("changes", "--limit", 500)["changes"]}
    assert who == {"示例文员王"}, who
