"""Making the files that arrive: by openpyxl, an independent writer, and by editing the XML inside."""

import shutil
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

HEADER = ("主体编号", "产品编号", "批号", "生产日期", "重量(kg)", "产地区划代码", "地块", "种植户", "备注")
ROW = ("GNQC", "NAVEL-5KG", "26A0137", date(2026, 11, 3), 3500.5, "360726", "三号果园", "示例种植户", "")

SaveXlsx = Callable[..., Path]
SaveCsv = Callable[..., Path]
EditPart = Callable[[Path, str, Callable[[bytes], bytes]], Path]


@pytest.fixture
def save_xlsx(tmp_path: Path) -> SaveXlsx:
    """``save_xlsx(row, row, …, header=…, change=function of the workbook)`` writes a workbook and gives its path."""

    def save(
        *rows: Sequence[object],
        header: Sequence[object] | None = HEADER,
        sheet: str = "批次",
        change: Callable[[Workbook], object] | None = None,
        name: str = "file.xlsx",
    ) -> Path:
        book = Workbook()
        table = book.worksheets[0]
        table.title = sheet
        for row in ([header] if header else []) + list(rows):
            table.append(list(row))
        if change:
            change(book)
        book.save(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def save_csv(tmp_path: Path) -> SaveCsv:
    """``save_csv(text, encoding)`` writes a text file and gives its path."""

    def save(text: str, encoding: str = "utf-8", name: str = "file.csv") -> Path:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return save


@pytest.fixture
def edit_part(tmp_path: Path) -> EditPart:
    """``edit_part(path, "xl/styles.xml", function)`` rewrites one part of a workbook in a new file."""

    def edit(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
        edited = tmp_path / "edited.xlsx"
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(edited, "w", zipfile.ZIP_DEFLATED) as target:
            for item in source.infolist():
                data = source.read(item)
                target.writestr(item.filename, change(data) if item.filename == part else data)
        shutil.move(edited, path)
        return path

    return edit


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TEXTS = ("party", "product", "lot", "production date", "weight (kg)", "GNQC", "NAVEL-5KG", "26A0137")

EXCEL_PARTS = {
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><workbookPr/><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{RELATIONS}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="176" '
    'formatCode="[$-804]aaaa;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="31"/></cellXfs></styleSheet>',
    "xl/sharedStrings.xml": f"<sst {MAIN}>" + "".join(f"<si><t>{text}</t></si>" for text in TEXTS) + "</sst>",
    "xl/worksheets/sheet1.xml": f'<worksheet {MAIN}><sheetData><row r="1">'
    + "".join(f'<c r="{letter}1" t="s"><v>{index}</v></c>' for index, letter in enumerate("ABCDE"))
    + '</row><row r="2"><c r="A2" t="s"><v>5</v></c><c r="B2" t="s"><v>6</v></c><c r="C2" t="s"><v>7</v></c>'
    '<c r="D2" s="1"><v>46329</v></c><c r="E2"><v>3500.5</v></c></row></sheetData></worksheet>',
}
"""A workbook as Excel writes it: texts shared, the date under format 31, which no part defines. 46329 is 2026-11-03."""

ExcelWorkbook = Callable[..., Path]


@pytest.fixture(scope="session")
def excel_parts() -> dict[str, str]:
    """The parts of a small workbook as Excel writes it."""
    return dict(EXCEL_PARTS)


@pytest.fixture
def excel_workbook(tmp_path: Path) -> ExcelWorkbook:
    """``excel_workbook((part, old, new), …)`` writes ``EXCEL_PARTS`` with some text replaced."""

    def write(*changes: tuple[str, str, str]) -> Path:
        parts = dict(EXCEL_PARTS)
        for part, old, new in changes:
            assert old in parts[part]
            parts[part] = parts[part].replace(old, new)
        path = tmp_path / "excel.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        return path

    return write
