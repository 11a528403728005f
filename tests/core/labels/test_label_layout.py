"""Text on a label: captions, how it shrinks and wraps, what is refused."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.labels.content import LabelContent, grouped_unit_id, weight_text
from tracelib.labels.errors import GlyphMissingError, LabelTextTooLongError, UnknownTemplateError
from tracelib.labels.fonts import LabelFont
from tracelib.labels.layout import SMALLEST, Layout, lay_out
from tracelib.labels.template import POINTS_PER_MM, Template
from tracelib.labels.template_files import builtin_names, find_template

A4_24 = find_template("a4-24")
ROLL_60X40 = find_template("roll-60x40")
Labels = Callable[..., Iterator[LabelContent]]
EVERY_TEMPLATE = pytest.mark.parametrize("template", [find_template(n) for n in builtin_names()], ids=builtin_names())


@pytest.mark.parametrize(
    ("unit_id", "shown"),
    [
        ("7KQX9Y93Q6MJ608", "7KQX9-Y93Q6-MJ608"),
        ("069012340000000016", "(00) 069012340000000016"),
        ("ABC", "ABC"),
    ],
)
def test_unit_id_as_people_type_it(unit_id: str, shown: str) -> None:
    assert grouped_unit_id(unit_id) == shown


@pytest.mark.parametrize(
    ("weight_g", "shown"),
    [(5000, "5 kg"), (2500, "2.5 kg"), (850, "850 g"), (1000, "1 kg"), (10010, "10.01 kg"), (20000, "20 kg")],
)
def test_weight_is_never_rounded(weight_g: int, shown: str) -> None:
    assert weight_text(weight_g) == shown


def texts(layout: Layout, content: LabelContent, font: LabelFont) -> list[str]:
    return [run.text for run in layout.all_runs(content, font)]


def test_lines_of_the_sheet(some_labels: Labels, label_font: LabelFont) -> None:
    content = replace(next(some_labels(1)), unit_id="7KQX9Y93Q6MJ608")
    assert texts(lay_out(content, A4_24, label_font), content, label_font) == [
        "测试 TEST",
        "赣南脐橙",
        "一级 净重 5 kg",
        "批号 26A0137",
        "统一社会信用代码",
        "91360722MA35EXAM0X",
        "信丰县示例脐橙专业合作社",
        "序列号 7KQX9-Y93Q6-MJ608",
    ]


def test_empty_fields_have_no_line(label_font: LabelFont) -> None:
    content = LabelContent("https://q.example.com/X", "069012340000000016", "", issuer="示例")
    assert texts(lay_out(content, ROLL_60X40, label_font), content, label_font) == [
        "示例",
        "SSCC (00) 069012340000000016",
    ]


def test_no_test_mark_on_production_labels(some_labels: Labels, label_font: LabelFont) -> None:
    content = next(some_labels(1, test=False))
    layout = lay_out(content, A4_24, label_font)
    assert not layout.bars
    assert "测试" not in "".join(texts(layout, content, label_font))


def test_long_name_shrinks_then_wraps_evenly(some_labels: Labels, label_font: LabelFont) -> None:
    def product_lines(name: str) -> list[tuple[str, float]]:
        content = next(some_labels(1, product=name, test=False))
        return [(r.text, r.size) for r in lay_out(content, ROLL_60X40, label_font).runs if r.text in name]

    # 27.2 mm are 77.1 points: six characters of 12 points, seven of 11, eight of 9.5
    assert product_lines("万载百合") == [("万载百合", 12)]
    assert product_lines("特级万载龙牙百合") == [("特级万载龙牙百合", 9.5)]
    assert [text for text, _ in product_lines("江西省万载县龙牙百合干（特级）")] == [
        "江西省万载县龙牙",
        "百合干（特级）",
    ]


def test_words_numbers_and_punctuation_stay_together(some_labels: Labels, label_font: LabelFont) -> None:
    content = next(some_labels(1, product="赣南脐橙 Gannan Navel Orange 2026（礼盒，精品，特大果）"))
    lines = texts(lay_out(content, ROLL_60X40, label_font), content, label_font)
    product = lines[1 : lines.index("一级 净重 5 kg")]
    assert "".join(product).replace(" ", "") == "赣南脐橙GannanNavelOrange2026（礼盒，精品，特大果）"
    assert all(line[0] not in "，）" and line[-1] != "（" for line in product)
    assert all(word in "\n".join(product) for word in ("Gannan", "Navel", "Orange", "2026"))


@EVERY_TEMPLATE
@settings(max_examples=60, deadline=None)
@given(
    product=st.text("赣南脐橙万载百合特级礼盒（），A1 ", min_size=1, max_size=60),
    issuer=st.text("江西省信丰县示例农民专业合作社联合社", min_size=1, max_size=50),
    grade=st.sampled_from(["", "一级", "特级（优选）"]),
    lot=st.text("0123456789ABCDEFW.-", min_size=1, max_size=20),
    unit_id=st.text("W0123456789", min_size=15, max_size=15) | st.text("0123456789", min_size=18, max_size=18),
    test=st.booleans(),
)
def test_everything_fits_or_is_refused(
    template: Template,
    product: str,
    issuer: str,
    grade: str,
    lot: str,
    unit_id: str,
    test: bool,
    label_font: LabelFont,
) -> None:
    content = LabelContent("", unit_id, product, grade, 655_350, lot, "91360722MA35EXAM0X", issuer, test)
    try:
        layout = lay_out(content, template, label_font)
    except LabelTextTooLongError:
        # Three lines of the smallest size hold at least this much, so it was really long.
        assert len(product) + len(issuer) > 24
        return
    runs = layout.all_runs(content, label_font)
    shown = "".join(run.text for run in runs).replace(" ", "")
    for text in (product, issuer, lot, grade):
        assert text.replace(" ", "") in shown
    boxes = [area.place for area in template.areas]
    baselines: list[tuple[float, float]] = []
    for run in runs:
        left, baseline = run.left / POINTS_PER_MM, run.baseline / POINTS_PER_MM
        right = left + label_font.width(run.text, run.size) / POINTS_PER_MM
        box = next(
            b for b in boxes if b.left - 0.01 <= left <= b.left + b.width and b.top <= baseline <= b.top + b.height
        )
        assert right <= box.left + box.width + 0.01
        # A line of nothing but wide letters may go lower; Crockford serials are narrower than W…W.
        assert run.size >= (SMALLEST if "W" not in run.text else 4)
        baselines.append((box.left, run.baseline))
    assert len(set(baselines)) == len(baselines)


def test_text_that_cannot_fit_is_refused_whole(some_labels: Labels, label_font: LabelFont) -> None:
    content = next(some_labels(1, product="橙" * 80))
    with pytest.raises(LabelTextTooLongError) as refused:
        lay_out(content, A4_24, label_font)
    assert refused.value.message() == (
        "The text does not fit on the label a4-24, not even at 6.0 pt: " + "橙" * 80 + ". Shorten the product's or the "
        "issuer's name, or choose a larger template."
    )


def test_character_without_glyph_is_named(some_labels: Labels, label_font: LabelFont) -> None:
    content = next(some_labels(1, product="脐橙\U0001f34a"))
    with pytest.raises(GlyphMissingError) as refused:
        lay_out(content, A4_24, label_font)
    assert refused.value.params["codepoint"] == "1F34A"
    assert "U+1F34A" in refused.value.message()


def test_unknown_template_lists_those_there_are() -> None:
    with pytest.raises(UnknownTemplateError) as refused:
        find_template("a4-25")
    assert refused.value.message() == (
        "There is no label template «a4-25»; there are: a4-14, a4-24, carton-100x150, roll-100x50, roll-60x40."
    )


@EVERY_TEMPLATE
@pytest.mark.parametrize("modules", [33, 49, 53])
def test_symbol_keeps_within_its_square(template: Template, modules: int) -> None:
    dots = template.module_dots(modules)
    side = (modules + 8) * dots / template.dots_per_mm
    assert side <= template.symbol_box.width + 1e-6
    assert dots / template.dots_per_mm >= 0.46  # millimetres; cartons are read from some distance
