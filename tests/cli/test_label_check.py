"""``tracelib label test`` and ``check``: real sheets, degraded in known ways, and what the report says of them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest

from tracelib.labels.content import LabelContent
from tracelib.labels.errors import FontMissingError
from tracelib.labels.fonts import LabelFont, find_font
from tracelib.labels.pdf import write_pdf
from tracelib.labels.template_files import builtin_names, find_template
from tracelib.labels.trial import draw_trial_pages, places, read_trial_code, sheet_for
from tracelib_cli.table import cells

RunCli = Callable[..., Any]


@pytest.fixture(scope="module")
def font() -> LabelFont:
    try:
        return find_font()
    except FontMissingError as error:
        pytest.skip(str(error))


def page(path: Path, dpi: float, number: int = 0) -> np.ndarray:
    document = pypdfium2.PdfDocument(path)
    try:
        return np.asarray(document[number].render(scale=dpi / 72, grayscale=True).to_pil())
    finally:
        document.close()


@pytest.fixture(scope="module")
def sheet(run_cli: RunCli, tmp_path_factory: pytest.TempPathFactory, font: LabelFont) -> Path:
    out = tmp_path_factory.mktemp("sheet") / "test.pdf"
    done = run_cli("label", "test", "--template", "a4-24", "--out", out, "--json", cwd=out.parent)
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert [size["dots"] for size in answer["sizes"]] == [12, 11, 10, 9, 8, 7, 6]
    assert answer["codes"] == 13  # the sizes, and the largest again at six places
    words = run_cli("label", "test", "--template", "a4-24", "--out", out, cwd=out.parent)
    assert "13 codes on 1 page." in words.out
    return out


def check(
    run_cli: RunCli, image: np.ndarray, folder: Path, *options: str, name: str = "photo.png"
) -> tuple[int, dict[str, Any]]:
    cv2.imwrite(str(folder / name), image)
    done = run_cli("label", "check", name, *options, "--json", cwd=folder)
    return done.status, json.loads(done.out)


def test_scan_tells_sizes_in_millimetres(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    status, report = check(run_cli, page(sheet, 300), tmp_path, "--dpi", "300")
    assert status == 0
    assert report["missing"] == []
    # Dots of 600 an inch: 12 are 0.508 mm; the smallest that labels use are 8, 0.339 mm
    assert [code["nominal_mm"] for code in report["codes"]] == pytest.approx(
        [dots * 25.4 / 600 for dots in (12, 11, 10, 9, 8, 7, 6, *[12] * 6)]
    )
    for code in report["codes"]:
        assert code["module_mm"] == pytest.approx(code["nominal_mm"], rel=0.01)
    assert [code["must_read"] for code in report["codes"]] == [True] * 5 + [False] * 2 + [True] * 6
    assert report["scale"] == pytest.approx(1, abs=0.005)


def test_print_that_was_scaled_is_noticed(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    """«Fit to page» shrinks to 93 %: the scan at 300 dpi shows it, and 0.339 mm become 0.315 mm."""
    status, report = check(run_cli, page(sheet, 300 * 0.93), tmp_path, "--dpi", "300")
    assert (status, report["good"]) == (4, False)
    assert report["scale"] == pytest.approx(0.93, abs=0.005)
    assert report["faults"] == ["module", "scale"]
    for code in report["codes"]:
        small = code["must_read"] and code["nominal_mm"] * 0.93 < 0.33
        assert code["faults"] == (["module"] if small else [])
    done = run_cli("--lang", "zh", "label", "check", "photo.png", "--dpi", "300", cwd=tmp_path)
    assert done.status == 4
    assert "实际大小的 93.0 %" in done.out
    assert "模块小于 0.33 毫米" in done.out


def test_sheet_that_is_stretched_one_way_is_noticed(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    """A roller that slips: 4 % longer down the page, right across it."""
    image = page(sheet, 300)
    image = cv2.resize(image, (image.shape[1], round(image.shape[0] * 1.04)), interpolation=cv2.INTER_AREA)
    status, report = check(run_cli, image, tmp_path, "--dpi", "300")
    assert (status, report["faults"]) == (4, ["scale"])
    assert report["axes"] == pytest.approx([1, 1.04], abs=0.003)


def test_larger_than_meant_is_no_good_print_either(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    status, report = check(run_cli, page(sheet, 300 * 1.04), tmp_path, "--dpi", "300")
    assert (status, report["faults"]) == (4, ["scale"])


@pytest.mark.parametrize(("percent", "grade", "status"), [(12, "F", 4), (17, "F", 4), (24, "D", 0)])
def test_pale_print_fails_below_20_per_cent(
    run_cli: RunCli, sheet: Path, tmp_path: Path, percent: int, grade: str, status: int
) -> None:
    """ISO/IEC 15415: symbol contrast below 20 per cent is grade F; 20 to 40 is D, poor and still passed here."""
    image = page(sheet, 300)
    pale = (240 - (255 - image.astype(float)) / 255 * 255 * percent / 100).astype(np.uint8)
    found, report = check(run_cli, pale, tmp_path, "--out", "seen.png")
    assert (found, report["good"]) == (status, status == 0)
    must = [code for code in report["codes"] if code["must_read"]]
    assert must
    for code in must:
        assert code["quality"]["contrast"] == pytest.approx(percent, abs=1.5)
        assert code["quality"]["grade"] == grade
        assert code["faults"] == (["contrast"] if status else [])
    seen = cv2.imread(str(tmp_path / "seen.png"))
    assert seen is not None
    x, y = (round(side) for side in must[0]["corners"][0])
    around = seen[y - 6 : y + 7, x - 6 : x + 7].astype(int)
    colour = (around[:, :, 2] - around[:, :, 1] > 120) if status else (around[:, :, 1] - around[:, :, 2] > 80)
    assert colour.any()
    if percent == 12:
        words = run_cli("label", "check", "photo.png", cwd=tmp_path)
        assert words.status == 4
        assert "Print darker" in words.out
        assert "调深" in run_cli("--lang", "zh", "label", "check", "photo.png", cwd=tmp_path).out


def test_light_on_dark_is_said(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    status, report = check(run_cli, 255 - page(sheet, 300), tmp_path)
    assert (status, report["good"], report["faults"]) == (4, False, ["inverted"])
    for code in report["codes"]:
        assert code["quality"]["inverted"]
        assert code["quality"]["wrong"] < 1
        assert code["quality"]["contrast"] > 90
        assert code["faults"] == (["inverted"] if code["must_read"] else [])
    assert "light and dark are swapped" in run_cli("label", "check", "photo.png", cwd=tmp_path).out
    assert "黑白颠倒" in run_cli("--lang", "zh", "label", "check", "photo.png", cwd=tmp_path).out


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirror_image_is_said_and_measured_as_it_is(run_cli: RunCli, sheet: Path, tmp_path: Path, axis: int) -> None:
    """Readers take it, the words on the label cannot be read; the print itself is as good as before."""
    straight = check(run_cli, page(sheet, 300), tmp_path)[1]
    status, report = check(run_cli, np.flip(page(sheet, 300), axis), tmp_path)
    assert (status, report["good"], report["faults"]) == (4, False, ["mirrored"])
    assert len(report["codes"]) == len(straight["codes"])
    for code in report["codes"]:
        assert code["quality"]["mirrored"]
        assert code["quality"]["wrong"] < 1
        assert code["quality"]["blur"] < 0.6
    assert not any(code["quality"]["mirrored"] for code in straight["codes"])
    said = run_cli("label", "check", "photo.png", cwd=tmp_path).out
    assert "mirror image" in said
    assert "spots or streaks" not in said
    assert "镜像" in run_cli("--lang", "zh", "label", "check", "photo.png", cwd=tmp_path).out


def test_spots_are_advice_and_no_fault(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    """A spot of 8 x 8 of the 49 x 49 modules of the largest code: it reads, and the head wants cleaning."""
    image = page(sheet, 600).copy()
    _, report = check(run_cli, image, tmp_path)
    (x, y), *_ = report["codes"][0]["corners"]
    left, top = round(x + 28 * 12), round(y + 28 * 12)
    image[top : top + 8 * 12, left : left + 8 * 12] = 255 - image[top : top + 8 * 12, left : left + 8 * 12]
    status, report = check(run_cli, image, tmp_path)
    first = report["codes"][0]
    assert first["quality"]["wrong"] == pytest.approx(64 / 49**2 * 100, abs=0.3)
    assert (status, first["faults"]) == (0, [])
    assert "No. 1: spots or streaks" in run_cli("label", "check", "photo.png", cwd=tmp_path).out


def test_photograph_with_known_turn_and_contrast(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    image = page(sheet, 300)[:900]
    image = np.clip(image * 0.6 + 50, 0, 255).astype(np.uint8)
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -9, 1)
    turned = cv2.warpAffine(image, matrix, (width, height + 400), flags=cv2.INTER_AREA, borderValue=203)
    status, report = check(run_cli, turned, tmp_path, name="photo.jpg")
    assert report["codes"], report
    for code in report["codes"]:
        assert code["module_mm"] is None
        assert code["quality"]["rotation"] == pytest.approx(9, abs=0.7)
        assert code["quality"]["contrast"] == pytest.approx(60, abs=4)
        assert code["quality"]["grade"] == "B"
    assert status == 0


def test_what_does_not_read_is_named(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    """Ink over the third code and over the last: the first of them must read, the other need not."""
    status, report = check(run_cli, page(sheet, 300), tmp_path)
    assert status == 0
    image = page(sheet, 300).copy()
    hidden = report["codes"][2]["corners"]
    for number in (2, 6):
        corners = np.array(report["codes"][number]["corners"], np.int32)
        cv2.fillPoly(image, [corners], 90)
    status, report = check(run_cli, image, tmp_path, "--out", "seen.png")
    assert status == 4
    found = [(missing["name"], missing["must_read"]) for missing in report["missing"]]
    assert found == [("0.42 mm", True), ("0.25 mm", False)]
    seen = cv2.imread(str(tmp_path / "seen.png"))
    assert seen is not None
    # Only the layout can say where a code stands of which nothing is left: in red.
    assert np.array(report["missing"][0]["corners"]) == pytest.approx(np.array(hidden), abs=2)
    red = (seen[:, :, 2] > 180) & (seen[:, :, 0] < 80) & (seen[:, :, 1] < 80)
    x, y = (round(side) for side in hidden[0])
    assert red[y - 5 : y + 6, x - 5 : x + 6].any()
    green = (seen[:, :, 1] > 120) & (seen[:, :, 0] < 80) & (seen[:, :, 2] < 80)
    x, y = (int(side) for side in report["codes"][0]["corners"][0])
    assert green[y - 5 : y + 6, x - 5 : x + 6].any()
    words = run_cli("--lang", "zh", "label", "check", "photo.png", cwd=tmp_path)
    assert words.status == 4
    assert "0.42 mm" in words.out
    assert "没读到" in words.out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_report_for_people_fits_80_columns(run_cli: RunCli, sheet: Path, tmp_path: Path, language: str) -> None:
    """The result first, then a line for each of the 13 codes; the ink over one code makes it no longer."""
    image = page(sheet, 300).copy()
    _, report = check(run_cli, image, tmp_path, "--dpi", "300")
    good = {"en": "Good: all that must read does.", "zh": "通过：应读到的码都读到了。"}[language]
    bad = {"en": ["Not good:", "Not read: 0.42 mm"], "zh": ["没有通过：", "没读到：0.42 mm"]}[language]

    def told() -> list[str]:
        done = run_cli("--lang", language, "label", "check", "photo.png", "--dpi", "300", cwd=tmp_path,
                       env={"COLUMNS": "80"})  # fmt: skip
        return str(done.out).splitlines()

    lines = told()
    assert lines[0] == good
    assert len(lines) < 13 + 10
    assert max(cells(line) for line in lines) <= 80
    cv2.fillPoly(image, [np.array(report["codes"][2]["corners"], np.int32)], 90)
    cv2.imwrite(str(tmp_path / "photo.png"), image)
    lines = told()
    assert lines[0] == bad[0]
    assert bad[1] in lines


def test_outside_the_frames_the_picture_stays(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    """Lines and ruler between the symbols are looked at too: the report's picture draws on the symbols alone."""
    image = page(sheet, 300)
    _, report = check(run_cli, image, tmp_path, "--out", "seen.png")
    seen = cv2.imread(str(tmp_path / "seen.png"))
    assert seen is not None
    around = np.zeros(image.shape, np.uint8)
    for code in report["codes"]:
        corners = np.array(code["corners"], np.int32)
        cv2.fillPoly(around, [corners], 255)
        middle = seen[round(corners[:, 1].mean()) - 8 :, round(corners[:, 0].mean()) :][:16, :8].reshape(-1, 3)
        assert (np.ptp(middle.astype(int), axis=1) > 60).any()  # its number stands on a coloured plate
    outside = np.asarray(cv2.dilate(around, np.ones((21, 21), np.uint8))) == 0
    assert (seen[outside] == image[outside][:, None]).all()


def test_defocus_takes_the_small_ones_first(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    image = cv2.GaussianBlur(page(sheet, 300)[:900], (0, 0), 2.6)
    _, report = check(run_cli, image, tmp_path)
    read = [code["nominal_mm"] for code in report["codes"]]
    assert 0 < len(read) < 7
    assert min(read) > max(float(missing["name"].split()[0]) for missing in report["missing"][: 7 - len(read)])
    assert [missing["must_read"] for missing in report["missing"][-6:]] == [False] * 6  # the picture has the top alone
    for code in report["codes"]:
        assert code["quality"]["blur"] * code["quality"]["module_px"] == pytest.approx(2.6, rel=0.15)


@pytest.fixture
def printed(tmp_path: Path, font: LabelFont) -> list[str]:
    """A sheet of labels in ``labels.pdf`` and its codes in ``codes.csv``."""
    import random

    chosen = random.Random(5)
    urls = [
        "https://q.example.com/" + "".join(chosen.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=120))
        + f"/P/NAVEL-5KG/10/26A0137/21/7KQX{n:011d}"
        for n in range(24)
    ]  # fmt: skip
    contents = [LabelContent(url, url[-15:], "赣南脐橙", lot="26A0137", test=True) for url in urls]
    write_pdf(contents, find_template("a4-24"), font, tmp_path / "labels.pdf")
    (tmp_path / "codes.csv").write_text("code\n" + "\n".join(urls), "utf-8")
    return urls


def test_sheet_of_labels_against_its_codes(run_cli: RunCli, printed: list[str], tmp_path: Path) -> None:
    image = page(tmp_path / "labels.pdf", 200)
    status, report = check(run_cli, image, tmp_path, "--codes", "codes.csv", "--dpi", "200")
    assert status == 0
    assert {code["text"] for code in report["codes"]} == set(printed)
    for code in report["codes"]:
        assert code["module_mm"] == pytest.approx(0.508, rel=0.02)
    (tmp_path / "codes.csv").write_text("code\n" + "\n".join([*printed[:-1], printed[-1][:-1] + "Z"]), "utf-8")
    status, report = check(run_cli, image, tmp_path, "--codes", "codes.csv")
    assert status == 4
    assert len(report["missing"]) == len(report["other"]) == 1
    lines = [f"{url[:-11]}{n:011d}" for n, url in enumerate([*printed] * 4, 900)]
    (tmp_path / "codes.csv").write_text("code\n" + "\n".join(printed + lines), "utf-8")
    words = run_cli("label", "check", "photo.png", "--codes", "codes.csv", cwd=tmp_path, env={"COLUMNS": "80"}).out
    assert "24 codes read, 96 that must read do not." in words
    assert "and 84 more" in words
    assert len(words.splitlines()) < 24 + 16


def test_label_that_is_seen_but_does_not_read(run_cli: RunCli, printed: list[str], tmp_path: Path) -> None:
    image = page(tmp_path / "labels.pdf", 200).copy()
    _, report = check(run_cli, image, tmp_path)
    (x, y), _, (right, bottom), _ = report["codes"][4]["corners"]
    rng = np.random.default_rng(2)
    top, left, low, end = (round(side) for side in (y + (bottom - y) / 5, x + (right - x) / 5, bottom, right))
    high, wide = (low - top) // 4, (end - left) // 4
    image[top : top + 4 * high, left : left + 4 * wide] = np.kron(
        rng.integers(0, 2, (high, wide)) * 255, np.ones((4, 4))
    ).astype(np.uint8)
    status, report = check(run_cli, image, tmp_path)
    assert status == 4
    assert [code["read"] for code in report["codes"]].count(True) == 23


def empty(folder: Path) -> Iterator[str]:
    cv2.imwrite(str(folder / "empty.png"), np.full((300, 300), 255, np.uint8))
    yield "empty.png"


def test_pictures_that_show_nothing(run_cli: RunCli, sheet: Path, tmp_path: Path) -> None:
    (name,) = empty(tmp_path)
    done = run_cli("label", "check", name, cwd=tmp_path)
    assert done.status == 4
    assert "Nothing reads in empty.png" in done.out
    assert "0 codes" not in done.out
    assert json.loads(run_cli("label", "check", name, "--json", cwd=tmp_path).out)["blank"] == [name]
    cv2.imwrite(str(tmp_path / "full.png"), page(sheet, 300))
    done = run_cli("--lang", "zh", "label", "check", "full.png", name, cwd=tmp_path)
    assert done.status == 4
    assert "empty.png 里一个码都没读到" in done.out


@pytest.mark.parametrize(
    ("content", "arguments", "status", "words"),
    [
        (b"no picture", ["x.png"], 3, "no picture that can be read"),
        (b"", ["x.png"], 3, "no picture that can be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), ["x.png"], 3, "no picture that can be read"),
        (None, ["missing.png"], 6, "There is no missing.png"),
        (None, ["a.png", "b.png", "--out", "o.png"], 2, "one picture at a time"),
        (None, ["a.png", "--out", "o.jpg"], 3, "should end in .png"),
        (None, [], 2, "PICTURES"),
    ],
)
def test_bad_input(
    run_cli: RunCli, tmp_path: Path, content: bytes | None, arguments: list[str], status: int, words: str
) -> None:
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    done = run_cli("label", "check", *arguments, cwd=tmp_path)
    assert (done.status, "Traceback" in done.err) == (status, False)
    assert words in " ".join(done.err.split())
    assert not (tmp_path / "o.png").exists()


def test_test_print_for_a_label_printer(run_cli: RunCli, tmp_path: Path, font: LabelFont) -> None:
    for kind, ends in (("zpl", b"^XZ\n"), ("tspl", b"PRINT 1,1\r\n")):
        out = tmp_path / f"test.{kind}"
        done = run_cli("label", "test", "--template", "roll-60x40", "--out", out, "--json", cwd=tmp_path)
        assert done.status == 0, done.err
        assert json.loads(done.out)["pages"] == 3  # title and ruler, the sizes of labels, the smaller ones
        assert out.read_bytes().count(ends) == 3


SHEETS = [(name, dpi) for name in builtin_names() for dpi in (203, 300)] + [("a4-24", 600), ("roll-60x40", 600)]


@pytest.mark.parametrize(("name", "dpi"), SHEETS)
def test_every_code_of_every_test_sheet_reads(name: str, dpi: int, font: LabelFont) -> None:
    """At the printer's own dots all sizes from two dots on read, and each says which one it is."""
    import zxingcpp

    template = find_template(name).at(dpi)
    expected = sheet_for(template)
    found = set()
    for bitmap in draw_trial_pages(template, font, "q.example.com"):
        rows = np.frombuffer(bitmap.rows, np.uint8).reshape(bitmap.height, bitmap.row_bytes)
        pixels = np.where(np.unpackbits(rows, axis=1, count=bitmap.width), 0, 255).astype(np.uint8)
        kind: Any = zxingcpp.BarcodeFormat.QRCode
        texts = {code.text for code in zxingcpp.read_barcodes(pixels, formats=kind)}
        if 1 in expected.sizes:  # one pixel a module is under what the reader takes; enlarged it reads
            double = np.kron(pixels, np.ones((2, 2), np.uint8))
            texts |= {code.text for code in zxingcpp.read_barcodes(double, formats=kind)}
        found |= {read_trial_code(text) for text in texts}
    assert found == {(expected, number) for number in range(len(places(expected)))}
    assert expected.sizes[0] == template.module_dots(49)


def test_test_codes_are_no_codes() -> None:
    """Whatever is asked, a test code is of a format that nobody knows."""
    from tracelib.codes.errors import UnknownCodeFormatError
    from tracelib.codes.url import read_code

    sheet = sheet_for(find_template("a4-24"))
    for number in range(len(places(sheet))):
        with pytest.raises(UnknownCodeFormatError):
            read_code(sheet.url(number, "q.example.com"))
    assert read_trial_code("https://q.example.com/") is None
    assert read_trial_code(sheet.url(99, "q.example.com")) is None
