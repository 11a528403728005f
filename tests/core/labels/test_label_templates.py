"""Templates as files: what comes with the program, the user's own, and faults that name file, key and expectation."""

from pathlib import Path

import pytest

from tracelib.labels.errors import (
    SymbolTooSmallError,
    TemplateExistsError,
    TemplateFileError,
    TemplateNameError,
    TemplateUnreadableError,
    UnknownTemplateError,
)
from tracelib.labels.template_files import builtin_names, find_template, load_template, new_template, template_text

SIZES = {
    "a4-24": (24, (70, 37)),
    "a4-14": (14, (99.1, 38.1)),
    "roll-60x40": (1, (60, 40)),
    "roll-100x50": (1, (100, 50)),
    "carton-100x150": (1, (100, 150)),
}


def test_what_comes_with_the_program() -> None:
    assert {name: (find_template(name).per_page, find_template(name).label) for name in builtin_names()} == SIZES


@pytest.mark.parametrize("name", SIZES)
def test_labels_of_a_page_do_not_overlap_and_lie_on_it(name: str) -> None:
    template = find_template(name)
    corners = [template.corner(slot) for slot in range(template.per_page)]
    assert len(set(corners)) == template.per_page
    for left, top in corners:
        assert left >= 0
        assert top >= 0
        assert left + template.label[0] <= template.page[0] + 1e-9
        assert top + template.label[1] <= template.page[1] + 1e-9


def test_sheet_of_fourteen_is_centred() -> None:
    sheet = find_template("a4-14")
    right = sheet.page[0] - (sheet.corner(1)[0] + sheet.label[0])
    bottom = sheet.page[1] - (sheet.corner(13)[1] + sheet.label[1])
    assert (sheet.corner(0)[0], sheet.corner(0)[1]) == pytest.approx((right, bottom), abs=0.01)


def test_own_template_is_used_by_name(tmp_path: Path) -> None:
    path = new_template("our-carton", "roll-100x50", tmp_path / "templates")
    assert path.read_text("utf-8") == template_text("roll-100x50")
    path.write_text(path.read_text("utf-8").replace("dpi = 203", "dpi = 300"), "utf-8")
    own = find_template("our-carton", tmp_path / "templates")
    assert (own.name, own.dpi, own.dots_per_mm) == ("our-carton", 300, 12)
    with pytest.raises(UnknownTemplateError, match="our-carton"):
        find_template("nothing", tmp_path / "templates")


def test_new_template_overwrites_nothing(tmp_path: Path) -> None:
    path = new_template("mine", "a4-24", tmp_path)
    path.write_text("changed", "utf-8")
    for taken in ("mine", "a4-24"):
        with pytest.raises(TemplateExistsError, match=taken):
            new_template(taken, "roll-60x40", tmp_path)
    assert path.read_text("utf-8") == "changed"
    assert [p.name for p in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("name", ["console", "aux-2", "com10", "a", "our.carton", "com"])
def test_names_that_only_look_like_devices(tmp_path: Path, name: str) -> None:
    """Windows keeps CON, PRN, AUX, NUL, COM0 to COM9 and LPT0 to LPT9, alone or before a dot ("Naming Files")."""
    assert new_template(name, "a4-24", tmp_path).stem == name
    assert find_template(name, tmp_path).name == name


@pytest.mark.parametrize("name", ["con", "prn", "aux.1", "lpt0"])
def test_a_file_with_a_device_name_is_no_template(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.toml").write_text(template_text("a4-24"), "utf-8")
    with pytest.raises(TemplateNameError, match="Windows"):
        find_template(name, tmp_path)


@pytest.mark.parametrize(
    "name", ["../evil", "A4", "", "x" * 41, "a b", ".hidden", "con", "nul.old", "com1", "lpt9.x", "ours."]
)
def test_names_that_no_template_may_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateNameError):
        new_template(name, "a4-24", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "key", "expectation"),
    [
        ('printer = "thermal"', 'printer = "inkjet"', "printer", "one of 'laser' or 'thermal'"),
        ("dpi = 203", "dpi = 204", "dpi", "203, 300 or 600"),
        ("page = [60, 40]", "", "page", "this key"),
        ("page = [60, 40]", "page = [60, 40]\nwidht = 5", "widht", "no such key"),
        ("page = [60, 40]", "page = [50, 40]", "page", "at least 60 x 40 mm"),
        ("symbol = [0, 0, 30.5, 30.5]", "symbol = [0, 0, 30.5, 41]", "symbol", "within the label of 60 x 40 mm"),
        ("symbol = [0, 0, 30.5, 30.5]", "symbol = [0, 0, 15, 15]", "symbol", "it needs at least 2 dots and 0.33 mm"),
        ("symbol = [0, 0, 30.5, 30.5]", "symbol = [0, 0, 31.5, 30.5]", "areas[0].box", "apart from symbol"),
        ('"test", ', "", "areas", "labels of a test root must say so"),
        ('"lot"', '"lott"', "areas[0].lines[3].field", "'lot'"),
        ('"lot"', '{ field = "text" }', "areas[0].lines[3]", "one printable line"),
        ('"lot"', '{ field = "lot", size = 400 }', "areas[0].lines[3].size", "a number up to 144"),
        ("label = [60, 40]", "label = [nan, 40]", "label[0]", "finite"),
        ("label = [60, 40]", 'label = [60, 40]\nlanguages = ["fr"]', "languages[0]", "'zh' or 'en'"),
        ("label = [60, 40]", 'label = [60, 40]\nlanguages = ["zh", "zh"]', "languages", "each language once"),
    ],
)
def test_faults_name_file_key_and_expectation(tmp_path: Path, old: str, new: str, key: str, expectation: str) -> None:
    path = tmp_path / "mine.toml"
    text = template_text("roll-60x40")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TemplateFileError, match="The template mine has") as refused:
        load_template(path)
    found = {str(fault.params["key"]): fault.message() for fault in refused.value.faults}
    assert key in found
    assert found[key].startswith(f"mine, {key}: ")
    assert expectation in found[key]


def test_all_faults_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = 5\nprinter = "x"\ndpi = 1\npage = "A4"\n', "utf-8")
    with pytest.raises(TemplateFileError) as refused:
        load_template(path)
    assert {str(fault.params["key"]) for fault in refused.value.faults} == {
        "title", "printer", "dpi", "page", "label", "symbol", "areas",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"page = [", "Invalid value"),
        (b"\xff\xfe", "decode"),
        (b"a = " + b"9" * 5_000, "4300"),
        (b"#" * 70_000, "longer than 65536"),
        (b"a = " + b"[" * 20_000, "it is nested too deeply"),
        (None, "No such file"),
    ],
)
def test_what_is_no_template_at_all(tmp_path: Path, content: bytes | None, detail: str) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TemplateUnreadableError, match=detail):
        load_template(path)


def test_resolution_that_would_make_modules_too_small(tmp_path: Path) -> None:
    text = template_text("roll-60x40").replace("dpi = 203", "dpi = 600").replace("[0, 0, 30.5, 30.5]", "[0, 0, 21, 21]")
    (tmp_path / "small.toml").write_text(text, "utf-8")
    template = load_template(tmp_path / "small.toml")
    assert template.module_dots(53) == 8  # 21 mm are 504 dots; 61 modules of 8 dots are 488
    with pytest.raises(SymbolTooSmallError) as refused:
        template.at(203)  # 168 dots: 2 dots, 0.25 mm
    assert refused.value.params["dots"] == 2
    assert "On small at 203 dpi a module of this symbol (53 modules a side) would have 2 dots" in str(refused.value)
    assert "a square of at least 22.9 mm" in str(refused.value)  # 61 modules of 3 dots, an eighth of a millimetre each
