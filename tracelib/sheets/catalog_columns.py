"""The columns of a catalogue's tables: one table for each kind of entry, its columns in their stable order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from tracelib.catalog import fields
from tracelib.catalog.authorization import HEAVIEST_KG
from tracelib.catalog.certification import CERTIFICATION_WORDS, CertificationKind
from tracelib.catalog.grade import HIGHEST_GRADE
from tracelib.catalog.product import HEAVIEST_G, LARGEST_PACK
from tracelib.errors import TraceError
from tracelib.identifiers.digits import parse_whole_number
from tracelib.sheets.cells import DAY, NUMBER_KIND, CellValue, Expectation, Kind, day
from tracelib.sheets.column import Column, fold
from tracelib.text import Language, LocalizedText

CONTACT = "contact"
_LIST_MARKS = str.maketrans(dict.fromkeys("，,、；;|", " "))
YES, NO = LocalizedText("是", "yes"), LocalizedText("否", "no")
_OTHER_WORDS = {
    "有机": CertificationKind.ORGANIC,
    "无公害": CertificationKind.POLLUTION_FREE,
    "地理标志产品": CertificationKind.GEOGRAPHICAL_INDICATION,
    "农产品地理标志": CertificationKind.GEOGRAPHICAL_INDICATION,
    "商标": CertificationKind.TRADEMARK,
    "SC": CertificationKind.PRODUCTION_LICENCE,
    "生产许可": CertificationKind.PRODUCTION_LICENCE,
    "生产许可证": CertificationKind.PRODUCTION_LICENCE,
}

PICTURE = "the name of a picture file such as QC5KG.jpg, without a folder, ending in .png, .jpg, .jpeg or .webp"
GTIN = "a GTIN of 8, 12, 13 or 14 digits with the right check digit"
GLN = "a GLN of 13 digits with the right check digit"
USCC = "a 统一社会信用代码 of 18 characters with the right check character"
DIVISION = "a division code of 6, 9 or 12 digits, such as 360726"
YES_OR_NO = "yes or no (是 or 否)"
HOSTS = "host names such as q.example.com, separated by spaces"
PRODUCTS = "product numbers of the party, separated by spaces"
CERTIFICATION = "a kind of certification: " + ", ".join(word.en for word in CERTIFICATION_WORDS.values())
NAME = "1 to 60 characters on one line"
ENGLISH_NAME = "at most 60 characters on one line"
TEXT = "at most 200 characters on one line"
DESCRIPTION = "at most 500 characters on one line"
CERTIFICATE = "1 to 60 characters on one line, as on the certificate"
ISSUER = "1 to 100 characters on one line"
GRAMS = "whole grams from 1 to 30000000"
CARTONS = "a whole number from 1 to 100000"
KILOGRAMS = "whole kilograms from 1 to 10000000000"
GRADE = "a whole number from 1 to 15"


def _checked(field: Any, expected: str, *, plain: bool = False) -> Kind:  # noqa: ANN401 - an annotated type
    """A kind whose rule is that of the entry's own field."""
    check = TypeAdapter(field).validate_python

    def parse(cell: CellValue) -> object:
        """The value of the entry's own field; raises Expectation."""
        try:
            return check(cell.isoformat() if isinstance(cell, date) else cell)
        except (TraceError, ValidationError):
            raise Expectation(expected) from None

    return Kind(parse, expected, plain=plain)


def _whole(lowest: int, highest: int, expected: str) -> Kind:
    def parse(cell: CellValue) -> int:
        """The whole number; raises Expectation."""
        try:
            number = parse_whole_number(str(cell), "number")
        except TraceError:
            raise Expectation(expected) from None
        if not lowest <= number <= highest:
            raise Expectation(expected)
        return number

    return Kind(parse, expected)


def _day(cell: CellValue) -> date:
    """Any day of the calendar: certificates may be older than what is plausible for a batch."""
    if isinstance(cell, date):
        return cell
    try:
        return fields.parse_day(cell, "day")
    except TraceError:
        return day(cell)


def _yes_or_no(cell: CellValue) -> bool:
    words = {"是": True, "yes": True, "true": True, "1": True, "否": False, "no": False, "false": False, "0": False}
    try:
        return words[str(cell).lower()]
    except KeyError:
        raise Expectation(YES_OR_NO) from None


def _certification(cell: CellValue) -> CertificationKind:
    words = {fold(word): kind for kind, text in CERTIFICATION_WORDS.items() for word in (text.zh, text.en, kind.value)}
    words |= {fold(word): kind for word, kind in _OTHER_WORDS.items()}
    try:
        return words[fold(str(cell))]
    except KeyError:
        raise Expectation(CERTIFICATION) from None


def _list_of(field: Any, expected: str) -> Kind:  # noqa: ANN401 - an annotated type
    one = _checked(field, expected)

    def parse(cell: CellValue) -> tuple[object, ...]:
        """Each part of the list; raises Expectation."""
        return tuple(one.parse(part) for part in str(cell).translate(_LIST_MARKS).split())

    return Kind(parse, expected)


def _text(lowest: int, highest: int, expected: str) -> Kind:
    return _checked(Annotated[str, fields.text_of("text", lowest, highest)], expected)


def _column(key: str, zh: str, en: str, kind: Kind, *spellings: str, required: bool = False) -> Column:
    nothing = LocalizedText("", "")
    return Column(key, LocalizedText(zh, en), spellings, kind, nothing, nothing, required=required)


_NAME_ZH = _column("name_zh", "中文名称", "Chinese name", _text(1, fields.LONGEST_NAME, NAME), "名称", required=True)
_NAME_EN = _column("name_en", "英文名称", "English name", _text(0, fields.LONGEST_NAME, ENGLISH_NAME))
_PARTY = _column("party_id", "主体编号", "Party", NUMBER_KIND, "主体", "party id", required=True)
_SHOWN = (
    _column("description_zh", "中文介绍", "Chinese description", _text(0, fields.LONGEST_DESCRIPTION, DESCRIPTION)),
    _column("description_en", "英文介绍", "English description", _text(0, fields.LONGEST_DESCRIPTION, DESCRIPTION)),
    _column("picture", "图片", "Picture", _checked(fields.PictureName, PICTURE, plain=False), "图片文件"),
)
_DAYS = (
    _column("valid_from", "有效期起", "Valid from", Kind(_day, DAY, "yyyy-mm-dd"), "生效日期"),
    _column("valid_to", "有效期止", "Valid to", Kind(_day, DAY, "yyyy-mm-dd"), "有效期至", "截止日期"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one kind of entry: its file's name without ending, and its columns."""

    name: str
    chinese_name: str
    columns: tuple[Column, ...]


SHEETS: dict[str, Sheet] = {
    "party": Sheet(
        "parties",
        "主体",
        (
            _column("id", "主体编号", "Party", NUMBER_KIND, "编号", "id", "party id", required=True),
            _NAME_ZH,
            _NAME_EN,
            _column("uscc", "统一社会信用代码", "USCC", _checked(fields.UsccText, USCC, plain=True), "信用代码"),
            _column("gln", "GLN", "GLN", _checked(fields.GlnText, GLN, plain=True)),
            _column("division", "区划代码", "Division code", _checked(fields.DivisionText, DIVISION, plain=True)),
            _column("address", "地址", "Address", _text(0, fields.LONGEST_TEXT, TEXT)),
            _column(CONTACT, "联系方式", "Contact", _text(0, fields.LONGEST_TEXT, TEXT)),
            *_SHOWN,
            *_DAYS,
        ),
    ),
    "brand": Sheet(
        "brands",
        "品牌",
        (
            _column("id", "品牌编号", "Brand", NUMBER_KIND, "编号", "id", "brand id", required=True),
            _column("owner", "所有者编号", "Owner", NUMBER_KIND, "所有者", "owner id", required=True),
            _NAME_ZH,
            _NAME_EN,
            _column("hosts", "官方域名", "Hosts", _list_of(fields.Host, HOSTS)),
            *_SHOWN,
            *_DAYS,
        ),
    ),
    "product": Sheet(
        "products",
        "产品",
        (
            _PARTY,
            _column("id", "产品编号", "Product", NUMBER_KIND, "编号", "id", "product id", required=True),
            _NAME_ZH,
            _NAME_EN,
            _column("gtin", "GTIN", "GTIN", _checked(fields.GtinText, GTIN, plain=True), "商品条码"),
            _column("gtin_licensed", "GTIN已授权", "GTIN licensed", Kind(_yes_or_no, YES_OR_NO)),
            _column("brand_id", "品牌编号", "Brand", NUMBER_KIND, "品牌", "brand id"),
            _column("weight_g", "每箱净重(g)", "Net g a carton", _whole(1, HEAVIEST_G, GRAMS), "每箱净重(克)"),
            _column("pack_size", "每托箱数", "Cartons a pallet", _whole(1, LARGEST_PACK, CARTONS)),
            *_SHOWN,
            *_DAYS,
        ),
    ),
    "grade": Sheet(
        "grades",
        "等级",
        (
            _PARTY,
            _column("product_id", "产品编号", "Product", NUMBER_KIND, "产品", "product id", required=True),
            _column("number", "等级序号", "Grade number", _whole(1, HIGHEST_GRADE, GRADE), "等级", required=True),
            _NAME_ZH,
            _NAME_EN,
        ),
    ),
    "certification": Sheet(
        "certifications",
        "认证",
        (
            _PARTY,
            _column("id", "认证编号", "Certification", NUMBER_KIND, "编号", "id", required=True),
            _column(
                "kind", "认证类别", "Kind", Kind(_certification, CERTIFICATION, plain=False), "类别", required=True
            ),
            _column("number", "证书号", "Certificate number", _text(1, 60, CERTIFICATE), "证书编号", required=True),
            _column("issuer", "发证机构", "Issuer", _text(1, 100, ISSUER), "颁发机构", required=True),
            _column("product_id", "产品编号", "Product", NUMBER_KIND, "产品", "product id"),
            *_DAYS,
        ),
    ),
    "authorization": Sheet(
        "authorizations",
        "授权",
        (
            _column("brand_id", "品牌编号", "Brand", NUMBER_KIND, "品牌", "brand id", required=True),
            _column("id", "授权编号", "Authorization", NUMBER_KIND, "编号", "id", required=True),
            _PARTY,
            _column("product_ids", "产品编号", "Products", _list_of(fields.ProductId, PRODUCTS), "产品", "product"),
            _column("max_kg", "最大重量(kg)", "At most, in kg", _whole(1, HEAVIEST_KG, KILOGRAMS), "最大重量(公斤)"),
            *_DAYS,
        ),
    ),
}
"""The tables of a catalogue by kind of entry, in the order of ``tracelib.catalog.snapshot.KINDS``."""


def as_cell(value: object, language: Language) -> str:
    """A field as a table writes it: what :data:`SHEETS` reads back as the same value."""
    written: dict[type, Callable[[Any], str]] = {
        bool: lambda truth: YES.pick(language) if truth else "",
        CertificationKind: lambda kind: CERTIFICATION_WORDS[kind].pick(language),
        tuple: " ".join,
        date: lambda moment: moment.isoformat(),
        type(None): lambda _nothing: "",
    }
    return written.get(type(value), str)(value)
