"""The words of a label: each field with its caption, in the template's languages."""

from collections.abc import Sequence

from tracelib.labels.content import LabelContent, grouped_unit_id, is_sscc, weight_text
from tracelib.labels.template import FieldName, Line
from tracelib.text import Language

TEST_MARK = "测试 TEST"
TEST_WORDS = (
    "这些码来自测试根，只供试用，不能贴在出售的货物上。",
    "These codes are of a test root: for trials only, never on goods for sale.",
)
"""What papers that go with test codes say."""
"""Both languages on every label of a test root, whatever the template's languages are."""
_CAPTIONS: dict[str, dict[Language, str]] = {
    "weight": {"zh": "净重", "en": "Net"},
    "lot": {"zh": "批号", "en": "Lot"},
    "produced_on": {"zh": "生产日期", "en": "Produced"},
    "origin": {"zh": "产地", "en": "Origin"},
    "uscc": {"zh": "统一社会信用代码", "en": "USCC"},
    "host": {"zh": "官方网址", "en": "Official site"},
    "serial": {"zh": "序列号", "en": "Serial"},
}


def wordings(line: Line, content: LabelContent, languages: Sequence[Language]) -> list[str]:
    """The texts of a line one below the other: names in each language, the rest once with its captions.

    Empty where the label has nothing to say there.
    """
    field = line.field
    if field == "brand" and content.brand == content.product:
        return []  # a brand that is called as its product stands there once
    if field in {"product", "brand", "issuer", "grade"}:
        return _names(field, content, languages)
    return [text] if (text := _text(line, content, languages)) else []


def unit_caption(content: LabelContent, languages: Sequence[Language]) -> str:
    """What stands before the unit's id."""
    return "SSCC" if is_sscc(content.unit_id) else _caption("serial", languages)


def _caption(name: str, languages: Sequence[Language]) -> str:
    return " ".join(_CAPTIONS[name][language] for language in languages)


def _names(field: FieldName, content: LabelContent, languages: Sequence[Language]) -> list[str]:
    """A name in each language, once where both are the same; Chinese where there is no English."""
    names = [getattr(content, field if language == "zh" else f"{field}_en") for language in languages]
    found = list(dict.fromkeys(name for name in names if name))
    return found or [name for name in (getattr(content, field),) if name]


def _text(line: Line, content: LabelContent, languages: Sequence[Language]) -> str:
    value = {
        "test": TEST_MARK if content.test else "",
        "grade_weight": _grade_weight(content, languages),
        "weight": _weight(content, languages),
        "unit_id": f"{unit_caption(content, languages)} {grouped_unit_id(content.unit_id)}" if content.unit_id else "",
        "number": grouped_unit_id(content.unit_id),
        "text": line.text,
    }.get(line.field)
    if value is not None:
        return value
    plain = str(getattr(content, line.field))
    return f"{_caption(line.field, languages)} {plain}" if plain else ""


def _grade_weight(content: LabelContent, languages: Sequence[Language]) -> str:
    grades = " ".join(_names("grade", content, languages))
    return "  ".join(part for part in (grades, _weight(content, languages)) if part)


def _weight(content: LabelContent, languages: Sequence[Language]) -> str:
    return f"{_caption('weight', languages)} {weight_text(content.weight_g)}" if content.weight_g else ""
