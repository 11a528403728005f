"""Finding a font, and what is said when there is none."""

import sys
from pathlib import Path

import pytest

from tracelib.labels import fonts
from tracelib.labels.errors import FontMissingError, FontUnusableError
from tracelib.labels.fonts import LabelFont, find_font

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def test_no_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "usual_places", lambda: [Path("/nowhere/wqy.ttc")])
    with pytest.raises(FontMissingError) as refused:
        find_font()
    assert refused.value.message() == (
        "No TrueType font with Chinese glyphs was found in the usual places. Install one (Debian, Ubuntu: apt install "
        "fonts-wqy-microhei; Windows brings msyh.ttc) or name a .ttf or .ttc file with the setting label.font."
    )


def test_named_font_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FontUnusableError, match="there is no such file"):
        find_font(tmp_path / "no.ttf")


@pytest.mark.parametrize(
    "content", [b"", b"not a font", b"OTTO" + bytes(200), b"ttcf" + bytes(8), b"\x00\x01\x00\x00" + bytes(60)]
)
def test_named_file_that_is_no_truetype_font(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    with pytest.raises(FontUnusableError):
        find_font(path)


@pytest.mark.skipif(not DEJAVU.is_file(), reason="no DejaVu Sans on this machine")
def test_font_without_chinese_is_refused() -> None:
    with pytest.raises(FontUnusableError, match="no glyph for «中»"):
        find_font(DEJAVU)


def test_unusable_font_in_the_usual_places_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, label_font: LabelFont
) -> None:
    broken = tmp_path / "broken.ttc"
    broken.write_bytes(b"ttcf")
    monkeypatch.setattr(fonts, "usual_places", lambda: [broken, label_font.path])
    assert find_font() == label_font


@pytest.mark.parametrize(("platform", "name"), [("win32", "msyh.ttc"), ("linux", "wqy-microhei.ttc")])
def test_usual_places_by_system(monkeypatch: pytest.MonkeyPatch, platform: str, name: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert fonts.usual_places()[0].name == name


def test_width_is_the_sum_of_advances(label_font: LabelFont) -> None:
    # A Chinese character is one em wide in every font of the list.
    assert label_font.width("赣南", 10) == pytest.approx(20)
    assert label_font.width("赣A", 10) == pytest.approx(10 + label_font.width("A", 10))
